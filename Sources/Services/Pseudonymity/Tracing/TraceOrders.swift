internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger

/// What each of the two authorities does on its own before it opens anything, and before it hands anything over.
struct TraceOrders: Sendable {
    private let chain: any ChainFacts
    private let writer: any ChainWriting

    init(chain: any ChainFacts, writer: any ChainWriting) {
        self.chain = chain
        self.writer = writer
    }

    /// Requires that the chain holds an order of this tracing authority about this certificate.
    ///
    /// - Throws: ``PseudonymityRefusal``, `ChainReadingError`.
    func require(_ order: [UInt8], about certificate: [UInt8], by authority: PartyName) async throws -> TraceOrder {
        let fact = try await self.chain.fact(of: AccessKey.trace(order), on: .access)
        guard let bytes = fact.value, let record = try? TraceOrder(bytes: bytes), record.authority == authority else {
            throw PseudonymityRefusal(.noOrder, "the chain holds no such order of \(authority)")
        }
        guard record.arguments.certificate == certificate else {
            throw PseudonymityRefusal(.anotherCertificate, "the order names another certificate")
        }
        return record
    }

    /// Records that a party has answered an order; evidence is handed over afterwards only.
    func record(_ evidence: [UInt8], for order: TraceOrder, by party: PartyName) async throws {
        let isRecorded = order.answers.contains { $0.party == party && $0.evidence == evidence }
        guard !isRecorded else { return }
        do {
            try await self.writer.submit(AnswerTrace(order: order.arguments.order, evidence: evidence))
        } catch {
            // Another request of the same kind may have come first.
            let fact = try await self.chain.fact(of: AccessKey.trace(order.arguments.order), on: .access)
            let current = fact.value.flatMap { try? TraceOrder(bytes: $0) }
            let isThere = current?.answers.contains { $0.party == party && $0.evidence == evidence } ?? false
            guard isThere else { throw error }
        }
    }
}
