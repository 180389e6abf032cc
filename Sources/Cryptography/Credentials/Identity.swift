package import CanonicalBytes
package import Certificates
internal import Crypto
@preconcurrency internal import Glibc
internal import NIOSSL
package import P256Group
internal import SwiftASN1
internal import Transcripts
internal import X509

/// A party's certificates and keys, one generation of them, as `wardline enroll` made them.
package struct Identity: Sendable {
    package let name: PartyName
    package let issuer: CertificateIssuer
    package let certificate: ImplicitCertificate
    package let key: P256KeyPair
    package let generation: Int
    /// The identity directory; the generation's files are in `generations/<n>` below it.
    package let directory: String
    /// The list that was in the directory; its signature is verified, its age is not.
    package let revocations: RevocationList?
    package let record: IdentityRecord
    /// What is in the party's X.509 certificate.
    package let peer: PeerIdentity
    /// Other consortia's authorities that connections may rest on.
    package let allies: AlliedAuthorities
    let tls: TLSMaterial

    /// Reads the current generation of an identity directory.
    ///
    /// - Throws: ``CredentialsError``, for example ``CredentialsError/notEnrolled(_:)`` for an empty directory,
    ///   ``CredentialsError/exposed(_:)`` when others may read a key, ``CredentialsError/malformed(_:)`` when the files
    ///   do not belong together.
    package static func load(directory: String) throws(CredentialsError) -> Identity {
        guard let folder = IdentityFiles.currentFolder(of: directory) else {
            throw .notEnrolled("\(directory) holds no identity; run `wardline enroll --directory \(directory)`")
        }
        return try Identity(folder: folder, directory: directory)
    }

    /// The generation whose certificate has a digest: this one, or one that a rotation replaced and left there.
    ///
    /// - Parameter digest: as a descriptor or grant names it.
    /// - Returns: nil when no generation that is left has it.
    /// - Throws: as ``load(directory:)``.
    package func generation(certified digest: [UInt8]) throws(CredentialsError) -> Identity? {
        if self.certificate.digest == digest { return self }
        for number in stride(from: self.generation - 1, through: 1, by: -1) {
            let folder = IdentityFiles.folder(number, in: self.directory)
            guard let bytes = try? PrivateFile.read("\(folder)/\(IdentityFiles.certificate)"),
                let certificate = try? ImplicitCertificate(bytes: bytes), certificate.digest == digest
            else { continue }
            return try Identity(folder: folder, directory: self.directory)
        }
        return nil
    }

    /// Reads one generation and checks that its files belong together.
    init(folder: String, directory: String) throws(CredentialsError) {
        let record = try PlainJSON.decode(
            IdentityRecord.self,
            try PrivateFile.read("\(folder)/\(IdentityFiles.record)"),
            "\(folder)/\(IdentityFiles.record)"
        )
        guard let party = record.party else { throw .malformed("\(folder)/\(IdentityFiles.record) names no party") }
        let issuer = try PlainJSON.decode(
            IssuerRecord.self,
            try PrivateFile.read("\(folder)/\(IdentityFiles.issuer)"),
            "\(folder)/\(IdentityFiles.issuer)"
        ).issuer()
        self.name = party
        self.issuer = issuer
        self.record = record
        self.generation = record.generation
        self.directory = directory
        self.certificate = try Self.certificate(of: party, folder)
        self.key = try Self.key(for: self.certificate, from: issuer, folder)
        self.tls = try TLSMaterial(folder: folder)
        self.peer = try self.tls.peer
        self.allies = try AlliedAuthorities(directory: directory, own: self.tls.roots)
        guard self.peer.name == party else {
            throw .malformed("\(folder)/\(IdentityFiles.tlsCertificate) is of \(self.peer.name), not of \(party)")
        }
        self.revocations = try RevocationStore.read(directory: directory, issuer: issuer)
    }

    private static func certificate(of party: PartyName, _ folder: String) throws(CredentialsError)
        -> ImplicitCertificate
    {
        let path = "\(folder)/\(IdentityFiles.certificate)"
        let bytes = try PrivateFile.read(path)
        do {
            let certificate = try ImplicitCertificate(bytes: bytes)
            try require(certificate.fields.subject == party.description, .context, "it is of another subject")
            try require(certificate.has(attribute: "role:\(party.role.rawValue)"), .context, "it lacks the role")
            return certificate
        } catch { throw .malformed("\(path): \(error.detail)") }
    }

    private static func key(
        for certificate: ImplicitCertificate,
        from issuer: CertificateIssuer,
        _ folder: String
    ) throws(CredentialsError) -> P256KeyPair {
        var digits = try KeyFile.read(name: IdentityFiles.key, in: folder)
        defer { digits.wipe() }
        do {
            let key = try P256KeyPair(hexDigits: digits)
            let expected = try issuer.publicKey(of: certificate, at: nil)
            try require(key.publicKey == expected, .key, "the key does not fit the certificate")
            return key
        } catch { throw .malformed("\(folder)/\(IdentityFiles.key): \(error.detail)") }
    }
}

extension P256KeyPair {
    /// Reads the text of a key file: 64 hexadecimal digits, with or without a line end.
    package convenience init(hexDigits: [UInt8]) throws(ProtocolFailure) {
        var digits = hexDigits
        defer { digits.wipe() }
        if digits.last == UInt8(ascii: "\n") { digits.removeLast() }
        guard var secret = [UInt8](hex: String(decoding: digits, as: UTF8.self)) else {
            throw ProtocolFailure(.format, "not 64 hexadecimal digits")
        }
        defer { secret.wipe() }
        var scalar = try P256Scalar(secret)
        defer { scalar.wipe() }
        try self.init(secret: scalar)
    }

    /// The text of a key file; the caller wipes it.
    package func hexDigits() -> [UInt8] {
        var secret = self.secretBytes()
        defer { secret.wipe() }
        return Array(secret.hex.utf8) + [UInt8(ascii: "\n")]
    }
}

/// Names within a generation's folder.
enum IdentityFiles {
    static let record = "identity.json"
    static let issuer = "authority.json"
    static let roots = "roots.pem"
    static let certificate = "certificate.wlc"
    static let key = "ecqv.key"
    static let tlsCertificate = "tls.crt"
    static let tlsKey = "tls.key"

    /// The folder that `current` points to, resolved once so that all files come from one generation.
    static func currentFolder(of directory: String) -> String? {
        guard let generation = self.currentGeneration(of: directory) else { return nil }
        return self.folder(generation, in: directory)
    }

    static func currentGeneration(of directory: String) -> Int? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink("\(directory)/current", &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        let target = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard target.hasPrefix("generations/") else { return nil }
        return Int(target.dropFirst("generations/".count))
    }

    static func folder(_ generation: Int, in directory: String) -> String { "\(directory)/generations/\(generation)" }
}
