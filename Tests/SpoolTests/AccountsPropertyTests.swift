import Records
import Testing

@testable import Spool

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct AccountsPropertyTests {
    /// The store under test beside what it must hold.
    private struct Run {
        var store: TestStore
        var inbox: Inbox
        var spool: Spool
        var random: SeededGenerator
        /// Readings of every message appended, by batch; an empty message is a dead letter or ignored.
        var appended: [[[Int]]] = []
        var known: Set<Int> = []
        var expected: [Int] = []
        var delivered: [String] = []
        var committed = 0

        init(seed: UInt64) throws {
            self.store = try TestStore(limits: SpoolLimits(freeDiskReserve: 0, keyRotationSeconds: 60))
            self.inbox = try self.store.inbox()
            self.spool = try self.store.spool()
            self.random = SeededGenerator(state: seed)
            _ = try self.spool.recover(from: self.inbox)
            try self.spool.registerSink("model")
        }

        mutating func append() throws {
            let messages = (0..<Int.random(in: 1...4, using: &self.random)).map { _ in
                (0..<Int.random(in: 0...4, using: &self.random)).map { _ in Int.random(in: 0..<400, using: &self.random)
                }
            }
            try self.inbox.append(burst(messages.map { "\($0)" }, receivedAt: self.store.now))
            self.appended.append(messages)
        }

        mutating func commit() throws {
            guard let next = try self.inbox.nextBatch(after: try self.spool.cursor) else {
                #expect(self.committed == self.appended.count)
                return
            }
            let messages = self.appended[self.committed]
            #expect(next.burst.count == messages.count)
            let empty = messages.indices.filter { messages[$0].isEmpty }
            let letters = empty.enumerated().filter { $0.offset.isMultiple(of: 2) }.map {
                letter("\(next.id) \($0.element)", message: $0.element)
            }
            var normalized = batch(
                source: next.id,
                messages,
                deadLetters: letters,
                ignored: empty.count - letters.count,
                receivedAt: self.store.now
            )
            normalized.state["last"] = Array("\(next.id)".utf8)
            let fails = Int.random(in: 0..<5, using: &self.random) == 0
            if fails {
                var broken = normalized
                broken.redelivered += 1
                #expect(throws: StoreRefusal.self) { try self.spool.commit(broken) }
            }
            _ = try self.spool.commit(normalized)
            for reading in messages.joined() where self.known.insert(reading).inserted {
                self.expected.append(reading)
            }
            self.committed += 1
        }

        mutating func deliver() throws {
            let position = try #require(try self.spool.sinkPosition("model"))
            guard let chunk = try self.spool.observations(after: position.sequence).first else { return }
            self.delivered += String(decoding: chunk.lines, as: UTF8.self).split(separator: "\n").map(String.init)
            try self.spool.advanceSink("model", to: chunk.lastSequence, fileOffset: 0)
        }

        mutating func prune() throws {
            self.store.advance(milliseconds: 30_000)
            try self.spool.prune(SpoolRetention(observations: 20_000))
            try self.inbox.deleteBatches(through: try self.spool.cursor, olderThan: self.store.now - 20_000)
            try self.spool.destroyEpochs(before: self.store.now)
            try self.inbox.destroyEpochs(before: self.store.now, now: self.store.now)
        }

        mutating func crash() throws {
            self.store = try { store in
                let copy = try store.copyOfFiles()
                copy.advance(milliseconds: store.now - copy.now)
                return copy
            }(self.store)
            self.inbox = try self.store.inbox()
            self.spool = try self.store.spool()
            let report = try self.spool.recover(from: self.inbox)
            #expect(report.batchesToNormalize == Int64(self.appended.count - self.committed))
        }

        func check() throws {
            let statistics = try self.spool.statistics(inbox: self.inbox)
            let messages = Int64(self.appended.prefix(self.committed).reduce(0) { $0 + $1.count })
            #expect(statistics.messages.received == messages)
            #expect(statistics.messages.accounted == messages)
            #expect(statistics.backlog.messages == Int64(self.appended.reduce(0) { $0 + $1.count }) - messages)
            #expect(statistics.observationsStored == Int64(self.expected.count))
            #expect(statistics.lastSequence == Int64(self.expected.count))
        }
    }

    @Test("any order of appends, commits, deliveries, upkeep and crashes keeps the accounts exact", arguments: 1...12)
    func accounts(seed: UInt64) throws {
        var run = try Run(seed: seed)
        for _ in 0..<150 {
            switch Int.random(in: 0..<20, using: &run.random) {
            case 0..<8: try run.append()
            case 8..<15: try run.commit()
            case 15..<17: try run.deliver()
            case 17..<19: try run.prune()
            default: try run.crash()
            }
            try run.check()
        }
        while run.committed < run.appended.count { try run.commit() }
        while run.delivered.count < run.expected.count { try run.deliver() }
        try run.check()
        #expect(run.delivered == lines(run.expected))
    }
}
