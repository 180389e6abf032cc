internal import CanonicalBytes
internal import Hummingbird
internal import Ledger
internal import SecureHTTP

extension ChainAPI {
    /// Handing in transactions, and what became of them.
    var transactionRoutes: [ChainRoute] {
        [
            ChainRoute(
                .post,
                "/v1/transactions",
                for: .anybody,
                query: ["wait"],
                answers: [200, 202, 409, 413, 415, 422],
                self.submit
            ),
            ChainRoute(.post, "/v1/transactions/batch", answers: [200, 413, 415], self.submitBatch),
            ChainRoute(
                .get,
                "/v1/channels/{channel}/transactions/{id}",
                for: .anybody,
                answers: [200, 202, 404, 410],
                self.transaction
            ),
        ]
    }

    @Sendable private func submit(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let wait = try reading.queryNumber("wait") ?? 10_000
        guard wait <= ChainAPILimits.waitMillisecondsMax else {
            throw RequestReading.malformed("wait is 0 to \(ChainAPILimits.waitMillisecondsMax) milliseconds")
        }
        if origin.isStranger { try self.strangerSubmissions.admit(origin) }
        let body = try await self.body(of: reading, upTo: Transaction.bytesMax, from: origin)
        guard let share = self.waits.share(of: origin) else { throw Self.busy("clients wait for transactions") }
        defer { withExtendedLifetime((share, body.share)) {} }
        let begin = ContinuousClock.now
        guard let proof = try await self.backend.submit(body.bytes, waitMilliseconds: wait) else {
            return Response(status: .accepted)
        }
        self.metrics.commits.record(ContinuousClock.now - begin)
        return .bytes(proof.bytes)
    }

    @Sendable private func submitBatch(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let body = try await self.body(of: reading, upTo: ChainAPILimits.batchBytesMax, from: origin)
        defer { withExtendedLifetime(body.share) {} }
        let transactions = try Self.list(body.bytes)
        var writer = CanonicalWriter(capacity: 16 * transactions.count)
        for refusal in await self.backend.offer(transactions) { writer.lengthPrefixed(refusal?.code ?? "") }
        return .bytes(writer.bytes)
    }

    private static func list(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var reader = CanonicalReader(bytes)
        var transactions: [[UInt8]] = []
        do throws(ProtocolFailure) {
            while reader.remaining > 0, transactions.count <= ChainAPILimits.batchCountMax {
                transactions.append(try reader.lengthPrefixed())
            }
        } catch { throw ChainRefusal.malformed("the body is not a list of transactions, each behind its length") }
        guard transactions.count <= ChainAPILimits.batchCountMax else {
            throw Problem(
                .contentTooLarge,
                code: "content-too-large",
                detail: "more than \(ChainAPILimits.batchCountMax) transactions"
            )
        }
        return transactions
    }

    @Sendable private func transaction(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let channel = try reading.channel()
        let id = try reading.transactionID()
        // Asked first: what leaves the pool in between is in a block.
        let isWaiting = await self.backend.isWaiting(id, on: channel)
        if let proof = try await self.backend.proof(of: id, on: channel) { return .bytes(proof.bytes) }
        guard isWaiting else {
            throw Problem(.notFound, code: "unknown-transaction", detail: "neither in a block nor in the pool here")
        }
        return Response(status: .accepted)
    }

    /// The whole body, counted as long as its share lives; a byte counts when it arrived.
    private func body(
        of reading: RequestReading,
        upTo limit: Int,
        from origin: RequestOrigin
    ) async throws -> (bytes: [UInt8], share: Allowance.Share?) {
        try reading.requireBytes()
        let announced = reading.request.headers[.contentLength].flatMap { Int($0) }
        let tooLarge = Problem(.contentTooLarge, code: "content-too-large", detail: "the body exceeds \(limit) bytes")
        guard announced.map({ $0 <= limit }) ?? true else { throw tooLarge }
        var bytes: [UInt8] = []
        let share = self.uploads.share(of: origin, 0)
        for try await part in reading.request.body {
            guard bytes.count + part.readableBytes <= limit else { throw tooLarge }
            guard share?.grow(by: part.readableBytes) == true else {
                var problem = Self.busy("uploads are under way")
                problem.headers[.connection] = "close"
                throw problem
            }
            bytes.append(contentsOf: part.readableBytesView)
        }
        guard announced.map({ $0 == bytes.count }) ?? true else {
            throw Problem(.badRequest, code: "truncated", detail: "the body ended early")
        }
        return (bytes, share)
    }
}
