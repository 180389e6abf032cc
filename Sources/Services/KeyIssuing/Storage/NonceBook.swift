internal import Credentials
internal import Foundation
internal import GRDB

/// Which nonces were used, in `nonces.db`: written down durably before a request is answered.
///
/// The very same request may come again, for an answer that was lost; the same nonce in another request may not. An
/// entry is kept for as long as the requester's certificate could make the request valid.
struct NonceBook: Sendable {
    private let database: DatabaseQueue

    /// - Throws: a database error, or `CredentialsError`.
    init(directory: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        let path = "\(directory)/nonces.db"
        // SQLite gives its journal the mode of the database, and an empty file is an empty database.
        if !PrivateFile.exists(path) { try PrivateFile.write([], to: path) }
        self.database = try DatabaseQueue(path: path, configuration: configuration)
        try Self.migrator.migrate(self.database)
    }

    /// Notes a nonce.
    ///
    /// - Parameters:
    ///   - nonce: 32 bytes.
    ///   - request: digest of the whole request.
    ///   - expires: seconds since 1970; the last second at which the request is valid.
    ///   - now: seconds since 1970; what has expired before is forgotten.
    /// - Returns: false when the nonce was used for another request.
    /// - Throws: a database error; the nonce may be noted or not.
    func use(_ nonce: [UInt8], for request: [UInt8], expires: UInt64, at now: UInt64) async throws -> Bool {
        try await self.database.write { database in
            try database.execute(sql: "DELETE FROM nonce WHERE expires < ?", arguments: [Int64(clamping: now)])
            try database.execute(
                sql: "INSERT OR IGNORE INTO nonce VALUES (?, ?, ?)",
                arguments: [Data(nonce), Data(request), Int64(clamping: expires)]
            )
            let known = try Data.fetchOne(
                database,
                sql: "SELECT request FROM nonce WHERE nonce = ?",
                arguments: [Data(nonce)]
            )
            return known == Data(request)
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE nonce (
                        nonce BLOB PRIMARY KEY NOT NULL CHECK (length(nonce) = 32),
                        request BLOB NOT NULL CHECK (length(request) = 32),
                        expires INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX nonce_expires ON nonce (expires);
                    CREATE TABLE schema_version (version INTEGER PRIMARY KEY);
                    INSERT INTO schema_version VALUES (1);
                    """
            )
        }
        return migrator
    }
}
