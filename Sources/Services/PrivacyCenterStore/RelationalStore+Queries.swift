package import Merkle
package import Records

extension RelationalStore {
    package func putCertificate(_ bytes: [UInt8], digest: Digest) async throws -> PutOutcome {
        guard !bytes.isEmpty, bytes.count <= self.limits.envelopeBytesMax else {
            throw StoreError.invalid("a certificate has 1 to \(self.limits.envelopeBytesMax) bytes")
        }
        let outcome = try await self.write { [engine] db -> PutOutcome in
            var tally = try Tally.read(.certificates, lock: engine.rowLock, db)
            if let known = try Self.certificate(digest, db) { return known == bytes ? .alreadyStored : .conflict }
            _ = try db.bulk(TableShape.certificate.insert, [RowCoding.certificate(bytes, digest: digest)])
            tally.insert(RowCoding.certificateChecksum(bytes, digest: digest), bytes: bytes.count)
            try tally.update(db)
            return .stored
        }
        return outcome
    }

    package func certificate(_ digest: Digest) async throws -> [UInt8]? {
        try await self.read { try Self.certificate(digest, $0) }
    }

    package func certificates(after digest: Digest?, limit: Int) async throws -> [StoredCertificate] {
        let limit = try Self.checked(limit)
        return try await self.read { db in
            // SQLite numbers parameters as they first appear in the text, so the order is that of the values.
            let sql =
                digest == nil
                ? "SELECT digest, bytes, checksum FROM certificate ORDER BY digest LIMIT $1"
                : "SELECT digest, bytes, checksum FROM certificate WHERE digest > $1 ORDER BY digest LIMIT $2"
            return try db.rows(sql, (digest.map { [.blob($0.bytes)] } ?? []) + [.integer(limit)]).map { row in
                let found = try RowCoding.certificate(row)
                return StoredCertificate(digest: found.digest, bytes: found.bytes)
            }
        }
    }

    private static func certificate(_ digest: Digest, _ db: any StoreConnection) throws -> [UInt8]? {
        try db.rows("SELECT digest, bytes, checksum FROM certificate WHERE digest = $1", [.blob(digest.bytes)]).first
            .map { try RowCoding.certificate($0).bytes }
    }

    package func envelope(_ h1: Digest) async throws -> StoredEnvelope? {
        try await self.read { try Self.envelope(h1, $0) }
    }

    package func envelopes(_ h1s: [Digest]) async throws -> [Digest: StoredEnvelope] {
        guard h1s.count <= Self.envelopesMax else {
            throw StoreError.invalid("at most \(Self.envelopesMax) envelopes at once")
        }
        return try await self.read { db in
            var found: [Digest: StoredEnvelope] = [:]
            for h1 in h1s { found[h1] = try Self.envelope(h1, db) }
            return found
        }
    }

    private static let envelopesMax = 1_000

    private static func envelope(_ h1: Digest, _ db: any StoreConnection) throws -> StoredEnvelope? {
        try db.rows(
            """
            SELECT leaf_index, h1, received_ms, sender, scope, sequence, created_s, checksum, bytes
            FROM envelope WHERE h1 = $1
            """,
            [.blob(h1.bytes)]
        ).first.map(RowCoding.envelope)
    }

    package func envelopes(
        ofScope scope: Digest,
        after leafIndex: UInt64?,
        limit: Int
    ) async throws -> [EnvelopeListing] {
        // Leaf indexes are never negative, so that -1 lies before the first.
        let after = try leafIndex.map { try Self.signed($0) } ?? -1
        let limit = try Self.checked(limit)
        return try await self.read { db in
            try db.rows(
                """
                SELECT leaf_index, h1, sender, sequence, created_s, received_ms, length(bytes)
                FROM envelope WHERE scope = $1 AND leaf_index > $2 ORDER BY leaf_index LIMIT $3
                """,
                [.blob(scope.bytes), .integer(after), .integer(limit)]
            ).map { row in
                EnvelopeListing(
                    leafIndex: try row.number(0),
                    h1: try RowCoding.digest(row, 1),
                    sender: try RowCoding.digest(row, 2),
                    sequence: try row.number(3),
                    created: try row.number(4),
                    receivedMilliseconds: try row.number(5),
                    byteCount: Int(try row.integer(6))
                )
            }
        }
    }

    package func treeHead() async throws -> TreeHead {
        try await self.read { try Self.treeHead($0) }
    }

    package func inclusion(of h1: Digest, treeSize: UInt64?) async throws -> Inclusion? {
        try await self.read { db in
            let rows = try db.rows(
                "SELECT leaf_index, h1, received_ms FROM envelope WHERE h1 = $1",
                [.blob(h1.bytes)]
            )
            return try rows.first.flatMap { try Self.inclusion($0, treeSize: treeSize, db) }
        }
    }

    package func inclusion(ofLeaf leafIndex: UInt64, treeSize: UInt64?) async throws -> Inclusion? {
        let key = try Self.signed(leafIndex)
        return try await self.read { db in
            let rows = try db.rows(
                "SELECT leaf_index, h1, received_ms FROM envelope WHERE leaf_index = $1",
                [.integer(key)]
            )
            return try rows.first.flatMap { try Self.inclusion($0, treeSize: treeSize, db) }
        }
    }

    package func consistency(from firstSize: UInt64, to secondSize: UInt64) async throws -> ConsistencyProof? {
        try await self.read { db in
            guard firstSize <= secondSize, secondSize <= (try Self.treeHead(db).size) else { return nil }
            return try ConsistencyProof(firstSize: firstSize, secondSize: secondSize, from: StoredNodes(db: db))
        }
    }

    private static func inclusion(
        _ row: SQLRow,
        treeSize: UInt64?,
        _ db: any StoreConnection
    ) throws -> Inclusion? {
        let head = try self.treeHead(db)
        let size = treeSize ?? head.size
        let nodes = StoredNodes(db: db)
        guard size <= head.size,
            let proof = try InclusionProof(leafIndex: try row.number(0), treeSize: size, from: nodes)
        else { return nil }
        return Inclusion(
            h1: try RowCoding.digest(row, 1),
            receivedMilliseconds: try row.number(2),
            proof: proof,
            head: size == head.size ? head : TreeHead(size: size, root: try nodes.root(ofSize: size))
        )
    }

    static func treeHead(_ db: any StoreConnection) throws -> TreeHead {
        let tally = try Tally.read(.envelopes, db)
        return TreeHead(size: tally.count, root: tally.digest)
    }

    /// How many rows one listing gives at most.
    static let listingMax = 1_000

    static func checked(_ limit: Int) throws -> Int64 {
        guard limit > 0 else { throw StoreError.invalid("a listing has a limit of at least 1") }
        return Int64(min(limit, self.listingMax))
    }

    private static func signed(_ number: UInt64) throws -> Int64 {
        guard let number = Int64(exactly: number) else { throw StoreError.invalid("a leaf index is below 2^63") }
        return number
    }
}
