internal import Foundation
internal import GRDB

/// The epoch key with which a sender's envelopes to a scope are sealed, and its capsule.
package struct StoredEpochKey: Sendable, Equatable {
    /// Digest of the scope, 32 bytes.
    package let scope: [UInt8]
    /// The sender's party name.
    package let sender: String
    /// The scope's epoch.
    package let scopeEpoch: Int64
    /// Digest of the parameters under which it is encapsulated, 32 bytes.
    package let parameters: [UInt8]
    /// 32 bytes.
    package let capsuleDigest: [UInt8]
    package let capsule: [UInt8]
    /// 32 bytes, secret; whoever holds it wipes it.
    package var key: [UInt8]

    package init(
        scope: [UInt8],
        sender: String,
        scopeEpoch: Int64,
        parameters: [UInt8],
        capsuleDigest: [UInt8],
        capsule: [UInt8],
        key: [UInt8]
    ) {
        self.scope = scope
        self.sender = sender
        self.scopeEpoch = scopeEpoch
        self.parameters = parameters
        self.capsuleDigest = capsuleDigest
        self.capsule = capsule
        self.key = key
    }
}

extension StoredEpochKey: CustomStringConvertible {
    /// Without the key, so that no log can hold it.
    package var description: String { "epoch key of \(self.sender) for epoch \(self.scopeEpoch)" }
}

extension StoredEpochKey: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: ["sender": self.sender]) }
}

extension Spool {
    /// The epoch key of a sender in a scope; nil before it is made.
    package func epochKey(scope: [UInt8], sender: String) throws -> StoredEpochKey? {
        try self.file.reader.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT scope_epoch, parameters, capsule, epoch, sealed, bytes FROM sealing_key
                    JOIN capsule ON capsule.digest = sealing_key.capsule
                    WHERE sealing_key.scope = ? AND sender = ?
                    """,
                arguments: [Data(scope), sender]
            )
            guard let row else { return nil }
            let capsule = [UInt8](row[2] as Data)
            let sealed = SealedBytes(epoch: row[3], bytes: [UInt8](row[4] as Data))
            let name = Self.epochKeyRow(scope, sender, capsule: capsule)
            return StoredEpochKey(
                scope: scope,
                sender: sender,
                scopeEpoch: row[0],
                parameters: [UInt8](row[1] as Data),
                capsuleDigest: capsule,
                capsule: [UInt8](row[5] as Data),
                key: try self.file.keys.open(sealed, row: name, db)
            )
        }
    }

    /// The bytes of a capsule; nil when it is not kept here.
    package func capsule(_ digest: [UInt8]) throws -> [UInt8]? {
        try self.file.reader.read { db in
            try Data.fetchOne(db, sql: "SELECT bytes FROM capsule WHERE digest = ?", arguments: [Data(digest)])
                .map { [UInt8]($0) }
        }
    }

    /// Forgets epoch keys of scope epochs before the given one: what they sealed, this box opens no more.
    ///
    /// The rows' own keys are destroyed with their epoch.
    package func deleteEpochKeys(beforeEpoch scopeEpoch: Int64) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(sql: "DELETE FROM sealing_key WHERE scope_epoch < ?", arguments: [scopeEpoch])
        }
    }

    /// Keeps the epoch keys of a window's envelopes, each in the place of an earlier one of its scope.
    func keep(_ keys: [StoredEpochKey], now: Int64, epoch: Int64, _ db: Database) throws {
        for key in keys {
            let name = Self.epochKeyRow(key.scope, key.sender, capsule: key.capsuleDigest)
            let sealed = try self.file.keys.seal(key.key, row: name, epoch: epoch, db)
            try db.execute(
                sql: "INSERT INTO capsule VALUES (?, ?, ?, ?)",
                arguments: [Data(key.capsuleDigest), Data(key.scope), now, Data(key.capsule)]
            )
            try db.execute(
                sql: "INSERT OR REPLACE INTO sealing_key VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    Data(key.scope), key.sender, key.scopeEpoch, Data(key.parameters), Data(key.capsuleDigest),
                    sealed.epoch, Data(sealed.bytes),
                ]
            )
        }
    }

    /// Seals epoch keys of old row keys with the current one.
    func resealEpochKeys(before limit: Int64, epoch: Int64, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT scope, sender, capsule, epoch, sealed FROM sealing_key WHERE epoch < ?",
            arguments: [limit]
        )
        for row in rows {
            let (scope, sender, capsule): (Data, String, Data) = (row[0], row[1], row[2])
            let name = Self.epochKeyRow([UInt8](scope), sender, capsule: [UInt8](capsule))
            let old = SealedBytes(epoch: row[3], bytes: [UInt8](row[4] as Data))
            let new = try self.file.keys.seal(try self.file.keys.open(old, row: name, db), row: name, epoch: epoch, db)
            try db.execute(
                sql: "UPDATE sealing_key SET epoch = ?, sealed = ? WHERE scope = ? AND sender = ?",
                arguments: [new.epoch, Data(new.bytes), scope, sender]
            )
        }
    }

    /// Binds a sealed key to its scope and capsule.
    private static func epochKeyRow(_ scope: [UInt8], _ sender: String, capsule: [UInt8]) -> String {
        "epoch-key/\(Data(scope).base64EncodedString())/\(Data(capsule).base64EncodedString())/\(sender)"
    }
}
