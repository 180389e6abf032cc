internal import Credentials
internal import Foundation
internal import GRDB
internal import Signcryption

/// A scope that the custodian has described: one for each label and epoch, for ever.
package struct RegisteredScope: Sendable, Equatable {
    package let label: String
    package let epoch: UInt64
    /// 32 bytes.
    package let digest: [UInt8]
    /// The signed descriptor.
    package let descriptor: [UInt8]
    /// The certificate under which it was signed; a later rotation leaves it as it was.
    package let ownerCertificate: [UInt8]
    /// Milliseconds since 1970.
    package let createdAt: Int64

    /// Whether gateways hand over epoch keys through it; such a scope is never granted or published.
    var isForEpochKeys: Bool { ScopeKey.isEpochKeyScope(self.label) }

    /// Whether a gateway states its accounts of devices in it.
    var isForAccounts: Bool { ScopeKey.isAccountScope(self.label) }

    /// Whether it is for readings, which may be shared.
    package var isForReadings: Bool { !self.isForEpochKeys && !self.isForAccounts }

    /// Whether it may hold what came at a time or later: that is sealed in its epoch or a later one.
    ///
    /// - Parameter hour: since 1970.
    /// - Returns: false when the scope's epoch was over by then.
    package func mayHold(fromHour hour: Int64) -> Bool {
        let end = (Int64(clamping: self.epoch) &+ 1).multipliedReportingOverflow(by: Self.epochHours)
        return end.overflow || end.partialValue > hour
    }

    private static let epochHours: Int64 = 168
}

