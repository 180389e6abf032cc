import CanonicalBytes
import Certificates
import P256Group
import Testing

/// A certificate authority with one subject, made anew for each test.
struct Issuance {
    let authority: CertificateAuthority
    let request: P256KeyPair
    let issued: IssuedCertificate

    var issuer: CertificateIssuer { self.authority.issuer }
    var certificate: ImplicitCertificate { self.issued.certificate }

    init(
        issuer: String = "authority",
        subject: String = "north:gateway:bed-7",
        attributes: [String] = ["org:north", "role:gateway"]
    ) throws {
        self.authority = CertificateAuthority(name: issuer, key: .generate())
        self.request = .generate()
        self.issued = try self.authority.issue(
            CertificateRequest(self.request, subject: subject),
            fields: Self.fields(issuer: issuer, subject: subject, attributes: attributes)
        )
    }

    static func fields(
        issuer: String = "authority",
        subject: String = "north:gateway:bed-7",
        window: ClosedRange<UInt64> = 1000...2000,
        attributes: [String] = []
    ) -> CertificateFields {
        CertificateFields(
            issuer: issuer,
            serial: 7,
            subject: subject,
            notBefore: window.lowerBound,
            notAfter: window.upperBound,
            usage: [.sign, .keyExchange],
            attributes: attributes,
            extensionBytes: [1, 2, 3]
        )
    }
}

/// The code of the failure; nil when there was none.
func code(_ operation: () throws -> Void) -> ProtocolFailure.Code? {
    do {
        try operation()
        return nil
    } catch let failure as ProtocolFailure {
        return failure.code
    } catch {
        Issue.record(error)
        return nil
    }
}
