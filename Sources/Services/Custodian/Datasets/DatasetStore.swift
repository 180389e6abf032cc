internal import CanonicalBytes
internal import Foundation
internal import GRDB

/// Where a data set stands.
enum DatasetState: String, Sendable, Codable {
    case publishing
    case published
    case withdrawing
    case withdrawn
}

/// A data set with what came of it.
struct DatasetEntry: Sendable, Equatable {
    let plan: DatasetPlan
    var state: DatasetState
    /// Why the last attempt failed; empty when it did not.
    var reason: String
    var attempts: Int
    /// Milliseconds since 1970.
    var nextTry: UInt64
}

/// A sealed index key that was made once, and who has it.
struct KeptWrap: Sendable, Equatable {
    let scope: [UInt8]
    /// The gateway's party name.
    let sender: String
    /// Digest of the index key: tells one from another without keeping it.
    let keyMark: [UInt8]
    /// Digest of policy and public key that it is sealed under.
    let sealMark: [UInt8]
    let blob: [UInt8]
    /// As the chain names it.
    let digest: [UInt8]
    /// Addresses of privacy centers that do not have it yet.
    var missing: [String]
    var isRecorded: Bool
}

/// Data sets, sealed index keys and scope holders, in the desk's database.
struct DatasetStore: Sendable {
    let queue: DatabaseQueue

    // MARK: Data sets

