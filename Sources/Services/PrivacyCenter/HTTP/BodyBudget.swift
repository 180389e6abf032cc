internal import Hummingbird
internal import SecureHTTP
internal import Synchronization

/// Bytes of request bodies that may be in memory at once, over all connections and for one party.
///
/// A byte counts when it arrived: a peer that announces much and sends nothing holds up nobody.
final class BodyBudget: Sendable {
    private struct Held {
        var total = 0
        var byPeer: [RequestOrigin: Int] = [:]
    }

    private let totalMax: Int
    private let perPeerMax: Int
    private let held = Mutex(Held())

    init(totalMax: Int, perPeerMax: Int) {
        self.totalMax = totalMax
        self.perPeerMax = perPeerMax
    }

    /// Bytes that are in memory now.
    var heldBytes: Int { self.held.withLock { $0.total } }

    /// Reads a body and keeps it counted while it is used.
    ///
    /// - Parameters:
    ///   - request: whose body was not read yet.
    ///   - limit: bytes at most.
    ///   - peer: who sends, a party or a network.
    ///   - use: gets the whole body.
    /// - Returns: what `use` returns.
    /// - Throws: `Problem` 413 above the limit, 400 for a body that ends early, 503 when too much is in memory.
    func withBody<Result>(
        of request: Request,
        upTo limit: Int,
        from peer: RequestOrigin,
        _ use: ([UInt8]) async throws -> Result
    ) async throws -> Result {
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        let tooLarge = Problem(.contentTooLarge, code: "content-too-large", detail: "the body exceeds \(limit) bytes")
        guard announced.map({ $0 <= limit }) ?? true else { throw tooLarge }
        var bytes: [UInt8] = []
        defer { self.release(bytes.count, peer) }
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= limit else { throw tooLarge }
            try self.take(part.readableBytes, peer)
            bytes.append(contentsOf: part.readableBytesView)
        }
        guard announced.map({ $0 == bytes.count }) ?? true else {
            throw Problem(.badRequest, code: "truncated", detail: "the body ended early")
        }
        return try await use(bytes)
    }

    private func take(_ count: Int, _ peer: RequestOrigin) throws {
        let fits = self.held.withLock { held in
            let ofPeer = held.byPeer[peer, default: 0] + count
            guard held.total + count <= self.totalMax, ofPeer <= self.perPeerMax else { return false }
            held.total += count
            held.byPeer[peer] = ofPeer
            return true
        }
        guard fits else {
            var problem = Problem(
                .serviceUnavailable,
                code: "busy",
                detail: "too many uploads at once; try again later"
            )
            problem.headers[.retryAfter] = "1"
            problem.headers[.connection] = "close"
            throw problem
        }
    }

    private func release(_ count: Int, _ peer: RequestOrigin) {
        guard count > 0 else { return }
        self.held.withLock { held in
            held.total -= count
            let rest = held.byPeer[peer, default: 0] - count
            held.byPeer[peer] = rest > 0 ? rest : nil
        }
    }
}
