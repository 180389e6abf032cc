import Foundation
import GRDB
import Records
import Synchronization

@testable import Spool

/// A state directory of its own, deleted with the test, and a clock that the test sets.
final class TestStore: Sendable {
    static let start: Int64 = 1_700_000_000_000

    let directory: String
    let masterKey: MasterKey
    let limits: SpoolLimits
    private let time = Mutex(TestStore.start)

    init(limits: SpoolLimits = SpoolLimits(freeDiskReserve: 0), directory: String? = nil) throws {
        self.directory = directory ?? NSTemporaryDirectory() + "spool-\(UUID().uuidString)"
        self.masterKey = try MasterKey(bytes: Array(repeating: 42, count: 32))
        self.limits = limits
    }

    deinit { try? FileManager.default.removeItem(atPath: self.directory) }

    var now: Int64 { self.time.withLock { $0 } }

    func advance(milliseconds: Int64) { self.time.withLock { $0 += milliseconds } }

    func inbox() throws -> Inbox {
        try Inbox(directory: self.directory, masterKey: self.masterKey, limits: self.limits) { self.now }
    }

    func spool() throws -> Spool {
        try Spool(directory: self.directory, masterKey: self.masterKey, limits: self.limits) { self.now }
    }

    /// What a power cut would leave: the files as they are now, without closing anything.
    func copyOfFiles() throws -> TestStore {
        let copy = try TestStore(limits: self.limits)
        try FileManager.default.createDirectory(atPath: copy.directory, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: self.directory) where !name.hasSuffix("-shm") {
            try FileManager.default.copyItem(
                atPath: "\(self.directory)/\(name)",
                toPath: "\(copy.directory)/\(name)"
            )
        }
        return copy
    }
}

/// A burst of small messages on one topic.
func burst(_ payloads: [String], receivedAt: Int64 = TestStore.start, topic: String = "ward/3/bed/12") -> MessageBurst {
    var burst = MessageBurst()
    for (index, payload) in payloads.enumerated() {
        Array(topic.utf8).withUnsafeBytes { topic in
            Array(payload.utf8).withUnsafeBytes { payload in
                burst.append(
                    topic: topic,
                    payload: payload,
                    receivedAt: receivedAt * 1_000_000,
                    packetIdentifier: UInt16(index + 1),
                    retained: false,
                    broker: 0
                )
            }
        }
    }
    return burst
}

/// A batch whose messages yield the given readings; a reading is its own key and its own line.
func batch(
    source: Int64?,
    _ messages: [[Int]],
    deadLetters: [DeadLetter] = [],
    ignored: Int = 0,
    redelivered: Int = 0,
    receivedAt: Int64 = TestStore.start
) -> NormalizedBatch {
    var batch = NormalizedBatch()
    batch.sourceBatch = source
    batch.messageCount = messages.count
    batch.deadLetters = deadLetters
    batch.ignored = ignored
    batch.redelivered = redelivered
    batch.noteReceived(receivedAt)
    for (index, readings) in messages.enumerated() {
        for reading in readings {
            batch.lines.append(contentsOf: "{\"reading\":\(reading)}\n".utf8)
            let key = DedupKey(
                timeMilliseconds: TestStore.start + Int64(reading),
                hash: UInt64(bitPattern: Int64(reading)) &* 0x9E37_79B9_7F4A_7C15
            )
            batch.items.append(.init(key: key, lineEnd: batch.lines.count, message: index))
        }
    }
    return batch
}

/// A dead letter with a payload and reason of its own.
func letter(
    _ payload: String,
    message: Int = 0,
    reason: String = "json-syntax",
    profile: String? = "acme-m100",
    receivedAt: Int64 = TestStore.start
) -> DeadLetter {
    DeadLetter(
        message: message,
        receivedAt: receivedAt * 1_000_000,
        topic: "ward/3/bed/12",
        payload: Array(payload.utf8),
        profile: profile,
        reasonCode: reason,
        reasonText: "the payload ends inside a string",
        retained: true,
        broker: 2,
        messageHash: [1, 2, 3]
    )
}

extension Spool {
    /// All stored lines after a sequence, read in small steps.
    func allLines(after sequence: Int64 = 0) throws -> [String] {
        var lines: [String] = []
        var next = sequence
        while let last = try self.observations(after: next, chunksMax: 2).last {
            for chunk in try self.observations(after: next, chunksMax: 2) {
                lines += String(decoding: chunk.lines, as: UTF8.self).split(separator: "\n").map(String.init)
            }
            next = last.lastSequence
        }
        return lines
    }
}

/// The lines that `batch(source:_:)` makes of readings.
func lines(_ readings: some Sequence<Int>) -> [String] { readings.map { "{\"reading\":\($0)}" } }

extension StoreFile {
    /// Makes the file refuse to grow by more than the given number of pages.
    func limitGrowth(pages: Int64) throws {
        try self.writer.inDatabase { db in
            let count = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int64.fetchOne(db, sql: "PRAGMA max_page_count = \(count + pages)")
        }
    }

    func liftLimit() throws {
        try self.writer.inDatabase { _ = try Int64.fetchOne($0, sql: "PRAGMA max_page_count = 1073741823") }
    }
}
