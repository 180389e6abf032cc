internal import Attesting
internal import CanonicalBytes
package import PathProofs
package import ThresholdSignatures

/// Verification nodes of one chain with keys in files, as `wardline relay key` makes them.
///
/// Two of subgroup `core`, of which one may be silent, and one of `ethics`, which may not.
package struct VerificationNodes: Sendable {
    package struct Node: Sendable {
        /// As the chain's list names it.
        package let name: String
        package let subgroup: String
        package let keyFile: String
        package let signer: BLSKeyPair
        let keys: NodeKeys
    }

    package let chain: String
    /// Those of the first list, then those who may come later, all of `core`.
    package let nodes: [Node]

    /// Makes keys.
    ///
    /// - Parameters:
    ///   - chain: whose nodes they are, by its registered name.
    ///   - directory: for the key files; exists.
    ///   - more: nodes besides those of the first list.
    /// - Throws: when a file cannot be written.
    package init(of chain: String, directory: String, more: Int = 0) throws {
        self.chain = chain
        self.nodes = try (0..<3 + more).map { number in
            let path = "\(directory)/\(chain)-\(number).key"
            let file = try NodeKeyFile.generate(at: path)
            return Node(
                name: "\(chain).v\(number)",
                subgroup: number == 2 ? "ethics" : "core",
                keyFile: path,
                signer: file.signer,
                keys: try NodeKeys(
                    identity: file.identity,
                    signature: file.signer.publicKey.encoded,
                    possession: file.possession
                )
            )
        }
    }

    private static func policy() throws(ProtocolFailure) -> ListPolicy {
        try ListPolicy(
            threshold: 2,
            subgroups: [
                SubgroupPolicy(name: "core", threshold: 1, faults: 1),
                SubgroupPolicy(name: "ethics", threshold: 1, faults: 0),
            ],
            entryCredibility: Credibility(600_000),
            exitCredibility: Credibility(300_000),
            depositMin: 100,
            organizationSeatsMax: 8
        )
    }

    /// The list of an epoch: three nodes in epoch 0, one more in each that follows.
    package func list(epoch: UInt64 = 0) throws -> VerificationNodeList {
        try VerificationNodeList(
            chain: self.chain,
            epoch: epoch,
            policy: Self.policy(),
            nodes: self.nodes.prefix(3 + Int(epoch)).enumerated().map { place, node in
                try VerificationNode(
                    name: node.name,
                    organization: "org\(place)",
                    subgroup: node.subgroup,
                    keys: node.keys,
                    credibility: Credibility(800_000),
                    deposit: 100,
                    validity: UInt64(max(0, place - 2))..<100
                )
            }
        )
    }

    /// A certificate of those at the places in each subgroup of a list.
    package func certificate(
        of message: [UInt8],
        by signers: [[Int]],
        in list: VerificationNodeList
    ) throws -> [UInt8] {
        let seats = zip(list.seats, signers).flatMap { members, places in places.map { members[$0] } }
        let signatures = try seats.map { seat in
            guard let node = self.nodes.first(where: { $0.keys == seat.keys }) else {
                throw ProtocolFailure(.context, "no key of \(seat.name)")
            }
            return try node.signer.sign(message).encoded
        }
        return try BitmapCertificate(committee: list.committee, signers: signers, signatures: signatures).bytes
    }

    /// The certificate with which a list hands over to the next.
    package func handover(to epoch: UInt64, at height: UInt64) throws -> (
        list: VerificationNodeList, certificate: [UInt8]
    ) {
        let (old, next) = (try self.list(epoch: epoch - 1), try self.list(epoch: epoch))
        let message = ListHandover.message(from: old, to: next, firstHeight: height)
        let core = old.seats[0].indices.map { $0 }
        return (next, try self.certificate(of: message, by: [core, [0]], in: old))
    }
}
