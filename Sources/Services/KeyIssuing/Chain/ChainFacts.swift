package import Ledger

/// What the consortium's chain holds now.
package struct ChainFact: Sendable, Hashable {
    /// nil: the key has no value.
    package let value: [UInt8]?
    /// Time of the block, ms since 1970.
    package let time: UInt64
    /// Height of the block after which this holds.
    package let height: UInt64

    package init(value: [UInt8]?, time: UInt64, height: UInt64) {
        self.value = value
        self.time = time
        self.height = height
    }
}

/// Reads the chain's state; every answer is proven.
package protocol ChainFacts: Sendable {
    /// The newest value of a key, or its absence.
    ///
    /// - Throws: ``IssuingRefusal`` with `chain-unavailable`.
    func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact
}
