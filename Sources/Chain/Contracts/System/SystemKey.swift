internal import CanonicalBytes
package import Consensus
internal import Ledger

/// Keys of what both channels keep about the chain itself, beside those of ``StateKey``.
package enum SystemKey {
    /// `u64`: the first height of this channel that a committee decides, by epoch.
    package static func reign(_ epoch: CommitteeEpoch) -> [UInt8] {
        StateKey.make("chain", "reign", epoch.bigEndianBytes)
    }

    /// On the index channel, the first height of the access channel that a committee decides, by epoch.
    package static func accessReign(_ epoch: CommitteeEpoch) -> [UInt8] {
        StateKey.make("chain", "access-reign", epoch.bigEndianBytes)
    }

    /// On the access channel, the first height of the index channel that a committee decides, by epoch; nothing for the
    /// genesis's, which decides from block 1.
    package static func indexReign(_ epoch: CommitteeEpoch) -> [UInt8] {
        StateKey.make("chain", "index-reign", epoch.bigEndianBytes)
    }

    /// `u64`: the first height at which a contract, or `contract.method`, can be called.
    package static func activation(_ target: [UInt8]) -> [UInt8] {
        StateKey.make("chain", "activation", target)
    }

    /// On the index channel, the height of the access channel at which a key's value was read.
    package static func adopted(_ key: [UInt8]) -> [UInt8] { StateKey.make("chain", "adopted", key) }
}

extension ContractCall {
    /// Requires that governance has not put off the contract or the method.
    func requireActive(_ contract: [UInt8], _ method: [UInt8]) throws(ContractFailure) {
        for target in [contract, contract + [UInt8(ascii: ".")] + method] {
            let height = try self.number(at: SystemKey.activation(target)) ?? 0
            try ensure(height <= self.block.height, .notActive, "active from block \(height) on")
        }
    }

    /// A committee that this channel's state knows.
    func committee(_ epoch: CommitteeEpoch) throws(ContractFailure) -> Committee? {
        guard let bytes = try self.value(of: StateKey.committee(epoch)) else { return nil }
        do throws(ProtocolFailure) { return try Committee(bytes: bytes) } catch { throw .damaged(error) }
    }

    /// Ends the committee's epoch with this block and notes the next one.
    func enthrone(_ committee: Committee) throws(ContractFailure) {
        try self.changeCommittee(to: committee)
        try self.set(StateKey.committee(committee.epoch), to: committee.bytes)
        try self.set(SystemKey.reign(committee.epoch), to: (self.block.height + 1).bigEndianBytes)
    }
}
