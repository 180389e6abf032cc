package import CanonicalBytes
package import P256Group
internal import Transcripts

/// Index keys that an owner hands to the receiver of one permission, each encrypted to the receiver's key: `"WLIH" ||
/// permission(32) || scope(32) || u16 n || n × (LP(sender) || LP(sealed))`, senders ascending.
///
/// It is for permissions that stand on no policy, whose receivers no attribute key helps. Nothing in it is secret.
package struct IndexKeyHandover: Sendable, Hashable {
    /// One gateway's index key.
    package struct Entry: Sendable, Hashable {
        /// The gateway's party name.
        package let sender: String
        /// `ECIES.Seal(Q_receiver, T("INDEX-KEY-HANDOVER", permission, scope, sender), index key)`, 81 bytes.
        package let sealed: [UInt8]
    }

    /// Gateways of one scope.
    package static let entriesMax = 1_024
    /// Of an encoded one.
    package static let bytesMax = 70 + Self.entriesMax * (8 + Self.senderBytesMax + Self.sealedLength)
    private static let senderBytesMax = 255
    private static let sealedLength = 81
    private static let keyLength = 32

    package let permission: [UInt8]
    /// The scope's digest.
    package let scope: [UInt8]
    package let entries: [Entry]

    /// Encrypts index keys, at most ``entriesMax``.
    ///
    /// - Parameters:
    ///   - keys: of 32 bytes, by gateway; a gateway comes once.
    ///   - permission: its identifier.
    ///   - scope: the scope's digest.
    ///   - receiver: the key of the permission's certificate.
    /// - Throws: `FORMAT` for too many, or other lengths; `DUPLICATE` for a gateway that comes twice; `IDENTITY`.
    package init(
        _ keys: [(sender: String, key: [UInt8])],
        permission: [UInt8],
        scope: [UInt8],
        to receiver: P256PublicKey
    ) throws(ProtocolFailure) {
        var entries: [Entry] = []
        for (sender, key) in keys.sorted(by: { Self.precedes($0.sender, $1.sender) }) {
            try require(key.count == Self.keyLength, .format, "an index key has 32 bytes")
            let associated = Self.associated(permission, scope, sender)
            let sealed = try ECIES.seal(to: receiver, associated: associated, plaintext: key)
            entries.append(Entry(sender: sender, sealed: sealed))
        }
        try self.init(permission: permission, scope: scope, entries: entries)
    }

    /// Reads one.
    ///
    /// - Throws: `FORMAT`; `DUPLICATE` for gateways that do not ascend.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "too many index keys")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLIH")
        let (permission, scope) = (try reader.take(32), try reader.take(32))
        var entries: [Entry] = []
        for _ in 0..<(try reader.u16()) {
            entries.append(Entry(sender: try reader.text(), sealed: try reader.lengthPrefixed()))
        }
        try reader.finish()
        try self.init(permission: permission, scope: scope, entries: entries)
    }

    private init(permission: [UInt8], scope: [UInt8], entries: [Entry]) throws(ProtocolFailure) {
        try require(entries.count <= Self.entriesMax, .format, "too many index keys")
        try require(permission.count == 32 && scope.count == 32, .format, "identifiers have 32 bytes")
        for entry in entries {
            let isName = (1...Self.senderBytesMax).contains(entry.sender.utf8.count)
            try require(isName, .format, "a gateway's name has 1 to 255 bytes")
            try require(entry.sealed.count == Self.sealedLength, .format, "an encrypted index key has 81 bytes")
        }
        for (one, next) in zip(entries, entries.dropFirst()) {
            try require(Self.precedes(one.sender, next.sender), .duplicate, "gateways must ascend")
        }
        self.permission = permission
        self.scope = scope
        self.entries = entries
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 70 + self.entries.count * 128)
        writer.magic("WLIH")
        writer.raw(self.permission)
        writer.raw(self.scope)
        writer.u16(UInt16(truncatingIfNeeded: self.entries.count))
        for entry in self.entries {
            writer.lengthPrefixed(entry.sender)
            writer.lengthPrefixed(entry.sealed)
        }
        return writer.bytes
    }

    /// Decrypts one gateway's index key.
    ///
    /// - Parameters:
    ///   - entry: of this.
    ///   - key: the receiver's.
    /// - Returns: 32 bytes, secret; the caller wipes them.
    /// - Throws: `AEAD` for another receiver, permission, scope or gateway; `IDENTITY` or `POINT`.
    package func open(_ entry: Entry, with key: P256KeyPair) throws(ProtocolFailure) -> [UInt8] {
        let associated = Self.associated(self.permission, self.scope, entry.sender)
        return try ECIES.open(key, associated: associated, ciphertext: entry.sealed)
    }

    private static func associated(_ permission: [UInt8], _ scope: [UInt8], _ sender: String) -> [UInt8] {
        transcript(Array("INDEX-KEY-HANDOVER".utf8), permission, scope, Array(sender.utf8))
    }

    private static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
