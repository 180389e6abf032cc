import CanonicalBytes
import ChainReading
import Contracts
import Requesting
import Signcryption
import Synchronization
import Testing

@Suite struct HandedKeyTests {
    private static let observation = #"{"resourceType":"Observation","id":"o1"}"#

    private static func folder(_ scene: Scene, _ clinician: RequesterKey) throws -> ShareFolder {
        var order = ShareOrder(
            way: .emergency,
            purpose: EmergencyAccess.purpose,
            scopes: [ShareOrder.Scope(digest: scene.descriptor.digest, organization: "ward")]
        )
        order.emergency = ShareOrder.Emergency(reason: .life, statement: "resuscitation, room 4")
        return try ShareFolder(
            creating: "\(scene.directory)/emergency",
            order,
            for: clinician,
            chain: scene.chain.identifier
        )
    }

    private static func asked(_ scene: Scene, _ clinician: RequesterKey) async throws -> ShareFolder {
        let folder = try self.folder(scene, clinician)
        #expect(try await scene.asker(clinician, emergency: .life).ask(folder).isEmpty)
        return folder
    }

    @Test("In an emergency a clinician whose attributes do not satisfy the policy reads")
    func emergency() async throws {
        // No index key is sealed for this scope: no data set publishes it.
        try await Scene.with(isWrapped: false) { scene in
            try scene.anchor([Self.observation])
            let clinician = try scene.chain.key("lab:clinician:c")
            let folder = try await Self.asked(scene, clinician)
            let waiting = try await scene.fetch(folder, by: clinician)
            #expect(waiting.scopes.first?.trouble?.step == .grant && waiting.isWaiting)
            #expect(scene.state.withLock { $0.handoverQuestions } == 0)
            try scene.grant(folder, to: clinician)
            let outcome = try await scene.fetch(folder, by: clinician)
            #expect(outcome.isComplete && outcome.scopes.first?.opened == 1)
            #expect(scene.check(folder).isComplete)
            let steps = try #require(try ShareStatus(folder).scopes.first?.steps)
            #expect(steps.allSatisfy { $0.state == .done } && !steps.contains { $0.step == .attributeKey })
            // Nobody was asked for an attribute key, and the index keys are kept.
            try scene.anchor([Self.observation])
            #expect(try await scene.fetch(folder, by: clinician).scopes.first?.opened == 2)
            #expect(scene.state.withLock { ($0.attributeQuestions, $0.handoverQuestions) } == (0, 1))
        }
    }

    @Test("The same clinician's attribute key does not open the sealed index key")
    func attributesDoNotDo() async throws {
        try await Scene.with { scene in
            try scene.anchor([Self.observation])
            let clinician = try scene.chain.key("lab:clinician:c")
            let folder = try scene.folder(by: clinician)
            #expect(try await scene.asker(clinician).ask(folder).isEmpty)
            try scene.permit(folder)
            try scene.grant(folder, to: clinician)
            let trouble = try #require(try await scene.fetch(folder, by: clinician).scopes.first?.trouble)
            #expect(trouble.step == .indexKeys && trouble.why.contains("do not satisfy the policy"))
            #expect(scene.state.withLock { $0.handoverQuestions } == 0)
        }
    }

    @Test(
        "A handover that was changed on its way is refused, and the right one is taken later",
        arguments: [10, 40, -1]
    )
    func tampered(place: Int) async throws {
        try await Scene.with(isWrapped: false) { scene in
            try scene.anchor([Self.observation])
            let clinician = try scene.chain.key("lab:clinician:c")
            let folder = try await Self.asked(scene, clinician)
            try scene.grant(folder, to: clinician)
            scene.state.withLock { state in
                state.tampering = { bytes in
                    var bytes = bytes
                    bytes[place < 0 ? bytes.count + place : place] ^= 1
                    return bytes
                }
            }
            let outcome = try await scene.fetch(folder, by: clinician)
            let trouble = try #require(outcome.scopes.first?.trouble)
            #expect(trouble.step == .indexKeys && trouble.code == "false-index-key")
            #expect(outcome.scopes.first?.opened == 0)
            let note = try ShareStatus(folder).scopes.first?.steps.first { $0.step == .indexKeys }
            #expect(note?.code == "false-index-key" && note?.advice == trouble.advice)
            scene.state.withLock { $0.tampering = nil }
            #expect(try await scene.fetch(folder, by: clinician).isComplete)
        }
    }
}
