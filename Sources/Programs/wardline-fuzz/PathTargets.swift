import CanonicalBytes
import PathProofs
import SecretSharing
import ThresholdSignatures

/// Path proofs and lists of verification nodes; each try at a pairing costs a millisecond, so they are drawn rarely.
enum PathTargets {
    static let all: [Target] = [
        Target.canonical("path-proof", weight: 4, family: .pathProofs) { (bytes) throws(ProtocolFailure) in
            try PathProof(bytes: bytes).bytes
        },
        Target(name: "path", weight: 2, family: .pathProofs) { _, payload, _ in Self.verified(payload) },
        Target.canonical("node-list", weight: 2, family: .pathProofs) { (bytes) throws(ProtocolFailure) in
            try VerificationNodeList(bytes: bytes, knowing: PathSeeds.lists.first).bytes
        },
        Target(name: "node-list-handover", weight: 1, family: .pathProofs) { _, payload, _ in Self.followed(payload) },
        Target(name: "canary-evidence", weight: 1, family: .pathProofs) { _, payload, _ in Self.convicted(payload) },
    ]

    /// Nobody is convicted of a canary that it has not signed.
    private static func convicted(_ payload: [UInt8]) -> Verdict {
        guard let list = PathSeeds.lists.first else { return .broken("no lists") }
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(payload)
            let evidence = try CanaryEvidence(from: &reader)
            try reader.finish()
            guard PathSeeds.bytes(of: evidence) == payload else { return .broken("accepted another encoding") }
            _ = try evidence.verify(by: list)
            let isGenuine = PathSeeds.canaries.contains {
                $0.record == evidence.record && $0.path.message == evidence.path.message && $0.node == evidence.node
            }
            return isGenuine ? .accepted : .broken("a node that signed nothing of the kind")
        } catch {
            let isRefusedWrongly = PathSeeds.canaries.contains { PathSeeds.bytes(of: $0) == payload }
            if isRefusedWrongly { return .broken("refused good evidence: \(error)") }
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }

    /// Nobody makes a path that the committees have not signed, hop by hop.
    private static func verified(_ payload: [UInt8]) -> Verdict {
        let proof: PathProof
        do throws(ProtocolFailure) { proof = try PathProof(bytes: payload) } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
        do throws(PathRefusal) {
            let path = try PathSeeds.verifier.verify(proof, payloadHash: PathSeeds.payloadHash)
            let isGenuine = PathSeeds.proofs.contains {
                $0.message == path.message && $0.hops.map(\.record) == path.hops.map(\.record)
            }
            return isGenuine ? .accepted : .broken("a path that nobody has certified")
        } catch {
            let isRefusedWrongly = PathSeeds.proofs.contains { $0.bytes == payload }
            if isRefusedWrongly { return .broken("refused a good path: \(error)") }
            return error.failure.detail.isEmpty ? .broken("a refusal without words") : .refused(error.reason.rawValue)
        }
    }

    /// No list follows without the certificate of the one before it.
    private static func followed(_ payload: [UInt8]) -> Verdict {
        guard let old = PathSeeds.lists.first, let certificate = PathSeeds.handoverCertificate else {
            return .broken("no lists")
        }
        do throws(ProtocolFailure) {
            let list = try VerificationNodeList(bytes: payload, knowing: old)
            var history = ListHistory(first: ListReign(list: old, firstHeight: 1))
            try history.follow(ListHandover(list: list, firstHeight: 9, certificate: certificate))
            return PathSeeds.lists.contains(list) ? .accepted : .broken("a list that nobody has certified")
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }
}

/// Lists of three chains whose secrets everybody knows, paths over them, and the list that follows the first.
enum PathSeeds {
    static let all: [[UInt8]] =
        Self.proofs.map(\.bytes) + Self.lists.map(\.bytes) + Self.canaries.map { Self.bytes(of: $0) }

    static let payloadHash = [UInt8](repeating: 9, count: 32)

    private static let chains = ["north", "relay", "south", "west"]
    private static let subgroups = ["hospitals", "hospitals", "hospitals", "regulators"]

    private static let secrets: [BLSKeyPair] = (1...12 as ClosedRange<UInt8>).compactMap { number in
        try? BLSKeyPair(secret: SecretFr(bytes: [UInt8](repeating: number, count: 32)))
    }

    /// Of the three chains, then the one that follows the first.
    static let lists: [VerificationNodeList] = {
        let first = (0..<3).compactMap { try? Self.list($0) }
        guard let old = first.first, let next = try? old.successor(after: ConductBook(of: old), candidates: []) else {
            return first
        }
        return first + [next.list]
    }()

