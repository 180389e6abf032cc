/// The columns of a table: enough to fill it and to walk through it in the order of its key.
struct TableShape: Sendable {
    struct Column: Sendable {
        let name: String
        let isInteger: Bool

        static func integer(_ name: String) -> Column { Column(name: name, isInteger: true) }
        static func bytes(_ name: String) -> Column { Column(name: name, isInteger: false) }
    }

    let name: String
    let columns: [Column]
    /// The primary key's columns by index.
    let key: [Int]
    /// Adds rows.
    let insert: BulkStatement
    private let selection: String

    init(_ name: String, key: [Int], _ columns: [Column]) {
        self.name = name
        self.key = key
        self.columns = columns
        let names = columns.map(\.name).joined(separator: ", ")
        let values = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let arrays = columns.enumerated().map { "$\($0 + 1)::\($1.isInteger ? "bigint" : "bytea")[]" }
        self.insert = BulkStatement(
            single: "INSERT INTO \(name) (\(names)) VALUES (\(values))",
            set: "INSERT INTO \(name) (\(names)) SELECT * FROM unnest(\(arrays.joined(separator: ", ")))"
        )
        self.selection = "SELECT \(names) FROM \(name)"
    }

    /// The next rows in the order of the key: those behind a row, or the first ones.
    func rows(after row: SQLRow?, limit: Int, _ db: any StoreConnection) throws -> [SQLRow] {
        let key = self.key.map { self.columns[$0].name }.joined(separator: ", ")
        let order = "ORDER BY \(key) LIMIT \(limit)"
        guard let row else { return try db.rows("\(self.selection) \(order)") }
        let values = self.key.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return try db.rows(
            "\(self.selection) WHERE (\(key)) > (\(values)) \(order)",
            self.key.map { row.values[$0] }
        )
    }

    /// Number of rows.
    func count(_ db: any StoreConnection) throws -> UInt64 {
        try db.rows("SELECT count(*) FROM \(self.name)").first?.number(0) ?? 0
    }
}

extension TableShape {
    static let certificate = TableShape(
        "certificate",
        key: [0],
        [.bytes("digest"), .bytes("bytes"), .bytes("checksum")]
    )
    static let envelope = TableShape(
        "envelope",
        key: [0],
        [
            .integer("leaf_index"), .bytes("h1"), .integer("received_ms"), .bytes("sender"), .bytes("scope"),
            .integer("sequence"), .integer("created_s"), .bytes("checksum"), .bytes("bytes"),
        ]
    )
    static let node = TableShape("node", key: [0, 1], [.integer("level"), .integer("position"), .bytes("hash")])
    static let rekey = TableShape(
        "rekey",
        key: [0],
        [
            .bytes("grant_digest"), .bytes("scope"), .bytes("receiver"), .bytes("owner"), .bytes("grant_bytes"),
            .bytes("descriptor"), .integer("share_index"), .bytes("sealed_share"), .integer("not_before"),
            .integer("not_after"), .integer("revoked"), .bytes("checksum"),
        ]
    )
    static let nonce = TableShape(
        "nonce",
        key: [0, 1],
        [.bytes("grant_digest"), .bytes("nonce"), .integer("used_ms"), .bytes("checksum")]
    )

    /// Every table that grows, in an order in which they can be filled.
    static let all = [certificate, envelope, node, rekey, nonce]
}
