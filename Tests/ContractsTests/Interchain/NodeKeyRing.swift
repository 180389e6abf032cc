import CanonicalBytes
import PathProofs
import SecretSharing
import Testing
import ThresholdSignatures

@testable import Contracts

/// Keys of verification nodes that every run has, made once.
enum NodeKeyRing {
    struct Pair: Sendable {
        let secret: BLSKeyPair
        let keys: NodeKeys
    }

    static let all: [Pair] = (0..<24 as Range<UInt8>).compactMap { number in
        guard let secret = try? BLSKeyPair(secret: SecretFr(bytes: [UInt8](repeating: 2, count: 31) + [number + 1])),
            let possession = try? secret.proofOfPossession().encoded,
            let keys = try? NodeKeys(
                identity: [UInt8](repeating: number, count: 32),
                signature: secret.publicKey.encoded,
                possession: possession
            )
        else { return nil }
        return Pair(secret: secret, keys: keys)
    }

    static func secret(of node: VerificationNode) throws -> BLSKeyPair {
        try #require(self.all.first { $0.keys == node.keys }).secret
    }
}

extension VerificationNodeList {
    /// Three members of the chain's core and two regulators; two and one of them sign at least.
    static func sample(
        of chain: String,
        firstKey: Int,
        epoch: UInt64 = 0,
        nodes: [VerificationNode]? = nil
    ) throws -> VerificationNodeList {
        let policy = try ListPolicy(
            threshold: 3,
            subgroups: [
                SubgroupPolicy(name: "core", threshold: 2, faults: 1),
                SubgroupPolicy(name: "ethics", threshold: 1, faults: 1),
            ],
            entryCredibility: Credibility(600_000),
            exitCredibility: Credibility(300_000),
            depositMin: 100,
            organizationSeatsMax: 8
        )
        return try VerificationNodeList(
            chain: chain,
            epoch: epoch,
            policy: policy,
            nodes: try nodes ?? (0..<5).map { try self.node($0, of: chain, firstKey: firstKey) }
        )
    }

    static func node(_ number: Int, of chain: String, firstKey: Int) throws -> VerificationNode {
        try VerificationNode(
            name: "\(chain):relay:v\(number)",
            organization: "org\(number)",
            subgroup: number < 3 ? "core" : "ethics",
            keys: NodeKeyRing.all[firstKey + number].keys,
            credibility: Credibility(800_000),
            deposit: 100,
            validity: 0..<100
        )
    }

    /// A certificate of those at the places, of every subgroup.
    func certificate(of message: [UInt8], by signers: [[Int]]) throws -> [UInt8] {
        let nodes = zip(self.seats, signers).flatMap { members, places in places.map { members[$0] } }
        return try BitmapCertificate(
            committee: self.committee,
            signers: signers,
            signatures: nodes.map { try NodeKeyRing.secret(of: $0).sign(message).encoded }
        ).bytes
    }

    /// The next list, with one member of the core more.
    func adding(key: Int) throws -> VerificationNodeList {
        let new = try VerificationNode(
            name: "\(self.chain):relay:w\(key)",
            organization: "org9",
            subgroup: "core",
            keys: NodeKeyRing.all[key].keys,
            credibility: Credibility(800_000),
            deposit: 100,
            validity: self.epoch + 1..<100
        )
        return try VerificationNodeList(
            chain: self.chain,
            epoch: self.epoch + 1,
            policy: self.policy,
            nodes: self.nodes + [new]
        )
    }

    /// The certificate with which this list hands over to the next.
    func succession(to next: VerificationNodeList, at height: UInt64) throws -> ListSuccession {
        let message = ListHandover.message(from: self, to: next, firstHeight: height)
        return ListSuccession(
            list: next.bytes,
            firstHeight: height,
            certificate: try self.certificate(of: message, by: [[0, 1, 2], [0, 1]])
        )
    }
}
