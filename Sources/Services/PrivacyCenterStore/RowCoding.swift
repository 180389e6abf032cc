internal import Merkle
internal import Records

/// A row as the store writes it, and as it must be found again.
enum RowCoding {
    static func digest(_ row: SQLRow, _ column: Int) throws -> Digest {
        guard let digest = Digest(bytes: try row.blob(column)) else {
            throw StoreError.damaged("a digest does not have 32 bytes")
        }
        return digest
    }

    static func integer(_ number: UInt64) -> SQLValue { .integer(Int64(bitPattern: number)) }

    static func certificate(_ bytes: [UInt8], digest: Digest) -> [SQLValue] {
        [.blob(digest.bytes), .blob(bytes), .blob(self.certificateChecksum(bytes, digest: digest).bytes)]
    }

    static func certificateChecksum(_ bytes: [UInt8], digest: Digest) -> Digest {
        var checksum = RowChecksum("certificate")
        checksum.add(digest)
        checksum.add(bytes)
        return checksum.digest
    }

    /// Reads ``TableShape/certificate``.
    static func certificate(_ row: SQLRow) throws -> (digest: Digest, bytes: [UInt8], checksum: Digest) {
        let (digest, bytes) = (try self.digest(row, 0), try row.blob(1))
        let checksum = self.certificateChecksum(bytes, digest: digest)
        guard try row.blob(2) == checksum.bytes else {
            throw StoreError.damaged("the certificate \(digest) is not what was written")
        }
        return (digest, bytes, checksum)
    }

    static func nonce(_ nonce: [UInt8], grant: Digest, used: UInt64) -> [SQLValue] {
        var checksum = RowChecksum("nonce")
        checksum.add(grant)
        checksum.add(nonce)
        checksum.add(used)
        return [.blob(grant.bytes), .blob(nonce), self.integer(used), .blob(checksum.bytes)]
    }

    static func node(_ completed: MerkleFrontier.Completed) -> [SQLValue] {
        [
            .integer(Int64(completed.node.level)), self.integer(completed.node.position),
            .blob(completed.hash.bytes),
        ]
    }
}

// Envelopes
extension RowCoding {
    static func envelope(_ envelope: NewEnvelope, leafIndex: UInt64) -> [SQLValue] {
        [
            self.integer(leafIndex), .blob(envelope.h1.bytes), self.integer(envelope.receivedMilliseconds),
            .blob(envelope.sender.bytes), .blob(envelope.scope.bytes), self.integer(envelope.sequence),
            self.integer(envelope.created), .blob(self.checksum(envelope, leafIndex: leafIndex)),
            .blob(envelope.bytes),
        ]
    }

    /// Reads ``TableShape/envelope``, and compares the checksum; whether the bytes fit H1 is a scrub's question.
    static func envelope(_ row: SQLRow) throws -> StoredEnvelope {
        let stored = StoredEnvelope(
            leafIndex: try row.number(0),
            envelope: NewEnvelope(
                h1: try self.digest(row, 1),
                bytes: try row.blob(8),
                sender: try self.digest(row, 3),
                scope: try self.digest(row, 4),
                sequence: try row.number(5),
                created: try row.number(6),
                receivedMilliseconds: try row.number(2)
            )
        )
        guard try row.blob(7) == self.checksum(stored.envelope, leafIndex: stored.leafIndex) else {
            throw StoreError.damaged("the row of the envelope \(stored.envelope.h1) is not what was written")
        }
        return stored
    }

    /// H1 stands for the bytes, so that storing hashes them no second time.
    private static func checksum(_ envelope: NewEnvelope, leafIndex: UInt64) -> [UInt8] {
        var checksum = RowChecksum("envelope")
        checksum.add(leafIndex)
        checksum.add(envelope.h1)
        checksum.add(envelope.receivedMilliseconds)
        checksum.add(envelope.sender)
        checksum.add(envelope.scope)
        checksum.add(envelope.sequence)
        checksum.add(envelope.created)
        checksum.add(UInt64(envelope.bytes.count))
        return checksum.bytes
    }
}

// Rekeys
extension RowCoding {
    static func rekey(_ rekey: Rekey) -> [SQLValue] {
        [
            .blob(rekey.grantDigest.bytes), .blob(rekey.scope.bytes), .blob(rekey.receiver.bytes),
            .blob(rekey.owner.bytes), .blob(rekey.grant), .blob(rekey.descriptor), .integer(Int64(rekey.index)),
            .blob(rekey.sealedShare), self.integer(rekey.notBefore), self.integer(rekey.notAfter),
            .integer(rekey.isRevoked ? 1 : 0), .blob(self.checksum(rekey).bytes),
        ]
    }

    /// Reads ``TableShape/rekey``.
    static func rekey(_ row: SQLRow) throws -> Rekey {
        guard let index = UInt8(exactly: try row.integer(6)), let revoked = [0: false, 1: true][try row.integer(10)]
        else { throw StoreError.damaged("a rekey is not what was written") }
        let rekey = Rekey(
            grantDigest: try self.digest(row, 0),
            scope: try self.digest(row, 1),
            receiver: try self.digest(row, 2),
            owner: try self.digest(row, 3),
            grant: try row.blob(4),
            descriptor: try row.blob(5),
            index: index,
            sealedShare: try row.blob(7),
            notBefore: try row.number(8),
            notAfter: try row.number(9),
            isRevoked: revoked
        )
        guard try row.blob(11) == self.checksum(rekey).bytes else {
            throw StoreError.damaged("the rekey of the grant \(rekey.grantDigest) is not what was written")
        }
        return rekey
    }

    static func checksum(_ rekey: Rekey) -> Digest {
        var checksum = RowChecksum("rekey")
        for digest in [rekey.grantDigest, rekey.scope, rekey.receiver, rekey.owner] { checksum.add(digest) }
        for bytes in [rekey.grant, rekey.descriptor, rekey.sealedShare] { checksum.add(bytes) }
        for number in [UInt64(rekey.index), rekey.notBefore, rekey.notAfter] { checksum.add(number) }
        checksum.add(rekey.isRevoked ? 1 : 0)
        return checksum.digest
    }
}
