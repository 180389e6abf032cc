import CanonicalBytes
import ChainReading
import Contracts
import Foundation
import Ledger
import Requesting
import Signcryption
import Testing

@Suite struct CheckTests {
    private static func shared(_ scene: Scene) async throws -> ShareFolder {
        try scene.anchor((1...3).map { #"{"resourceType":"Observation","id":"\#($0)"}"# })
        return try await scene.share()
    }

    @Test("Every step of a share is confirmed from files and the genesis alone")
    func complete() async throws {
        try await Scene.with { scene in
            let report = scene.check(try await Self.shared(scene))
            #expect(report.isComplete)
            let names = report.parts.flatMap(\.steps).map(\.name)
            #expect(
                names == [
                    "provenance", "files", "committees", "data", "request", "permission", "consents", "grant",
                    "deliveries", "anchors", "envelopes", "content",
                ]
            )
        }
    }

    @Test("What is said about the scope's whole label is kept and checked as well")
    func label() async throws {
        try await Scene.with { scene in
            let label = [UInt8](repeating: 0x70, count: 32)
            for (place, mode) in [ConsentMode.require, .allow].enumerated() {
                let consent = SetConsent(
                    consent: [UInt8](repeating: UInt8(place) + 1, count: 32),
                    mode: mode,
                    subject: .label(label),
                    purpose: mode == .allow ? "research" : "",
                    validUntil: scene.chain.now + 100_000_000
                )
                #expect(try scene.chain.call(consent, by: scene.owner).receipt.code == 0)
            }
            let told = SetScopeLabel(label: label, scopes: [scene.descriptor.digest])
            #expect(try scene.chain.call(told, by: scene.owner).receipt.code == 0)
            let folder = try await Self.shared(scene)
            let report = scene.check(folder)
            #expect(report.isComplete)
            let step = try #require(report.parts.flatMap(\.steps).first { $0.name == "consents" })
            #expect(step.text.hasPrefix("2 about the scope and its label"))
            let kept = try folder.evidence().filter { $0.hasSuffix("/label-consents.wlvp") }
            #expect(kept.count == 1)
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(kept[0])")
            let steps = scene.check(folder).parts.flatMap(\.steps)
            #expect(steps.first { $0.name == "consents" }?.state == .missing)
        }
    }

    @Test("Before data were fetched there is nothing to check, which is said")
    func withoutData() async throws {
        try await Scene.with { scene in
            let folder = try scene.folder()
            #expect(try await scene.asker().ask(folder).isEmpty)
            let report = scene.check(folder)
            #expect(!report.isComplete)
            let step = try #require(report.parts.first?.steps.first)
            #expect(step.state == .missing && step.text.contains("share fetch"))
        }
    }

    @Test("The secrets are not needed")
    func withoutSecrets() async throws {
        try await Scene.with { scene in
            let folder = try await Self.shared(scene)
            try FileManager.default.removeItem(atPath: "\(folder.path)/secrets")
            #expect(scene.check(folder).isComplete)
        }
    }

    @Test("A changed byte in any file is found")
    func tampered() async throws {
        try await Scene.with { scene in
            let folder = try await Self.shared(scene)
            let files = try folder.evidence()
            #expect(files.count > 15)
            for name in files {
                let url = URL(fileURLWithPath: "\(folder.path)/\(name)")
                let good = try Data(contentsOf: url)
                guard !good.isEmpty else { continue }
                for place in Set([0, good.count / 2, good.count - 1]) {
                    var bad = good
                    bad[place] ^= 1
                    try bad.write(to: url)
                    #expect(!scene.check(folder).isComplete, "\(name) at \(place)")
                }
                try good.write(to: url)
            }
            #expect(scene.check(folder).isComplete)
        }
    }

    @Test("A missing file and an added one are found")
    func addedAndRemoved() async throws {
        try await Scene.with { scene in
            let folder = try await Self.shared(scene)
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/data/extra.txt"))
            #expect(!scene.check(folder).isComplete)
            try FileManager.default.removeItem(atPath: "\(folder.path)/data/extra.txt")
            try FileManager.default.removeItem(atPath: "\(folder.path)/provenance.sig")
            #expect(!scene.check(folder).isComplete)
        }
    }

    @Test("Even the requester cannot change the data against the anchored envelopes' records unnoticed")
    func changedByRequester() async throws {
        try await Scene.with { scene in
            let folder = try await Self.shared(scene)
            let path = "\(folder.path)/data/Observation.ndjson"
            let text = try String(contentsOfFile: path, encoding: .utf8).replacing(#""id":"1""#, with: #""id":"9""#)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try Provenance.write(in: folder, by: scene.pseudonym, at: 1)
            let report = scene.check(folder)
            #expect(report.parts[0].steps.contains { $0.name == "files" && $0.state == .verified })
            #expect(report.parts[0].steps.contains { $0.name == "data" && $0.state == .failed })
        }
    }

    @Test("A statement under another key than the share's is refused")
    func anotherSigner() async throws {
        try await Scene.with { scene in
            let folder = try await Self.shared(scene)
            try Provenance.write(in: folder, by: try scene.chain.pseudonym(), at: 1)
            let steps = scene.check(folder).parts[0].steps
            #expect(steps.first { $0.name == "provenance" }?.state == .failed)
        }
    }

    @Test("Another chain's genesis confirms nothing")
    func anotherGenesis() async throws {
        try await Scene.with { scene in
            let folder = try await Self.shared(scene)
            let other = try SceneChain()
            #expect(!ShareCheck(folder, genesis: other.genesis).run().isComplete)
        }
    }
}
