import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Ledger
import Receiving
import Records
import Requesting
import Signcryption
import Synchronization
import Testing

@Suite struct RefusalTests {
    private static let observation = #"{"resourceType":"Observation","id":"a"}"#

    /// A share that is permitted and granted, not fetched.
    private static func granted(_ scene: Scene, _ count: Int = 2) async throws -> ShareFolder {
        try scene.anchor((1...count).map { #"{"resourceType":"Observation","id":"\#($0)"}"# })
        let folder = try scene.folder()
        #expect(try await scene.asker().ask(folder).isEmpty)
        try scene.permit(folder)
        try scene.grant(folder)
        return folder
    }

    private static func centers(_ scene: Scene, _ manners: SceneCenter.Manner...) -> [any SharingCenter] {
        manners.enumerated().map { SceneCenter(scene: scene, place: $0, manner: $1) }
    }

    private static func faults(_ scene: Scene) -> [Faults.Entry] {
        let topics = scene.chain.found(EventSubjects.topic("sharing.fault"), on: .index)
        return topics.compactMap { event in
            guard let proof = scene.chain.kept(event.transaction, on: .index),
                let fault = try? proof.arguments(RecordFault.self)
            else { return nil }
            let bytes = scene.chain.value(SharingKey.faults(fault.permission), .index)
            return bytes.flatMap { try? Faults(bytes: $0) }?.entries.last
        }
    }

    @Test("A center's false part is named, recorded with the chain, and the envelope not opened with it")
    func falsePart() async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            let outcome = try await scene.fetch(folder, centers: Self.centers(scene, .falsePart, .honest))
            #expect(outcome.scopes.first?.trouble?.step == .delivery && outcome.scopes.first?.opened == 0)
            #expect(outcome.scopes.first?.faults.first?.lie == .falsePart)
            #expect(Self.faults(scene).first?.accused.description == "cloud-1:privacy-center:store")
            #expect(Self.faults(scene).first?.kind == .falsePart)
            // With an honest center in its place it goes on.
            #expect(try await scene.fetch(folder).isComplete)
        }
    }

