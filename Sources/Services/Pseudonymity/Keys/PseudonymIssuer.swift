internal import CanonicalBytes
package import Certificates
package import Credentials
internal import P256Group
internal import Transcripts

/// The directory of an authority of pseudonyms: its own issuing key, sealed, and its public side, which a chain's
/// genesis lists.
///
/// The key outlives the certificates of the identity with which the authority serves.
package struct PseudonymIssuer: Sendable {
    /// The public side, as `wardline chain init --pseudonym-issuer` takes it.
    package static let publicName = "issuer.json"
    private static let keyName = "issuer.key"

    /// What stands in certificates and in the genesis; the name is the party's.
    package let issuer: CertificateIssuer
    package let party: PartyName
    let key: P256KeyPair

    private struct Record: Codable {
        let name: String
        let publicKey: String

        enum CodingKeys: String, CodingKey {
            case name
            case publicKey = "public_key"
        }
    }

    /// Makes the key and its files.
    ///
    /// - Parameters:
    ///   - directory: made when it does not exist.
    ///   - party: of role `pseudonym-ca`; the identity with which the authority serves must have this name.
    ///   - vault: seals the key.
    /// - Returns: the issuer.
    /// - Throws: `CredentialsError`, also when the directory has a key already.
    @discardableResult
    package static func create(
        directory: String,
        party: PartyName,
        vault: VaultKey
    ) throws(CredentialsError) -> PseudonymIssuer {
        guard party.role == .pseudonymAuthority else {
            throw .malformed("\(party) is no \(PartyRole.pseudonymAuthority.rawValue)")
        }
        try PrivateFile.makeDirectory(directory)
        guard !PrivateFile.exists("\(directory)/\(self.keyName)") else {
            throw .unwritable("\(directory) holds an issuing key already; it is not overwritten")
        }
        let key = P256KeyPair.generate()
        let record = Record(name: party.description, publicKey: key.publicKey.encoded.hex)
        // The key last: a directory that has one is complete.
        try PrivateFile.write(try PlainJSON.encode(record), to: "\(directory)/\(self.publicName)")
        var secret = key.secretBytes()
        defer { secret.wipe() }
        try PrivateFile.write(vault.seal(secret, for: self.use(record)), to: "\(directory)/\(self.keyName)")
        return PseudonymIssuer(party: party, key: key)
    }

    /// Reads a directory that ``create(directory:party:vault:)`` made.
    ///
    /// - Throws: `CredentialsError`.
    package static func load(directory: String, vault: VaultKey) throws(CredentialsError) -> PseudonymIssuer {
        let path = "\(directory)/\(self.publicName)"
        guard PrivateFile.exists(path) else {
            throw .unreadable(
                "\(directory) holds no issuing key; `wardline pseudonym authority init --directory \(directory)` makes one"
            )
        }
        let record = try PlainJSON.decode(Record.self, try PrivateFile.read(path, isSecret: false), path)
        guard let party = PartyName(record.name), party.role == .pseudonymAuthority else {
            throw .malformed("\(path) names no \(PartyRole.pseudonymAuthority.rawValue)")
        }
        let keyPath = "\(directory)/\(self.keyName)"
        let sealed = try PrivateFile.read(keyPath, upTo: 256)
        do throws(ProtocolFailure) {
            var secret = try vault.open(sealed, for: self.use(record))
            defer { secret.wipe() }
            var scalar = try P256Scalar(secret)
            defer { scalar.wipe() }
            return PseudonymIssuer(party: party, key: try P256KeyPair(secret: scalar))
        } catch { throw .malformed("\(keyPath) does not open with this sealing key: \(error.detail)") }
    }

    private init(party: PartyName, key: P256KeyPair) {
        self.party = party
        self.issuer = CertificateIssuer(name: party.description, publicKey: key.publicKey)
        self.key = key
    }

    private static func use(_ record: Record) -> [UInt8] {
        transcript(Array("ISSUER".utf8), Array(record.name.utf8), Array(record.publicKey.utf8))
    }
}