    /// Keeps a new data set.
    ///
    /// - Returns: the one that is kept under its identifier.
    func keep(_ plan: DatasetPlan, at now: UInt64) throws -> DatasetEntry? {
        try self.queue.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO dataset VALUES (?, ?, ?, '', 0, 0, ?)",
                arguments: [
                    Data(plan.id), try JSONEncoder().encode(plan), DatasetState.publishing.rawValue,
                    Int64(clamping: now),
                ]
            )
        }
        return try self.dataset(plan.id)
    }

    func dataset(_ id: [UInt8]) throws -> DatasetEntry? {
        try self.queue.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM dataset WHERE id = ?", arguments: [Data(id)])
                .flatMap(DatasetEntry.init)
        }
    }

    /// All data sets, oldest first.
    func datasets() throws -> [DatasetEntry] {
        try self.queue.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM dataset ORDER BY created, id").compactMap(DatasetEntry.init)
        }
    }

    @discardableResult
    func update(_ entry: DatasetEntry, from state: DatasetState) throws -> Bool {
        try self.queue.write { db in
            try db.execute(
                sql: "UPDATE dataset SET state = ?, reason = ?, attempts = ?, next_try = ? WHERE id = ? AND state = ?",
                arguments: [
                    entry.state.rawValue, entry.reason, entry.attempts, Int64(clamping: entry.nextTry),
                    Data(entry.plan.id), state.rawValue,
                ]
            )
            return db.changesCount > 0
        }
    }

    // MARK: Sealed index keys

    /// Whether an index key was sealed.
    func hasWrap(_ scope: [UInt8], _ sender: String, _ keyMark: [UInt8], _ sealMark: [UInt8]) throws -> Bool {
        try self.queue.read { db in
            let sql = """
                SELECT EXISTS (SELECT 1 FROM wrap WHERE scope = ? AND sender = ? AND key_mark = ? AND seal_mark = ?)
                """
            let arguments: StatementArguments = [Data(scope), sender, Data(keyMark), Data(sealMark)]
            return try Bool.fetchOne(db, sql: sql, arguments: arguments) ?? false
        }
    }

    func keep(_ wrap: KeptWrap) throws {
        try self.queue.write { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO wrap (scope, sender, key_mark, seal_mark, blob, digest, missing, is_recorded)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Data(wrap.scope), wrap.sender, Data(wrap.keyMark), Data(wrap.sealMark), Data(wrap.blob),
                    Data(wrap.digest), wrap.missing.joined(separator: "\n"), wrap.isRecorded,
                ]
            )
        }
    }

    /// Sealed keys that a center lacks or the chain does not know, in the order in which they were made.
    func openWraps() throws -> [KeptWrap] {
        try self.queue.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM wrap WHERE missing <> '' OR is_recorded = 0 ORDER BY number")
                .map(KeptWrap.init)
        }
    }

    func update(_ wrap: KeptWrap) throws {
        try self.queue.write { db in
            try db.execute(
                sql: "UPDATE wrap SET missing = ?, is_recorded = ? WHERE digest = ?",
                arguments: [wrap.missing.joined(separator: "\n"), wrap.isRecorded, Data(wrap.digest)]
            )
        }
    }

    func wrapCount(of scope: [UInt8]) throws -> Int {
        try self.queue.read { db in
            let sql = "SELECT count(*) FROM wrap WHERE scope = ? AND is_recorded = 1"
            return try Int.fetchOne(db, sql: sql, arguments: [Data(scope)]) ?? 0
        }
    }

    /// Where a center's list of a scope was read up to, for one way of sealing.
    func position(_ scope: [UInt8], _ center: String, _ sealMark: [UInt8]) throws -> UInt64? {
        try self.queue.read { db in
            let sql = "SELECT position FROM wrap_position WHERE scope = ? AND center = ? AND seal_mark = ?"
            return try Int64.fetchOne(db, sql: sql, arguments: [Data(scope), center, Data(sealMark)])
                .map { UInt64(bitPattern: $0) }
        }
    }

    func keep(position: UInt64, _ scope: [UInt8], _ center: String, _ sealMark: [UInt8]) throws {
        try self.queue.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO wrap_position VALUES (?, ?, ?, ?)",
                arguments: [Data(scope), center, Data(sealMark), Int64(bitPattern: position)]
            )
        }
    }

    // MARK: Holders

    func keepHolder(_ patient: String, prefix: String) throws {
        try self.queue.write { db in
            try db.execute(sql: "INSERT OR REPLACE INTO holder VALUES (?, ?)", arguments: [prefix, patient])
        }
    }

    /// Who holds the scopes of which labels, by label prefix.
    func holders() throws -> [(prefix: String, patient: String)] {
        try self.queue.read { db in
            try Row.fetchAll(db, sql: "SELECT prefix, patient FROM holder ORDER BY prefix")
                .map { ($0["prefix"], $0["patient"]) }
        }
    }

    /// The holder that the chain was told of, by scope, or by label's digest.
    func held() throws -> [[UInt8]: String] {
        try self.queue.read { db in
            var held: [[UInt8]: String] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT scope, patient FROM held") {
                held[[UInt8](row["scope"] as Data)] = row["patient"]
            }
            return held
        }
    }

    func markHeld(_ scopes: [[UInt8]], by patient: String) throws {
        try self.queue.write { db in
            for scope in scopes {
                try db.execute(sql: "INSERT OR REPLACE INTO held VALUES (?, ?)", arguments: [Data(scope), patient])
            }
        }
    }

    /// The label's digest that the chain was told of, by scope.
    func labelled() throws -> [[UInt8]: [UInt8]] {
        try self.queue.read { db in
            var labelled: [[UInt8]: [UInt8]] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT scope, label FROM labelled") {
                labelled[[UInt8](row["scope"] as Data)] = [UInt8](row["label"] as Data)
            }
            return labelled
        }
    }

    /// Whether the chain was told that a patient holds a scope, or a label, by its digest.
    func isHeld(_ digest: [UInt8], by patient: String) throws -> Bool {
        try self.queue.read { db in
            let sql = "SELECT EXISTS (SELECT 1 FROM held WHERE scope = ? AND patient = ?)"
            return try Bool.fetchOne(db, sql: sql, arguments: [Data(digest), patient]) ?? false
        }
    }

    /// The label's digest that the chain was told of for a scope; nil: it was told of none.
    func label(of scope: [UInt8]) throws -> [UInt8]? {
        try self.queue.read { db in
            let sql = "SELECT label FROM labelled WHERE scope = ?"
            return try Data.fetchOne(db, sql: sql, arguments: [Data(scope)]).map { [UInt8]($0) }
        }
    }

    func markLabelled(_ scopes: [[UInt8]], as label: [UInt8]) throws {
        try self.queue.write { db in
            for scope in scopes {
                let sql = "INSERT OR REPLACE INTO labelled VALUES (?, ?)"
                try db.execute(sql: sql, arguments: [Data(scope), Data(label)])
            }
        }
    }

    static let schema = """
        CREATE TABLE IF NOT EXISTS dataset (
            id BLOB PRIMARY KEY,
            plan BLOB NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            next_try INTEGER NOT NULL,
            created INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS wrap (
            number INTEGER PRIMARY KEY,
            scope BLOB NOT NULL,
            sender TEXT NOT NULL,
            key_mark BLOB NOT NULL,
            seal_mark BLOB NOT NULL,
            blob BLOB NOT NULL,
            digest BLOB NOT NULL UNIQUE,
            missing TEXT NOT NULL,
            is_recorded INTEGER NOT NULL,
            UNIQUE (scope, sender, key_mark, seal_mark)
        );
        CREATE TABLE IF NOT EXISTS wrap_position (
            scope BLOB NOT NULL,
            center TEXT NOT NULL,
            seal_mark BLOB NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (scope, center, seal_mark)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS holder (
            prefix TEXT PRIMARY KEY,
            patient TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS held (
            scope BLOB PRIMARY KEY,
            patient TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS labelled (
            scope BLOB PRIMARY KEY,
            label BLOB NOT NULL
        ) WITHOUT ROWID;
        """
}

extension DatasetEntry {
    fileprivate init?(_ row: Row) {
        guard let plan = try? JSONDecoder().decode(DatasetPlan.self, from: row["plan"] as Data),
            let state = DatasetState(rawValue: row["state"])
        else { return nil }
        self.init(
            plan: plan,
            state: state,
            reason: row["reason"],
            attempts: row["attempts"],
            nextTry: UInt64(clamping: row["next_try"] as Int64)
        )
    }
}

extension KeptWrap {
    fileprivate init(_ row: Row) {
        self.init(
            scope: [UInt8](row["scope"] as Data),
            sender: row["sender"],
            keyMark: [UInt8](row["key_mark"] as Data),
            sealMark: [UInt8](row["seal_mark"] as Data),
            blob: [UInt8](row["blob"] as Data),
            digest: [UInt8](row["digest"] as Data),
            missing: (row["missing"] as String).split(separator: "\n").map(String.init),
            isRecorded: row["is_recorded"]
        )
    }
}