    @Test("A center that gives another envelope is named, and the right one comes from another center")
    func anotherEnvelope() async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            let outcome = try await scene.fetch(folder, centers: Self.centers(scene, .otherEnvelope, .honest))
            #expect(outcome.scopes.first?.opened == 2)
            #expect(outcome.scopes.first?.faults.first?.lie == .anotherEnvelope)
            #expect(Self.faults(scene).first?.kind == .anotherEnvelope)
        }
    }

    @Test("A center that judged by an old head is named, and its parts are not used")
    func staleHead() async throws {
        try await Scene.with { scene in
            let other = try scene.chain.key("ward:custodian:other")
            try scene.chain.call(
                SetConsent(
                    consent: [UInt8](repeating: 1, count: 32),
                    mode: .forbid,
                    subject: .label([UInt8](repeating: 2, count: 32)),
                    validUntil: scene.chain.now + 100_000_000
                ),
                by: other
            )
            let old = try scene.chain.head(.access)
            let folder = try await Self.granted(scene)
            // The blocks with request and permission were there long before the center answers.
            scene.chain.wait(60_000)
            let outcome = try await scene.fetch(folder, centers: Self.centers(scene, .staleHead(old), .honest))
            #expect(outcome.scopes.first?.opened == 0)
            #expect(outcome.scopes.first?.faults.contains { $0.lie == .staleHead } == true)
            #expect(Self.faults(scene).first?.kind == .staleHead)
            #expect(try await scene.fetch(folder).isComplete)
        }
    }

    @Test("A center that does not record its delivery, or records another, gives no usable part")
    func unrecorded() async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            for manner in [SceneCenter.Manner.unrecorded, .otherRecord] {
                let outcome = try await scene.fetch(folder, centers: Self.centers(scene, manner, .honest))
                #expect(outcome.scopes.first?.opened == 0)
                let trouble = try #require(outcome.scopes.first?.trouble)
                #expect(trouble.step == .delivery && trouble.why.contains("1 of 2 parts"))
            }
        }
    }

    @Test(
        "What a center refuses is told with its code and with what to do",
        arguments: ["consent-forbids", "stale-head"]
    )
    func refused(_ code: String) async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            let outcome = try await scene.fetch(
                folder,
                centers: Self.centers(scene, .refuses(code), .refuses(code))
            )
            let trouble = try #require(outcome.scopes.first?.trouble)
            #expect(trouble.code == code && !trouble.advice.isEmpty)
            let note = try ShareStatus(folder).scopes.first?.steps.first { $0.step == .delivery }
            #expect(note?.code == code && note?.advice == trouble.advice)
        }
    }

    @Test(
        "A refusal that no time heals is not waited for, another one is",
        arguments: [
            ("grant-revoked", false), ("another-policy", false), ("grant-expired", false), ("stale-head", true),
            ("consent-required", true), ("label-forbids", false), ("label-consent-required", true),
        ]
    )
    func finality(_ code: String, _ isWaiting: Bool) async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            for second in [SceneCenter.Manner.refuses(code), .refuses("stale-head")] {
                let centers = Self.centers(scene, second, .refuses(code))
                let outcome = try await scene.fetch(folder, centers: centers)
                #expect(outcome.scopes.first?.trouble?.isWaiting == isWaiting && outcome.isWaiting == isWaiting)
            }
            let trouble = try await scene.fetch(folder, centers: Self.centers(scene, .refuses(code), .refuses(code)))
                .scopes.first?.trouble
            #expect(trouble?.code == code)
        }
    }

    @Test("A permission whose time is over is told as such before anybody is asked")
    func expired() async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            scene.chain.wait(4_000_000)
            let outcome = try await scene.fetch(folder)
            let trouble = try #require(outcome.scopes.first?.trouble)
            #expect(trouble.code == "permission-expired" && trouble.step == .permission && !outcome.isWaiting)
            let asked = scene.state.withLock { $0.attributeQuestions + $0.identityQuestions + $0.grantQuestions }
            #expect(asked == 0)
            // No block came since, whose time would tell it.
            var status = try ShareStatus(folder)
            try await status.read(scene.chain, now: scene.chain.now)
            #expect(status.scopes.first?.steps.first { $0.step == .permission }?.code == "permission-expired")
        }
    }

    @Test("What was fetched stays complete when the permission is over; what came later is not asked for")
    func expiredLater() async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            #expect(try await scene.fetch(folder).isComplete)
            scene.chain.wait(4_000_000)
            #expect(try await scene.fetch(folder).isComplete)
            try scene.anchor([Self.observation])
            let asked = scene.state.withLock { $0.envelopeQuestions }
            let outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.trouble?.code == "permission-expired" && !outcome.isWaiting)
            #expect(outcome.scopes.first?.opened == 2 && outcome.scopes.first?.anchored == 3)
            #expect(scene.state.withLock { $0.envelopeQuestions } == asked)
        }
    }

    @Test("A revoked permission is told as such")
    func revoked() async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            let entry = try #require(try folder.record().scopes.first)
            let request = try #require([UInt8](hex: entry.request))
            let value = try #require(scene.chain.value(AccessKey.request(request), .access))
            let revocation = RevokePermission(permission: try AccessRequest(bytes: value).permission)
            #expect(try scene.chain.call(revocation, by: scene.owner).receipt.code == 0)
            let outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.trouble?.code == "permission-revoked" && !outcome.isWaiting)
        }
    }

    @Test("A request that the contract rejected is not submitted again, and is not waited for")
    func rejected() async throws {
        try await Scene.with { scene in
            // Only researchers and clinicians ask.
            let steward = try scene.chain.key("ward:steward:other")
            let folder = try scene.folder(by: steward)
            let first = try #require(try await scene.asker(steward).ask(folder).first?.trouble)
            #expect(!first.isWaiting && !first.code.isEmpty)
            let height = try scene.chain.head(.access).header.height
            let second = try #require(try await scene.asker(steward).ask(folder).first?.trouble)
            #expect(second.code == first.code && !second.isWaiting)
            let outcome = try await scene.fetch(folder, by: steward)
            #expect(outcome.scopes.first?.trouble?.code == first.code && !outcome.isWaiting)
            #expect(try scene.chain.head(.access).header.height == height)
        }
    }

    @Test("An anchored envelope that no center has is named, and the others are opened")
    func missingEnvelope() async throws {
        try await Scene.with { scene in
            let missing = try scene.anchor([Self.observation])
            let folder = try await Self.granted(scene)
            let outcome = try await scene.fetch(
                folder,
                centers: Self.centers(scene, .lacks(missing), .lacks(missing))
            )
            #expect(outcome.scopes.first?.opened == 2)
            #expect(outcome.scopes.first?.trouble?.code == "missing-envelopes")
            #expect(outcome.scopes.first?.trouble?.why.contains(missing[0].bytes.hex) == true)
        }
    }

    @Test("A center that stops in the middle loses nothing that was opened")
    func stops() async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene, 300)
            let left = SceneCenter.Mutexed(1)
            let first = try await scene.fetch(folder, centers: Self.centers(scene, .stops(after: left), .honest))
            let opened = try #require(first.scopes.first?.opened)
            #expect(opened < 300 && opened > 0)
            let second = try await scene.fetch(folder)
            #expect(second.isComplete && second.scopes.first?.opened == 300)
            #expect(second.scopes.first?.fresh == 300 - opened)
            #expect(scene.check(folder).isComplete)
        }
    }

    @Test("Nothing is held against centers that were not waited for any more")
    func givenUp() async throws {
        struct Stop: Error {}
        try await Scene.with { scene in
            _ = try await Self.granted(scene, 3)
            let file = try #require(scene.state.withLock { $0.grants.values.first })
            let first = try #require(scene.state.withLock { $0.envelopes.first?.h1 })
            let receiver = try EnvelopeReceiver(
                file,
                receiver: scene.pseudonym,
                issuers: scene.chain.genesis.issuers,
                keys: [],
                centers: Self.centers(scene, .hangs(but: first), .hangs(but: first))
            )
            let listed = try await receiver.list()
            #expect(listed.count == 3)
            await #expect(throws: Stop.self) {
                try await receiver.open(listed, batchLength: 1) { _ in throw Stop() }
            }
            #expect(receiver.faults.isEmpty)
        }
    }

    @Test("A wrong step towards an identity key is recorded against the party that made it")
    func falseKeyStep() async throws {
        try await Scene.with { scene in
            let folder = try await Self.granted(scene)
            scene.state.withLock { $0.falseStepOf = "keys:kgc:main" }
            let outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.trouble?.code == "false-key-step")
            #expect(Self.faults(scene).first?.accused.description == "keys:kgc:main")
            #expect(Self.faults(scene).first?.kind == .falseKey)
            scene.state.withLock { $0.falseStepOf = nil }
            #expect(try await scene.fetch(folder).isComplete)
        }
    }

    @Test("A denied request is told as such")
    func denied() async throws {
        try await Scene.with { scene in
            let folder = try scene.folder()
            #expect(try await scene.asker().ask(folder).isEmpty)
            let entry = try #require(try folder.record().scopes.first)
            let request = try #require([UInt8](hex: entry.request))
            try scene.chain.call(DenyAccess(request: request), by: scene.steward)
            let trouble = try #require(try await scene.fetch(folder).scopes.first?.trouble)
            #expect(trouble.code == "request-denied" && !trouble.isWaiting)
            var status = try ShareStatus(folder)
            try await status.read(scene.chain, now: scene.chain.now)
            #expect(status.scopes.first?.steps.contains { $0.code == "request-denied" } == true)
        }
    }

    @Test("A custodian's refusal, and one that stands on the chain, are told with their codes")
    func refusedGrant() async throws {
        try await Scene.with { scene in
            let folder = try scene.folder()
            #expect(try await scene.asker().ask(folder).isEmpty)
            try scene.permit(folder)
            scene.state.withLock { $0.refusal = ("no-rule", "no rule grants this") }
            let trouble = try #require(try await scene.fetch(folder).scopes.first?.trouble)
            #expect(trouble.step == .grant || trouble.step == .pages)
            let entry = try #require(try folder.record().scopes.first)
            let request = try #require([UInt8](hex: entry.request))
            let value = try #require(scene.chain.value(AccessKey.request(request), .access))
            let permission = try AccessRequest(bytes: value).permission
            let refusal = RecordRefusal(permission: permission, step: .grant, code: "no-rule")
            #expect(try scene.chain.call(refusal, by: scene.owner).receipt.code == 0)
            var status = try ShareStatus(folder)
            try await status.read(scene.chain, now: scene.chain.now)
            let found = try #require(status.scopes.first?.refusals.first)
            #expect(found.step == "grant" && found.code == "no-rule" && found.party == Scene.ownerName)
        }
    }

    @Test("A grant for another receiver is not taken")
    func anothersGrant() async throws {
        try await Scene.with { scene in
            try scene.anchor([Self.observation])
            let folder = try scene.folder()
            #expect(try await scene.asker().ask(folder).isEmpty)
            try scene.permit(folder)
            let thief = try scene.chain.pseudonym()
            try scene.grant(folder, to: thief)
            let trouble = try #require(try await scene.fetch(folder).scopes.first?.trouble)
            #expect(trouble.code == "false-grant" && trouble.why.contains("another receiver"))
        }
    }

    @Test("A request of somebody else under the same identifier is noticed")
    func anothersRequest() async throws {
        try await Scene.with { scene in
            let folder = try scene.folder()
            let entry = try #require(try folder.record().scopes.first)
            let other = try scene.chain.pseudonym()
            try scene.chain.call(
                RequestAccess(
                    request: try #require([UInt8](hex: entry.request)),
                    scope: scene.descriptor.digest,
                    policy: [UInt8](repeating: 0, count: 32),
                    organization: "ward",
                    purpose: "research",
                    nonce: [UInt8](repeating: 3, count: 32),
                    expires: scene.chain.now + 1_000_000
                ),
                by: other
            )
            let troubles = try await scene.asker().ask(folder)
            #expect(troubles.first?.trouble.why.contains("somebody else") == true)
        }
    }
}
