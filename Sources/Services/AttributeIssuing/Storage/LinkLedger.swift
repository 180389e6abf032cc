internal import Credentials
internal import Foundation
internal import GRDB

/// Who got a key under which permission, in `links.db`: the one place that ties a pseudonym to a name on this side.
///
/// It is for the tracing authority alone. An entry is durable before the key is handed out, holds the signed request as
/// evidence, and is deleted, with its bytes overwritten, when the retention is over.
package struct LinkLedger: Sendable {
    /// A key that was issued.
    package struct Link: Sendable, Hashable {
        /// Seconds since 1970.
        package let time: UInt64
        /// `organization:role:name`.
        package let party: String
        /// Digest of the party's own certificate.
        package let identity: [UInt8]
        package let permission: [UInt8]
        /// Digest of the permission's certificate.
        package let certificate: [UInt8]
        /// "WLAQ", signed by both.
        package let request: [UInt8]

        package init(
            time: UInt64,
            party: String,
            identity: [UInt8],
            permission: [UInt8],
            certificate: [UInt8],
            request: [UInt8]
        ) {
            self.time = time
            self.party = party
            self.identity = identity
            self.permission = permission
            self.certificate = certificate
            self.request = request
        }
    }

    private let database: DatabaseQueue
    /// Seconds.
    private let retention: UInt64

    /// - Parameters:
    ///   - directory: mode 0700; the file gets 0600.
    ///   - retentionDays: how long an entry stays.
    /// - Throws: a database error, or `CredentialsError`.
    package init(directory: String, retentionDays: UInt64) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON"
            )
        }
        let path = Self.path(directory)
        // SQLite gives its journal the mode of the database, and an empty file is an empty database.
        if !PrivateFile.exists(path) { try PrivateFile.write([], to: path) }
        self.database = try DatabaseQueue(path: path, configuration: configuration)
        self.retention = retentionDays * 86_400
        try Self.migrator.migrate(self.database)
    }

    /// Notes a key that is about to be handed out, durably, and forgets what is over.
    ///
    /// - Throws: a database error; then the key must not be handed out.
    func note(_ link: Link, at now: UInt64) async throws {
        try await self.database.write { database in
            try database.execute(
                sql: "INSERT INTO link (time, party, identity, permission, certificate, request) VALUES (?,?,?,?,?,?)",
                arguments: [
                    Int64(clamping: link.time), link.party, Data(link.identity), Data(link.permission),
                    Data(link.certificate), Data(link.request),
                ]
            )
        }
        try await self.prune(at: now)
    }

    /// Deletes what is older than the retention.
    func prune(at now: UInt64) async throws {
        guard now > self.retention else { return }
        let before = Int64(clamping: now - self.retention)
        let deleted = try await self.database.write { database in
            try database.execute(sql: "DELETE FROM link WHERE time < ?", arguments: [before])
            return database.changesCount
        }
        // The journal would keep what the database has overwritten.
        guard deleted > 0 else { return }
        try await self.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }

    /// What is known of a permission, or of all, oldest first.
    ///
    /// - Parameter permission: nil for all.
    /// - Returns: the entries.
    /// - Throws: a database error.
    package func links(of permission: [UInt8]? = nil) async throws -> [Link] {
        try await self.database.read { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT * FROM link WHERE ?1 IS NULL OR permission = ?1 ORDER BY id",
                arguments: [permission.map { Data($0) }]
            )
            return rows.map { row in
                Link(
                    time: UInt64(clamping: row["time"] as Int64),
                    party: row["party"],
                    identity: [UInt8](row["identity"] as Data),
                    permission: [UInt8](row["permission"] as Data),
                    certificate: [UInt8](row["certificate"] as Data),
                    request: [UInt8](row["request"] as Data)
                )
            }
        }
    }

    /// Whether a directory has a ledger.
    package static func exists(in directory: String) -> Bool { PrivateFile.exists(self.path(directory)) }

    private static func path(_ directory: String) -> String { "\(directory)/links.db" }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE link (
                        id INTEGER PRIMARY KEY NOT NULL,
                        time INTEGER NOT NULL,
                        party TEXT NOT NULL,
                        identity BLOB NOT NULL CHECK (length(identity) = 32),
                        permission BLOB NOT NULL CHECK (length(permission) = 32),
                        certificate BLOB NOT NULL CHECK (length(certificate) = 32),
                        request BLOB NOT NULL
                    ) STRICT;
                    CREATE INDEX link_time ON link (time);
                    CREATE INDEX link_permission ON link (permission);
                    CREATE TABLE schema_version (version INTEGER PRIMARY KEY);
                    INSERT INTO schema_version VALUES (1);
                    """
            )
        }
        return migrator
    }
}
