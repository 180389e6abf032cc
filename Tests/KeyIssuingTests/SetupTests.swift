import CanonicalBytes
import Certificates
import Credentials
import Foundation
import IdentityEncryption
import P256Group
import SecretSharing
import Signcryption
import TestIdentities
import Testing
import Uplink

@testable import KeyIssuing

@Suite struct SetupTests {
    @Test("All parties end with the same parameters, which verify offline; a second run changes nothing")
    func setup() async throws {
        try await TestSite.with { site in
            let file = try await site.setUp()
            let issuer = site.authority.authority.issuer
            #expect(try file.verify(issuer: issuer).key == file.parameters)
            #expect(try ParametersFile(bytes: file.bytes) == file)
            for place in 0..<3 { #expect(try await site.client(place).parameters() == file.bytes) }
            #expect(try await site.setUp() == file)
            try await site.restart()
            for place in 0..<3 {
                let status = try await site.client(place).status()
                #expect(status.stage == "complete" && status.round == 0 && status.key == file.parameters.digest.hex)
            }
            let other = try TestAuthority(directory: site.directory).authority.issuer
            #expect(throws: PartyFailure.self) { try file.verify(issuer: other) }
        }
    }

    @Test("Killed parties go on where they were, with the secrets that they had committed to")
    func restarts() async throws {
        try await TestSite.with { site in
            let plan = try site.plan.bytes
            let commitments = try await site.commitments()
            try await site.restart()
            for place in 0..<3 { #expect(try await site.client(place).commitment(plan: plan) == commitments[place]) }
            let first = try await site.client(0).step(commitments: commitments, steps: [])
            try await site.restart()
            #expect(try await site.client(0).step(commitments: commitments, steps: []) == first)
            #expect(try await site.client(0).status().stage == "stepped")
            let file = try await site.setUp()
            #expect(file.setup.steps.first?.bytes == first)
        }
    }

    @Test("A party takes no other set for its epoch: not from a driver, and not from its own configuration later")
    func anotherSet() async throws {
        try await TestSite.with { site in
            let parties = site.partyList()
            let others = try IssuingPlan(consortium: "test-chain", epoch: 5, parties: Array(parties.dropLast()))
            let refused = await refusal { _ = try await site.client(0).commitment(plan: others.bytes) }
            #expect(refused?.code == "another-plan")
            _ = try await site.setUp()
            try await site.stop(0)
            var configuration = site.configuration(0)
            configuration.sets = [.init(epoch: 5, parties: Array(parties.dropLast()))]
            #expect(throws: (any Error).self) { try site.service(configuration) }
            try await site.start(0)
        }
    }

    @Test("Once a party has released its step it knows no other commitments")
    func otherCommitments() async throws {
        try await TestSite.with { site in
            let plan = try site.plan
            let commitments = try await site.commitments()
            let missing = Array(commitments.dropLast())
            let (kgc, center) = (try site.client(0), try site.client(1))
            let short = await refusal { _ = try await kgc.step(commitments: missing, steps: []) }
            #expect(short?.code == "CONTEXT")
            _ = try await kgc.step(commitments: commitments, steps: [])
            let others = missing + [try Self.anotherCommitment(site, plan).bytes]
            let kept = await refusal { _ = try await kgc.step(commitments: others, steps: []) }
            #expect(kept?.code == "another-setup")
            // The center takes a list, but no step that answers another one.
            let unanswered = await refusal { _ = try await center.step(commitments: others, steps: []) }
            #expect(unanswered?.code == "CONTEXT")
        }
    }

    /// What the last party would say if it committed to another secret.
    private static func anotherCommitment(_ site: TestSite, _ plan: IssuingPlan) throws -> PartyStatement {
        let point = try SetupStep.point(of: .random())
        return try PartyStatement(
            .commitment,
            of: 2,
            SetupStep.commitment(party: 2, point: point),
            context: plan.context,
            certificate: site.parties[2].certificate,
            key: site.parties[2].key
        )
    }

    @Test("A wrong step names its author; a statement that a driver changed is laid to nobody's charge")
    func wrongSteps() async throws {
        try await TestSite.with { site in
            let plan = try site.plan
            let commitments = try await site.commitments()
            let honest = try PartyStatement(bytes: try await site.client(0).step(commitments: commitments, steps: []))
            let flipped = honest.bytes.enumerated().map { $0.offset == 60 ? $0.element ^ 1 : $0.element }
            let changed = await refusal {
                _ = try await site.client(1).step(commitments: commitments, steps: [flipped])
            }
            #expect(changed?.code == "SIGNATURE" && changed?.detail.contains("party 0") == false)
            // The KGC signs another secret's step than it committed to.
            let step = try SetupStep(.random(), party: 0, previous: [], context: plan.context)
            let statements = try commitments.map { try PartyStatement(bytes: $0) }
            let rogue = try PartyStatement(
                .step,
                of: 0,
                JointSetup.payload(of: step, answering: statements),
                context: plan.context,
                certificate: site.parties[0].certificate,
                key: site.parties[0].key
            )
            let blamed = await refusal {
                _ = try await site.client(1).step(commitments: commitments, steps: [rogue.bytes])
            }
            #expect(blamed?.code == "CONTEXT" && blamed?.detail.hasPrefix("party 0 (cloud:kgc:kgc): ") == true)
            let file = try await site.setUp()
            #expect(file.setup.steps.first == honest)
        }
    }

    @Test("Shares are on the disk sealed, for the owner alone, and open under no other key, round or place")
    func sealing() async throws {
        try await TestSite.with { site in
            _ = try await site.setUp()
            let path = "\(site.setDirectory(1))/share.0"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let plan = try site.plan
            let sealed = try PrivateFile.read(path)
            let key = try SealingKey(path: "\(site.directory)/sealing.1")
            let pair = RefreshPair(giver: 0, taker: 1, round: 0)
            let share = try key.open(sealed, .share, plan, place: 1, round: 0)
            #expect(!sealed.hex.contains(share.secretBytes().hex))
            #expect(throws: ProtocolFailure.self) { try key.open(sealed, .share, plan, place: 1, round: 1) }
            #expect(throws: ProtocolFailure.self) { try key.open(sealed, .share, plan, place: 2, round: 0) }
            #expect(throws: ProtocolFailure.self) { try key.open(sealed, .nextShare(pair), plan, place: 1, round: 0) }
            let other = try SealingKey(path: "\(site.directory)/sealing.2")
            #expect(throws: ProtocolFailure.self) { try other.open(sealed, .share, plan, place: 1, round: 0) }
            try await site.stop(1)
            var configuration = site.configuration(1)
            configuration.sealingKeyFile = "\(site.directory)/sealing.2"
            #expect(throws: (any Error).self) { try site.service(configuration) }
            try await site.start(1)
        }
    }
}
