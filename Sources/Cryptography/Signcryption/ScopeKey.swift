package import CanonicalBytes
package import P256Group
internal import Transcripts

/// The 32 bytes from which an owner derives the keys of all its scopes (specification section 5.1).
///
/// It yields every epoch, past and future, so it is kept apart from everything else; wiped when let go.
package final class OwnerSecret: @unchecked Sendable {
    package static let length = 32

    private var secret: [UInt8]

    /// Copies the secret; the caller wipes its own copy.
    ///
    /// - Throws: `FORMAT` for another length than 32.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == Self.length, .format, "an owner secret has 32 bytes, not \(bytes.count)")
        self.secret = bytes.withUnsafeBufferPointer { Array($0) }
    }

    private init(random secret: [UInt8]) { self.secret = secret }

    /// A new secret of the system's generator.
    package static func generate() -> OwnerSecret { OwnerSecret(random: SecureRandom.bytes(self.length)) }

    deinit { self.secret.wipe() }

    /// Lends the secret, to store it in a file of mode 0600.
    package func withBytes<Result>(_ use: ([UInt8]) throws -> Result) rethrows -> Result { try use(self.secret) }

    /// The key of one scope in one epoch; nothing leads back from it to the secret.
    ///
    /// - Parameters:
    ///   - owner: the subject of the owner's certificate.
    ///   - label: names the scope.
    ///   - epoch: number of the epoch.
    /// - Returns: `d_scope` with `Q_scope`.
    /// - Throws: `SCALAR` when a hash is zero, which does not happen in practice.
    package func scopeKey(owner: String, label: String, epoch: UInt64) throws(ProtocolFailure) -> ScopeKey {
        var material = KeyDerivation.hkdf(
            "CBSRE-SCOPE",
            secret: self.secret,
            info: transcript(Array(owner.utf8), Array(label.utf8), epoch.bigEndianBytes),
            length: 32
        )
        defer { material.wipe() }
        var secret = try P256Scalar.hash("CBSRE-SCOPE-KEY", material)
        defer { secret.wipe() }
        return ScopeKey(owner: owner, label: label, epoch: epoch, keyPair: try P256KeyPair(secret: secret))
    }
}

/// `d_scope` and `Q_scope`: opens what senders sealed to one scope of one owner in one epoch.
package struct ScopeKey: Sendable {
    package let owner: String
    package let label: String
    package let epoch: UInt64
    package let keyPair: P256KeyPair

    package init(owner: String, label: String, epoch: UInt64, keyPair: P256KeyPair) {
        self.owner = owner
        self.label = label
        self.epoch = epoch
        self.keyPair = keyPair
    }

    /// Whether a descriptor is of this scope and names this key; its signatures are another matter.
    package func isDescribed(by descriptor: ScopeDescriptor) -> Bool {
        descriptor.owner.utf8.elementsEqual(self.owner.utf8) && descriptor.label.utf8.elementsEqual(self.label.utf8)
            && descriptor.epoch == self.epoch && descriptor.scopeKey == self.keyPair.publicKey.encoded
    }

    /// Whether the label names a scope through which senders hand epoch keys to the owner; such a scope is never
    /// granted (specification section 5.1).
    package static func isEpochKeyScope(_ label: String) -> Bool {
        label.utf8.suffix(Self.epochKeySuffix.utf8.count).elementsEqual(Self.epochKeySuffix.utf8)
    }

    /// Whether the label names a scope in which a gateway states its accounts to the owner: no data set holds it.
    package static func isAccountScope(_ label: String) -> Bool {
        label.utf8.suffix(Self.accountSuffix.utf8.count).elementsEqual(Self.accountSuffix.utf8)
    }

    /// Stands at the end of the labels of scopes for accounts.
    package static let accountSuffix = ".accounts"

    /// Stands at the end of the labels of scopes for epoch keys.
    package static let epochKeySuffix = ".epoch-keys"
}
