internal import Foundation
internal import GRDB
internal import Records

extension Spool {
    /// Stores what one inbox batch yielded, together with the cursor, in one durable transaction.
    ///
    /// Observations whose key is already known are left out. Since cursor, keys and observations move
    /// together, a crash at any instant leaves every reading stored exactly once.
    ///
    /// - Throws: ``StoreRefusal``; nothing is stored then.
    package func commit(_ batch: NormalizedBatch) throws(StoreRefusal) -> CommitOutcome {
        let now = self.clock()
        return try self.file.write(now: now) { db, epoch in
            try batch.checkShape()
            try self.file.space.admit(
                bytes: (batch.lines.count + (batch.material?.bytes.count ?? 0)) / 8,
                reusable: try self.file.reusableBytes(db),
                limit: self.limits.spoolBytesMax(of: batch.lane),
                reserve: self.limits.freeDiskReserve
            )
            var tally = CommitTally(batch)
            try self.checkCursor(batch, db)
            let shared = try self.store(batch, now: now, epoch: epoch, db)
            tally.note(shared)
            let kept = try Self.keepNew(batch, day: now / 86_400_000, &tally, db)
            let sequence = try Int64.fetchOne(db, sql: "SELECT last_sequence FROM ledger") ?? 0
            try self.storeChunks(kept, batch, after: sequence, epoch: epoch, db)
            try self.storeMaterial(kept, batch, after: sequence, epoch: epoch, db)
            try self.apply(batch.movements, epoch: epoch, db)
            for letter in batch.deadLetters + shared.letters { try self.store(letter, epoch: epoch, db) }
            for (id, outcome) in batch.replayed.sorted(by: { $0.key < $1.key }) {
                try self.close(id, outcome: outcome, now: now, db)
            }
            for (name, value) in batch.state.sorted(by: { $0.key < $1.key }) {
                try self.storeState(name, value, epoch: epoch, db)
            }
            for note in batch.clockNotes { try self.store(note, epoch: epoch, db) }
            let outcome = try tally.outcome(of: batch, stored: kept.count, after: sequence)
            try Self.post(outcome, batch, db)
            if batch.sourceBatch != nil || !batch.replayed.isEmpty {
                try self.store(tally.accounts(of: batch), epoch: epoch, db)
            }
            return outcome
        }
    }

    private func checkCursor(_ batch: NormalizedBatch, _ db: Database) throws {
        guard let source = batch.sourceBatch else { return }
        let cursor = try Self.cursor(of: batch.lane, db)
        guard source > cursor else {
            throw StoreRefusal.failed("batch \(source) is already committed: the cursor is at \(cursor)")
        }
    }

    /// Enters the keys and returns the lines of those that are new, cut into chunks.
    private static func keepNew(
        _ batch: NormalizedBatch,
        day: Int64,
        _ tally: inout CommitTally,
        _ db: Database
    ) throws -> KeptLines {
        let insert = try PreparedStatement(
            db,
            "INSERT OR IGNORE INTO reading_key (time_ms, hash, seen_day) VALUES (?, ?, ?)"
        )
        insert.bind(3, day)
        var kept = KeptLines()
        var start = 0
        for (index, item) in batch.items.enumerated() {
            var isNew = item.novelty != .reading
            if item.novelty != .withdrawal {
                insert.bind(1, item.key.timeMilliseconds)
                insert.bind(2, Int64(bitPattern: item.key.hash))
                try insert.run()
                isNew = isNew || insert.changes == 1
            }
            tally.note(item, isNew: isNew)
            if isNew {
                kept.keep(start..<item.lineEnd, of: batch.lines)
                if batch.material != nil { kept.items.append(index) }
            } else {
                kept.leaveOut(from: start, of: batch.lines)
            }
            start = item.lineEnd
        }
        return kept
    }

