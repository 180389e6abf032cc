internal import CanonicalBytes
package import Certificates
package import Foundation
internal import P256Group

/// What a token's holder asks before it makes a request: whom the token is for.
package struct OfferRequest: Codable, Sendable {
    /// The token's secret.
    package let token: Data

    package init(token: [UInt8]) { self.token = Data(token) }
}

/// Whom a token is for.
package struct Offer: Codable, Sendable, Hashable {
    /// `organization:role:name`.
    package let party: String
    /// Seconds since 1970.
    package let expires: UInt64

    package init(party: PartyName, expires: UInt64) {
        self.party = party.description
        self.expires = expires
    }
}

/// A request for both certificates of a party, with the proof that it has both keys.
package struct CertificationRequest: Codable, Sendable {
    /// The token's secret; absent in a renewal.
    package let token: Data?
    /// `R_U || proof`, 97 bytes.
    package let ecqv: Data
    /// A PKCS#10 request in DER; it may name hosts.
    package let csr: Data

    package init(token: [UInt8]?, ecqv: [UInt8], csr: [UInt8]) {
        self.token = token.map { Data($0) }
        self.ecqv = Data(ecqv)
        self.csr = Data(csr)
    }

    /// - Returns: nil for another length than 97 bytes.
    package var certificateRequest: CertificateRequest? {
        guard self.ecqv.count == 97 else { return nil }
        let bytes = Array(self.ecqv)
        return CertificateRequest(requestPoint: Array(bytes[..<33]), proofOfPossession: Array(bytes[33...]))
    }
}

/// The authority's public side.
package struct IssuerAnswer: Codable, Sendable, Hashable {
    package let name: String
    /// `Q_CA`, 66 hexadecimal digits.
    package let publicKey: String
    /// The X.509 root in PEM.
    package let root: String

    enum CodingKeys: String, CodingKey {
        case name, root
        case publicKey = "public_key"
    }

    package init(_ issuer: CertificateIssuer, root: String) {
        self.name = issuer.name
        self.publicKey = issuer.publicKey.encoded.hex
        self.root = root
    }

    func issuer() throws(CredentialsError) -> CertificateIssuer {
        try CertificateIssuer(name: self.name, hexKey: self.publicKey)
    }
}

/// Both certificates.
package struct CertificationAnswer: Codable, Sendable, Hashable {
    package let issuer: IssuerAnswer
    /// The ECQV certificate.
    package let certificate: Data
    /// `r`, 32 bytes.
    package let contribution: Data
    /// The X.509 certificate in PEM.
    package let tls: String

    package init(issuer: IssuerAnswer, certificate: [UInt8], contribution: [UInt8], tls: String) {
        self.issuer = issuer
        self.certificate = Data(certificate)
        self.contribution = Data(contribution)
        self.tls = tls
    }
}

/// A party's request to revoke its own certificates.
package struct RevocationRequest: Codable, Sendable {
    /// ECQV digests of generations, 64 hexadecimal digits each.
    package let digests: [String]

    package init(digests: [[UInt8]]) { self.digests = digests.map(\.hex) }
}
