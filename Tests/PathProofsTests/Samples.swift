import CanonicalBytes
import SecretSharing
import Testing
import ThresholdSignatures

@testable import PathProofs

/// Random numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// The code of the failure; nil when there was none.
func code(_ operation: () throws -> Void) -> ProtocolFailure.Code? {
    do {
        try operation()
        return nil
    } catch let failure as ProtocolFailure {
        return failure.code
    } catch {
        Issue.record(error)
        return nil
    }
}

/// 32 bytes that begin with a letter's code.
func hash(_ letter: Character) -> [UInt8] {
    Array(repeating: letter.asciiValue ?? 0, count: 1) + [UInt8](repeating: 7, count: 31)
}

/// Keys that every run has, made once.
enum SampleKeys {
    struct Pair: Sendable {
        let secret: BLSKeyPair
        let keys: NodeKeys
    }

    static let all: [Pair] = (0..<40 as Range<UInt8>).compactMap { number in
        guard let secret = try? BLSKeyPair(secret: SecretFr(bytes: [UInt8](repeating: 1, count: 31) + [number + 1])),
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

enum SampleLists {
    static func policy(
        threshold: UInt16 = 4,
        hospitals: UInt16 = 2,
        regulators: UInt16 = 1,
        faults: UInt16 = 1,
        organizationSeatsMax: UInt16 = 20
    ) throws -> ListPolicy {
        try ListPolicy(
            threshold: threshold,
            subgroups: [
                SubgroupPolicy(name: "hospitals", threshold: hospitals, faults: faults),
                SubgroupPolicy(name: "regulators", threshold: regulators, faults: faults),
            ],
            entryCredibility: Credibility(600_000),
            exitCredibility: Credibility(300_000),
            depositMin: 100,
            organizationSeatsMax: organizationSeatsMax
        )
    }

    static func node(
        _ key: Int,
        name: String? = nil,
        organization: String = "north",
        subgroup: String = "hospitals",
        credibility: UInt32 = 800_000,
        deposit: UInt64 = 100,
        validity: Range<UInt64> = 0..<100,
        status: VerificationNode.Status = .active
    ) throws -> VerificationNode {
        try VerificationNode(
            name: name ?? "node-\(key)",
            organization: organization,
            subgroup: subgroup,
            keys: SampleKeys.all[key].keys,
            credibility: Credibility(credibility),
            deposit: deposit,
            validity: validity,
            status: status
        )
    }

    /// Five hospitals and three regulators from the key with a number on.
    static func list(
        chain: String = "alpha",
        epoch: UInt64 = 3,
        firstKey: Int = 0,
        policy: ListPolicy? = nil,
        hospitals: Int = 5,
        regulators: Int = 3
    ) throws -> VerificationNodeList {
        let nodes = try (0..<hospitals + regulators).map { number in
            try Self.node(firstKey + number, subgroup: number < hospitals ? "hospitals" : "regulators")
        }
        return try VerificationNodeList(
            chain: chain,
            epoch: epoch,
            policy: policy ?? Self.policy(),
            nodes: nodes
        )
    }
}

extension VerificationNodeList {
    /// The same list with one node replaced.
    func replacing(_ name: String, by node: VerificationNode?) throws -> VerificationNodeList {
        try self.with(nodes: self.nodes.filter { $0.name != name } + (node.map { [$0] } ?? []))
    }

    func with(nodes: [VerificationNode], epoch: UInt64? = nil) throws -> VerificationNodeList {
        try VerificationNodeList(
            chain: self.chain,
            epoch: epoch ?? self.epoch,
            policy: self.policy,
            nodes: nodes
        )
    }

    /// A certificate of those at the places, of every subgroup.
    func certificate(of message: [UInt8], by signers: [[Int]]) throws -> [UInt8] {
        let nodes = zip(self.seats, signers).flatMap { members, places in places.map { members[$0] } }
        return try BitmapCertificate(
            committee: self.committee,
            signers: signers,
            signatures: nodes.map { try SampleKeys.secret(of: $0).sign(message).encoded }
        ).bytes
    }
}
