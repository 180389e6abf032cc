import PathProofs
import ThresholdSignatures

/// Five chains in a row, each but the last with a committee, and paths over them.
struct PathScene {
    /// The suite of all certificates.
    static let domain = Array("BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_".utf8)
    static let payloadHash = Self.hash(1)

    private static let chains = ["north", "relay", "south", "east", "west"]
    private static let expiry: UInt64 = 1_900_000_000

    private let committees: [Committee]

    /// The list of a chain, and who signs for it.
    private struct Committee {
        let reign: ListReign
        let secrets: [[BLSKeyPair]]
        let signers: [[Int]]
    }

    /// Every committee has so many seats, a third of them regulators'.
    init(seats: Int) throws {
        self.committees = try Self.chains.dropLast().enumerated().map { place, chain in
            try Self.committee(of: chain, UInt8(place), seats: seats)
        }
    }

    func list(of chain: String) -> VerificationNodeList? {
        self.committees.first { $0.reign.list.chain == chain }?.reign.list
    }

    func verifier(hops: Int) -> PathVerifier {
        PathVerifier(
            chain: Self.chains[hops],
            now: Self.expiry - 60,
            lists: { chain, _ in self.committees.first { $0.reign.list.chain == chain }?.reign },
            isKnown: { _ in false }
        )
    }

    /// A path over the first chains, certified by two thirds of every committee.
    func proof(hops count: Int) throws -> PathProof {
        let message = try PathMessage(
            identifier: MessageIdentifier(
                source: "1356:north:share",
                destination: "1356:west:share",
                sequence: 4_711
            ),
            payloadHash: Self.payloadHash,
            sourceChain: Self.chains[0],
            destinationChain: Self.chains[count],
            nonce: Self.hash(2)
        )
        var hops: [PathProof.Hop] = []
        for place in 0..<count {
            hops.append(try self.hop(place, after: hops.last?.record.digest ?? message.digest, of: message))
        }
        return try PathProof(message: message, hops: hops)
    }

    private func hop(_ place: Int, after previous: [UInt8], of message: PathMessage) throws -> PathProof.Hop {
        let committee = self.committees[place]
        let list = committee.reign.list
        let record = try HopRecord(
            previous: previous,
            link: .init(
                index: UInt8(place),
                chain: Self.chains[place],
                nextChain: Self.chains[place + 1],
                gateway: "gateway-\(place)"
            ),
            anchor: .init(height: 1_000, blockHash: Self.hash(3), inclusionRoot: Self.hash(4)),
            certifier: .init(epoch: list.epoch, listRoot: list.root, committee: list.committee.digest),
            expiry: Self.expiry
        )
        let signed = record.signedBytes(of: message)
        let certificate = try BitmapCertificate(
            committee: list.committee,
            signers: committee.signers,
            signatures: zip(committee.secrets, committee.signers).flatMap { secrets, places in
                try places.map { try secrets[$0].sign(signed).encoded }
            }
        )
        return PathProof.Hop(record: record, certificate: certificate.bytes)
    }

    private static func committee(of chain: String, _ place: UInt8, seats: Int) throws -> Committee {
        let regulators = max(1, seats / 3)
        let counts = [seats - regulators, regulators]
        let thresholds = counts.map { $0 - ($0 - 1) / 3 }
        let names = ["hospitals", "regulators"]
        let policy = try ListPolicy(
            threshold: UInt16(thresholds.reduce(0, +)),
            subgroups: zip(names, thresholds).map {
                SubgroupPolicy(name: $0, threshold: UInt16($1), faults: 0)
            },
            entryCredibility: Credibility(600_000),
            exitCredibility: Credibility(300_000),
            depositMin: 0,
            organizationSeatsMax: UInt16(seats)
        )
        let secrets = counts.map { count in (0..<count).map { _ in BLSKeyPair.generate() } }
        var nodes: [VerificationNode] = []
        for (subgroup, (name, members)) in zip(names, secrets).enumerated() {
            for (index, secret) in members.enumerated() {
                nodes.append(try self.node(secret, name, [place, UInt8(subgroup), UInt8(index)]))
            }
        }
        let list = try VerificationNodeList(chain: chain, epoch: 1, policy: policy, nodes: nodes)
        return Committee(
            reign: ListReign(list: list, firstHeight: 1),
            secrets: secrets,
            signers: thresholds.map { Array(0..<$0) }
        )
    }

    private static func node(_ secret: BLSKeyPair, _ subgroup: String, _ number: [UInt8]) throws -> VerificationNode {
        // Names in the order of the numbers, so that the list keeps the order of the keys.
        let digits = String(1_000 + Int(number[2]))
        return try VerificationNode(
            name: "\(subgroup)-\(digits)",
            organization: "organization",
            subgroup: subgroup,
            keys: NodeKeys(
                identity: number + [UInt8](repeating: 5, count: 29),
                signature: secret.publicKey.encoded,
                possession: secret.proofOfPossession().encoded
            ),
            credibility: Credibility(900_000),
            deposit: 1,
            validity: 0..<100
        )
    }

    private static func hash(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
}
