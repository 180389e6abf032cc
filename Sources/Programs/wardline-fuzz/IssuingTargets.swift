import BLS12381
import CanonicalBytes
import Certificates
import IdentityEncryption
import P256Group
import Signcryption

/// What the parties that issue keys of identities read, and the capsules that those keys open.
enum IssuingTargets {
    static let all: [Target] = [
        Target.canonical("issuing-plan", weight: 3, family: .issuing) { (bytes) throws(ProtocolFailure) in
            try IssuingPlan(bytes: bytes).bytes
        },
        Target.canonical("party-statement", weight: 4, family: .issuing) { (bytes) throws(ProtocolFailure) in
            try PartyStatement(bytes: bytes).bytes
        },
        Target.canonical("parameters-file", weight: 4, family: .issuing) { (bytes) throws(ProtocolFailure) in
            let file = try ParametersFile(bytes: bytes)
            guard let issuer = IssuingSeeds.issuer else { return [] }
            // Nobody has signed the seeds: none of them, and nothing made of them, may hold.
            let isRefused = (try? file.verify(issuer: issuer)) == nil
            return isRefused ? file.bytes : []
        },
        Target(name: "key-request", weight: 4, family: .sealed) { _, payload, _ in Self.request(payload) },
        Target(name: "epoch-capsule", weight: 4, family: .sealed) { _, payload, _ in Self.capsule(payload) },
    ]

    private static func request(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            _ = try SignedKeyRequest.certificate(in: payload)
            guard let issuer = IssuingSeeds.issuer else { return .broken("no issuer") }
            _ = try SignedKeyRequest(verifying: payload, issuer: issuer, at: nil)
            return .broken("a request that nobody has signed")
        } catch { return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue) }
    }

    private static func capsule(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let identity = try EpochCapsule(bytes: payload).identity()
            let read = try CapsuleIdentity(identity)
            let again = EpochCapsule.dataIdentity(
                owner: read.owner,
                label: read.label,
                epoch: read.epoch,
                sender: read.sender
            )
            return again == identity ? .accepted : .broken("the identity is not canonical")
        } catch { return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue) }
    }
}

/// Files of a setup with the right form; zeros stand for proofs and signatures, so every run has the same seeds.
enum IssuingSeeds {
    static let all: [[UInt8]] = (Self.plan.map { [$0.bytes] } ?? []) + Self.statements.map(\.bytes) + Self.file

    /// Has certified nobody.
    static let issuer: CertificateIssuer? = (try? P256KeyPair(secret: .one)).map {
        CertificateIssuer(name: "north:authority:ca", publicKey: $0.publicKey)
    }

    private static let plan: IssuingPlan? = {
        guard let kgc = PartyName("north:kgc:kgc"), let center = PartyName("south:privacy-center:one") else {
            return nil
        }
        return try? IssuingPlan(
            consortium: "north-south",
            epoch: 2_970,
            parties: [
                .init(name: kgc, url: "https://kgc.example:7408"), .init(name: center, url: "https://one.example:7408"),
            ]
        )
    }()

    private static func statement(_ kind: UInt8, of place: UInt8, _ payload: [UInt8]) -> PartyStatement? {
        guard let plan = self.plan, let name = plan.parties.dropFirst(Int(place)).first?.name else { return nil }
        let fields = CertificateFields(
            issuer: "north:authority:ca",
            serial: UInt64(place),
            subject: name.description,
            notBefore: 1_795_000_000,
            notAfter: 1_800_000_000,
            usage: .sign,
            attributes: ["role:\(name.role.rawValue)"]
        )
        let point = P256PublicKey.generator.encoded
        guard let certificate = try? ImplicitCertificate(fields, reconstructionPoint: point) else { return nil }
        var writer = CanonicalWriter()
        writer.magic("WLJ1")
        writer.u8(kind)
        writer.raw(plan.context)
        writer.u8(place)
        writer.lengthPrefixed(payload)
        writer.lengthPrefixed(certificate.bytes)
        writer.raw([UInt8](repeating: 0, count: Schnorr.signatureLength))
        return try? PartyStatement(bytes: writer.bytes)
    }

    private static func both(_ kind: UInt8, _ payload: [UInt8]) -> [PartyStatement] {
        [0, 1].compactMap { self.statement(kind, of: $0, payload) }
    }

    private static let digest = [UInt8](repeating: 7, count: 32)
    private static let point = (try? G2Point.generator.encoded()) ?? []
    private static let commitments = both(1, digest)
    private static let steps = both(2, point + point + [UInt8](repeating: 0, count: 64) + digest)
    private static let endorsements = both(3, digest)

    private static let refreshes: [SignedRefresh] = {
        let round = UInt64(1).bigEndianBytes
        let proof = [UInt8](repeating: 0, count: 64)
        guard let give = Self.statement(4, of: 0, round + [1] + Self.point + Self.point + proof),
            let take = Self.statement(5, of: 1, round + [0] + Self.point + proof)
        else { return [] }
        return [SignedRefresh(give: give, take: take)]
    }()

    private static let statements = commitments + steps + endorsements + refreshes.flatMap { [$0.give, $0.take] }

    private static let file: [[UInt8]] = {
        guard let plan = Self.plan else { return [] }
        let setup = JointSetup(plan: plan, commitments: Self.commitments, steps: Self.steps)
        return [[], Self.refreshes].compactMap {
            (try? ParametersFile(setup: setup, endorsements: Self.endorsements, refreshes: $0))?.bytes
        }
    }()
}
