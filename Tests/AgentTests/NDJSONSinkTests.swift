import Foundation
import Spool
import Testing

@testable import Agent

@Suite("NDJSON sink", .timeLimit(.minutes(10)))
struct NDJSONSinkTests {
    /// A spool with Observations in it and a destination beside it.
    private struct Desk {
        let site: TestSite
        let store: AgentStore
        var path: String { "\(self.site.folder)/out.ndjson" }

        init() throws {
            self.site = try TestSite()
            self.store = try self.site.openStore()
        }

        /// Adds one chunk of Observations.
        func add(_ payloads: ClosedRange<Int>) throws {
            try self.site.ingest(payloads.map { Arrival(payload: "\($0)") }, self.store)
        }

        func sink() -> NDJSONSink {
            NDJSONSink(name: "test", path: self.path, spool: self.store.spool, logger: TestSite.logger)
        }

        var position: SinkPosition? { get throws { try self.store.spool.sinkPosition("test") } }

        /// Whether the sink's position is behind the newest Observation.
        func isDelivered() throws -> Bool {
            try self.position?.sequence == self.store.statistics().lastSequence
        }

        /// Runs a new sink until it has delivered everything.
        func deliver() async throws {
            let sink = self.sink()
            try await withThread(sink.run, stop: sink.requestStop) {
                let isDelivered = try await eventually(self.isDelivered)
                #expect(isDelivered, "\(sink.failure ?? "no failure")")
            }
        }

        func text(_ path: String? = nil) throws -> String {
            try String(contentsOfFile: path ?? self.path, encoding: .utf8)
        }

        var allText: String { get throws { try self.store.spool.allLines().joined() } }

        /// What a killed sink leaves behind its recorded position.
        func append(_ text: some StringProtocol) throws {
            let file = try #require(FileHandle(forWritingAtPath: self.path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(text.utf8))
            try file.close()
        }
    }

    @Test("a file receives every Observation, then those that come while the sink runs")
    func everything() async throws {
        let desk = try Desk()
        try desk.add(1...3)
        let sink = desk.sink()
        try await withThread(sink.run, stop: sink.requestStop) {
            #expect(try await eventually(desk.isDelivered))
            try desk.add(4...6)
            #expect(try await eventually(desk.isDelivered))
        }
        #expect(try desk.text() == desk.allText)
        #expect(sink.written == 6)
        #expect(sink.failure == nil)
    }

    @Test(
        "a kill in the middle of a write leaves each line in the file exactly once",
        arguments: [0, 1, 100, 700, 1_000, 1_000_000]
    )
    func killed(_ bytesBehind: Int) async throws {
        let desk = try Desk()
        try desk.add(1...3)
        try await desk.deliver()
        try desk.add(4...5)
        try desk.add(6...8)
        let rest = try desk.allText.dropFirst(desk.text().count)
        // Up to all of it, which is two chunks: written, but not recorded.
        try desk.append(rest.prefix(bytesBehind))
        try await desk.deliver()
        #expect(try desk.text() == desk.allText)
        try desk.add(9...9)
        try await desk.deliver()
        #expect(try desk.text() == desk.allText)
    }

    @Test("a file that is moved away while the sink runs continues in a new one")
    func rotation() async throws {
        let desk = try Desk()
        try desk.add(1...3)
        let sink = desk.sink()
        try await withThread(sink.run, stop: sink.requestStop) {
            #expect(try await eventually(desk.isDelivered))
            try FileManager.default.moveItem(atPath: desk.path, toPath: desk.path + ".1")
            #expect(await eventually { FileManager.default.fileExists(atPath: desk.path) })
            try desk.add(4...6)
            #expect(try await eventually(desk.isDelivered))
        }
        #expect(try desk.text(desk.path + ".1") + desk.text() == desk.allText)
        #expect(try desk.text().split(separator: "\n").count == 3)
    }

    @Test(
        "a kill after a rotation, before the new file's position is recorded, repeats nothing",
        arguments: [1, 2, 8]
    )
    func killedAfterRotation(_ chunkCount: Int) async throws {
        let desk = try Desk()
        try desk.add(1...4)
        try await desk.deliver()
        try FileManager.default.moveItem(atPath: desk.path, toPath: desk.path + ".1")
        let old = try desk.text(desk.path + ".1")
        // The sink opens the new file and waits for the next chunk.
        let sink = desk.sink()
        try await withThread(sink.run, stop: sink.requestStop) {
            let isRecorded = try await eventually { try desk.position?.fileOffset == 0 }
            #expect(isRecorded)
        }
        for chunk in 0..<chunkCount { try desk.add(chunk + 10...chunk + 10) }
        // All chunks are written: in all shorter or longer than the old file was.
        try desk.append(desk.allText.dropFirst(old.count))
        try await desk.deliver()
        #expect(try old + desk.text() == desk.allText)
    }

