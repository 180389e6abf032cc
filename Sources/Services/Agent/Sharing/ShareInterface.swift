internal import CanonicalBytes
internal import Dispatch
internal import Hummingbird
internal import SecureHTTP
internal import Spool

/// The interface for programs on this machine: take a share request, say what became of it.
///
/// Nobody needs a client certificate, which would tie a requester's pseudonyms together: the transaction's own signature
/// speaks for it.
struct ShareInterface: Sendable {
    private static let listMax = 1_000

    let intake: ShareIntake
    let spool: Spool
    /// Called when something new is in the outbox.
    let onAccepted: @Sendable () -> Void
    private let queue = DispatchQueue(label: "share-intake")

    init(intake: ShareIntake, spool: Spool, onAccepted: @escaping @Sendable () -> Void) {
        self.intake = intake
        self.spool = spool
        self.onAccepted = onAccepted
    }

    func router() -> Router<SecureRequestContext> {
        let router = Router(context: SecureRequestContext.self)
        router.add(middleware: RateLimit(perSecond: 50, burst: 200))
        router.post("/v1/share-requests") { request, _ in try await self.accept(request) }
        router.get("/v1/share-requests") { request, _ in try await self.list(request) }
        router.get("/v1/share-requests/{id}") { _, context in
            let id = try Self.id(context.parameters.get("id"))
            return try Response.json(ShareRequestDocument(try await self.known(id)))
        }
        router.get("/v1/share-requests/{id}/proof") { _, context in
            let id = try Self.id(context.parameters.get("id"))
            guard let proof = try await self.blocking({ try self.spool.shareProof(id) }) else {
                throw Problem(.notFound, code: "no-proof", detail: "no block is known to hold it")
            }
            return Response.bytes(proof)
        }
        return router
    }

    // MARK: - Routes

    private func accept(_ request: Request) async throws -> Response {
        guard request.headers[.contentType].map({ $0 == "application/octet-stream" }) ?? true else {
            throw Problem(
                .unsupportedMediaType,
                code: "unsupported-media-type",
                detail: "the body is a signed transaction, application/octet-stream"
            )
        }
        let bytes = try await request.bytes(upTo: self.intake.bytesMax)
        let stored = try await self.blocking { try self.store(bytes) }
        return try .json(ShareRequestDocument(stored), status: stored.state.isOpen ? .accepted : .ok)
    }

    /// On the disk when this returns.
    private func store(_ bytes: [UInt8]) throws -> StoredShareRequest {
        let request: ShareRequest
        do throws(ShareRefusal) {
            request = try self.intake.check(bytes, from: .http, now: wallNanoseconds() / 1_000_000)
        } catch { throw error.problem }
        do throws(StoreRefusal) { try self.spool.accept(request) } catch { throw error.problem }
        self.onAccepted()
        guard let stored = try self.spool.shareRequest(request.id) else { throw Self.unknown }
        return stored
    }

    private func list(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        let limit = try Self.number(query["limit"], 1...Int64(Self.listMax)) ?? 100
        let after = try Self.number(query["after"], 0...Int64.max) ?? 0
        let state = try query["state"].map { text in
            guard let state = StoredShareRequest.State(rawValue: String(text)) else {
                let names = StoredShareRequest.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Self.malformed("state is one of \(names)")
            }
            return state
        }
        let found = try await self.blocking { try self.spool.shareRequests(state, after: after, max: Int(limit)) }
        return try .json(found.map(ShareRequestDocument.init))
    }

    private func known(_ id: [UInt8]) async throws -> StoredShareRequest {
        guard let found = try await self.blocking({ try self.spool.shareRequest(id) }) else { throw Self.unknown }
        return found
    }

    // MARK: - Details

    private static var unknown: Problem {
        Problem(.notFound, code: "unknown-share-request", detail: "this agent has no such request, or no more")
    }

    private static func malformed(_ detail: String) -> Problem {
        Problem(.badRequest, code: "malformed-parameter", detail: detail)
    }

    private static func id(_ text: String?) throws -> [UInt8] {
        guard let id = [UInt8](hex: text ?? ""), id.count == 32 else {
            throw Self.malformed("an identifier has 64 hexadecimal digits")
        }
        return id
    }

    private static func number(_ text: Substring?, _ range: ClosedRange<Int64>) throws -> Int64? {
        guard let text else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw Self.malformed("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Runs what waits for the disk, one after the other, away from the tasks of others.
    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            self.queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}

extension ShareRefusal {
    fileprivate var problem: Problem {
        let status: HTTPResponse.Status =
            switch self.code {
            case "too-long": .contentTooLarge
            case "malformed": .badRequest
            default: .unprocessableContent
            }
        return Problem(status, code: self.code, detail: self.detail)
    }
}

extension StoreRefusal {
    /// The request is not kept; it may come again.
    fileprivate var problem: Problem {
        let code =
            switch self {
            case .shareRequestsFull: "share-outbox-full"
            case .full, .diskFull, .deadLettersFull: "spool-full"
            case .failed: "not-stored"
            }
        var problem = Problem(
            .serviceUnavailable,
            code: code,
            detail: "the agent has no room for it now; try again later"
        )
        problem.headers[.retryAfter] = "60"
        return problem
    }
}
