/// The tables, in the words of both databases.
enum Schema {
    /// What this release writes.
    static let version: Int64 = 1

    /// The statements that make the tables.
    ///
    /// - Parameters:
    ///   - integer: the type of 64-bit integers.
    ///   - bytes: the type of byte strings.
    ///   - tableSuffix: what follows a table's columns.
    /// - Returns: one statement after the other.
    static func statements(integer: String, bytes: String, tableSuffix: String) -> [String] {
        self.templates.map { template in
            template.replacing("{integer}", with: integer).replacing("{bytes}", with: bytes)
                .replacing("{suffix}", with: tableSuffix)
        }
    }

    private static let templates = [
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value {bytes} NOT NULL, checksum {bytes} NOT NULL){suffix}",
        """
        CREATE TABLE tally (
            id {integer} PRIMARY KEY,
            count {integer} NOT NULL,
            bytes {integer} NOT NULL,
            digest {bytes} NOT NULL,
            checksum {bytes} NOT NULL
        ){suffix}
        """,
        """
        CREATE TABLE certificate (
            digest {bytes} PRIMARY KEY,
            bytes {bytes} NOT NULL,
            checksum {bytes} NOT NULL
        ){suffix}
        """,
        // The bytes come last: a reader of the other columns then needs no page of theirs.
        """
        CREATE TABLE envelope (
            leaf_index {integer} PRIMARY KEY,
            h1 {bytes} NOT NULL UNIQUE,
            received_ms {integer} NOT NULL,
            sender {bytes} NOT NULL,
            scope {bytes} NOT NULL,
            sequence {integer} NOT NULL,
            created_s {integer} NOT NULL,
            checksum {bytes} NOT NULL,
            bytes {bytes} NOT NULL
        ){suffix}
        """,
        "CREATE UNIQUE INDEX envelope_by_sequence ON envelope (sender, scope, sequence)",
        "CREATE UNIQUE INDEX envelope_by_scope ON envelope (scope, leaf_index)",
        """
        CREATE TABLE node (
            level {integer} NOT NULL,
            position {integer} NOT NULL,
            hash {bytes} NOT NULL,
            PRIMARY KEY (level, position)
        ){suffix}
        """,
        """
        CREATE TABLE rekey (
            grant_digest {bytes} PRIMARY KEY,
            scope {bytes} NOT NULL,
            receiver {bytes} NOT NULL,
            owner {bytes} NOT NULL,
            grant_bytes {bytes} NOT NULL,
            descriptor {bytes} NOT NULL,
            share_index {integer} NOT NULL,
            sealed_share {bytes} NOT NULL,
            not_before {integer} NOT NULL,
            not_after {integer} NOT NULL,
            revoked {integer} NOT NULL,
            checksum {bytes} NOT NULL
        ){suffix}
        """,
        "CREATE INDEX rekey_by_scope ON rekey (scope, grant_digest)",
        "CREATE INDEX rekey_by_receiver ON rekey (receiver, grant_digest)",
        "CREATE INDEX rekey_by_owner ON rekey (owner, grant_digest)",
        """
        CREATE TABLE nonce (
            grant_digest {bytes} NOT NULL,
            nonce {bytes} NOT NULL,
            used_ms {integer} NOT NULL,
            checksum {bytes} NOT NULL,
            PRIMARY KEY (grant_digest, nonce)
        ){suffix}
        """,
        "CREATE INDEX nonce_by_time ON nonce (used_ms)",
    ]
}

/// One row about the whole store: its checksum makes a changed one stand out.
enum Meta {
    /// A value with its checksum; nil when there is none.
    static func value(_ name: String, _ db: any StoreConnection) throws -> [UInt8]? {
        guard let row = try db.rows("SELECT value, checksum FROM meta WHERE name = '\(name)'").first else {
            return nil
        }
        let value = try row.blob(0)
        guard try row.blob(1) == self.checksum(name, value) else {
            throw StoreError.damaged("the row \(name) of the table meta is not what was written")
        }
        return value
    }

    static func insert(_ name: String, _ value: [UInt8], _ db: any StoreConnection) throws {
        _ = try db.change(
            "INSERT INTO meta (name, value, checksum) VALUES ('\(name)', $1, $2)",
            [.blob(value), .blob(self.checksum(name, value))]
        )
    }

    /// Fills a database whose tables were just made.
    static func fill(_ db: any StoreConnection) throws {
        try self.insert("schema_version", Array(String(Schema.version).utf8), db)
        for table in Tally.Table.allCases { try Tally.insertEmpty(table, db) }
    }

    /// Refuses a store that this release does not know.
    static func checkVersion(_ db: any StoreConnection) throws {
        guard let value = try self.value("schema_version", db),
            let found = Int64(String(decoding: value, as: UTF8.self))
        else { throw StoreError.damaged("the store does not say which schema it has") }
        guard found <= Schema.version else {
            throw StoreError.newerSchema(found: found, supported: Schema.version)
        }
        guard try self.value("restoring", db) == nil else {
            throw StoreError.damaged("a restore into this store did not finish; delete the store and restore again")
        }
    }

    private static func checksum(_ name: String, _ value: [UInt8]) -> [UInt8] {
        var checksum = RowChecksum("meta")
        checksum.add(Array(name.utf8))
        checksum.add(value)
        return checksum.bytes
    }
}
