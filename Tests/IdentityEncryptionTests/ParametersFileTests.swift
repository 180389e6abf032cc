import CanonicalBytes
import Certificates
import P256Group
import SecretSharing
import Testing

@testable import IdentityEncryption

/// Three parties with certificates, who sign what they say.
struct SigningParties {
    let plan: IssuingPlan
    let authority = CertificateAuthority(name: "authority", key: .generate())
    let identities: [(certificate: ImplicitCertificate, key: P256KeyPair)]
    let secrets = (0..<3).map { _ in SecretFr.random() }

    init() throws {
        let names = try ["cloud:kgc:kgc", "cloud:privacy-center:one", "lab:privacy-center:two"].map {
            try #require(PartyName($0))
        }
        self.plan = try IssuingPlan(
            consortium: "test-chain",
            epoch: 5,
            parties: names.map { .init(name: $0, url: "https://\($0.name).example:7408") }
        )
        let authority = self.authority
        self.identities = try names.map { name in
            let request = P256KeyPair.generate()
            let fields = CertificateFields(
                issuer: "authority",
                serial: 7,
                subject: name.description,
                notBefore: 1_000,
                notAfter: 2_000,
                usage: name.role.usage,
                attributes: ["role:\(name.role.rawValue)"]
            )
            let issued = try authority.issue(CertificateRequest(request, subject: fields.subject), fields: fields)
            return (issued.certificate, try issued.keyPair(for: request, from: authority.issuer))
        }
    }

    func say(_ kind: PartyStatement.Kind, _ payload: [UInt8], _ place: Int) throws -> PartyStatement {
        try PartyStatement(
            kind,
            of: UInt8(place),
            payload,
            context: self.plan.context,
            certificate: self.identities[place].certificate,
            key: self.identities[place].key
        )
    }

    func setup() throws -> JointSetup {
        let commitments = try self.secrets.enumerated().map { place, secret in
            let point = try SetupStep.point(of: secret)
            return try self.say(.commitment, SetupStep.commitment(party: UInt8(place), point: point), place)
        }
        var steps: [PartyStatement] = []
        var previous: [UInt8] = []
        for (place, secret) in self.secrets.enumerated() {
            let step = try SetupStep(secret, party: UInt8(place), previous: previous, context: self.plan.context)
            previous = step.product
            steps.append(try self.say(.step, JointSetup.payload(of: step, answering: commitments), place))
        }
        return JointSetup(plan: self.plan, commitments: commitments, steps: steps)
    }

    func refresh(round: UInt64) throws -> SignedRefresh {
        let pair = RefreshPair(giver: 0, taker: 2, round: round)
        let factor = SecretFr.random()
        let (refresh, _) = try ShareRefresh.give(
            self.secrets[0],
            factor: factor,
            pair: pair,
            context: self.plan.context
        )
        let (answer, _) = try refresh.take(
            self.secrets[2],
            factor: factor,
            pair: pair,
            context: self.plan.context
        )
        return SignedRefresh(
            give: try self.say(.give, SignedRefresh.payload(of: refresh, pair), 0),
            take: try self.say(.take, SignedRefresh.payload(of: answer, pair), 2)
        )
    }

    func file(refreshed: Bool = false) throws -> ParametersFile {
        let setup = try self.setup()
        let endorsements = try (0..<3).map { try self.say(.endorsement, setup.digest, $0) }
        return try ParametersFile(
            setup: setup,
            endorsements: endorsements,
            refreshes: refreshed ? [try self.refresh(round: 1)] : []
        )
    }

    var issuer: CertificateIssuer { self.authority.issuer }
}

@Suite struct ParametersFileTests {
    @Test("A file survives its encoding and verifies; a refresh keeps the key and changes two points")
    func coding() throws {
        let parties = try SigningParties()
        let file = try parties.file(refreshed: true)
        let read = try ParametersFile(bytes: file.bytes)
        #expect(read == file && read.epoch == 5 && read.round == 1 && read.parties == parties.plan.parties)
        let joint = try read.verify(issuer: parties.issuer)
        #expect(joint.key == read.parameters)
        let before = try ParametersFile(setup: file.setup, endorsements: file.endorsements)
            .verify(issuer: parties.issuer)
        #expect(joint.parties.encoded[1] == before.parties.encoded[1])
        #expect(joint.parties.encoded[0] != before.parties.encoded[0])
        #expect(joint.parties.encoded[2] != before.parties.encoded[2])
    }

