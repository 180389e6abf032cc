internal import CanonicalBytes
internal import Credentials
internal import IdentityEncryption
internal import SecretSharing
internal import Transcripts

/// Seals shares for the disk: who reads the files alone learns none.
///
/// ```
/// "WLYV" || salt(32) || AES-256-GCM(share)
/// ```
///
/// The key is derived for each file from the operator's; a share is bound to its parameters, party, round and purpose.
final class SealingKey: @unchecked Sendable {
    /// What a sealed file holds.
    enum Purpose {
        case share
        /// A share that this party would have after a refresh.
        case nextShare(RefreshPair)
        case factor(RefreshPair)

        fileprivate var label: [UInt8] {
            switch self {
            case .share: Array("SHARE".utf8)
            case .nextShare(let pair): Array("NEXT".utf8) + [pair.giver, pair.taker]
            case .factor(let pair): Array("FACTOR".utf8) + [pair.giver, pair.taker]
            }
        }
    }

    private static let saltLength = 32
    /// Read once, never changed; wiped at the end.
    private var secret: [UInt8]

    /// Reads the key file.
    ///
    /// - Throws: `CredentialsError` when it is missing, open to others, or holds something else.
    init(path: String) throws(CredentialsError) {
        // systemd grants a service's user access to a credential by an ACL, which shows as group permission.
        var content = try PrivateFile.read(path, upTo: 65, isSecret: !Self.isCredential(path))
        defer { content.wipe() }
        if content.count == 65, content.last == UInt8(ascii: "\n") { content.removeLast() }
        if content.count == 64 {
            guard let bytes = [UInt8](hex: String(decoding: content, as: UTF8.self)) else {
                throw .malformed("\(path) holds neither 32 bytes nor 64 hexadecimal digits")
            }
            self.secret = bytes
        } else {
            self.secret = content
        }
        guard self.secret.count == 32 else {
            throw .malformed(
                "\(path) holds neither 32 bytes nor 64 hexadecimal digits; `wardline ibe keygen` makes one"
            )
        }
    }

    deinit { self.secret.wipe() }

    func seal(_ secret: SecretFr, _ purpose: Purpose, _ plan: IssuingPlan, place: UInt8, round: UInt64) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLYV")
        let salt = SecureRandom.bytes(Self.saltLength)
        writer.raw(salt)
        let binding = Self.binding(purpose, plan, place, round)
        var key = self.key(salt, binding)
        defer { key.wipe() }
        var plaintext = secret.secretBytes()
        defer { plaintext.wipe() }
        writer.raw(AuthenticatedEncryption.seal(key, associated: binding, plaintext: plaintext))
        return writer.bytes
    }

    /// - Throws: `FORMAT`, or `AEAD` when the key is another or the file was changed or moved.
    func open(
        _ sealed: [UInt8],
        _ purpose: Purpose,
        _ plan: IssuingPlan,
        place: UInt8,
        round: UInt64
    ) throws(ProtocolFailure) -> SecretFr {
        var reader = CanonicalReader(sealed)
        try reader.magic("WLYV")
        let salt = try reader.take(Self.saltLength)
        let binding = Self.binding(purpose, plan, place, round)
        var key = self.key(salt, binding)
        defer { key.wipe() }
        var plaintext = try AuthenticatedEncryption.open(
            key,
            associated: binding,
            ciphertext: try reader.take(reader.remaining)
        )
        defer { plaintext.wipe() }
        return try SecretFr(bytes: plaintext)
    }

    private static func binding(
        _ purpose: Purpose,
        _ plan: IssuingPlan,
        _ place: UInt8,
        _ round: UInt64
    ) -> [UInt8] {
        transcript(purpose.label, plan.context, [place], round.bigEndianBytes)
    }

    private func key(_ salt: [UInt8], _ binding: [UInt8]) -> [UInt8] {
        KeyDerivation.hkdf(
            "IBE-SHARE-VAULT",
            secret: self.secret,
            info: transcript(salt, binding),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
    }

    private static func isCredential(_ path: String) -> Bool {
        guard let directory = SystemdDirectory.path else { return false }
        return path.hasPrefix(directory + "/")
    }
}
