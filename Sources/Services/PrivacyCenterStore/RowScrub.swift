internal import Records

/// Checks the tables beside the tree: every row against its checksum, and all rows against their tally.
struct RowScrub {
    let engine: any StoreEngine
    let findings: ScrubFindings

    func run() throws {
        try self.compare(.certificate, with: .certificates) { row in
            let (_, bytes, checksum) = try RowCoding.certificate(row)
            self.findings.count { $0.certificates += 1 }
            return (checksum, bytes.count)
        }
        try self.compare(.rekey, with: .rekeys) { row in
            let rekey = try RowCoding.rekey(row)
            self.findings.count { $0.rekeys += 1 }
            return (RowCoding.checksum(rekey), rekey.byteCount)
        }
        try self.findings.examine("nonce") {
            try self.engine.read { db in
                try self.walk(.nonce, db) { row in
                    let (nonce, grant) = (try row.blob(1), try RowCoding.digest(row, 0))
                    guard row.values == RowCoding.nonce(nonce, grant: grant, used: try row.number(2)) else {
                        throw StoreError.damaged("the row is not what was written")
                    }
                    self.findings.count { $0.nonces += 1 }
                }
            }
        }
    }

    private func compare(
        _ shape: TableShape,
        with table: Tally.Table,
        _ examine: (SQLRow) throws -> (checksum: Digest, bytes: Int)
    ) throws {
        try self.findings.examine(shape.name) {
            try self.engine.read { db in
                let expected = try Tally.read(table, db)
                var set = SetDigest()
                var (count, bytes) = (UInt64(0), UInt64(0))
                try self.walk(shape, db) { row in
                    count += 1
                    let row = try examine(row)
                    set.insert(row.checksum)
                    bytes += UInt64(row.bytes)
                }
                let found = Tally(table: table, count: count, bytes: bytes, digest: set.digest)
                if found != expected {
                    self.findings.add(
                        "tally",
                        "\(table)",
                        "\(count) rows are not the \(expected.count) that were written"
                    )
                }
            }
        }
    }

    private func walk(_ shape: TableShape, _ db: any StoreConnection, _ body: (SQLRow) throws -> Void) throws {
        var last: SQLRow?
        var done: UInt64 = 0
        repeat {
            let rows = try shape.rows(after: last, limit: 64, db)
            for row in rows {
                do {
                    try body(row)
                } catch {
                    try self.findings.add(error, place: shape.name, key: self.key(of: row, shape))
                }
            }
            done += UInt64(rows.count)
            last = rows.last
            try self.findings.progress(shape.name, done: done, total: 0)
        } while last != nil
    }

    private func key(of row: SQLRow, _ shape: TableShape) -> String {
        shape.key.map { column in
            switch row.values[column] {
            case .integer(let value): String(value)
            case .blob(let bytes): bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            case .text, .null: "?"
            }
        }.joined(separator: "/")
    }
}