    private static func list(_ place: Int) throws -> VerificationNodeList {
        let policy = try ListPolicy(
            threshold: 3,
            subgroups: [
                SubgroupPolicy(name: "hospitals", threshold: 2, faults: 1),
                SubgroupPolicy(name: "regulators", threshold: 1, faults: 0),
            ],
            entryCredibility: Credibility(600_000),
            exitCredibility: Credibility(300_000),
            depositMin: 1,
            organizationSeatsMax: 4
        )
        let nodes = try Self.subgroups.enumerated().map { index, subgroup in
            let secret = Self.secrets[4 * place + index]
            return try VerificationNode(
                name: "node-\(index)",
                organization: "organization",
                subgroup: subgroup,
                keys: NodeKeys(
                    identity: [UInt8](repeating: UInt8(4 * place + index), count: 32),
                    signature: secret.publicKey.encoded,
                    possession: secret.proofOfPossession().encoded
                ),
                credibility: Credibility(900_000),
                deposit: 1,
                validity: 0..<100
            )
        }
        return try VerificationNodeList(chain: Self.chains[place], epoch: 5, policy: policy, nodes: nodes)
    }

    private static func certificate(_ place: Int, _ message: [UInt8]) throws -> [UInt8] {
        try BitmapCertificate(
            committee: Self.lists[place].committee,
            signers: [[0, 2], [0]],
            signatures: [0, 2, 3].map { try Self.secrets[4 * place + $0].sign(message).encoded }
        ).bytes
    }

    static let handoverCertificate: [UInt8]? = {
        guard let old = Self.lists.first, let next = Self.lists.last else { return nil }
        return try? Self.certificate(0, ListHandover.message(from: old, to: next, firstHeight: 9))
    }()

    /// Evidence that the first list's first node has certified what nobody has sent.
    static let canaries: [CanaryEvidence] = Self.proofs.compactMap { try? Self.canary(like: $0) }

    private static func canary(like proof: PathProof) throws -> CanaryEvidence {
        let secret = [UInt8](repeating: UInt8(truncatingIfNeeded: proof.message.identifier.sequence), count: 32)
        let first = try PathProof(message: proof.message, hops: Array(proof.hops.prefix(1)))
        let path = try Canary.path(like: first, secret: secret)
        let message = path.hops[0].record.signedBytes(of: path.message)
        return try CanaryEvidence(
            secret: secret,
            path: path,
            node: "node-0",
            signature: Self.secrets[0].sign(message).encoded
        )
    }

    static func bytes(of evidence: CanaryEvidence) -> [UInt8] {
        var writer = CanonicalWriter()
        evidence.write(to: &writer)
        return writer.bytes
    }

    /// Paths of two messages, so that hops can be exchanged.
    static let proofs: [PathProof] = (1...2).compactMap { try? Self.proof(sequence: $0) }

    private static func proof(sequence: UInt64) throws -> PathProof {
        let message = try PathMessage(
            identifier: MessageIdentifier(source: "1:north:share", destination: "1:west:share", sequence: sequence),
            payloadHash: Self.payloadHash,
            sourceChain: Self.chains[0],
            destinationChain: Self.chains[3],
            nonce: [UInt8](repeating: 8, count: 32)
        )
        var hops: [PathProof.Hop] = []
        for place in 0..<3 {
            let list = Self.lists[place]
            let record = try HopRecord(
                previous: hops.last?.record.digest ?? message.digest,
                link: .init(
                    index: UInt8(place),
                    chain: Self.chains[place],
                    nextChain: Self.chains[place + 1],
                    gateway: "gateway"
                ),
                anchor: .init(height: 7, blockHash: Self.payloadHash, inclusionRoot: Self.payloadHash),
                certifier: .init(epoch: 5, listRoot: list.root, committee: list.committee.digest),
                expiry: 1_000
            )
            let certificate = try Self.certificate(place, record.signedBytes(of: message))
            hops.append(PathProof.Hop(record: record, certificate: certificate))
        }
        return try PathProof(message: message, hops: hops)
    }

    static var verifier: PathVerifier {
        PathVerifier(
            chain: Self.chains[3],
            now: 1_000,
            lists: { chain, epoch in
                Self.lists.first { $0.chain == chain && $0.epoch == epoch }.map {
                    ListReign(list: $0, firstHeight: 1)
                }
            },
            isKnown: { _ in false }
        )
    }
}
