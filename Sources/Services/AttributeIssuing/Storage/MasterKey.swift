package import AttributeEncryption
internal import CanonicalBytes
package import Certificates
internal import Credentials
internal import SecretSharing
internal import Transcripts

/// The authority's master key on the disk, made once: `master.wlam`.
///
/// ```
/// "WLMV" || LP("WLM1") || salt(32) || AES-256-GCM(E(α·P1) || β), bound to the public key
/// ```
///
/// Who has it issues any key. It opens every index key of the consortium, and no data. When the file is lost a new key is
/// made, which ``KeyPublication`` does not put in the place of the old one by itself.
package struct MasterKey: Sendable {
    private static let alphaLength = 48
    private static let fileName = "master.wlam"

    package let authority: AttributeAuthority
    package let publicKey: AttributePublicKey
    /// Whether it was made just now.
    package let isNew: Bool

    /// Reads the master key, or makes it in a directory that has none.
    ///
    /// - Parameters:
    ///   - directory: exists, mode 0700.
    ///   - name: of the authority.
    ///   - secret: seals it.
    /// - Throws: `CredentialsError` whose description says what to do.
    package init(directory: String, name: PartyName, secret: SealingSecret) throws {
        let path = "\(directory)/\(Self.fileName)"
        guard PrivateFile.exists(path) else {
            try self.init(making: name, path, secret)
            return
        }
        let file = try PrivateFile.read(path, upTo: 64 << 10)
        do throws(ProtocolFailure) { try self.init(opening: file, secret) } catch {
            throw CredentialsError.malformed("\(path) does not open with this sealing key: \(error)")
        }
        guard self.publicKey.authority.utf8.elementsEqual(name.description.utf8) else {
            throw CredentialsError.malformed("\(path) is of \(self.publicKey.authority), not of \(name)")
        }
    }

    private init(making name: PartyName, _ path: String, _ secret: SealingSecret) throws {
        let authority = AttributeAuthority(name: name.description)
        let publicKey = try authority.publicKey()
        var alpha = try authority.secretAlphaPoint()
        defer { alpha.wipe() }
        var beta = authority.secretBeta()
        defer { beta.wipe() }
        var plaintext = alpha + beta
        defer { plaintext.wipe() }
        var writer = CanonicalWriter(capacity: 2_048)
        writer.magic("WLMV")
        writer.lengthPrefixed(publicKey.bytes)
        writer.raw(secret.seal(plaintext, binding: Self.binding(publicKey)))
        try PrivateFile.write(writer.bytes, to: path)
        self.authority = authority
        self.publicKey = publicKey
        self.isNew = true
    }

    private init(opening file: [UInt8], _ secret: SealingSecret) throws(ProtocolFailure) {
        var reader = CanonicalReader(file)
        try reader.magic("WLMV")
        let publicKey = try AttributePublicKey(bytes: try reader.lengthPrefixed())
        var plaintext = try secret.open(try reader.take(reader.remaining), binding: Self.binding(publicKey))
        defer { plaintext.wipe() }
        try require(plaintext.count == Self.alphaLength + 32, .format, "a master key of another length")
        var alpha = Array(plaintext[..<Self.alphaLength])
        defer { alpha.wipe() }
        var beta = Array(plaintext[Self.alphaLength...])
        defer { beta.wipe() }
        self.authority = try AttributeAuthority(
            name: publicKey.authority,
            alphaPoint: alpha,
            beta: SecretFr(bytes: beta)
        )
        try require(try self.authority.publicKey() == publicKey, .key, "the master key is of another public key")
        self.publicKey = publicKey
        self.isNew = false
    }

    private static func binding(_ publicKey: AttributePublicKey) -> [UInt8] {
        transcript(Array("MASTER".utf8), publicKey.digest)
    }
}
