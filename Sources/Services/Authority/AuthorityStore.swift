internal import Credentials
internal import GRDB

/// The authority's books: tokens, certificates and revocation lists, in SQLite.
struct AuthorityStore: Sendable {
    private let database: DatabaseQueue

    init(directory: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA foreign_keys = ON")
        }
        let path = "\(directory)/authority.db"
        // SQLite gives its journal the mode of the database, and an empty file is an empty database.
        if !PrivateFile.exists(path) { try PrivateFile.write([], to: path) }
        self.database = try DatabaseQueue(path: path, configuration: configuration)
        try Self.migrator.migrate(self.database)
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try self.database.read(body) }

    /// One transaction; it takes the write lock first, so that two processes never interleave.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try self.database.writeWithoutTransaction { database in
            var value: Value?
            try database.inTransaction(.immediate) {
                value = try body(database)
                return .commit
            }
            guard let value else { throw AuthorityError.directory("a transaction ended without a result") }
            return value
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE token (
                        secret_hash BLOB PRIMARY KEY NOT NULL CHECK (length(secret_hash) = 32),
                        party TEXT NOT NULL,
                        attributes TEXT NOT NULL,
                        hosts TEXT NOT NULL,
                        created INTEGER NOT NULL,
                        expires INTEGER NOT NULL,
                        request_hash BLOB
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE certificate (
                        serial INTEGER PRIMARY KEY NOT NULL,
                        party TEXT NOT NULL,
                        attributes TEXT NOT NULL,
                        digest BLOB NOT NULL UNIQUE,
                        fingerprint BLOB NOT NULL UNIQUE,
                        not_before INTEGER NOT NULL,
                        not_after INTEGER NOT NULL,
                        request_hash BLOB NOT NULL UNIQUE,
                        answer BLOB NOT NULL,
                        revoked INTEGER
                    ) STRICT;
                    CREATE INDEX certificate_party ON certificate (party);
                    CREATE TABLE revocation_list (
                        number INTEGER PRIMARY KEY NOT NULL,
                        bytes BLOB NOT NULL
                    ) STRICT;
                    """
            )
        }
        migrator.registerMigration("2") { try $0.execute(sql: CredentialRow.table) }
        return migrator
    }
}