    @Test("No bit of a file can be another without its being noticed", arguments: 0..<24)
    func bits(_ sample: Int) throws {
        let parties = try SigningParties()
        let bytes = try parties.file(refreshed: true).bytes
        let changed = flipped(bytes, bit: (bytes.count * 8 - 1) * sample / 23)
        #expect(throws: (any Error).self) {
            try ParametersFile(bytes: changed).verify(issuer: parties.issuer)
        }
        #expect(throws: ProtocolFailure.self) { try ParametersFile(bytes: Array(bytes.dropLast())) }
        #expect(throws: ProtocolFailure.self) { try ParametersFile(bytes: bytes + [0]) }
    }

    @Test("An address that was changed after the setup, a missing endorsement and a repeated refresh are noticed")
    func parts() throws {
        let parties = try SigningParties()
        let file = try parties.file(refreshed: true)
        let moved = try IssuingPlan(
            consortium: "test-chain",
            epoch: 5,
            parties: parties.plan.parties.map { .init(name: $0.name, url: "https://elsewhere.example") }
        )
        #expect(moved.context == parties.plan.context)
        let setup = JointSetup(plan: moved, commitments: file.setup.commitments, steps: file.setup.steps)
        #expect(
            blame {
                _ = try ParametersFile(setup: setup, endorsements: file.endorsements).verify(issuer: parties.issuer)
            }
                == Blame(party: 0, code: .context)
        )
        let fewer = try ParametersFile(setup: file.setup, endorsements: Array(file.endorsements.dropLast()))
        #expect(blame { _ = try fewer.verify(issuer: parties.issuer) } == Blame(party: nil, code: .context))
        let twice = try file.appending(file.refreshes[0])
        #expect(blame { _ = try twice.verify(issuer: parties.issuer) } == Blame(party: nil, code: .context))
        // From the setup's points, while the first refresh changed them.
        let stale = try file.appending(parties.refresh(round: 2))
        #expect(blame { _ = try stale.verify(issuer: parties.issuer) } == Blame(party: 0, code: .proof))
    }

    @Test("A party that commits twice brings nobody else into suspicion")
    func twoCommitments() throws {
        let parties = try SigningParties()
        let setup = try parties.setup()
        let point = try SetupStep.point(of: .random())
        let other = try parties.say(.commitment, SetupStep.commitment(party: 2, point: point), 2)
        let shown = JointSetup(
            plan: parties.plan,
            commitments: Array(setup.commitments.dropLast()) + [other],
            steps: Array(setup.steps.dropLast())
        )
        #expect(
            blame { _ = try shown.verify(before: 2, issuer: parties.issuer, at: 1_500) }
                == Blame(party: nil, code: .context)
        )
        let honest = JointSetup(plan: setup.plan, commitments: setup.commitments, steps: shown.steps)
        _ = try honest.verify(before: 2, issuer: parties.issuer, at: 1_500)
    }

    @Test("Statements of another kind, place, plan, party or authority are not a party's")
    func statements() throws {
        let parties = try SigningParties()
        let said = try parties.say(.commitment, [1], 1)
        try said.verify(.commitment, of: 1, in: parties.plan, issuer: parties.issuer, at: 1_500)
        #expect(code { try said.verify(.step, of: 1, in: parties.plan, issuer: parties.issuer, at: nil) } == .context)
        #expect(
            code { try said.verify(.commitment, of: 2, in: parties.plan, issuer: parties.issuer, at: nil) } == .context
        )
        #expect(
            code { try said.verify(.commitment, of: 1, in: parties.plan, issuer: parties.issuer, at: 3_000) } == .time
        )
        let other = try IssuingPlan(consortium: "other", epoch: 5, parties: parties.plan.parties)
        #expect(code { try said.verify(.commitment, of: 1, in: other, issuer: parties.issuer, at: nil) } == .context)
        // Signed by another party in this one's place.
        let forged = try PartyStatement(
            .commitment,
            of: 1,
            [1],
            context: parties.plan.context,
            certificate: parties.identities[2].certificate,
            key: parties.identities[2].key
        )
        #expect(
            code { try forged.verify(.commitment, of: 1, in: parties.plan, issuer: parties.issuer, at: nil) }
                == .context
        )
        let stolen = try PartyStatement(
            .commitment,
            of: 1,
            [1],
            context: parties.plan.context,
            certificate: parties.identities[1].certificate,
            key: parties.identities[2].key
        )
        #expect(
            code { try stolen.verify(.commitment, of: 1, in: parties.plan, issuer: parties.issuer, at: nil) }
                == .signature
        )
    }

    @Test("A plan has the KGC first, then privacy centers, each once")
    func plans() throws {
        let parties = try SigningParties().plan.parties
        func plan(_ parties: [IssuingPlan.Party]) throws -> IssuingPlan {
            try IssuingPlan(consortium: "test-chain", epoch: 5, parties: parties)
        }
        #expect(try IssuingPlan(bytes: plan(parties).bytes) == plan(parties))
        #expect(code { _ = try plan([parties[0]]) } == .format)
        #expect(code { _ = try plan([parties[1], parties[0]]) } == .format)
        #expect(code { _ = try plan(parties + [parties[1]]) } == .duplicate)
        #expect(code { _ = try IssuingPlan(consortium: "a b", epoch: 5, parties: parties) } == .format)
    }
}
