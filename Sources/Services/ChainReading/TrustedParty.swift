package import CanonicalBytes
package import Certificates
package import Ledger

/// An issuer of requesters' certificates, with what it may certify.
package struct TrustedParty: Sendable {
    package let trusted: TrustedIssuer

    package init(_ trusted: TrustedIssuer) { self.trusted = trusted }

    /// The issuer that a certificate names, among those of the genesis: a pseudonym authority for pseudonyms, an
    /// authority for parties.
    ///
    /// - Throws: `CONTEXT` when there is none.
    package static func issuer(
        of certificate: ImplicitCertificate,
        among issuers: [TrustedIssuer]
    ) throws(ProtocolFailure) -> TrustedParty {
        let isPseudonym = certificate.fields.usage.contains(.pseudonym)
        let kind: TrustedIssuer.Kind = isPseudonym ? .pseudonymAuthority : .authority
        let found = issuers.first {
            $0.kind == kind && $0.issuer.name.utf8.elementsEqual(certificate.fields.issuer.utf8)
        }
        guard let found else { throw ProtocolFailure(.context, "no issuer of this name may certify a requester") }
        return TrustedParty(found)
    }
}
