package import Certificates
internal import Crypto
internal import Foundation
package import NIOSSL
internal import SwiftASN1
package import X509

/// Who holds an X.509 certificate that the TLS layer has verified already.
package struct PeerIdentity: Sendable, Hashable {
    package let name: PartyName
    /// SHA-256 of the DER encoding; revocation lists name certificates by it.
    package let fingerprint: [UInt8]
    /// Seconds since 1970, inclusive.
    package let notAfter: UInt64
    /// Under which names the party serves.
    package let hosts: [HostName]

    /// Reads a certificate.
    ///
    /// - Throws: ``CredentialsError/malformed(_:)`` when it names no party, or more than one.
    package init(_ certificate: NIOSSLCertificate) throws(CredentialsError) {
        guard let der = try? certificate.toDERBytes() else { throw .malformed("the certificate has no encoding") }
        try self.init(der: der)
    }

    /// Reads a certificate in its DER encoding.
    ///
    /// - Throws: ``CredentialsError/malformed(_:)`` when it is none, names no party, or more than one.
    package init(der: [UInt8]) throws(CredentialsError) {
        guard let certificate = try? Certificate(derEncoded: der) else { throw .malformed("not an X.509 certificate") }
        let names = certificate.alternativeNames
        let parties = names.compactMap { name -> PartyName? in
            guard case .uniformResourceIdentifier(let uri) = name, uri.hasPrefix(PartyName.urnPrefix) else {
                return nil
            }
            return PartyName(uri)
        }
        guard let party = parties.first, parties.count == 1 else {
            throw .malformed("the certificate names no party (\(PartyName.urnPrefix)organization:role:name)")
        }
        self.name = party
        self.fingerprint = Array(SHA256.hash(data: der))
        self.notAfter = UInt64(max(0, certificate.notValidAfter.timeIntervalSince1970))
        self.hosts = names.compactMap(HostName.init(general:))
    }
}

extension Certificate {
    /// The subject alternative names; none when the extension is missing or unreadable.
    var alternativeNames: [GeneralName] {
        guard let names = try? self.extensions.subjectAlternativeNames else { return [] }
        return Array(names)
    }
}

extension HostName {
    package init?(general name: GeneralName) {
        switch name {
        case .dnsName(let text): self.init(text)
        case .ipAddress(let octets): self.init(address: Array(octets.bytes))
        default: return nil
        }
    }

    package var general: GeneralName {
        switch self {
        case .dns(let name): .dnsName(name)
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }
}
