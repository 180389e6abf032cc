package import CanonicalBytes
internal import Transcripts

/// The key of an organization's tags in one epoch: 32 bytes, wiped when it goes.
///
/// `HKDF("KEYWORD-KEY", owner secret, T(organization, u64 epoch), 32)`. Who has it can tell for every tag of that epoch
/// whether it is of a word that she thinks of; it opens no index and no data.
package final class KeywordKey: @unchecked Sendable {
    package static let length = 32

    // Written once at creation and wiped at the end; never changed between.
    private var secret: [UInt8]

    /// Takes a key as an organization hands it out.
    ///
    /// - Throws: `FORMAT` for another length than 32.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == Self.length, .format, "a keyword key has 32 bytes")
        self.secret = bytes.withUnsafeBufferPointer { Array($0) }
    }

    /// Derives an epoch's key.
    ///
    /// - Parameters:
    ///   - ownerSecret: the 32 bytes from which the organization derives its scopes' keys.
    ///   - organization: as in the names of its parties.
    ///   - epoch: of the scopes' keys.
    /// - Throws: `FORMAT` for a secret of another length than 32.
    package init(ownerSecret: [UInt8], organization: String, epoch: UInt64) throws(ProtocolFailure) {
        try require(ownerSecret.count == 32, .format, "an owner secret has 32 bytes")
        self.secret = KeyDerivation.hkdf(
            "KEYWORD-KEY",
            secret: ownerSecret,
            info: transcript(Array(organization.utf8), epoch.bigEndianBytes),
            length: Self.length
        )
    }

    deinit { self.secret.wipe() }

    /// The bytes, to hand them out; the caller wipes them.
    package func secretBytes() -> [UInt8] { self.secret.withUnsafeBufferPointer { Array($0) } }

    func derive(_ tag: String, info: [UInt8], length: Int) -> [UInt8] {
        KeyDerivation.hkdf(tag, secret: self.secret, info: info, length: length)
    }
}
