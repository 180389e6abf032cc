internal import Merkle
internal import Records

/// How many rows a table holds, and a digest over all of them.
struct Tally: Sendable, Equatable {
    enum Table: Int64, CaseIterable, Sendable {
        /// The digest is the Merkle root.
        case envelopes = 1
        /// The digest is a ``SetDigest``.
        case certificates = 2
        /// The digest is a ``SetDigest``.
        case rekeys = 3
    }

    let table: Table
    var count: UInt64
    /// Bytes of the objects themselves.
    var bytes: UInt64
    var digest: Digest

    /// Reads a tally; `lock` keeps it from changing until the transaction ends.
    static func read(_ table: Table, lock: String = "", _ db: any StoreConnection) throws -> Tally {
        let rows = try db.rows(
            "SELECT count, bytes, digest, checksum FROM tally WHERE id = $1\(lock)",
            [.integer(table.rawValue)]
        )
        guard let row = rows.first, let digest = Digest(bytes: try row.blob(2)) else {
            throw StoreError.damaged("the tally of \(table) is missing")
        }
        let tally = Tally(table: table, count: try row.number(0), bytes: try row.number(1), digest: digest)
        guard try row.blob(3) == tally.checksum else {
            throw StoreError.damaged("the tally of \(table) is not what was written")
        }
        return tally
    }

    func update(_ db: any StoreConnection) throws {
        let changed = try db.change(
            "UPDATE tally SET count = $1, bytes = $2, digest = $3, checksum = $4 WHERE id = $5",
            [
                .integer(Int64(bitPattern: self.count)), .integer(Int64(bitPattern: self.bytes)),
                .blob(self.digest.bytes), .blob(self.checksum), .integer(self.table.rawValue),
            ]
        )
        guard changed == 1 else { throw StoreError.damaged("the tally of \(self.table) is missing") }
    }

    static func insertEmpty(_ table: Table, _ db: any StoreConnection) throws {
        let empty = Tally(
            table: table,
            count: 0,
            bytes: 0,
            digest: table == .envelopes ? MerkleHash.emptyRoot : SetDigest().digest
        )
        _ = try db.change(
            "INSERT INTO tally (id, count, bytes, digest, checksum) VALUES ($1, 0, 0, $2, $3)",
            [.integer(table.rawValue), .blob(empty.digest.bytes), .blob(empty.checksum)]
        )
    }

    /// Takes a row in.
    mutating func insert(_ row: Digest, bytes: Int) {
        var set = SetDigest(self.digest)
        set.insert(row)
        self.digest = set.digest
        self.count += 1
        self.bytes += UInt64(bytes)
    }

    /// Takes a row in for another one.
    mutating func replace(_ old: Digest, by new: Digest) {
        var set = SetDigest(self.digest)
        set.remove(old)
        set.insert(new)
        self.digest = set.digest
    }

    private var checksum: [UInt8] {
        var checksum = RowChecksum("tally")
        checksum.add(UInt64(bitPattern: self.table.rawValue))
        checksum.add(self.count)
        checksum.add(self.bytes)
        checksum.add(self.digest)
        return checksum.bytes
    }
}
