internal import Synchronization

/// The files of a SQLite store: `store.db` with its log, and what guards them.
///
/// Unchecked, because the trail is a class; the mutex makes sure that one thread uses it at a time.
final class SQLiteFiles: @unchecked Sendable {
    static let pageBytes = 8192

    private let database: RawFile
    private let digests: PageDigests
    private let lock: RawFile
    private let logPath: String
    private let trail: CommitTrail
    private var log: RawFile?
    private let turn = Mutex(())

    static func databasePath(_ directory: String) -> String { "\(directory)/store.db" }

    /// Opens all of them before SQLite does, with a lock against a second process.
    ///
    /// - Throws: ``StoreError/inUse(_:)``, or ``StoreError/damaged(_:)`` when the log lost what was committed.
    init(directory: String) throws {
        try RawFile.makeDirectory(directory)
        self.lock = try RawFile(path: "\(directory)/store.lock")
        guard self.lock.lock() else { throw StoreError.inUse(directory) }
        // SQLite's log and shared memory take over the mode of this file.
        self.database = try RawFile(path: Self.databasePath(directory))
        self.logPath = "\(Self.databasePath(directory))-wal"
        self.digests = PageDigests(
            database: self.database,
            file: try RawFile(path: "\(directory)/store.sums"),
            pageBytes: Self.pageBytes
        )
        self.trail = try CommitTrail(file: try RawFile(path: "\(directory)/store.trail"))
        try RawFile.synchronizeDirectory(directory)
        try self.checkLog()
    }

    /// Whether a record of the trail was damaged when the store was opened.
    var trailWasDamaged: Bool { self.turn.withLock { _ in self.trail.isDamaged } }

    /// Frames of the log that the database file does not have.
    var logFrames: Int { self.turn.withLock { _ in self.trail.state.log?.frames ?? 0 } }

    /// Bytes of database, log and digests.
    var bytes: UInt64 {
        self.turn.withLock { _ in
            UInt64(self.database.size + (self.log?.size ?? 0) + self.digests.file.size)
        }
    }

    /// Notes what a commit added to the log.
    func noteCommit() throws {
        try self.turn.withLock { _ in try self.noteLog() }
    }

    /// Empties the log into the database, and brings the digests of what changed up to date.
    ///
    /// The closure moves the log's pages, and says false when a reader kept it from moving all of them.
    func checkpoint(_ checkpoint: () throws -> Bool) throws {
        try self.turn.withLock { _ in
            try self.noteLog()
            // A crash within the checkpoint must not forget which pages it was changing.
            try self.trail.synchronize()
            guard try checkpoint() else { return }
            if self.digests.isMissing {
                try self.digests.rebuild()
            } else {
                try self.digests.update(self.trail.state.pages)
            }
            try self.trail.clear()
        }
    }

    /// Compares the pages of the database file with their digests.
    func inspect(_ findings: ScrubFindings) throws {
        if let problem = try self.turn.withLock({ _ in try self.digests.frameProblem() }) {
            findings.add("store.sums", "", problem)
        }
        var first = 0
        while true {
            // Checkpoints change pages: none runs while a part is compared.
            let part = try self.turn.withLock { _ in
                try self.digests.mismatches(behind: first, except: self.trail.state.pages)
            }
            for page in part.pages {
                findings.add("store.db", "page \(page)", "the page does not have the digest in store.sums")
            }
            findings.count { $0.pages += UInt64(part.count) }
            first += part.count
            try findings.progress("store.db", done: UInt64(first), total: UInt64(self.digests.pageCount))
            if part.count == 0 { return }
        }
    }

    private func noteLog() throws {
        let file = try self.log ?? RawFile(path: self.logPath, readOnly: true)
        self.log = file
        let log = WriteAheadLog(file: file, pageBytes: Self.pageBytes)
        if let content = try log.content(behind: self.trail.state.log) { try self.trail.note(content) }
    }

    /// Reads the log before SQLite does.
    private func checkLog() throws {
        guard RawFile.exists(self.logPath) else { return }
        let file = try RawFile(path: self.logPath, readOnly: true)
        guard file.size > 0 else { return }
        guard let content = try WriteAheadLog(file: file, pageBytes: Self.pageBytes).verifiedContent() else {
            throw Self.lost("its header is damaged")
        }
        if let known = self.trail.state.log {
            if content.salts == known.salts, content.frames < known.frames {
                throw Self.lost("\(content.frames) of \(known.frames) frames are whole")
            }
            // SQLite counts the first salt up when it starts the log over.
            if content.salts != known.salts, content.salts.first != known.salts.first &+ 1 {
                throw Self.lost("it is not the one that was written")
            }
        }
        try self.trail.note(content)
    }

    private static func lost(_ reason: String) -> StoreError {
        .damaged(
            """
            the write-ahead log store.db-wal is damaged (\(reason)): opening it would forget envelopes that were \
            acknowledged; keep the files, and restore from a backup and the senders
            """
        )
    }
}
