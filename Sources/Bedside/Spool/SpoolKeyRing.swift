internal import Crypto
internal import Foundation
internal import GRDB
internal import Synchronization

/// A sealed row's bytes (nonce, ciphertext, tag) and the epoch whose key sealed them.
struct SealedBytes {
    let epoch: Int64
    let bytes: [UInt8]
}

/// The keys of one database: a random key per epoch, kept in the database wrapped by the master key.
///
/// Rows are sealed by AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the additional data names
/// table and row, so that a row opens only where it was written. Once an epoch's wrapped key is erased,
/// its rows are unreadable, even with the master key.
final class SpoolKeyRing: Sendable {
    private let master: SymmetricKey
    private let index: SymmetricKey
    private let identity: [UInt8]
    private let rotation: Int64
    private let known = Mutex<[Int64: SymmetricKey]>([:])

    /// Makes the ring of one database; its random name binds wrapped keys to it.
    init(master: MasterKey, identity: [UInt8], rotationSeconds: Int64) {
        self.master = master.secret
        self.identity = identity
        self.rotation = rotationSeconds
        self.index = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master.secret,
            salt: identity,
            info: Array("wardline spool index".utf8),
            outputByteCount: 32
        )
    }

    /// A row that only the right master key opens, written when the database is made.
    func makeKeyCheck() throws -> [UInt8] {
        try Self.seal(Array("wardline".utf8), key: self.master, context: self.context("key-check"))
    }

    /// Whether the master key opens the database's check row.
    func passes(keyCheck: [UInt8]) -> Bool {
        (try? Self.open(keyCheck, key: self.master, context: self.context("key-check"))) == Array("wardline".utf8)
    }

    /// 16 bytes that find a row by its content without showing it.
    func tag(_ fields: FieldWriter) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: fields.bytes, using: self.index).prefix(16))
    }

    /// The epoch of a moment.
    func epoch(atMilliseconds time: Int64) -> Int64 {
        Int64((Double(time) / 1000 / Double(self.rotation)).rounded(.down))
    }

    /// The epoch that seals now; its key is made durable first when it is new.
    ///
    /// Call outside a transaction: a key that a rollback takes away must not stay in memory.
    func currentEpoch(now: Int64, _ db: Database) throws -> Int64 {
        var epoch = self.epoch(atMilliseconds: now)
        if self.known.withLock({ $0[epoch] }) != nil { return epoch }
        var fresh: SymmetricKey?
        try db.inTransaction(.immediate) {
            // A clock that was set back may point at an epoch whose key has been destroyed: take the next one.
            while let row = try Row.fetchOne(
                db,
                sql: "SELECT wrapped FROM epoch_key WHERE epoch = ?",
                arguments: [epoch]
            ) {
                if let wrapped: Data = row[0] {
                    fresh = try self.unwrap([UInt8](wrapped), epoch: epoch)
                    return .commit
                }
                epoch += 1
            }
            let key = SymmetricKey(size: .bits256)
            let raw = key.withUnsafeBytes { [UInt8]($0) }
            let wrapped = try Self.seal(raw, key: self.master, context: self.context("epoch/\(epoch)"))
            try db.execute(
                sql: "INSERT INTO epoch_key (epoch, wrapped) VALUES (?, ?)",
                arguments: [epoch, Data(wrapped)]
            )
            fresh = key
            return .commit
        }
        self.known.withLock { $0[epoch] = fresh }
        return epoch
    }

    /// Seals a row's content with an epoch from ``currentEpoch(now:_:)``.
    ///
    /// `row` names the table and what identifies the row in it.
    func seal(_ plain: some DataProtocol, row: String, epoch: Int64, _ db: Database) throws -> SealedBytes {
        let bytes = try Self.seal(plain, key: try self.key(epoch, db), context: self.context("\(row)/\(epoch)"))
        return SealedBytes(epoch: epoch, bytes: bytes)
    }

    /// Opens a row's content.
    ///
    /// - Throws: ``SpoolError/damagedRow(_:)`` or ``SpoolError/keyDestroyed(epoch:)``.
    func open(_ sealed: SealedBytes, row: String, _ db: Database) throws -> [UInt8] {
        let key = try self.key(sealed.epoch, db)
        do {
            return try Self.open(sealed.bytes, key: key, context: self.context("\(row)/\(sealed.epoch)"))
        } catch { throw SpoolError.damagedRow(row) }
    }

    /// Erases the keys of the epochs before the given one; call inside a transaction.
    ///
    /// - Returns: how many were erased.
    func destroy(before epoch: Int64, _ db: Database) throws -> Int {
        try db.execute(
            sql: "UPDATE epoch_key SET wrapped = NULL WHERE epoch < ? AND wrapped IS NOT NULL",
            arguments: [epoch]
        )
        let count = db.changesCount
        self.known.withLock { keys in keys = keys.filter { $0.key >= epoch } }
        return count
    }

    private func key(_ epoch: Int64, _ db: Database) throws -> SymmetricKey {
        if let key = self.known.withLock({ $0[epoch] }) { return key }
        guard
            let row = try Row.fetchOne(db, sql: "SELECT wrapped FROM epoch_key WHERE epoch = ?", arguments: [epoch]),
            let wrapped: Data = row[0]
        else { throw SpoolError.keyDestroyed(epoch: epoch) }
        let key = try self.unwrap([UInt8](wrapped), epoch: epoch)
        self.known.withLock { $0[epoch] = key }
        return key
    }

    private func unwrap(_ wrapped: [UInt8], epoch: Int64) throws -> SymmetricKey {
        do {
            return SymmetricKey(
                data: try Self.open(wrapped, key: self.master, context: self.context("epoch/\(epoch)"))
            )
        } catch { throw SpoolError.damagedRow("epoch_key/\(epoch)") }
    }

    private func context(_ purpose: String) -> [UInt8] { self.identity + Array(purpose.utf8) }

    private static func seal(_ plain: some DataProtocol, key: SymmetricKey, context: [UInt8]) throws -> [UInt8] {
        let box = try AES.GCM.seal(plain, using: key, authenticating: context)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(box.ciphertext.count + 28)
        bytes.append(contentsOf: box.nonce)
        bytes.append(contentsOf: box.ciphertext)
        bytes.append(contentsOf: box.tag)
        return bytes
    }

    private static func open(_ sealed: [UInt8], key: SymmetricKey, context: [UInt8]) throws -> [UInt8] {
        let box = try AES.GCM.SealedBox(combined: sealed)
        return [UInt8](try AES.GCM.open(box, using: key, authenticating: context))
    }
}
