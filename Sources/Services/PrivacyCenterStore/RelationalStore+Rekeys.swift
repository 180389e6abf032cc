package import Records

extension RelationalStore {
    package func putRekey(_ rekey: Rekey) async throws -> PutOutcome {
        for bytes in [rekey.grant, rekey.descriptor, rekey.sealedShare] where bytes.count > Self.rekeyPartBytesMax {
            throw StoreError.invalid("a part of a rekey has at most \(Self.rekeyPartBytesMax) bytes")
        }
        return try await self.write { [engine] db in
            var tally = try Tally.read(.rekeys, lock: engine.rowLock, db)
            if var known = try Self.rekey(rekey.grantDigest, db) {
                known.isRevoked = rekey.isRevoked
                return known == rekey ? .alreadyStored : .conflict
            }
            _ = try db.bulk(TableShape.rekey.insert, [RowCoding.rekey(rekey)])
            tally.insert(RowCoding.checksum(rekey), bytes: rekey.byteCount)
            try tally.update(db)
            return .stored
        }
    }

    package func rekey(_ grantDigest: Digest) async throws -> Rekey? {
        try await self.read { try Self.rekey(grantDigest, $0) }
    }

    package func rekeys(
        _ filter: RekeyFilter,
        after grantDigest: Digest?,
        limit: Int
    ) async throws -> [Rekey] {
        let limit = try Self.checked(limit)
        return try await self.read { db in
            // No digest sorts before the empty string.
            var parameters: [SQLValue] = [.blob(grantDigest?.bytes ?? [])]
            var condition = "grant_digest > $1"
            if let (column, digest) = filter.column {
                condition += " AND \(column) = $2"
                parameters.append(.blob(digest.bytes))
            }
            parameters.append(.integer(limit))
            return try db.rows(
                "\(Self.selection) WHERE \(condition) ORDER BY grant_digest LIMIT $\(parameters.count)",
                parameters
            ).map(RowCoding.rekey)
        }
    }

    package func revokeRekey(_ grantDigest: Digest) async throws -> Bool {
        try await self.write { [engine] db in
            var tally = try Tally.read(.rekeys, lock: engine.rowLock, db)
            guard let old = try Self.rekey(grantDigest, db) else { return false }
            guard !old.isRevoked else { return true }
            var new = old
            new.isRevoked = true
            _ = try db.change(
                "UPDATE rekey SET revoked = 1, checksum = $1 WHERE grant_digest = $2",
                [.blob(RowCoding.checksum(new).bytes), .blob(grantDigest.bytes)]
            )
            tally.replace(RowCoding.checksum(old), by: RowCoding.checksum(new))
            try tally.update(db)
            return true
        }
    }

    package func useNonce(
        _ nonce: [UInt8],
        grant grantDigest: Digest,
        at milliseconds: UInt64
    ) async throws -> Bool {
        guard (1...64).contains(nonce.count) else { throw StoreError.invalid("a nonce has 1 to 64 bytes") }
        guard milliseconds <= Int64.max else { throw StoreError.invalid("a time is below 2^63 ms") }
        return try await self.write { db in
            try db.change(
                """
                INSERT INTO nonce (grant_digest, nonce, used_ms, checksum) VALUES ($1, $2, $3, $4)
                ON CONFLICT DO NOTHING
                """,
                RowCoding.nonce(nonce, grant: grantDigest, used: milliseconds)
            ) == 1
        }
    }

    @discardableResult
    package func pruneNonces(before milliseconds: UInt64) async throws -> Int {
        guard let milliseconds = Int64(exactly: milliseconds) else {
            throw StoreError.invalid("a time is below 2^63 ms")
        }
        return try await self.write { try $0.change("DELETE FROM nonce WHERE used_ms < $1", [.integer(milliseconds)]) }
    }

    private static let rekeyPartBytesMax = 1 << 20
    private static let selection = """
        SELECT grant_digest, scope, receiver, owner, grant_bytes, descriptor, share_index, sealed_share, not_before,
            not_after, revoked, checksum
        FROM rekey
        """

    private static func rekey(_ grantDigest: Digest, _ db: any StoreConnection) throws -> Rekey? {
        try db.rows("\(self.selection) WHERE grant_digest = $1", [.blob(grantDigest.bytes)]).first
            .map(RowCoding.rekey)
    }
}

extension Rekey {
    var byteCount: Int { self.grant.count + self.descriptor.count + self.sealedShare.count }
}

extension RekeyFilter {
    fileprivate var column: (String, Digest)? {
        switch self {
        case .all: nil
        case .scope(let digest): ("scope", digest)
        case .receiver(let digest): ("receiver", digest)
        case .owner(let digest): ("owner", digest)
        }
    }
}
