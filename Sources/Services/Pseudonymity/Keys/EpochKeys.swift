internal import CanonicalBytes
internal import Credentials
internal import Foundation
internal import Pseudonyms
internal import Synchronization
internal import Transcripts

/// `K_RA` or `K_PCA` of each epoch, sealed in files: made when an epoch's first certificate is asked for, destroyed when
/// its certificates are too old to be traced.
final class EpochKeys: Sendable {
    private static let bytesMax = 256

    private let directory: String
    private let vault: VaultKey
    private let owner: String
    private let keys = Mutex<[UInt64: SealingKey]>([:])

    /// - Parameters:
    ///   - directory: made when it does not exist.
    ///   - owner: binds the files to an authority.
    ///   - vault: seals them.
    /// - Throws: `CredentialsError` when the directory cannot be made.
    init(directory: String, owner: String, vault: VaultKey) throws(CredentialsError) {
        try PrivateFile.makeDirectory(directory)
        self.directory = directory
        self.owner = owner
        self.vault = vault
    }

    /// The key of an epoch; a new one is on the disk before it is used.
    func key(of epoch: UInt64) throws -> SealingKey {
        try self.keys.withLock { keys in
            if let key = keys[epoch] { return key }
            if let key = try self.read(epoch) {
                keys[epoch] = key
                return key
            }
            var bytes = SecureRandom.bytes(SealingKey.length)
            defer { bytes.wipe() }
            let key = try SealingKey(bytes)
            try PrivateFile.write(self.vault.seal(bytes, for: self.use(epoch)), to: self.path(epoch))
            keys[epoch] = key
            return key
        }
    }

    /// The key of an epoch; nil when there was none, or it is destroyed.
    func existing(of epoch: UInt64) throws -> SealingKey? {
        try self.keys.withLock { keys in
            if let key = keys[epoch] { return key }
            let key = try self.read(epoch)
            keys[epoch] = key
            return key
        }
    }

    /// Destroys the keys of all earlier epochs: what they sealed opens nobody any more.
    func destroy(before epoch: UInt64) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: self.directory)
        for name in names {
            guard let old = UInt64(name), "\(old)" == name, old < epoch else { continue }
            let path = self.path(old)
            // Overwritten in place first, for file systems on which that reaches the same blocks.
            if let handle = FileHandle(forWritingAtPath: path) {
                try handle.write(contentsOf: Data(repeating: 0, count: Self.bytesMax))
                try handle.synchronize()
                try handle.close()
            }
            try FileManager.default.removeItem(atPath: path)
        }
        PrivateFile.synchronize(directory: self.directory)
        self.keys.withLock { keys in keys = keys.filter { $0.key >= epoch } }
    }

    private func read(_ epoch: UInt64) throws -> SealingKey? {
        let path = self.path(epoch)
        guard PrivateFile.exists(path) else { return nil }
        let sealed = try PrivateFile.read(path, upTo: Self.bytesMax)
        do throws(ProtocolFailure) {
            var bytes = try self.vault.open(sealed, for: self.use(epoch))
            defer { bytes.wipe() }
            return try SealingKey(bytes)
        } catch { throw CredentialsError.malformed("\(path) does not open with this sealing key: \(error.detail)") }
    }

    private func path(_ epoch: UInt64) -> String { "\(self.directory)/\(epoch)" }

    private func use(_ epoch: UInt64) -> [UInt8] {
        transcript(Array("EPOCH".utf8), Array(self.owner.utf8), epoch.bigEndianBytes)
    }
}
