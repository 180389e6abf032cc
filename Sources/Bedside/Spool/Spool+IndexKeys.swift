internal import Foundation
internal import GRDB

extension Spool {
    /// The key of a sender's index pages in a scope; nil before it is made.
    package func indexKey(scope: [UInt8], sender: String) throws -> StoredIndexKey? {
        try self.file.reader.read { db in try self.indexKey(scope, sender, db) }
    }

    /// The key, made of the given secret when there is none yet.
    package func indexKey(
        scope: [UInt8],
        sender: String,
        orKeep secret: [UInt8]
    ) throws(StoreRefusal) -> StoredIndexKey {
        let now = self.clock()
        return try self.file.write(now: now) { db, epoch in
            if let known = try self.indexKey(scope, sender, db) { return known }
            let key = StoredIndexKey(scope: scope, sender: sender, secret: secret)
            try self.insert(key, now: now, epoch: epoch, db)
            return key
        }
    }

    /// Keeps the keys that a window's envelopes carry to their owners.
    ///
    /// - Throws: ``StoreRefusal`` when another key of the same scope was made meanwhile.
    func keep(_ keys: [StoredIndexKey], now: Int64, epoch: Int64, _ db: Database) throws {
        for key in keys {
            if let known = try self.indexKey(key.scope, key.sender, db) {
                guard known.secret == key.secret else {
                    throw StoreRefusal.failed("the index key of a scope was made meanwhile; try again")
                }
            } else {
                try self.insert(key, now: now, epoch: epoch, db)
            }
            try db.execute(
                sql: "UPDATE index_key SET handed = 1 WHERE scope = ? AND sender = ?",
                arguments: [Data(key.scope), key.sender]
            )
        }
    }

    /// Seals index keys of old key epochs with the current key.
    func resealIndexKeys(before limit: Int64, epoch: Int64, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT scope, sender, epoch, sealed FROM index_key WHERE epoch < ?",
            arguments: [limit]
        )
        for row in rows {
            let (scope, sender): (Data, String) = (row[0], row[1])
            let name = Self.indexKeyRow([UInt8](scope), sender)
            let old = SealedBytes(epoch: row[2], bytes: [UInt8](row[3] as Data))
            let new = try self.file.keys.seal(try self.file.keys.open(old, row: name, db), row: name, epoch: epoch, db)
            try db.execute(
                sql: "UPDATE index_key SET epoch = ?, sealed = ? WHERE scope = ? AND sender = ?",
                arguments: [new.epoch, Data(new.bytes), scope, sender]
            )
        }
    }

    private func insert(_ key: StoredIndexKey, now: Int64, epoch: Int64, _ db: Database) throws {
        let name = Self.indexKeyRow(key.scope, key.sender)
        let sealed = try self.file.keys.seal(key.secret, row: name, epoch: epoch, db)
        try db.execute(
            sql: "INSERT INTO index_key VALUES (?, ?, 0, ?, ?, ?)",
            arguments: [Data(key.scope), key.sender, now, sealed.epoch, Data(sealed.bytes)]
        )
    }

    private func indexKey(_ scope: [UInt8], _ sender: String, _ db: Database) throws -> StoredIndexKey? {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT handed, epoch, sealed FROM index_key WHERE scope = ? AND sender = ?",
            arguments: [Data(scope), sender]
        )
        guard let row else { return nil }
        let sealed = SealedBytes(epoch: row[1], bytes: [UInt8](row[2] as Data))
        let secret = try self.file.keys.open(sealed, row: Self.indexKeyRow(scope, sender), db)
        return StoredIndexKey(scope: scope, sender: sender, secret: secret, isHanded: row[0])
    }

    private static func indexKeyRow(_ scope: [UInt8], _ sender: String) -> String {
        "index-key/\(Data(scope).base64EncodedString())/\(sender)"
    }
}
