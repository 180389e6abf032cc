import CanonicalBytes
import ChainReading
import Contracts
import Credentials
import Foundation
import Ledger
import Records
import Requesting
import Signcryption
import Synchronization
import Testing

@Suite struct FetchingTests {
    private static func observation(_ number: Int) -> String { #"{"resourceType":"Observation","id":"o\#(number)"}"# }

    private static func lines(_ folder: ShareFolder) throws -> [String] {
        try String(contentsOfFile: "\(folder.path)/data/Observation.ndjson", encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    private static func note(_ step: ShareStep, _ folder: ShareFolder) throws -> StepNote? {
        let scope = try #require(try folder.record().scopes.first)
        return folder.notes(of: scope.scope).first { $0.step == step }
    }

    @Test("A share goes from the request to the plaintext, and everything of it is on the chain")
    func wholeWay() async throws {
        try await Scene.with { scene in
            let jsons = (1...5).map(Self.observation)
            try scene.anchor(jsons)
            let folder = try await scene.share()
            #expect(try Self.lines(folder) == jsons)
            let scope = try #require(try folder.record().scopes.first)
            for step in ShareStep.allCases where step != .data {
                #expect(try Self.note(step, folder)?.state == .done, "\(step)")
            }
            let status = try ShareStatus(folder)
            #expect(status.scopes.first?.envelopes == 5)
            let request = try #require([UInt8](hex: scope.request))
            let asked = try #require(scene.chain.value(AccessKey.request(request), .access))
            #expect(try AccessRequest(bytes: asked).requesterName.isEmpty)
            #expect(scene.chain.found(request, on: .access).contains { $0.topic == "access.permitted" })
            let permission = try AccessRequest(bytes: asked).permission
            let topics = Set(scene.chain.found(permission, on: .index).map(\.topic))
            #expect(topics.isSuperset(of: ["sharing.granted", "sharing.delivered", "sharing.acknowledged"]))
        }
    }

    @Test("Each step that is not there yet is named, and the share goes on when it is")
    func stepByStep() async throws {
        try await Scene.with(isWrapped: false) { scene in
            let folder = try scene.folder()
            var outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.trouble?.step == .request)
            #expect(try await scene.asker().ask(folder).isEmpty)
            outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.trouble?.step == .permission && outcome.isWaiting)
            try scene.permit(folder)
            outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.trouble?.code == "no-index-key")
            try scene.publishIndexKey()
            outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.trouble?.code == "grant-pending")
            #expect(try Self.note(.grant, folder)?.state == .waiting)
            try scene.grant(folder)
            outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.trouble?.code == "nothing-anchored")
            try scene.anchor([Self.observation(1)])
            outcome = try await scene.fetch(folder)
            #expect(outcome.isComplete && outcome.export?.observations == 1)
            #expect(try Self.note(.grant, folder)?.state == .done)
        }
    }

    @Test("What is held is not asked for again, and later data come with the same keys")
    func warm() async throws {
        try await Scene.with { scene in
            try scene.anchor([Self.observation(1), Self.observation(2)])
            let folder = try await scene.share()
            let before = scene.state.withLock { ($0.attributeQuestions, $0.identityQuestions, $0.grantQuestions) }
            #expect(before == (1, 1, 1))
            let fetched = scene.state.withLock { $0.envelopeQuestions }
            #expect(try await scene.fetch(folder).isComplete)
            try scene.anchor([Self.observation(3)])
            let outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.fresh == 1 && outcome.scopes.first?.opened == 3)
            let after = scene.state.withLock { ($0.attributeQuestions, $0.identityQuestions, $0.grantQuestions) }
            #expect(after == before)
            #expect(scene.state.withLock { $0.envelopeQuestions } == fetched + 1)
            #expect(try Self.lines(folder).count == 3)
        }
    }

    @Test("An interrupted request is made once, whether or not the chain had it")
    func askedOnce() async throws {
        try await Scene.with { scene in
            let folder = try scene.folder()
            scene.chain.fail()
            let troubles = try await scene.asker().ask(folder)
            #expect(troubles.first?.trouble.code == "chain-unavailable")
            scene.chain.fail(false)
            #expect(try await scene.asker().ask(folder).isEmpty)
            let scope = try #require(try folder.record().scopes.first)
            // As after a kill between the block and the file.
            try FileManager.default.removeItem(atPath: "\(folder.path)/scopes/\(scope.scope)/request.wltp")
            #expect(try await scene.asker().ask(folder).isEmpty)
            let request = try #require([UInt8](hex: scope.request))
            #expect(scene.chain.found(request, on: .access).count { $0.topic == "access.requested" } == 1)
        }
    }

    @Test("A kill between envelopes and their content loses nothing and fetches nothing twice")
    func killedBetween() async throws {
        try await Scene.with { scene in
            try scene.anchor((1...3).map(Self.observation))
            let folder = try await scene.share()
            let scope = try #require(try folder.record().scopes.first)
            let fetched = scene.state.withLock { $0.envelopeQuestions }
            try FileManager.default.removeItem(atPath: "\(folder.path)/scopes/\(scope.scope)/records")
            try FileManager.default.removeItem(atPath: "\(folder.path)/data")
            let outcome = try await scene.fetch(folder)
            #expect(outcome.isComplete && outcome.scopes.first?.fresh == 3)
            #expect(scene.state.withLock { $0.envelopeQuestions } == fetched)
            #expect(try Self.lines(folder).count == 3)
            #expect(scene.check(folder).isComplete)
        }
    }

    @Test("Whatever artefact is lost, the next round makes it again")
    func lostArtefacts() async throws {
        try await Scene.with { scene in
            try scene.anchor((1...2).map(Self.observation))
            let folder = try await scene.share()
            let scope = "scopes/\(try #require(try folder.record().scopes.first).scope)"
            let lost = [
                "\(scope)/permission.wltp", "\(scope)/grant.wltp", "\(scope)/grant.wlgf", "\(scope)/index.json",
                "\(scope)/anchors", "\(scope)/notes.json", "secrets", "provenance.sig", "provenance.json", "data",
                "chain",
            ]
            for name in lost {
                try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
                if name == "secrets" { try PrivateFile.makeDirectory("\(folder.path)/secrets") }
                let outcome = try await scene.fetch(folder)
                #expect(outcome.isComplete, "\(name): \(String(describing: outcome.scopes.first?.trouble))")
                let report = scene.check(folder)
                #expect(report.isComplete, "\(name): \(report.parts.flatMap(\.steps).filter { $0.state == .failed })")
            }
        }
    }

    @Test("Another key than the folder names is refused")
    func anotherKey() async throws {
        try await Scene.with { scene in
            let folder = try scene.folder()
            let other = try scene.chain.pseudonym()
            await #expect(throws: ShareTrouble.self) { try await scene.fetch(folder, by: other) }
        }
    }

    @Test("A request under an identity is shared like one under a pseudonym")
    func identitySigned() async throws {
        try await Scene.with { scene in
            try scene.anchor([Self.observation(1)])
            let researcher = try scene.chain.key("lab:researcher:r")
            let folder = try scene.folder(by: researcher)
            #expect(try await scene.asker(researcher).ask(folder).isEmpty)
            try scene.permit(folder)
            try scene.grant(folder, to: researcher)
            #expect(try await scene.fetch(folder, by: researcher).isComplete)
            #expect(scene.check(folder).isComplete)
        }
    }

    @Test("An envelope that no anchor lists is set aside and named")
    func unanchored() async throws {
        try await Scene.with { scene in
            try scene.anchor([Self.observation(1)])
            let stray = try scene.anchor([Self.observation(2)], isAnchored: false)
            let folder = try scene.folder()
            #expect(try await scene.asker().ask(folder).isEmpty)
            try scene.permit(folder)
            try scene.grant(folder)
            let outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.first?.unanchored == stray)
            #expect(try Self.lines(folder) == [Self.observation(1)])
        }
    }

    @Test("Two scopes of a share are asked for, each with a request of its own")
    func severalScopes() async throws {
        try await Scene.with { scene in
            let other = [UInt8](repeating: 5, count: 32)
            var order = ShareOrder(
                way: .request,
                purpose: "research",
                scopes: [scene.descriptor.digest, other].map {
                    ShareOrder.Scope(digest: $0, organization: "ward")
                }
            )
            order.dataset = [UInt8](repeating: 6, count: 32)
            let folder = try ShareFolder(
                creating: "\(scene.directory)/two",
                order,
                for: scene.pseudonym,
                chain: scene.chain.identifier
            )
            #expect(try await scene.asker().ask(folder).isEmpty)
            let requests = try folder.record().scopes.map(\.request)
            #expect(Set(requests).count == 2)
            let outcome = try await scene.fetch(folder)
            #expect(outcome.scopes.map { $0.trouble?.step } == [.permission, .permission])
        }
    }
}
