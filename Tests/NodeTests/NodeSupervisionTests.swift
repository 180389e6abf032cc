import Authority
import Certificates
import Credentials
import Foundation
import FreePorts
import Logging
import SecureHTTP
import Synchronization
import Testing

@testable import Node

@Suite struct NodeSupervisionTests {
    /// Runs a node with the authority's role alone for as long as `body` takes; then it is stopped as by SIGTERM.
    private static func run(
        listen: String,
        notifier: SystemdNotifier,
        body: @Sendable @escaping () async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "node-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Authority.create(
            directory: directory,
            organization: "clinic",
            name: "ca",
            hosts: [.dns("localhost")],
            at: UInt64(Date().timeIntervalSince1970)
        )
        let text = "version: 1\nauthority: {directory: \(directory), listen: '\(listen)'}\n"
        let node = try Node(
            configuration: try NodeConfiguration(parsing: text, file: "node.yaml"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            notifier: notifier
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await node.run() }
            group.addTask {
                do { try await body() } catch {
                    await node.stop()
                    throw error
                }
                await node.stop()
            }
            // The first error ends the other task as well, which waitForAll would wait for.
            while try await group.next() != nil {}
        }
    }

    @Test(
        "systemd hears READY when the port is open, then life signs, and STOPPING before the node drains",
        .timeLimit(.minutes(2))
    )
    func messages() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let heard = Mutex<[String]>([])
        let notifier = SystemdNotifier(watchdogMicroseconds: 1_000_000) { text in
            heard.withLock { $0.append(text) }
            continuation.yield(text)
        }
        let port = try FreePorts.one()
        try await Self.run(listen: "127.0.0.1:\(port)", notifier: notifier) {
            var isReady = false
            var beats = 0
            for await text in stream {
                if text == "READY=1\nSTATUS=serving authority" {
                    isReady = true
                    #expect(await TCPProbe.failure(host: "127.0.0.1", port: port) == nil)
                }
                if text == "WATCHDOG=1\nSTATUS=serving authority" { beats += 1 }
                if isReady, beats >= 2 { return }
            }
        }
        let texts = heard.withLock { $0 }
        #expect(texts.filter { $0.hasPrefix("READY=1") }.count == 1)
        #expect(texts.filter { $0.hasPrefix("STOPPING=1") }.count == 1)
        let ready = try #require(texts.firstIndex { $0.hasPrefix("READY=1") })
        let stopping = try #require(texts.firstIndex { $0.hasPrefix("STOPPING=1") })
        #expect(ready < stopping)
    }

    @Test("A node whose port is taken ends with an error and never says that it is ready", .timeLimit(.minutes(2)))
    func portTaken() async throws {
        let heard = Mutex<[String]>([])
        let notifier = SystemdNotifier(watchdogMicroseconds: nil) { text in heard.withLock { $0.append(text) } }
        let taken = try ListeningSocket()
        await #expect(throws: (any Error).self) {
            try await Self.run(listen: "127.0.0.1:\(taken.port)", notifier: notifier) {
                // The node ends by itself; this ends with it.
                let (never, continuation) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                continuation.finish()
            }
        }
        #expect(!heard.withLock { $0 }.contains { $0.hasPrefix("READY=1") })
        taken.close()
    }
}
