package import Certificates
internal import Crypto
internal import SwiftASN1
package import X509

/// PKCS#10 requests (RFC 2986) with hosts as subject alternative names.
enum X509Request {
    /// - Throws: when a host cannot be encoded.
    static func make(_ party: PartyName, hosts: [HostName], key: P256.Signing.PrivateKey) throws -> [UInt8] {
        var attributes = CertificateSigningRequest.Attributes()
        if !hosts.isEmpty {
            let names = SubjectAlternativeNames(hosts.map(\.general))
            let extensions = try Certificate.Extensions { names }
            attributes = try .init([.init(ExtensionRequest(extensions: extensions))])
        }
        let request = try CertificateSigningRequest(
            version: .v1,
            subject: .init(party),
            privateKey: Certificate.PrivateKey(key),
            attributes: attributes
        )
        var serializer = DER.Serializer()
        try serializer.serialize(request)
        return serializer.serializedBytes
    }
}

extension DistinguishedName {
    /// The party for people; programs read the URI.
    package init(_ party: PartyName) throws {
        try self.init {
            OrganizationName(party.organization)
            OrganizationalUnitName(party.role.rawValue)
            CommonName(party.name)
        }
    }
}
