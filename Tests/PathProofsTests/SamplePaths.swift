import CanonicalBytes
import Testing
import ThresholdSignatures

@testable import PathProofs

/// Five chains in a row, `alpha` to `echo`, each with a list of its own, and joint keys of `bravo`.
struct SamplePaths {
    static let chains = ["alpha", "bravo", "charlie", "delta", "echo"]
    static let heights: ClosedRange<UInt64> = 10...20

    private(set) var reigns: [String: ListReign] = [:]
    /// Secret keys of `bravo`'s two subgroups and of the union of all.
    let jointSecrets = SampleKeys.all[37..<40].map(\.secret)

    init() throws {
        for (place, chain) in Self.chains.dropLast().enumerated() {
            let list = try SampleLists.list(chain: chain, firstKey: 8 * place)
            self.reigns[chain] = ListReign(list: list, firstHeight: Self.heights.lowerBound)
            self.reigns[chain]?.end(before: Self.heights.upperBound + 1)
        }
        let joint = try self.joint()
        try self.reigns["bravo"]?.setJoint(joint)
    }

    func joint() throws -> JointCommittee {
        let shapes: [(String, UInt16, UInt16)] = [("hospitals", 2, 5), ("regulators", 1, 3), ("*", 4, 8)]
        let committee = try ThresholdCommittee(
            zip(shapes, self.jointSecrets).map {
                .init(name: $0.0, threshold: $0.1, memberCount: $0.2, key: $1.publicKey.encoded)
            }
        )
        let possessions = try self.jointSecrets.map { try $0.proofOfPossession().encoded }
        return try JointCommittee(committee, possessions: possessions)
    }

    static func message(
        sequence: UInt64 = 7,
        payload: Character = "p",
        destination: String = "echo"
    ) throws -> PathMessage {
        try PathMessage(
            identifier: MessageIdentifier(source: "1:alpha:share", destination: "1:echo:share", sequence: sequence),
            payloadHash: hash(payload),
            sourceChain: "alpha",
            destinationChain: destination,
            nonce: hash("n")
        )
    }

    /// What may be different about a hop.
    struct Changes {
        var index: UInt8?
        var chain: String?
        var nextChain: String?
        var previous: [UInt8]?
        var height: UInt64 = 15
        var epoch: UInt64 = 3
        var listRoot: [UInt8]?
        var committee: [UInt8]?
        var verdict = HopRecord.Verdict.forwarded
        var expiry: UInt64 = 1_000
        var signers = [[0, 2, 4], [1]]
        var gateway = "gateway"
    }

    /// A hop that the chain at its place in the row has certified.
    func hop(
        _ place: Int,
        after previous: [UInt8],
        of message: PathMessage,
        _ changes: Changes = Changes(),
        isJoint: Bool = false
    ) throws -> PathProof.Hop {
        let chain = changes.chain ?? Self.chains[place]
        let reign = try #require(self.reigns[chain])
        let joint = isJoint ? reign.joint : nil
        let record = try HopRecord(
            previous: changes.previous ?? previous,
            link: .init(
                index: changes.index ?? UInt8(place),
                chain: chain,
                nextChain: changes.nextChain ?? Self.chains[place + 1],
                gateway: changes.gateway
            ),
            anchor: .init(height: changes.height, blockHash: hash("b"), inclusionRoot: hash("i")),
            certifier: .init(
                epoch: changes.epoch,
                listRoot: changes.listRoot ?? reign.list.root,
                committee: changes.committee ?? joint?.committee.digest ?? reign.list.committee.digest
            ),
            verdict: changes.verdict,
            expiry: changes.expiry
        )
        let signed = record.signedBytes(of: message)
        let certificate =
            try joint.map { joint in
                try ThresholdCertificate(
                    committee: joint.committee,
                    signatures: self.jointSecrets.map { try $0.sign(signed).encoded }
                ).bytes
            } ?? reign.list.certificate(of: signed, by: changes.signers)
        return PathProof.Hop(record: record, certificate: certificate)
    }

    /// A path over the first chains.
    func proof(
        hops count: Int = 4,
        message: PathMessage? = nil,
        joint: Set<Int> = [],
        _ change: (Int, inout Changes) -> Void = { _, _ in }
    ) throws -> PathProof {
        let message = try message ?? Self.message(destination: Self.chains[count])
        var hops: [PathProof.Hop] = []
        for place in 0..<count {
            var changes = Changes()
            change(place, &changes)
            let previous = hops.last?.record.digest ?? message.digest
            hops.append(
                try self.hop(place, after: previous, of: message, changes, isJoint: joint.contains(place))
            )
        }
        return try PathProof(message: message, hops: hops)
    }

    func verifier(
        on chain: String = "echo",
        _ place: PathVerifier.Place = .destination,
        now: UInt64 = 1_000,
        known: [MessageIdentifier] = []
    ) -> PathVerifier {
        PathVerifier(
            chain: chain,
            place: place,
            now: now,
            lists: { chain, epoch in self.reigns[chain].flatMap { $0.list.epoch == epoch ? $0 : nil } },
            isKnown: { known.contains($0) }
        )
    }

    /// Why a proof is refused; nil when it is accepted.
    func refusal(
        _ proof: PathProof,
        by verifier: PathVerifier? = nil,
        payload: Character = "p"
    ) -> Refused? {
        do throws(PathRefusal) {
            _ = try (verifier ?? self.verifier()).verify(proof, payloadHash: hash(payload))
            return nil
        } catch {
            return Refused(error.reason, error.hop)
        }
    }

    struct Refused: Equatable, CustomStringConvertible {
        let reason: PathRefusal.Reason
        let hop: Int?

        init(_ reason: PathRefusal.Reason, _ hop: Int? = nil) {
            self.reason = reason
            self.hop = hop
        }

        var description: String { "\(self.reason.rawValue) \(self.hop.map(String.init) ?? "")" }
    }
}
