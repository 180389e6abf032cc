internal import Merkle
internal import Records

/// Builds the whole tree again from the envelopes and compares every leaf, node and root.
///
/// Envelopes and nodes never change, so that short transactions suffice and appends go on meanwhile.
final class EnvelopeScrub {
    private let engine: any StoreEngine
    private let digest: ([UInt8]) -> Digest?
    private let findings: ScrubFindings
    private var frontier = MerkleFrontier()
    private var certificates: Set<Digest> = []
    private var bytes: UInt64 = 0
    private var unreadable = 0

    /// Envelopes that are read at once.
    private static let chunk: UInt64 = 64
    /// Rows in succession that cannot be read before the table is given up.
    private static let unreadableMax = 1_000

    init(engine: any StoreEngine, digest: @escaping ([UInt8]) -> Digest?, findings: ScrubFindings) {
        self.engine = engine
        self.digest = digest
        self.findings = findings
    }

    func run() throws {
        var tally: Tally?
        try self.findings.examine("tally") { tally = try self.engine.read { try Tally.read(.envelopes, $0) } }
        try self.findings.examine("certificate") { try self.findCertificates() }
        let size = try self.size(tally)
        try self.findings.examine("envelope") { try self.walk(to: size) }
        if let tally { self.compare(tally) }
        try self.findings.examine("tally") { try self.countRows() }
    }

    /// A store whose tally is damaged still has envelopes to look at.
    private func size(_ tally: Tally?) throws -> UInt64 {
        if let tally { return tally.count }
        var size: UInt64 = 0
        try self.findings.examine("envelope") {
            size = try self.engine.read { db in
                try db.rows("SELECT coalesce(max(leaf_index), -1) + 1 FROM envelope").first?.number(0) ?? 0
            }
        }
        return size
    }

    private func walk(to size: UInt64) throws {
        while self.frontier.size < size {
            let start = self.frontier.size
            // Every bound is one that a chunk of nodes shares.
            let end = min(size, (start / Self.chunk + 1) * Self.chunk)
            try self.check(start..<end)
            guard self.unreadable < Self.unreadableMax else {
                throw StoreError.damaged("too many rows cannot be read; given up at leaf \(end)")
            }
            try self.findings.progress("envelope", done: end, total: size)
        }
    }

    private func check(_ leaves: Range<UInt64>) throws {
        let nodes = try self.nodes(completedBy: leaves)
        var rows: [UInt64: SQLRow] = [:]
        do {
            rows = try self.rows(leaves)
        } catch {
            rows = try self.rowsOneByOne(leaves)
        }
        for leafIndex in leaves {
            let leafHash = try self.check(leafIndex, rows[leafIndex])
            let stored = nodes[MerkleNode(level: 0, position: leafIndex)]
            // Without the envelope the stored leaf still tells whether the rest of the tree is whole.
            for completed in self.frontier.append(leafHash ?? stored ?? MerkleHash.emptyRoot) {
                self.compare(completed, nodes[completed.node])
            }
        }
    }

    /// Checks a row against itself; gives the leaf hash that its columns make.
    private func check(_ leafIndex: UInt64, _ row: SQLRow?) throws -> Digest? {
        guard let row else {
            self.findings.add("envelope", "leaf \(leafIndex)", "the row is missing")
            return nil
        }
        do {
            let stored = try RowCoding.envelope(row)
            let envelope = stored.envelope
            self.bytes += UInt64(envelope.bytes.count)
            if self.digest(envelope.bytes) != envelope.h1 {
                self.findings.add("envelope", "leaf \(leafIndex)", "the bytes do not have the digest \(envelope.h1)")
            }
            if !self.certificates.contains(envelope.sender) {
                self.findings.add("envelope", "leaf \(leafIndex)", "the certificate \(envelope.sender) is missing")
            }
            self.findings.count { report in
                report.envelopes += 1
                report.envelopeBytes += UInt64(envelope.bytes.count)
            }
            return envelope.leafHash
        } catch {
            try self.findings.add(error, place: "envelope", key: "leaf \(leafIndex)")
            return nil
        }
    }

