internal import BLS12381
package import CanonicalBytes
package import ThresholdSignatures

/// The jointly generated keys of a list's subgroups, whose possession is proven by proofs of the groups (specification
/// of the cryptographic layer, section 9.2).
package struct JointCommittee: Sendable, Hashable {
    package let committee: ThresholdCommittee
    /// The sum of the groups' keys.
    let key: BLSPublicKey

    /// Checks every group's proof of possession.
    ///
    /// - Parameters:
    ///   - committee: "WLQT".
    ///   - possessions: one of every group, 96 bytes each.
    /// - Throws: `THRESHOLD` for another number of proofs than groups; what a point has wrong; `PROOF`; `IDENTITY` for
    ///   keys that add up to nothing.
    package init(_ committee: ThresholdCommittee, possessions: [[UInt8]]) throws(ProtocolFailure) {
        let isComplete = possessions.count == committee.groups.count
        try require(isComplete, .threshold, "one proof of every group is needed")
        var keys: [BLSPublicKey] = []
        for (group, possession) in zip(committee.groups, possessions) {
            let key = try BLSPublicKey(group.key)
            try key.verifyPossession(possession)
            keys.append(key)
        }
        self.committee = committee
        self.key = try BLSPublicKey(aggregating: keys)
    }

    /// Requires the groups to be the list's subgroups with their thresholds and seats, and behind them the union of all
    /// where the list wants more signatures in all than of its subgroups.
    ///
    /// - Throws: `CONTEXT`.
    package func requireFit(_ list: VerificationNodeList) throws(ProtocolFailure) {
        let policy = list.policy
        var wanted = zip(policy.subgroups, list.seats).map { Shape($0.name, $0.threshold, $1.count) }
        let sum = policy.subgroups.reduce(0) { $0 + Int($1.threshold) }
        if Int(policy.threshold) > sum {
            wanted.append(Shape(ThresholdCommittee.unionName, policy.threshold, list.seatCount))
        }
        let shapes = self.committee.groups.map { Shape($0.name, $0.threshold, Int($0.memberCount)) }
        try require(shapes == wanted, .context, "joint keys of a committee that does not fit the list")
    }

    /// A group without its key.
    private struct Shape: Equatable {
        let name: [UInt8]
        let threshold: UInt16
        let members: Int

        init(_ name: String, _ threshold: UInt16, _ members: Int) {
            self.name = Array(name.utf8)
            self.threshold = threshold
            self.members = members
        }
    }
}
