internal import Credentials
internal import Foundation
internal import GRDB
internal import IBTP
internal import PathProofs

/// What a verification node has signed, in `hops.db`: of one message it never says two things.
///
/// An entry is on the disk before the signature leaves. The database is worth nothing to others and everything to the
/// node: a signature against itself is a proven fault.
package struct SignedHops: Sendable {
    /// What a signature says of a message.
    struct Statement: Sendable, Hashable {
        /// `from-to-index`.
        let message: String
        /// Request, or which answer: one exchange may have several in turn.
        let type: UInt8
        /// Of the hop in its path.
        let place: UInt8
        /// The path's beginning, which covers message and chains, 32 bytes.
        let path: [UInt8]
        let nextChain: String
        let height: UInt64
        /// 32 bytes.
        let blockHash: [UInt8]

        init(_ record: HopRecord, _ passage: HopRules.Passage) {
            self.message = passage.id.description
            self.type = passage.message.type.rawValue
            self.place = passage.index
            self.path = passage.path.digest
            self.nextChain = passage.nextChain
            self.height = record.anchor.height
            self.blockHash = record.anchor.blockHash
        }
    }

    private let database: DatabaseQueue

    /// - Parameter directory: mode 0700; the file gets 0600.
    /// - Throws: a database error, or `CredentialsError`.
    package init(directory: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            // FULL: the journal is on the disk before a transaction ends.
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        let path = "\(directory)/hops.db"
        if !PrivateFile.exists(path) { try PrivateFile.write([], to: path) }
        self.database = try DatabaseQueue(path: path, configuration: configuration)
        try Self.migrator.migrate(self.database)
    }

    /// Notes what is about to be signed, durably.
    ///
    /// The same statement may be signed again, for another gateway or with another expiry; a message that is said again
    /// in a newer block, too.
    ///
    /// - Throws: ``AttestRefusal`` when the node has signed otherwise; a database error. Then nothing may be signed.
    func note(_ statement: Statement, at now: UInt64) async throws {
        let refusal = try await self.database.write { database -> AttestRefusal? in
            if let split = try Self.split(statement, in: database) { return split }
            if let contradiction = try Self.contradiction(statement, in: database) { return contradiction }
            try database.execute(
                sql: "INSERT OR IGNORE INTO block (height, hash) VALUES (?, ?)",
                arguments: [Int64(bitPattern: statement.height), Data(statement.blockHash)]
            )
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO hop (message, type, place, path, next_chain, height, time)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    statement.message, Int(statement.type), Int(statement.place), Data(statement.path),
                    statement.nextChain, Int64(bitPattern: statement.height), Int64(clamping: now),
                ]
            )
            return nil
        }
        if let refusal { throw refusal }
    }

    /// How many hops were signed.
    ///
    /// - Throws: a database error.
    package func count() async throws -> Int {
        try await self.database.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM hop") ?? 0 }
    }

    private static func split(_ statement: Statement, in database: Database) throws -> AttestRefusal? {
        let found = try Data.fetchOne(
            database,
            sql: "SELECT hash FROM block WHERE height = ?",
            arguments: [Int64(bitPattern: statement.height)]
        )
        guard let found, [UInt8](found) != statement.blockHash else { return nil }
        return .refused(.chainSplit, "this node has signed for another block of height \(statement.height)")
    }

    private static func contradiction(_ statement: Statement, in database: Database) throws -> AttestRefusal? {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT path, next_chain FROM hop WHERE message = ? AND type = ? AND place = ?",
            arguments: [statement.message, Int(statement.type), Int(statement.place)]
        )
        guard let row else { return nil }
        let isSame =
            [UInt8](row["path"] as Data) == statement.path
            && (row["next_chain"] as String).utf8.elementsEqual(statement.nextChain.utf8)
        return isSame ? nil : .refused(.contradiction, "this node has signed something else of \(statement.message)")
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE hop (
                        message TEXT NOT NULL,
                        type INTEGER NOT NULL,
                        place INTEGER NOT NULL,
                        path BLOB NOT NULL CHECK (length(path) = 32),
                        next_chain TEXT NOT NULL,
                        height INTEGER NOT NULL,
                        time INTEGER NOT NULL,
                        PRIMARY KEY (message, type, place)
                    ) STRICT;
                    CREATE TABLE block (
                        height INTEGER PRIMARY KEY NOT NULL,
                        hash BLOB NOT NULL CHECK (length(hash) = 32)
                    ) STRICT;
                    CREATE TABLE schema_version (version INTEGER PRIMARY KEY);
                    INSERT INTO schema_version VALUES (1);
                    """
            )
        }
        return migrator
    }
}
