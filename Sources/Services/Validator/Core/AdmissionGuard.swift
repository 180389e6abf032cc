internal import CanonicalBytes
internal import Consensus
internal import Ledger

/// Judges one transaction after the other, whether it could stand in the next block: each as if it were the first.
///
/// What the state says of issuers, revocations and nonces is read once for all of them, since a block's transactions are
/// of few signers.
struct AdmissionGuard {
    /// Milliseconds for which its time is near enough.
    private static let lifetime: UInt64 = 1_000

    private let parent: BlockHash
    private let time: UInt64
    private let rule: AdmissionRule
    private let session: StateSession

    /// - Parameters:
    ///   - block: as it would be made now.
    ///   - parent: the last final block.
    ///   - state: after it.
    /// - Throws: for a damaged store.
    init(_ block: BlockContext, on parent: BlockHash, _ state: any StateReader) throws(ProtocolFailure) {
        self.parent = parent
        self.time = block.time
        self.session = StateSession(over: state)
        self.rule = try AdmissionRule(block: block, state: self.session)
    }

    /// Whether it still says what is right: what it has read is the state after this block only.
    func isGood(on parent: BlockHash, at time: UInt64) -> Bool {
        self.parent == parent && time < self.time + Self.lifetime
    }

    /// Why a transaction could not stand in the block: a stable code, or nil.
    func refusal(of verified: VerifiedTransaction) -> String? {
        // Admitting marks the nonce as used; the next transaction is judged without.
        defer { self.session.rollBack() }
        do throws(AdmissionFailure) { try self.rule.admit(verified, to: self.session) } catch { return error.code }
        return nil
    }
}
