package import Records

extension RelationalStore {
    package func backUp(to path: String) async throws -> TreeHead {
        try await BlockingThreads.runAlone { [engine] in
            let file = try BackupFile(path: path)
            let head = try engine.read { db in
                try file.fill { copy in try StoreCopy(from: db).run { try copy($0) } }
                return try Self.treeHead(db)
            }
            try file.finish()
            return head
        }
    }

    package func restore(
        from path: String,
        digest: @escaping @Sendable ([UInt8]) -> Digest?
    ) async throws -> ScrubReport {
        let report = try await BlockingThreads.runAlone { [engine] in
            try BackupFile.checkDigest(of: path)
            let backup = try SQLiteEngine(readOnlyFile: path, readers: 1)
            try engine.write { db in
                try Self.requireEmpty(db, engine)
                try Meta.insert("restoring", [1], db)
            }
            try backup.read { source in
                try StoreCopy(from: source).run { step in try engine.write { try step($0) } }
            }
            let findings = ScrubFindings { _ in }
            try engine.inspect(findings)
            try EnvelopeScrub(engine: engine, digest: digest, findings: findings).run()
            try RowScrub(engine: engine, findings: findings).run()
            return findings.result
        }
        // The mark stays on a damaged copy, so that no node serves it.
        if let first = report.findings.first {
            throw StoreError.damaged("the backup \(path) has \(report.findingCount) damages, the first: \(first)")
        }
        try await self.write { db in _ = try db.change("DELETE FROM meta WHERE name = 'restoring'", []) }
        return report
    }

    private static func requireEmpty(_ db: any StoreConnection, _ engine: any StoreEngine) throws {
        for shape in TableShape.all where try !shape.rows(after: nil, limit: 1, db).isEmpty {
            throw StoreError.notEmpty("the store \(engine.place) holds data already; restore into an empty one")
        }
    }
}

/// Copies all rows of one store into another, in steps of bounded size.
struct StoreCopy {
    /// A part of the copy, to be run in a transaction of the target.
    typealias Step = (any StoreConnection) throws -> Void

    private let source: any StoreConnection
    private static let stepBytes = 8 << 20
    private static let stepRows = 64

    init(from source: any StoreConnection) { self.source = source }

    /// Gives the steps in order; the tallies come last, so that a copy that stopped early shows.
    func run(_ perform: (@escaping Step) throws -> Void) throws {
        for shape in TableShape.all {
            var last: SQLRow?
            repeat {
                let rows = try self.rows(shape, after: last)
                if !rows.isEmpty {
                    try perform { _ = try $0.bulk(shape.insert, rows.map(\.values)) }
                }
                last = rows.last
            } while last != nil
        }
        let tallies = try Tally.Table.allCases.map { try Tally.read($0, self.source) }
        try perform { target in
            for tally in tallies { try tally.update(target) }
        }
    }

    private func rows(_ shape: TableShape, after start: SQLRow?) throws -> [SQLRow] {
        var (rows, bytes, last) = ([SQLRow](), 0, start)
        while bytes < Self.stepBytes {
            let next = try shape.rows(after: last, limit: Self.stepRows, self.source)
            guard let end = next.last else { break }
            rows += next
            bytes += next.reduce(0) { $0 + $1.byteCount }
            last = end
        }
        return rows
    }
}

extension SQLRow {
    var byteCount: Int {
        self.values.reduce(0) { sum, value in
            switch value {
            case .blob(let bytes), .text(let bytes): sum + bytes.count
            case .integer, .null: sum + 8
            }
        }
    }
}
