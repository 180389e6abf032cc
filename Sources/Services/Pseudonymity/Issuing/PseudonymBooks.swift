internal import Foundation
internal import GRDB
internal import Pseudonyms

/// The books of an authority of pseudonyms: which certificate it made for which cocoon key, and nothing about whose that
/// is.
struct PseudonymBooks: Sendable {
    private let file: AuthorityStoreFile

    /// One certificate, as it is entered.
    struct Entry: Sendable {
        let digest: [UInt8]
        let cocoonKey: [UInt8]
        let response: [UInt8]
    }

    /// A revocation list that was signed.
    struct List: Sendable {
        let number: UInt64
        let bytes: [UInt8]
        let isPublished: Bool
    }

    init(directory: String) throws {
        self.file = try AuthorityStoreFile(path: "\(directory)/pseudonyms.db", migrator: Self.migrator)
    }

    // MARK: - Certificates

    /// The answer to a batch that was issued before; nil when it was not.
    ///
    /// - Throws: ``PseudonymityRefusal`` when the same name stood for another batch.
    func answer(to batch: [UInt8], content: [UInt8]) throws -> [[UInt8]]? {
        try self.file.read { database in try Self.answer(to: batch, content: content, in: database) }
    }

    /// Enters the certificates of a batch; the answer is theirs, or what another entered first.
    ///
    /// - Throws: ``PseudonymityRefusal`` for a cocoon key that has a certificate.
    func enter(_ batch: [UInt8], content: [UInt8], epoch: UInt64, _ entries: [Entry]) throws -> [[UInt8]] {
        try self.file.write { database in
            if let known = try Self.answer(to: batch, content: content, in: database) { return known }
            try database.execute(
                sql: "INSERT INTO batch (id, content, epoch) VALUES (?, ?, ?)",
                arguments: [Data(batch), Data(content), Int64(epoch)]
            )
            for (place, entry) in entries.enumerated() {
                let isUsed = try Bool.fetchOne(
                    database,
                    sql: "SELECT EXISTS (SELECT 1 FROM certificate WHERE cocoon_key = ?)",
                    arguments: [Data(entry.cocoonKey)]
                )
                guard isUsed == false else {
                    throw PseudonymityRefusal(.keyUsed, "a key of the batch has a certificate already")
                }
                try database.execute(
                    sql: """
                        INSERT INTO certificate (digest, cocoon_key, epoch, batch, place, response)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        Data(entry.digest), Data(entry.cocoonKey), Int64(epoch), Data(batch), place,
                        Data(entry.response),
                    ]
                )
            }
            return entries.map(\.response)
        }
    }

    private static func answer(to batch: [UInt8], content: [UInt8], in database: Database) throws -> [[UInt8]]? {
        let known = try Data.fetchOne(
            database,
            sql: "SELECT content FROM batch WHERE id = ?",
            arguments: [Data(batch)]
        )
        guard let known else { return nil }
        guard Array(known) == content else {
            throw PseudonymityRefusal(.keyUsed, "another batch has this identifier")
        }
        return try Data.fetchAll(
            database,
            sql: "SELECT response FROM certificate WHERE batch = ? ORDER BY place",
            arguments: [Data(batch)]
        ).map { Array($0) }
    }

    /// The epoch of a certificate; nil for one that is not in the books.
    func epoch(ofCertificate digest: [UInt8]) throws -> UInt64? {
        try self.file.read { database in
            try Int64.fetchOne(
                database,
                sql: "SELECT epoch FROM certificate WHERE digest = ?",
                arguments: [Data(digest)]
            ).map { UInt64($0) }
        }
    }

    /// Certificates that were made.
    func count() throws -> Int {
        try self.file.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM certificate") ?? 0 }
    }

    // MARK: - Revocation

    /// Marks the certificates of cocoon keys as revoked.
    ///
    /// - Returns: how many were not before.
    func revoke(_ keys: [[UInt8]], at now: UInt64) throws -> Int {
        try self.file.write { database in
            var count = 0
            for key in keys {
                try database.execute(
                    sql: "UPDATE certificate SET revoked = ? WHERE cocoon_key = ? AND revoked IS NULL",
                    arguments: [Int64(now), Data(key)]
                )
                count += database.changesCount
            }
            return count
        }
    }

    /// Signs a list when the newest one names something else than is revoked now, or is too old.
    ///
    /// - Parameters:
    ///   - epoch: certificates of earlier ones are over and are not named any more.
    ///   - isCurrent: whether the newest list may stay.
    ///   - sign: makes the list of a number.
    /// - Returns: the newest list.
    /// - Throws: when the database fails, and what the closures throw.
    func list(
        since epoch: UInt64,
        isCurrent: (List, [[UInt8]]) throws -> Bool,
        sign: (UInt64, [[UInt8]]) throws -> [UInt8]
    ) throws -> List {
        try self.file.write { database in
            let digests = try Data.fetchAll(
                database,
                sql: "SELECT digest FROM certificate WHERE revoked IS NOT NULL AND epoch >= ? ORDER BY digest",
                arguments: [Int64(epoch)]
            ).map { Array($0) }
            let newest = try Self.newest(in: database)
            if let newest, try isCurrent(newest, digests) { return newest }
            let number = (newest?.number ?? 0) + 1
            let bytes = try sign(number, digests)
            try database.execute(
                sql: "INSERT INTO revocation_list (number, bytes, is_published) VALUES (?, ?, 0)",
                arguments: [Int64(number), Data(bytes)]
            )
            return List(number: number, bytes: bytes, isPublished: false)
        }
    }

    /// Notes that the chain has a list; earlier ones are forgotten.
    func setPublished(_ number: UInt64) throws {
        try self.file.write { database in
            try database.execute(
                sql: "UPDATE revocation_list SET is_published = 1 WHERE number = ?",
                arguments: [Int64(number)]
            )
            try database.execute(sql: "DELETE FROM revocation_list WHERE number < ?", arguments: [Int64(number)])
        }
    }

    private static func newest(in database: Database) throws -> List? {
        try Row.fetchOne(database, sql: "SELECT * FROM revocation_list ORDER BY number DESC LIMIT 1").map { row in
            List(
                number: UInt64(row["number"] as Int64),
                bytes: Array(row["bytes"] as Data),
                isPublished: (row["is_published"] as Int64) == 1
            )
        }
    }

    // MARK: - Traces

    /// The evidence that was given under an order; nil when none was.
    func evidence(under order: [UInt8]) throws -> [UInt8]? {
        try self.file.read { try Self.evidence(under: order, in: $0) }
    }

    /// Keeps evidence, once for each order, so that the chain's record of it stays true.
    ///
    /// - Returns: it, or what another request kept first.
    func keep(_ evidence: [UInt8], under order: [UInt8]) throws -> [UInt8] {
        try self.file.write { database in
            if let known = try Self.evidence(under: order, in: database) { return known }
            try database.execute(
                sql: "INSERT INTO trace (id, evidence) VALUES (?, ?)",
                arguments: [Data(order), Data(evidence)]
            )
            return evidence
        }
    }

    private static func evidence(under order: [UInt8], in database: Database) throws -> [UInt8]? {
        try Data.fetchOne(database, sql: "SELECT evidence FROM trace WHERE id = ?", arguments: [Data(order)])
            .map { Array($0) }
    }

    // MARK: - Age

    /// Drops answers to batches of epochs that are over, and everything about epochs too old to be traced.
    func forget(answersBefore epoch: UInt64, allBefore oldest: UInt64) throws {
        try self.file.write { database in
            try database.execute(
                sql: "UPDATE certificate SET response = x'' WHERE epoch < ? AND response <> x''",
                arguments: [Int64(epoch)]
            )
            try database.execute(sql: "DELETE FROM certificate WHERE epoch < ?", arguments: [Int64(oldest)])
            try database.execute(sql: "DELETE FROM batch WHERE epoch < ?", arguments: [Int64(oldest)])
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE batch (
                        id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
                        content BLOB NOT NULL,
                        epoch INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE certificate (
                        digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
                        cocoon_key BLOB NOT NULL UNIQUE CHECK (length(cocoon_key) = 33),
                        epoch INTEGER NOT NULL,
                        batch BLOB NOT NULL REFERENCES batch (id),
                        place INTEGER NOT NULL,
                        response BLOB NOT NULL,
                        revoked INTEGER
                    ) STRICT, WITHOUT ROWID;
                    CREATE UNIQUE INDEX certificate_batch ON certificate (batch, place);
                    CREATE INDEX certificate_epoch ON certificate (epoch);
                    CREATE TABLE revocation_list (
                        number INTEGER PRIMARY KEY NOT NULL,
                        bytes BLOB NOT NULL,
                        is_published INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE trace (
                        id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
                        evidence BLOB NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    """
            )
        }
        return migrator
    }
}
