import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Foundation
import Groth16
import ProofFiles
import SetupCeremony
import Testing

@Suite("A ceremony in a directory")
struct CeremonyFolderTests {
    /// The universal circuit's plan is what the files need; the phases run on x·y = z, which is done at once.
    private static let system: ConstraintSystem = {
        var builder = CircuitBuilder()
        let z = builder.publicInput()
        let x = builder.input()
        let y = builder.input()
        builder.enforce(x, times: y, equals: z)
        return builder.circuit().system
    }()

    /// A plan for a small circuit, written as the file has it.
    private static func plan(label: String = "test") throws -> CeremonyPlan {
        let members = [
            "version": "1", "label": "\"\(label)\"", "circuit": "\"universal\"", "logarithm": "3",
            "system": "\"\(Self.system.digest.hex)\"",
        ]
        return try CeremonyPlan(Samples.json(members))
    }

    private static func contribute(
        _ author: CeremonyAuthor,
        _ phase: CeremonyFault.Phase,
        _ folder: CeremonyFolder
    ) throws {
        var replay = try folder.replay(Self.system) { _ in }
        let bytes = try replay.contribution(of: author, to: phase)
        try replay.accept(bytes, to: phase)
        try folder.add(bytes, to: phase)
    }

    private static let beacon = CeremonyAuthor.beacon([1, 2, 3], doublings: 2)

    /// Two members and a beacon in each phase.
    private static func complete(_ directory: String) throws -> CeremonyFolder {
        let folder = try CeremonyFolder.make(directory, Self.plan())
        for phase in [CeremonyFault.Phase.powers, .circuit] {
            for author in [CeremonyAuthor.member("one"), .member("two"), Self.beacon] {
                try Self.contribute(author, phase, folder)
            }
        }
        return folder
    }

    @Test("Everybody who replays the directory gets the same keys, and writing them again changes nothing")
    func complete() throws {
        try Samples.withDirectory { directory in
            let folder = try Self.complete("\(directory)/ceremony")
            let replay = try CeremonyFolder("\(directory)/ceremony").replay(Self.system) { _ in }
            #expect(replay.phase == nil)
            #expect(replay.entries.map(\.author.description).prefix(2) == ["one", "two"])
            #expect(replay.beacon(of: .powers) == Self.beacon)
            let keys = try CeremonyKeys(replay.finish(), folder.plan)
            let transcript = try folder.transcript()
            try keys.write(to: "\(directory)/keys", transcript)
            try keys.write(to: "\(directory)/keys", transcript)
            let outcome = try transcript.verify(Self.system)
            #expect(outcome.transcriptDigest == keys.transcriptDigest)
            #expect(outcome.verificationKey == keys.verificationKey)
            let header = try ProvingKeyHeader(keys.provingKey)
            #expect(header.system == Self.system.digest)
            #expect(header.verificationKey == keys.verificationKey)
            #expect(throws: ProtocolFailure.self) { try ProvingKeyHeader(Array(keys.provingKey.dropLast())) }
        }
    }

    @Test("Keys do not overwrite other files, and nothing is written then")
    func otherFiles() throws {
        try Samples.withDirectory { directory in
            let folder = try Self.complete("\(directory)/ceremony")
            let keys = try CeremonyKeys(folder.replay(Self.system) { _ in }.finish(), folder.plan)
            let output = "\(directory)/keys"
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
            try PublicFile.write([1], to: "\(output)/\(CeremonyKeys.summaryFile)")
            #expect(throws: FileFailure.self) { try keys.write(to: output, folder.transcript()) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: output) == [CeremonyKeys.summaryFile])
        }
    }

    @Test("A changed contribution is found, with its author's name", arguments: ["powers-001", "circuit-001"])
    func tampered(file: String) throws {
        try Samples.withDirectory { directory in
            let folder = try Self.complete(directory)
            let path = "\(directory)/\(file).contribution"
            var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
            // The sign of the last point: still a point of the subgroup, but another one.
            bytes[bytes.count - (file.hasPrefix("powers") ? 96 : 48)] ^= 0x20
            try PublicFile.write(bytes, to: path)
            #expect { try folder.replay(Self.system) { _ in } } throws: { error in
                let fault = error as? CeremonyFault
                return fault?.author == .member("two") && fault?.index == 1 && fault?.failure.code == .proof
                    && fault.map { file.hasPrefix($0.phase.rawValue) } == true
            }
        }
    }

    @Test("A dropped contribution is found", arguments: ["powers-000", "circuit-001"])
    func dropped(file: String) throws {
        try Samples.withDirectory { directory in
            let folder = try Self.complete(directory)
            try FileManager.default.removeItem(atPath: "\(directory)/\(file).contribution")
            #expect(throws: FileFailure.self) { try folder.replay(Self.system) { _ in } }
        }
    }

    @Test("The second phase waits for the first one's beacon, and nobody contributes twice or afterwards")
    func order() throws {
        try Samples.withDirectory { directory in
            let folder = try CeremonyFolder.make(directory, Self.plan())
            let first = CeremonyAuthor.member("one")
            var replay = try folder.replay(Self.system) { _ in }
            #expect(replay.phase == .powers)
            #expect { try replay.contribution(of: first, to: .circuit) } throws: {
                ($0 as? ProtocolFailure)?.code == .context
            }
            #expect { try replay.contribution(of: Self.beacon, to: .powers) } throws: {
                ($0 as? ProtocolFailure)?.code == .threshold
            }
            #expect(throws: ProtocolFailure.self) { try replay.finish() }
            try replay.accept(replay.contribution(of: first, to: .powers), to: .powers)
            #expect { try replay.contribution(of: first, to: .powers) } throws: {
                ($0 as? ProtocolFailure)?.code == .duplicate
            }
            try replay.accept(replay.contribution(of: Self.beacon, to: .powers), to: .powers)
            #expect(replay.phase == .circuit)
            #expect { try replay.contribution(of: .member("two"), to: .powers) } throws: {
                ($0 as? ProtocolFailure)?.code == .context
            }
        }
    }

    @Test("A directory keeps its ceremony")
    func otherPlan() throws {
        try Samples.withDirectory { directory in
            _ = try CeremonyFolder.make(directory, Self.plan())
            _ = try CeremonyFolder.make(directory, Self.plan())
            #expect(throws: FileFailure.self) { try CeremonyFolder.make(directory, Self.plan(label: "other")) }
            #expect(throws: FileFailure.self) { try CeremonyFolder("\(directory)/none") }
        }
    }

    @Test("A plan whose circuit is another one here is refused")
    func otherCircuit() throws {
        #expect { try Self.plan().circuit() } throws: { ($0 as? ProtocolFailure)?.code == .context }
    }
}
