package import CanonicalBytes
internal import IBTP

/// Whom a broker believes: accounts in privileged subgroups, how many of each and how many in all.
package struct AttesterSet: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package let address: EVMAddress
        /// Place of the subgroup.
        package let group: Int

        package init(address: EVMAddress, group: Int) {
            self.address = address
            self.group = group
        }
    }

    /// Signatures in all.
    package let threshold: Int
    /// Signatures of each subgroup.
    package let groupThresholds: [Int]
    /// Ascending by their addresses.
    package let members: [Member]

    /// - Throws: `FORMAT` for numbers beyond ``BrokerLimits`` and a subgroup that there is not; `DUPLICATE` for an
    ///   address that occurs twice; `THRESHOLD` for thresholds of 0, below their sum, or above the number of members.
    package init(threshold: Int, groupThresholds: [Int], members: [Member]) throws(ProtocolFailure) {
        let isBounded =
            (1...BrokerLimits.groupsMax).contains(groupThresholds.count)
            && (1...BrokerLimits.signersMax).contains(members.count)
        try require(isBounded, .format, "\(members.count) attesters in \(groupThresholds.count) subgroups")
        let areKnown = members.allSatisfy { groupThresholds.indices.contains($0.group) }
        try require(areKnown, .format, "an attester of a subgroup that there is not")
        let sorted = members.sorted { $0.address.bytes.lexicographicallyPrecedes($1.address.bytes) }
        let areDistinct = !zip(sorted, sorted.dropFirst()).contains { $0.address == $1.address }
        try require(areDistinct, .duplicate, "an attester occurs twice")
        for (place, needed) in groupThresholds.enumerated() {
            let size = members.count { $0.group == place }
            try require(needed > 0 && needed <= size, .threshold, "\(needed) of a subgroup of \(size)")
        }
        let isReachable = threshold >= groupThresholds.reduce(0, +) && threshold <= members.count
        try require(isReachable, .threshold, "\(threshold) of \(members.count) attesters")
        self.threshold = threshold
        self.groupThresholds = groupThresholds
        self.members = sorted
    }

    /// As arguments of the contract.
    package var arguments: [ABIValue] {
        [
            .number(UInt64(self.threshold)),
            .array(self.groupThresholds.map { .number(UInt64($0)) }),
            .array(self.members.map { .address($0.address) }),
            .array(self.members.map { .number(UInt64($0.group)) }),
        ]
    }

    /// What the members of the set before sign: Keccak-256 of `"WLER" || u256 chain id || broker(20) || u64 epoch ||
    /// digest of the arguments`.
    ///
    /// - Parameters:
    ///   - broker: for which it is signed.
    ///   - epoch: in which this set is to be believed.
    /// - Returns: 32 bytes.
    package func digest(for broker: BrokerIdentity, epoch: UInt64) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 128)
        broker.write("WLER", to: &writer)
        writer.u64(epoch)
        writer.raw(Keccak256.digest(ABIValue.encode(self.arguments)))
        return Keccak256.digest(writer.bytes)
    }

    /// Whether these accounts' signatures suffice.
    ///
    /// - Throws: `CONTEXT` for a stranger, `DUPLICATE` for an account that occurs twice, `THRESHOLD` for too few.
    package func check(_ signers: [EVMAddress]) throws(ProtocolFailure) {
        var counts = [Int](repeating: 0, count: self.groupThresholds.count)
        for signer in signers {
            guard let member = self.members.first(where: { $0.address == signer }) else {
                throw ProtocolFailure(.context, "\(signer) is no attester")
            }
            counts[member.group] += 1
        }
        try require(Set(signers).count == signers.count, .duplicate, "an attester has signed twice")
        let isEnough = zip(counts, self.groupThresholds).allSatisfy { $0 >= $1 }
        try require(isEnough, .threshold, "a subgroup is missing")
        try require(signers.count >= self.threshold, .threshold, "too few attesters")
    }
}