    private func storeChunks(
        _ kept: KeptLines,
        _ batch: NormalizedBatch,
        after sequence: Int64,
        epoch: Int64,
        _ db: Database
    ) throws {
        let insert = try PreparedStatement(
            db,
            """
            INSERT INTO chunk
            (first_sequence, observations, received_from_ms, received_to_ms, plain_bytes, epoch, sealed)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        )
        var first = sequence + 1
        let lines = kept.lines ?? batch.lines
        for chunk in kept.chunks {
            let row = Self.chunkRow(first, observations: Int64(chunk.count), plain: Int64(chunk.bytes.count))
            let sealed = try self.compressor.compress(lines[chunk.bytes]) {
                try self.file.keys.seal($0, row: row, epoch: epoch, db)
            }
            insert.bind(1, first)
            insert.bind(2, Int64(chunk.count))
            insert.bind(3, min(batch.receivedFrom, batch.receivedTo))
            insert.bind(4, max(batch.receivedFrom, batch.receivedTo))
            insert.bind(5, Int64(chunk.bytes.count))
            insert.bind(6, sealed.epoch)
            try insert.run(blob: sealed.bytes, at: 7)
            first += Int64(chunk.count)
        }
    }

    private static func post(_ outcome: CommitOutcome, _ batch: NormalizedBatch, _ db: Database) throws {
        let update = try PreparedStatement(
            db,
            """
            UPDATE ledger SET cursor = max(cursor, ?), last_sequence = ?, received = received + ?,
            normalized = normalized + ?, duplicate = duplicate + ?, dead_lettered = dead_lettered + ?,
            ignored = ignored + ?, redelivered = redelivered + ?, stored = stored + ?, suppressed = suppressed + ?,
            share_requests = share_requests + ?, corrected = corrected + ?, withdrawn = withdrawn + ?
            """
        )
        let counts = outcome.messages
        let values: [Int64] = [
            batch.lane == .numerics ? batch.sourceBatch ?? 0 : 0, outcome.lastSequence, counts.received,
            counts.normalized, counts.duplicate,
            counts.deadLettered, counts.ignored, counts.redelivered, Int64(outcome.observationsStored),
            Int64(outcome.observationsSuppressed), counts.shareRequests,
            Int64(batch.items.count { $0.novelty == .correction }),
            Int64(batch.items.count { $0.novelty == .withdrawal }),
        ]
        for (index, value) in values.enumerated() { update.bind(Int32(index + 1), value) }
        try update.run()
        guard batch.lane == .waves, let source = batch.sourceBatch else { return }
        let advance = try PreparedStatement(db, "UPDATE lane SET cursor = max(cursor, ?) WHERE name = 'waves'")
        advance.bind(1, source)
        try advance.run()
    }

    /// Sequence, count and size are authenticated with the chunk.
    static func chunkRow(_ first: Int64, observations: Int64, plain: Int64) -> String {
        "chunk/\(first)/\(observations)/\(plain)"
    }
}

/// The lines that a commit keeps, as chunks of about a mebibyte: what one reader holds in memory.
struct KeptLines {
    static let chunkBytes = 1 << 20

    struct Chunk {
        var bytes: Range<Int>
        var count: Int
    }

    private(set) var chunks: [Chunk] = []
    /// The kept lines; nil as long as they are exactly the batch's.
    private(set) var lines: [UInt8]?
    private(set) var count = 0
    /// The kept items' positions in the batch; only noted for a batch with raw material.
    var items: [Int] = []

    mutating func keep(_ range: Range<Int>, of all: [UInt8]) {
        let start = self.lines?.count ?? range.lowerBound
        self.lines?.append(contentsOf: all[range])
        let end = start + range.count
        self.count += 1
        if let last = self.chunks.indices.last, self.chunks[last].bytes.count + range.count <= Self.chunkBytes {
            self.chunks[last].bytes = self.chunks[last].bytes.lowerBound..<end
            self.chunks[last].count += 1
        } else {
            self.chunks.append(Chunk(bytes: start..<end, count: 1))
        }
    }

    mutating func leaveOut(from start: Int, of all: [UInt8]) {
        if self.lines == nil { self.lines = Array(all[..<start]) }
    }
}

/// What became of each message of a batch.
struct CommitTally {
    private enum Fate: UInt8 {
        case none
        case duplicate
        case normalized
        case shareRequest
        case deadLettered
    }

    private var fates: [Fate]
    /// Observations that each message brought.
    private var stored: [Int64]

    init(_ batch: NormalizedBatch) {
        self.fates = [Fate](repeating: .none, count: batch.messageCount)
        self.stored = [Int64](repeating: 0, count: batch.messageCount)
        // A message that is partly a dead letter counts as one: it needs attention.
        for letter in batch.deadLetters where self.fates.indices.contains(letter.message) {
            self.fates[letter.message] = .deadLettered
        }
        for message in batch.movements.messages where self.fates[message] == .none { self.fates[message] = .normalized }
        for message in batch.movements.repeatedMessages where self.fates[message] == .none {
            self.fates[message] = .duplicate
        }
    }

    mutating func note(_ item: NormalizedBatch.Item, isNew: Bool) {
        if isNew, self.stored.indices.contains(item.message) { self.stored[item.message] += 1 }
        guard self.fates.indices.contains(item.message), self.fates[item.message] != .deadLettered else { return }
        if isNew {
            self.fates[item.message] = .normalized
        } else if self.fates[item.message] == .none {
            self.fates[item.message] = .duplicate
        }
    }

    mutating func note(_ shared: SharedMessages) {
        for message in shared.new { self.fates[message] = .shareRequest }
        for message in shared.known { self.fates[message] = .duplicate }
        for letter in shared.letters { self.fates[letter.message] = .deadLettered }
    }

    func outcome(of batch: NormalizedBatch, stored: Int, after sequence: Int64) throws(StoreRefusal) -> CommitOutcome {
        var outcome = CommitOutcome()
        outcome.observationsStored = stored
        outcome.observationsSuppressed = batch.items.count - stored
        outcome.lastSequence = sequence + Int64(stored)
        // A replayed dead letter was counted when it arrived.
        guard batch.sourceBatch != nil else { return outcome }
        outcome.messages.received = Int64(batch.messageCount)
        outcome.messages.ignored = Int64(batch.ignored)
        outcome.messages.redelivered = Int64(batch.redelivered)
        for fate in self.fates {
            switch fate {
            case .none: break
            case .duplicate: outcome.messages.duplicate += 1
            case .normalized: outcome.messages.normalized += 1
            case .shareRequest: outcome.messages.shareRequests += 1
            case .deadLettered: outcome.messages.deadLettered += 1
            }
        }
        guard outcome.messages.accounted == outcome.messages.received else {
            throw .failed(
                "\(outcome.messages.received) messages, but \(outcome.messages.accounted) dispositions in the batch"
            )
        }
        return outcome
    }
}

extension CommitTally {
    /// What became of each device's messages.
    func accounts(of batch: NormalizedBatch) -> [(owner: AccountSheet.Owner, counts: AccountCounts)] {
        var sheet = batch.sheet
        // A batch that nobody kept a sheet of: messages without an owner are still messages.
        while sheet.messages.count < self.fates.count {
            sheet.note(AccountSheet.unnamed("unknown"), receivedAt: batch.receivedFrom.clampedNanoseconds)
        }
        var counts = [AccountCounts](repeating: AccountCounts(), count: sheet.owners.count)
        for (index, fate) in self.fates.enumerated() {
            let message = sheet.messages[index]
            let owner = Int(message.owner)
            // Dead letters that are replayed were counted when they came.
            if batch.sourceBatch == nil || fate == .deadLettered, self.stored[index] > 0 { counts[owner].beside += 1 }
            guard batch.sourceBatch != nil else {
                counts[owner].late += self.stored[index]
                continue
            }
            counts[owner].messages.received += 1
            counts[owner].observations += self.stored[index]
            switch (fate, message.passedOver) {
            case (.none, .ignored): counts[owner].messages.ignored += 1
            case (.none, .redelivered): counts[owner].messages.redelivered += 1
            case (.none, .no): break
            case (.duplicate, _): counts[owner].messages.duplicate += 1
            case (.normalized, _): counts[owner].messages.normalized += 1
            case (.shareRequest, _): counts[owner].messages.shareRequests += 1
            case (.deadLettered, _): counts[owner].messages.deadLettered += 1
            }
        }
        return Array(zip(sheet.owners, counts)).map { ($0, $1) }
    }
}

extension Int64 {
    /// Milliseconds as nanoseconds; 0 for what has none.
    fileprivate var clampedNanoseconds: Int64 {
        let (value, overflows) = self.multipliedReportingOverflow(by: 1_000_000)
        return overflows ? 0 : value
    }
}

extension NormalizedBatch {
    /// Refuses a batch whose lines and items do not agree, before anything is written.
    func checkShape() throws(StoreRefusal) {
        var start = 0
        for item in self.items {
            guard item.lineEnd > start, item.lineEnd <= self.lines.count,
                self.lines[item.lineEnd - 1] == UInt8(ascii: "\n"), item.message >= 0, item.message < self.messageCount
            else { throw .failed("an item of the batch does not end at a line of it") }
            start = item.lineEnd
        }
        guard start == self.lines.count else { throw .failed("the batch holds lines that no item names") }
        if let material = self.material, material.items.count != self.items.count {
            throw .failed("the batch holds raw material of other items")
        }
        let letters = self.deadLetters + self.shareRequests.map(\.letter)
        let moved = self.movements.messages + self.movements.repeatedMessages
        guard letters.allSatisfy({ $0.message >= 0 && $0.message < self.messageCount }),
            moved.allSatisfy({ $0 >= 0 && $0 < self.messageCount })
        else {
            throw .failed("a dead letter or movement of the batch names no message of it")
        }
    }
}
