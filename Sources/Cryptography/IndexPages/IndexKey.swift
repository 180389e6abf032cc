package import CanonicalBytes
internal import Transcripts

/// The key of one sender's pages in one scope (specification section 7.6): 32 random bytes, wiped when it goes.
package final class IndexKey: @unchecked Sendable {
    package static let length = 32

    // Written once at creation and wiped at the end; never changed between.
    private var secret: [UInt8]

    /// - Throws: `FORMAT` for another length than 32.
    package init(_ secret: [UInt8]) throws(ProtocolFailure) {
        try require(secret.count == Self.length, .format, "an index key has 32 bytes")
        self.secret = secret
    }

    private init(random: Void) { self.secret = SecureRandom.bytes(Self.length) }

    deinit { self.secret.wipe() }

    /// A new key from the system's generator.
    package static func generate() -> IndexKey { IndexKey(random: ()) }

    /// The bytes, for sealing the key itself; the caller wipes them.
    package func secretBytes() -> [UInt8] { self.secret }

    /// Encrypts a page.
    ///
    /// - Parameters:
    ///   - page: what is listed.
    ///   - place: must never come twice under one key.
    /// - Returns: ciphertext and tag.
    package func seal(_ page: IndexPage, at place: IndexPlace) -> [UInt8] {
        let context = place.bytes
        var key44 = KeyDerivation.hkdf("INDEX", secret: self.secret, info: context, length: 44)
        defer { key44.wipe() }
        return AuthenticatedEncryption.seal(key44, associated: context, plaintext: page.bytes)
    }

    /// Decrypts a page.
    ///
    /// - Throws: `FORMAT` or `AEAD` for what was not sealed under this key at this place; `FORMAT`, `DUPLICATE`.
    package func open(_ sealed: [UInt8], at place: IndexPlace) throws(ProtocolFailure) -> IndexPage {
        let context = place.bytes
        var key44 = KeyDerivation.hkdf("INDEX", secret: self.secret, info: context, length: 44)
        defer { key44.wipe() }
        let plain = try AuthenticatedEncryption.open(key44, associated: context, ciphertext: sealed)
        return try IndexPage(bytes: plain)
    }
}

/// Where a page belongs: `T(scope_digest, u64 window, sender)`.
package struct IndexPlace: Hashable, Sendable {
    package let scope: [UInt8]
    package let window: UInt64
    package let sender: [UInt8]

    /// - Throws: `FORMAT` for a scope digest of another length than 32.
    package init(scope: [UInt8], window: UInt64, sender: [UInt8]) throws(ProtocolFailure) {
        try require(scope.count == 32, .format, "a scope digest has 32 bytes")
        self.scope = scope
        self.window = window
        self.sender = sender
    }

    var bytes: [UInt8] { transcript(self.scope, self.window.bigEndianBytes, self.sender) }
}
