import Foundation
import Logging
import Node
import PrivacyCenter
import PrivacyCenterStore
import Testing

@Suite struct NodeCheckTests {
    private static func with(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "node-\(UUID())").path()
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private static func configuration(_ directory: String) throws -> NodeConfiguration {
        let text = """
            version: 1
            privacy_center: {identity: \(directory)/identity, store: {sqlite: \(directory)/missing/store}, chain: none}
            """
        return try NodeConfiguration(parsing: text, file: "node.yaml")
    }

    @Test("The check names what is missing and what to do about it")
    func problems() async throws {
        try await Self.with { directory in
            let problems = try NodeCheck.problems(of: Self.configuration(directory))
            #expect(problems.count == 2)
            #expect(problems.first?.contains("run `wardline enroll --directory \(directory)/identity`") == true)
            #expect(problems.last?.contains("privacy_center.store.sqlite") == true)
        }
    }

    @Test("A node without an identity does not start")
    func start() async throws {
        try await Self.with { directory in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            #expect(throws: (any Error).self) {
                try Node(configuration: Self.configuration(directory), logger: logger)
            }
        }
    }

    @Test("A store that was backed up is restored into an empty one and scrubs clean")
    func backupAndRestore() async throws {
        try await Self.with { directory in
            func tools(_ name: String) throws -> (PrivacyCenterConfiguration, StoreTools) {
                let text = """
                    version: 1
                    privacy_center: {identity: i, store: {sqlite: \(directory)/\(name)}, chain: none}
                    """
                let center = try #require(try NodeConfiguration(parsing: text, file: "node.yaml").privacyCenter)
                return (center, StoreTools(center))
            }
            let (configuration, first) = try tools("first")
            let store = try configuration.store.open()
            let backup = "\(directory)/backup.db"
            #expect(try await first.backUp(to: backup).size == 0)
            #expect(try await first.scrub { _ in }.isClean)
            try await store.close()
            let (_, second) = try tools("second")
            await #expect(throws: StoreError.self) { try await second.scrub { _ in } }
            #expect(try await second.restore(from: backup).isClean)
            #expect(try await second.scrub { _ in }.isClean)
        }
    }
}
