internal import CanonicalBytes
package import Certificates
package import Credentials
internal import Crypto
internal import Foundation
internal import P256Group
internal import SwiftASN1
package import X509

/// Issues identities as directories, as `wardline enroll` leaves them.
package final class TestAuthority: Sendable {
    package let authority = CertificateAuthority(name: "Test CA", key: .generate())
    package let root: Certificate
    private let rootKey: P256.Signing.PrivateKey
    private let directory: String

    package init(directory: String) throws {
        self.directory = directory
        self.rootKey = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("Test CA") }
        self.root = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: .init(self.rootKey.publicKey),
            notValidBefore: Date(timeIntervalSinceNow: -86_400),
            notValidAfter: Date(timeIntervalSinceNow: 86_400),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerPrivateKey: .init(self.rootKey)
        )
    }

    /// Makes an identity directory and reads it.
    package func enroll(_ name: String, attributes: [String]? = nil, lifetime: UInt64 = 86_400) throws -> Identity {
        guard let party = PartyName(name) else { throw ProtocolFailure(.format, name) }
        let folder = "\(self.directory)/\(party.role.rawValue)-\(party.name)-\(party.organization)-\(UUID())"
        let generation = "\(folder)/generations/1"
        try FileManager.default.createDirectory(
            atPath: generation,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/current",
            withDestinationPath: "generations/1"
        )
        try self.write(self.records(party), to: generation)
        try self.writeImplicitCertificate(party, attributes, lifetime, to: generation)
        try self.writeTLS(party, to: generation)
        return try Identity.load(directory: folder)
    }

    private func records(_ party: PartyName) -> [String: String] {
        let identity = """
            {"authority": "https://localhost:1", "enrolled_at": 1, "generation": 1, "name": "\(party.name)",
             "organization": "\(party.organization)", "role": "\(party.role.rawValue)"}
            """
        let issuer = """
            {"name": "Test CA", "public_key": "\(self.authority.issuer.publicKey.encoded.hex)"}
            """
        return ["identity.json": identity, "authority.json": issuer]
    }

    private func writeImplicitCertificate(
        _ party: PartyName,
        _ attributes: [String]?,
        _ lifetime: UInt64,
        to folder: String
    ) throws {
        let now = UInt64(Date().timeIntervalSince1970)
        let request = P256KeyPair.generate()
        let issued = try self.authority.issue(
            CertificateRequest(request, subject: party.description),
            fields: CertificateFields(
                issuer: "Test CA",
                serial: .random(in: 1...UInt64.max),
                subject: party.description,
                notBefore: now - 86_400,
                notAfter: now + lifetime,
                usage: party.role.usage,
                attributes: attributes ?? ["role:\(party.role.rawValue)"]
            )
        )
        let key = try issued.keyPair(for: request, from: self.authority.issuer)
        try PrivateFile.write(issued.certificate.bytes, to: "\(folder)/certificate.wlc")
        try PrivateFile.write(key.hexDigits(), to: "\(folder)/ecqv.key")
    }

    private func writeTLS(_ party: PartyName, to folder: String) throws {
        let key = P256.Signing.PrivateKey()
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: .init(key.publicKey),
            notValidBefore: Date(timeIntervalSinceNow: -3600),
            notValidAfter: Date(timeIntervalSinceNow: 3600),
            issuer: self.root.subject,
            subject: try DistinguishedName(party),
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames([
                    .uniformResourceIdentifier("\(PartyName.urnPrefix)\(party)"), .dnsName("localhost"),
                ])
            },
            issuerPrivateKey: .init(self.rootKey)
        )
        try self.write(
            [
                "tls.key": key.pemRepresentation,
                "tls.crt": try certificate.serializeAsPEM().pemString + "\n",
                "roots.pem": try self.root.serializeAsPEM().pemString + "\n",
            ],
            to: folder
        )
    }

    private func write(_ files: [String: String], to folder: String) throws {
        for (name, text) in files { try PrivateFile.write(Array(text.utf8), to: "\(folder)/\(name)") }
    }
}
