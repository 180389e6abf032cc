internal import Foundation
internal import GRDB

/// The scope of a stream in one epoch, as its owner described it.
package struct StoredScope: Sendable, Equatable {
    package let stream: PatientStream
    package let purpose: ScopePurpose
    /// The scope's epoch.
    package let epoch: Int64
    /// The owner's signed descriptor.
    package let descriptor: [UInt8]
    /// The certificate of the key that signed it.
    package let ownerCertificate: [UInt8]

    package init(
        stream: PatientStream,
        purpose: ScopePurpose = .records,
        epoch: Int64,
        descriptor: [UInt8],
        ownerCertificate: [UInt8]
    ) {
        self.stream = stream
        self.purpose = purpose
        self.epoch = epoch
        self.descriptor = descriptor
        self.ownerCertificate = ownerCertificate
    }
}

extension Spool {
    /// The scope of a stream in an epoch; nil when it is not known yet.
    package func scope(
        of stream: PatientStream,
        for purpose: ScopePurpose = .records,
        epoch scopeEpoch: Int64
    ) throws -> StoredScope? {
        let tag = Data(self.tag(of: stream, for: purpose))
        return try self.file.reader.read { db in
            guard
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT epoch, sealed FROM scope WHERE stream = ? AND scope_epoch = ?",
                    arguments: [tag, scopeEpoch]
                )
            else { return nil }
            let name = Self.scopeRow(tag, scopeEpoch)
            var fields = FieldReader(
                try self.file.keys.open(SealedBytes(epoch: row[0], bytes: [UInt8](row[1] as Data)), row: name, db)
            )
            guard let descriptor = fields.field(), let certificate = fields.field() else {
                throw SpoolError.damagedRow(name)
            }
            return StoredScope(
                stream: stream,
                purpose: purpose,
                epoch: scopeEpoch,
                descriptor: descriptor,
                ownerCertificate: certificate
            )
        }
    }

    /// Keeps scopes, in place of others of the same stream, purpose and epoch.
    package func store(_ scopes: [StoredScope]) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, epoch in
            for scope in scopes {
                var fields = FieldWriter()
                fields.write(scope.descriptor)
                fields.write(scope.ownerCertificate)
                let tag = Data(self.tag(of: scope.stream, for: scope.purpose))
                let sealed = try self.file.keys.seal(
                    fields.bytes,
                    row: Self.scopeRow(tag, scope.epoch),
                    epoch: epoch,
                    db
                )
                try db.execute(
                    sql: "INSERT OR REPLACE INTO scope VALUES (?, ?, ?, ?)",
                    arguments: [tag, scope.epoch, sealed.epoch, Data(sealed.bytes)]
                )
            }
        }
    }

    /// Forgets scopes of epochs before the given one; their envelopes are sealed.
    package func deleteScopes(beforeEpoch scopeEpoch: Int64) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(sql: "DELETE FROM scope WHERE scope_epoch < ?", arguments: [scopeEpoch])
        }
    }

    /// Seals scopes of old key epochs with the current key.
    func resealScopes(before limit: Int64, epoch: Int64, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT stream, scope_epoch, epoch, sealed FROM scope WHERE epoch < ?",
            arguments: [limit]
        )
        for row in rows {
            let (tag, scopeEpoch): (Data, Int64) = (row[0], row[1])
            let name = Self.scopeRow(tag, scopeEpoch)
            let old = SealedBytes(epoch: row[2], bytes: [UInt8](row[3] as Data))
            let new = try self.file.keys.seal(try self.file.keys.open(old, row: name, db), row: name, epoch: epoch, db)
            try db.execute(
                sql: "UPDATE scope SET epoch = ?, sealed = ? WHERE stream = ? AND scope_epoch = ?",
                arguments: [new.epoch, Data(new.bytes), tag, scopeEpoch]
            )
        }
    }

    private static func scopeRow(_ tag: Data, _ epoch: Int64) -> String {
        "scope/\(tag.base64EncodedString())/\(epoch)"
    }
}
