internal import Foundation
internal import GRDB
internal import Pseudonyms

/// The books of a registration authority: who asked for what, and the boxed certificates until they are fetched.
///
/// It holds no certificate: the boxes open for the user alone.
struct RegistrationBooks: Sendable {
    let file: AuthorityStoreFile

    /// A request as it was signed.
    struct StoredRequest: Sendable {
        let id: [UInt8]
        let subject: String
        let epoch: UInt64
        let count: Int
        let bytes: [UInt8]
        /// Of the user's identity.
        let certificate: [UInt8]
    }

    /// Where a request stands.
    enum State: Sendable, Hashable {
        case waiting
        case ready
        /// Fetched, or its epoch has passed before it was issued.
        case gone
    }

    init(directory: String) throws {
        self.file = try AuthorityStoreFile(path: "\(directory)/registrations.db", migrator: Self.migrator)
    }

    // MARK: - Requests

    /// Enters a request with its orders, all of it or nothing; one that is there changes nothing.
    ///
    /// - Parameters:
    ///   - request: verified.
    ///   - countMax: certificates of one user for one epoch.
    ///   - now: seconds since 1970.
    ///   - orders: made when the request is new.
    /// - Throws: ``PseudonymityRefusal``.
    func enter(
        _ request: StoredRequest,
        countMax: Int,
        at now: UInt64,
        orders: () throws -> [CocoonOrder]
    ) throws {
        try self.file.write { database in
            guard try Self.owner(of: request.id, in: database) == nil else { return }
            let isRevoked = try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM revoked_user WHERE subject = ?)",
                arguments: [request.subject]
            )
            guard isRevoked == false else {
                throw PseudonymityRefusal(.userRevoked, "\(request.subject) gets no pseudonyms any more")
            }
            let had = try Int.fetchOne(
                database,
                sql: "SELECT coalesce(sum(count), 0) FROM request WHERE subject = ? AND epoch = ?",
                arguments: [request.subject, Int64(request.epoch)]
            )
            guard (had ?? 0) + request.count <= countMax else {
                throw PseudonymityRefusal(
                    .tooMany,
                    "\(request.subject) has \(had ?? 0) of at most \(countMax) pseudonyms of epoch \(request.epoch)"
                )
            }
            try database.execute(
                sql: """
                    INSERT INTO request (id, subject, epoch, count, bytes, certificate, received, is_over)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 0)
                    """,
                arguments: [
                    Data(request.id), request.subject, Int64(request.epoch), request.count, Data(request.bytes),
                    Data(request.certificate), Int64(now),
                ]
            )
            for (place, order) in try orders().enumerated() {
                try database.execute(
                    sql: "INSERT INTO cocoon (key, request, place, handle) VALUES (?, ?, ?, ?)",
                    arguments: [Data(order.cocoonKey), Data(request.id), place, Data(order.handle)]
                )
            }
        }
    }

    /// Where a request of a user stands; nil when the user has none of this name.
    func state(of id: [UInt8], subject: String) throws -> State? {
        try self.file.read { database in
            guard try Self.owner(of: id, in: database) == subject else { return nil }
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT is_over, (SELECT count(*) FROM cocoon WHERE request = id AND response IS NULL) AS open
                    FROM request WHERE id = ?
                    """,
                arguments: [Data(id)]
            )
            guard let row else { return nil }
            if (row["is_over"] as Int64) == 1 { return .gone }
            return (row["open"] as Int64) == 0 ? .ready : .waiting
        }
    }

    /// The boxes of a request that is ready, index by index.
    func responses(to id: [UInt8]) throws -> [[UInt8]] {
        try self.file.read { database in
            try Data.fetchAll(
                database,
                sql: "SELECT response FROM cocoon WHERE request = ? ORDER BY place",
                arguments: [Data(id)]
            ).map { Array($0) }
        }
    }

    /// Drops the boxes of a request.
    func drop(_ id: [UInt8]) throws {
        try self.file.write { database in
            try database.execute(sql: "UPDATE request SET is_over = 1 WHERE id = ?", arguments: [Data(id)])
            try database.execute(sql: "UPDATE cocoon SET response = x'' WHERE request = ?", arguments: [Data(id)])
        }
    }

    private static func owner(of id: [UInt8], in database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT subject FROM request WHERE id = ?", arguments: [Data(id)])
    }

    // MARK: - Traces

    /// The request that a cocoon key comes from.
    func request(ofKey key: [UInt8]) throws -> StoredRequest? {
        try self.file.read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT request.* FROM request JOIN cocoon ON cocoon.request = request.id WHERE cocoon.key = ?
                    """,
                arguments: [Data(key)]
            ).map(Self.stored)
        }
    }

    /// The newest request of a user.
    func anyRequest(of subject: String) throws -> StoredRequest? {
        try self.file.read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT * FROM request WHERE subject = ? ORDER BY received DESC LIMIT 1",
                arguments: [subject]
            ).map(Self.stored)
        }
    }

    private static func stored(_ row: Row) -> StoredRequest {
        StoredRequest(
            id: Array(row["id"] as Data),
            subject: row["subject"],
            epoch: UInt64(row["epoch"] as Int64),
            count: Int(row["count"] as Int64),
            bytes: Array(row["bytes"] as Data),
            certificate: Array(row["certificate"] as Data)
        )
    }

    // MARK: - Age

    /// Ends what can be issued no more, drops what nobody fetched, and forgets what is too old to be traced.
    func forget(unissuedBefore current: UInt64, allBefore oldest: UInt64) throws {
        try self.file.write { database in
            try database.execute(
                sql: """
                    UPDATE cocoon SET response = x'' WHERE request IN (SELECT id FROM request WHERE epoch < ?)
                    AND (response IS NULL OR response <> x'')
                    """,
                arguments: [Int64(current)]
            )
            try database.execute(
                sql: "UPDATE request SET is_over = 1 WHERE epoch < ? AND is_over = 0",
                arguments: [Int64(current)]
            )
            try database.execute(sql: "DELETE FROM batch WHERE epoch < ?", arguments: [Int64(current)])
            try database.execute(
                sql: "DELETE FROM cocoon WHERE request IN (SELECT id FROM request WHERE epoch < ?)",
                arguments: [Int64(oldest)]
            )
            try database.execute(sql: "DELETE FROM request WHERE epoch < ?", arguments: [Int64(oldest)])
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE request (
                        id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
                        subject TEXT NOT NULL,
                        epoch INTEGER NOT NULL,
                        count INTEGER NOT NULL,
                        bytes BLOB NOT NULL,
                        certificate BLOB NOT NULL,
                        received INTEGER NOT NULL,
                        is_over INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX request_user ON request (subject, epoch);
                    CREATE TABLE batch (
                        id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
                        epoch INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE cocoon (
                        key BLOB PRIMARY KEY NOT NULL CHECK (length(key) = 33),
                        request BLOB NOT NULL REFERENCES request (id),
                        place INTEGER NOT NULL,
                        handle BLOB NOT NULL,
                        batch BLOB,
                        batch_place INTEGER,
                        response BLOB,
                        revocation INTEGER NOT NULL DEFAULT 0
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX cocoon_request ON cocoon (request, place);
                    CREATE INDEX cocoon_batch ON cocoon (batch, batch_place);
                    CREATE INDEX cocoon_revocation ON cocoon (revocation) WHERE revocation = 1;
                    CREATE TABLE revoked_user (
                        subject TEXT PRIMARY KEY NOT NULL,
                        time INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    """
            )
        }
        return migrator
    }
}