    private func compare(_ completed: MerkleFrontier.Completed, _ stored: Digest?) {
        let key = "\(completed.node.level)/\(completed.node.position)"
        self.findings.count { $0.nodes += 1 }
        switch stored {
        case completed.hash: break
        case nil: self.findings.add("node", key, "the node is missing")
        default: self.findings.add("node", key, "the node is not the hash of its leaves")
        }
    }

    private func compare(_ tally: Tally) {
        guard self.frontier.size == tally.count else { return }
        if self.frontier.root != tally.digest {
            self.findings.add("tally", "envelopes", "the root is not the one of the stored envelopes")
        }
        if self.bytes != tally.bytes, self.findings.result.envelopes == tally.count {
            self.findings.add("tally", "envelopes", "the envelopes have \(self.bytes) bytes, not \(tally.bytes)")
        }
    }
}

// Reading
extension EnvelopeScrub {
    private func rows(_ leaves: Range<UInt64>) throws -> [UInt64: SQLRow] {
        let rows = try self.engine.read { db in
            try db.rows(
                """
                SELECT leaf_index, h1, received_ms, sender, scope, sequence, created_s, checksum, bytes
                FROM envelope WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index
                """,
                [RowCoding.integer(leaves.lowerBound), RowCoding.integer(leaves.upperBound)]
            )
        }
        return Dictionary(try rows.map { (try $0.number(0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Finds the readable ones beside a row that is not.
    private func rowsOneByOne(_ leaves: Range<UInt64>) throws -> [UInt64: SQLRow] {
        var rows: [UInt64: SQLRow] = [:]
        for leafIndex in leaves {
            do {
                rows.merge(try self.rows(leafIndex..<leafIndex + 1)) { first, _ in first }
                self.unreadable = 0
            } catch {
                self.unreadable += 1
                try self.findings.add(error, place: "envelope", key: "leaf \(leafIndex)")
            }
        }
        return rows
    }

    /// The stored nodes whose last leaf lies within the range.
    private func nodes(completedBy leaves: Range<UInt64>) throws -> [MerkleNode: Digest] {
        var nodes: [MerkleNode: Digest] = [:]
        try self.findings.examine("node") {
            try self.engine.read { db in
                for level in 0..<63 {
                    let (from, to) = (leaves.lowerBound >> UInt64(level), leaves.upperBound >> UInt64(level))
                    if from == to { break }
                    let rows = try db.rows(
                        "SELECT position, hash FROM node WHERE level = $1 AND position >= $2 AND position < $3",
                        [.integer(Int64(level)), RowCoding.integer(from), RowCoding.integer(to)]
                    )
                    for row in rows {
                        nodes[MerkleNode(level: level, position: try row.number(0))] = try RowCoding.digest(row, 1)
                    }
                }
            }
        }
        return nodes
    }

    private func findCertificates() throws {
        try self.engine.read { db in
            var last: SQLRow?
            repeat {
                let rows = try TableShape.certificate.rows(after: last, limit: 256, db)
                for row in rows { self.certificates.insert(try RowCoding.digest(row, 0)) }
                last = rows.last
            } while last != nil
        }
    }

    /// Rows beside the tree: the tree's own were all looked up.
    private func countRows() throws {
        try self.engine.read { db in
            let size = try Tally.read(.envelopes, db).count
            let envelopes = try TableShape.envelope.count(db)
            if envelopes != size {
                self.findings.add("envelope", "", "there are \(envelopes) rows for a tree of \(size) leaves")
            }
            let expected = (0..<63).reduce(UInt64(0)) { $0 + size >> UInt64($1) }
            let nodes = try TableShape.node.count(db)
            if nodes != expected {
                self.findings.add("node", "", "there are \(nodes) nodes for a tree of \(size) leaves")
            }
        }
    }
}
