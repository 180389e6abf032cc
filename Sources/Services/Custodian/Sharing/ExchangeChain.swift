internal import BLSCertificates
internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import IBTP
internal import Ledger
internal import Uplink

/// How far an exchange is at its destination, as the contract's books have it.
enum ExchangeStanding: UInt8, Sendable {
    case pending = 0
    case success = 1
    case failure = 2
    case undone = 3
}

/// What the desk for requests of other chains needs of this one, besides what all sharing needs.
protocol ExchangeChain: SharingChain {
    /// Transactions that delivered requests of other chains behind a place, ascending; some of them, as long as there
    /// are any.
    func exchanges(after place: ChainPlace?) async throws -> [ChainEntry]

    /// How far an exchange is, as a quorum proves it now; nil when the chain does not know it.
    func standing(of exchange: MessageID) async throws -> ExchangeStanding?

    /// Hands in somebody else's signed transaction; the same one may be handed in again.
    ///
    /// - Returns: what became of it, as a block has it; nil when that is open yet.
    /// - Throws: `ChainSubmissionError.refused` when no block will take it as it is, or nobody answers.
    func file(_ transaction: Transaction) async throws -> TransactionReceipt?

    /// Has the contract say how an exchange ended; one that was said already is no error.
    ///
    /// - Throws: `ChainSubmissionError`.
    func finish(_ exchange: MessageID, request: [UInt8]) async throws
}

extension ConsortiumLink: ExchangeChain {
    private static let fileMilliseconds = 10_000

    func exchanges(after place: ChainPlace?) async throws -> [ChainEntry] {
        let after = place.map { SubjectPlace(height: $0.height, index: $0.place) }
        let subject = EventSubjects.topic(ExchangeReceived.topic)
        return try await self.client.events(of: subject, after: after, limit: Self.entriesAtOnce, on: .access).map {
            ChainEntry(
                place: ChainPlace(height: $0.place.height, place: $0.place.index),
                transaction: $0.transaction
            )
        }
    }

    func standing(of exchange: MessageID) async throws -> ExchangeStanding? {
        let key = StateKey.make("interchain", "received-one", exchange.description.utf8)
        return try await self.facts.fact(of: key, on: .access).value?.first.flatMap { ExchangeStanding(rawValue: $0) }
    }

    func file(_ transaction: Transaction) async throws -> TransactionReceipt? {
        // One that is in a block for long is refused for its age when it is handed in again.
        if let proof = try await self.client.proof(of: transaction.id, on: .access) { return proof.receipt }
        do throws(UplinkFailure) {
            return try await self.client.submit(transaction, waitMilliseconds: Self.fileMilliseconds)?.receipt
        } catch { throw ChainSubmissionError.refused(error) }
    }

    func finish(_ exchange: MessageID, request: [UInt8]) async throws {
        let base = RejectionCode.interchainBase
        _ = try await self.writer.submit(
            FinishCall(id: exchange, request: request),
            needless: [.book(.indexExists, in: base), .book(.unknownRequest, in: base)]
        )
    }
}
