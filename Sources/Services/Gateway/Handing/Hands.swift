internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Relaying

/// Hands things to the two chains.
struct Hands: Sendable {
    let application: ShoreClient
    let relay: ShoreClient
    /// The carrier's account on the relay chain: who is paid for bringing a request to its destination.
    let account: String

    func shore(_ shore: Shore) -> ShoreClient { shore == .relay ? self.relay : self.application }

    /// Brings a leaf to the other chain.
    ///
    /// - Parameters:
    ///   - work: with proof, and with the path where one is needed.
    ///   - kind: of the leaf.
    /// - Returns: what became of it.
    func bring(_ work: LeafBook.Work, as kind: ParcelKind) async -> SubmissionOutcome {
        guard let proof = work.proof else { return .stale }
        let bundle = ProofBundle(kind: .outbound, source: proof.bytes, path: work.path)
        let receiver = kind.shore.opposite
        do {
            switch (work.record.leaf, kind) {
            case (.message(let message), _):
                _ = try await self.relay.writer.submit(RelayMessage(message, by: bundle))
            case (.notice(let notice), .answer):
                let relayed = Self.relayed(notice, bundle)
                _ = try await self.application.writer.submit(CloseCall(relayed: relayed))
            case (.notice(let notice), _):
                let call = DeliverMessage(
                    relayed: Self.relayed(notice, bundle),
                    carrier: kind == .delivery ? Array(self.account.utf8) : []
                )
                _ = try await self.application.writer.submit(call)
            }
            return .accepted
        } catch { return SubmissionCodes.outcome(of: error, on: receiver) }
    }

    private static func relayed(_ notice: ExchangeNotice, _ bundle: ProofBundle) -> RelayedMessage {
        var message = notice.message
        message?.proof = bundle.digest
        return RelayedMessage(message: message, bundle: bundle.bytes)
    }

    /// Has the leaf's own chain say it again, in a newer block.
    ///
    /// - Returns: whether it does.
    func sayAgain(_ record: LeafRecord) async -> Bool {
        do {
            switch record.leaf {
            case .message(let message): _ = try await self.application.writer.submit(RepeatMessage(message: message))
            case .notice(let notice): _ = try await self.relay.writer.submit(RepeatNotice(notice: notice))
            }
            return true
        } catch { return false }
    }

    /// Has the relay chain undo what is due.
    ///
    /// - Returns: the block in which it did.
    func expire() async throws -> UInt64 {
        let proof = try await self.relay.writer.submit(
            ExpireExchanges(steps: ExpireExchanges.stepsMax / 8),
            needless: [.nothingDue]
        )
        return proof.header.height
    }
}
