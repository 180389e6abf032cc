internal import Certificates
internal import Credentials
internal import Crypto
internal import Foundation
internal import SwiftASN1
internal import X509

/// The X.509 root with its key: signs the certificates of parties for TLS.
struct RootCertificate: Sendable {
    let certificate: Certificate
    private let key: P256.Signing.PrivateKey

    /// Reads root and key from PEM.
    init(certificate pem: String, key keyPEM: String) throws {
        self.certificate = try Certificate(pemEncoded: pem)
        self.key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
        guard self.certificate.publicKey == Certificate.PublicKey(self.key.publicKey) else {
            throw AuthorityError.directory("the root's key does not fit its certificate")
        }
    }

    /// Makes a root of this name.
    init(name: PartyName, key: P256.Signing.PrivateKey, from begin: UInt64, to end: UInt64) throws {
        let publicKey = Certificate.PublicKey(key.publicKey)
        let subject = try DistinguishedName(name)
        self.key = key
        self.certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: publicKey,
            notValidBefore: Date(timeIntervalSince1970: Double(begin)),
            notValidAfter: Date(timeIntervalSince1970: Double(end)),
            issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            },
            issuerPrivateKey: .init(key)
        )
    }

    var pem: String { get throws { try self.certificate.serializeAsPEM().pemString } }

    /// SHA-256 of the DER encoding.
    var fingerprint: [UInt8] { get throws { Array(SHA256.hash(data: try self.certificate.der)) } }

    /// Signs a party's certificate: for TLS clients, and for TLS servers when there are hosts.
    func issue(
        _ party: PartyName,
        to publicKey: Certificate.PublicKey,
        hosts: [HostName],
        serial: UInt64,
        from begin: UInt64,
        to end: UInt64
    ) throws -> Certificate {
        var usage = try ExtendedKeyUsage([.clientAuth])
        if !hosts.isEmpty { usage.append(.serverAuth) }
        let names = [GeneralName.uniformResourceIdentifier(party.urn)] + hosts.map(\.general)
        let subjectKey = SubjectKeyIdentifier(hash: publicKey)
        let issuerKey = SubjectKeyIdentifier(hash: self.certificate.publicKey)
        return try Certificate(
            version: .v3,
            serialNumber: .init(serial),
            publicKey: publicKey,
            notValidBefore: Date(timeIntervalSince1970: Double(begin)),
            notValidAfter: Date(timeIntervalSince1970: Double(end)),
            issuer: self.certificate.subject,
            subject: try .init(party),
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                usage
                SubjectAlternativeNames(names)
                subjectKey
                AuthorityKeyIdentifier(keyIdentifier: issuerKey.keyIdentifier)
            },
            issuerPrivateKey: .init(self.key)
        )
    }
}

extension Certificate {
    /// The DER encoding.
    var der: [UInt8] {
        get throws {
            var serializer = DER.Serializer()
            try serializer.serialize(self)
            return serializer.serializedBytes
        }
    }
}
