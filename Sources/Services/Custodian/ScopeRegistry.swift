internal import Foundation
internal import GRDB

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
}

/// The custodian's list of scopes, in `scopes.db` of its directory.
///
/// A second descriptor for the same label and epoch would be refused by every chain, so the first one is kept and
/// given again. Labels hold pseudonyms, never names.
package final class ScopeRegistry: Sendable {
    static let fileName = "scopes.db"
    private let queue: DatabaseQueue

    /// Opens the registry in a directory that exists.
    ///
    /// - Throws: a database error.
    init(directory: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000")
        }
        let path = directory + "/" + Self.fileName
        self.queue = try DatabaseQueue(path: path, configuration: configuration)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try self.queue.write { try $0.execute(sql: Self.schema) }
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

    /// All scopes by label and epoch.
    package func scopes() throws -> [RegisteredScope] {
        try self.queue.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM scope ORDER BY label, epoch").map(RegisteredScope.init)
        }
    }

    /// Keeps a scope unless there is one already.
    ///
    /// - Returns: the one that is kept.
    func keep(_ scope: RegisteredScope) throws -> RegisteredScope {
        try self.queue.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO scope VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    scope.label, Int64(bitPattern: scope.epoch), Data(scope.digest), Data(scope.descriptor),
                    Data(scope.ownerCertificate), scope.createdAt,
                ]
            )
        }
        return try self.scope(label: scope.label, epoch: scope.epoch) ?? scope
    }

    /// Scopes that this privacy center does not know yet, oldest first.
    func unpublished(to center: String, limit: Int) throws -> [RegisteredScope] {
        try self.queue.read { db in
            let sql = """
                SELECT * FROM scope WHERE digest NOT IN (SELECT digest FROM publication WHERE center = ?)
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
            let sql = "SELECT count(*) FROM scope WHERE digest NOT IN (SELECT digest FROM publication WHERE center = ?)"
            return try Int.fetchOne(db, sql: sql, arguments: [center]) ?? 0
        }
    }

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
        CREATE TABLE IF NOT EXISTS publication (
            digest BLOB NOT NULL,
            center TEXT NOT NULL,
            PRIMARY KEY (digest, center)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY);
        INSERT OR IGNORE INTO schema_version VALUES (1);
        """
}

extension RegisteredScope {
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