    @Test("bytes of somebody else behind the sink's own are refused in words, and nothing is lost")
    func foreignBytes() async throws {
        let desk = try Desk()
        try desk.add(1...3)
        try await desk.deliver()
        let position = try desk.position
        try desk.append("not from here\n")
        let before = try desk.text()
        try desk.add(4...6)
        let sink = desk.sink()
        try await withThread(sink.run, stop: sink.requestStop) {
            let why = "the end of \(desk.path) is not what this sink wrote; move the file away"
            #expect(await eventually { sink.failure == why })
            #expect(try desk.text() == before)
            #expect(try desk.position == position)
            try FileManager.default.moveItem(atPath: desk.path, toPath: desk.path + ".1")
            #expect(try await eventually(desk.isDelivered))
            #expect(sink.failure == nil)
        }
        #expect(try desk.text().split(separator: "\n").count == 3)
    }

    @Test("a destination that cannot be written is told in words", arguments: ["missing/out.ndjson", "devices"])
    func unusable(_ name: String) async throws {
        let desk = try Desk()
        let path = "\(desk.site.folder)/\(name)"
        let sink = NDJSONSink(name: "test", path: path, spool: desk.store.spool, logger: TestSite.logger)
        try await withThread(sink.run, stop: sink.requestStop) {
            #expect(await eventually { sink.failure?.contains(path) == true })
        }
    }

    @Test("nobody reads the pipe: the sink waits, then everything comes")
    func pipe() async throws {
        let desk = try Desk()
        try desk.add(1...3)
        #expect(mkfifo(desk.path, 0o600) == 0)
        let sink = desk.sink()
        try await withThread(sink.run, stop: sink.requestStop) {
            #expect(await eventually { sink.failure == "cannot open \(desk.path): nobody reads it" })
            let reader = try PipeReader(desk.path)
            let all = try desk.allText
            #expect(await eventually { reader.text().utf8.count >= all.utf8.count })
            #expect(try await eventually(desk.isDelivered))
            #expect(reader.text() == all)
        }
    }

    @Test("what a reader has not read comes again to the next one")
    func dyingReader() async throws {
        let desk = try Desk()
        // More than a pipe holds, so that the sink is in the middle of a chunk.
        try desk.add(1...200)
        let all = try desk.allText
        #expect(all.utf8.count > 65_536)
        #expect(mkfifo(desk.path, 0o600) == 0)
        let sink = desk.sink()
        try await withThread(sink.run, stop: sink.requestStop) {
            var first: PipeReader? = try PipeReader(desk.path)
            #expect(await eventually { (first?.text(atMost: 1_000) ?? "").isEmpty == false })
            first = nil
            #expect(await eventually { sink.failure != nil })
            #expect(try desk.position?.sequence == 0)
            let second = try PipeReader(desk.path)
            #expect(await eventually { second.text().utf8.count >= all.utf8.count })
            #expect(try await eventually(desk.isDelivered))
            #expect(second.text() == all)
        }
    }

    @Test("a stop ends a sink that waits for its reader", arguments: [1, 200])
    func stopWhileWaiting(_ observations: Int) async throws {
        let desk = try Desk()
        try desk.add(1...observations)
        #expect(mkfifo(desk.path, 0o600) == 0)
        let reader = try PipeReader(desk.path)
        let sink = desk.sink()
        try await withThread(sink.run, stop: sink.requestStop) {
            #expect(await eventually { reader.holdsSomething })
        }
        #expect(try desk.position?.sequence == 0)
    }
}

/// The reading end of a named pipe; closed with the last reference.
private final class PipeReader {
    private let descriptor: Int32
    private var bytes: [UInt8] = []

    init(_ path: String) throws {
        self.descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(self.descriptor >= 0)
    }

    deinit { close(self.descriptor) }

    var holdsSomething: Bool {
        var state = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) == 1 && Int32(state.revents) & POLLIN != 0
    }

    /// Everything read so far, after reading what there is.
    func text(atMost limit: Int = 1 << 20) -> String {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = read(self.descriptor, &buffer, limit)
        if count > 0 { self.bytes += buffer.prefix(count) }
        return String(decoding: self.bytes, as: UTF8.self)
    }
}