/// The custodian's list of scopes, in `scopes.db` of its directory.
///
/// A second descriptor for the same label and epoch would be refused by every chain, so the first one is kept and
/// given again. A custodian that lost this list may have signed another one before it got the list back: that one is
/// kept beside, because envelopes were sealed to it. Labels hold tags of pseudonyms, never names.
package final class ScopeRegistry: Sendable {
    static let fileName = "scopes.db"
    /// Whether this start made the file.
    let isNew: Bool
    private let queue: DatabaseQueue

    /// Opens the registry in a directory that exists.
    ///
    /// - Throws: a database error.
    init(directory: String) throws {
        let path = directory + "/" + Self.fileName
        self.isNew = !PrivateFile.exists(path)
        self.queue = try PrivateDatabase.open(path, version: 1, schema: Self.schema)
    }

    func scope(label: String, epoch: UInt64) throws -> RegisteredScope? {
        try self.queue.read { db in
            try Row.fetchOne(
                db,
                sql: "SELECT * FROM scope WHERE label = ? AND epoch = ?",
                arguments: [label, Int64(bitPattern: epoch)]
            ).map(RegisteredScope.init)
        }
    }

    /// The scope of a digest, also one that stands beside another.
    package func scope(digest: [UInt8]) throws -> RegisteredScope? {
        try self.queue.read { db in
            let sql = "SELECT * FROM \(Self.allScopes) WHERE digest = ? LIMIT 1"
            return try Row.fetchOne(db, sql: sql, arguments: [Data(digest)]).map(RegisteredScope.init)
        }
    }

    /// All scopes by label and epoch, with those beside them.
    package func scopes() throws -> [RegisteredScope] {
        try self.queue.read { db in
            let sql = "SELECT * FROM \(Self.allScopes) ORDER BY label, epoch, created_ms, digest"
            return try Row.fetchAll(db, sql: sql).map(RegisteredScope.init)
        }
    }

    /// The scopes of a label and epoch: the first one, and those beside it.
    func scopes(label: String, epoch: UInt64) throws -> [RegisteredScope] {
        try self.queue.read { db in
            let sql = "SELECT * FROM \(Self.allScopes) WHERE label = ? AND epoch = ? ORDER BY created_ms, digest"
            return try Row.fetchAll(db, sql: sql, arguments: [label, Int64(bitPattern: epoch)])
                .map(RegisteredScope.init)
        }
    }

    /// Keeps a scope unless there is one already.
    ///
    /// - Returns: the one that is kept.
    func keep(_ scope: RegisteredScope) throws -> RegisteredScope {
        try self.queue.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO scope VALUES (?, ?, ?, ?, ?, ?)",
                arguments: scope.row
            )
        }
        return try self.scope(label: scope.label, epoch: scope.epoch) ?? scope
    }

    /// Keeps scopes that were signed before, each under its label and epoch, or beside the one that is there.
    ///
    /// - Parameters:
    ///   - scopes: verified by the caller.
    ///   - center: that gave them and so knows them.
    /// - Returns: how many were not known, and how many of those stand beside another one.
    /// - Throws: a database error.
    func recover(_ scopes: [RegisteredScope], from center: String) throws -> (new: Int, beside: Int) {
        try self.queue.write { db in
            var (new, beside) = (0, 0)
            for scope in scopes {
                let isKnown = try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM scope WHERE digest = :digest)
                        OR EXISTS (SELECT 1 FROM other_scope WHERE digest = :digest)
                        """,
                    arguments: ["digest": Data(scope.digest)]
                )
                try db.execute(
                    sql: "INSERT OR IGNORE INTO publication VALUES (?, ?)",
                    arguments: [Data(scope.digest), center]
                )
                guard isKnown != true else { continue }
                try db.execute(sql: "INSERT OR IGNORE INTO scope VALUES (?, ?, ?, ?, ?, ?)", arguments: scope.row)
                new += 1
                guard db.changesCount == 0 else { continue }
                try db.execute(sql: "INSERT INTO other_scope VALUES (?, ?, ?, ?, ?, ?)", arguments: scope.row)
                beside += 1
            }
            return (new, beside)
        }
    }

    /// Scopes that this privacy center does not know yet, oldest first.
    func unpublished(to center: String, limit: Int) throws -> [RegisteredScope] {
        try self.queue.read { db in
            let sql = """
                SELECT * FROM \(Self.allScopes)
                WHERE digest NOT IN (SELECT digest FROM publication WHERE center = ?)
                ORDER BY created_ms, digest LIMIT ?
                """
            return try Row.fetchAll(db, sql: sql, arguments: [center, limit]).map(RegisteredScope.init)
        }
    }

    func markPublished(_ scope: RegisteredScope, to center: String) throws {
        try self.queue.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO publication VALUES (?, ?)",
                arguments: [Data(scope.digest), center]
            )
        }
    }

    /// How many scopes this privacy center does not know yet.
    package func unpublishedCount(to center: String) throws -> Int {
        try self.queue.read { db in
            let sql = """
                SELECT count(*) FROM \(Self.allScopes)
                WHERE digest NOT IN (SELECT digest FROM publication WHERE center = ?)
                """
            return try Int.fetchOne(db, sql: sql, arguments: [center]) ?? 0
        }
    }

    private static let allScopes = "(SELECT * FROM scope UNION ALL SELECT * FROM other_scope)"

    private static let schema = """
        CREATE TABLE IF NOT EXISTS scope (
            label TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            digest BLOB NOT NULL UNIQUE,
            descriptor BLOB NOT NULL,
            owner_certificate BLOB NOT NULL,
            created_ms INTEGER NOT NULL,
            PRIMARY KEY (label, epoch)
        );
        CREATE TABLE IF NOT EXISTS other_scope (
            label TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            digest BLOB PRIMARY KEY,
            descriptor BLOB NOT NULL,
            owner_certificate BLOB NOT NULL,
            created_ms INTEGER NOT NULL
        );
        CREATE TABLE IF NOT EXISTS publication (
            digest BLOB NOT NULL,
            center TEXT NOT NULL,
            PRIMARY KEY (digest, center)
        ) WITHOUT ROWID;
        """
}

extension RegisteredScope {
    /// The columns in order.
    fileprivate var row: StatementArguments {
        [
            self.label, Int64(bitPattern: self.epoch), Data(self.digest), Data(self.descriptor),
            Data(self.ownerCertificate), self.createdAt,
        ]
    }

    fileprivate init(_ row: Row) {
        self.init(
            label: row["label"],
            epoch: UInt64(bitPattern: row["epoch"] as Int64),
            digest: [UInt8](row["digest"] as Data),
            descriptor: [UInt8](row["descriptor"] as Data),
            ownerCertificate: [UInt8](row["owner_certificate"] as Data),
            createdAt: row["created_ms"]
        )
    }
}
