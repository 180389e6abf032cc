package import Consensus
package import Ledger

/// What the interface needs of a validator: reading what is final, and handing in what shall be.
package protocol ChainBackend: Sendable {
    var genesis: Genesis { get }

    /// Takes a transaction and waits for its block.
    ///
    /// - Parameters:
    ///   - bytes: canonical.
    ///   - waitMilliseconds: how long at most.
    /// - Returns: the proof, which also tells of a rejection; nil when the outcome is open.
    /// - Throws: ``ChainRefusal`` for what was not taken.
    func submit(_ bytes: [UInt8], waitMilliseconds: UInt64) async throws(ChainRefusal) -> TransactionProof?

    /// Takes transactions into the pool, and waits for no block.
    ///
    /// - Returns: for each one, in order, why it was not taken; nil when it was, or waits or is committed already.
    func offer(_ transactions: [[UInt8]]) async -> [ChainRefusal?]

    /// Proves a final transaction; nil when no block holds it.
    func proof(of id: [UInt8], on channel: Channel) async throws(ChainRefusal) -> TransactionProof?

    /// Whether a transaction waits in the pool.
    func isWaiting(_ id: [UInt8], on channel: Channel) async -> Bool

    /// Proves the value of a key, or its absence, after the last final block.
    func valueProof(of key: [UInt8], on channel: Channel) async throws(ChainRefusal) -> ValueProof

    /// The height of the last final block.
    func height(of channel: Channel) -> Height

    /// A final block; nil above the tip and for block 0.
    ///
    /// - Throws: ``ChainRefusal/pruned(earliest:)``, ``ChainRefusal/damaged(_:)``.
    func block(at height: Height, on channel: Channel) async throws(ChainRefusal) -> ServedBlock?

    /// What happened to a subject up to the last final block, in order.
    ///
    /// - Parameters:
    ///   - subject: 32 bytes.
    ///   - place: only what comes after it; nil for everything.
    ///   - limit: events at most.
    ///   - channel: of the events.
    /// - Returns: ascending.
    /// - Throws: ``ChainRefusal/pruned(earliest:)`` when blocks behind the place are gone.
    func events(
        of subject: [UInt8],
        after place: EventPlace?,
        limit: Int,
        on channel: Channel
    ) async throws(ChainRefusal) -> [SubjectEvent]

    /// Waits until there is a block above a height, the task is cancelled or the chain stops.
    func waitForBlock(above height: Height, on channel: Channel) async

    /// The changes of the committee after an epoch, ascending.
    func handovers(after epoch: CommitteeEpoch, on channel: Channel) async throws(ChainRefusal) -> [Handover]

    func status() async -> ChainStatus
}

/// A final block with what came of it.
package struct ServedBlock: Sendable {
    package let block: LedgerBlock
    /// The block's canonical bytes.
    package let payload: [UInt8]
    package let certificate: QuorumCertificate
    package let receipts: [TransactionReceipt]

    package init(
        block: LedgerBlock,
        payload: [UInt8],
        certificate: QuorumCertificate,
        receipts: [TransactionReceipt]
    ) {
        self.block = block
        self.payload = payload
        self.certificate = certificate
        self.receipts = receipts
    }
}
