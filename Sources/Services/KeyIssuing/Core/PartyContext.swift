internal import CanonicalBytes
internal import Certificates
package import Credentials
internal import IdentityEncryption

/// Who this party is and whom it believes, for all sets of parameters.
package struct PartyContext: Sendable {
    let identity: IdentityWatch
    let revocations: any RevocationSource
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64

    package init(
        identity: IdentityWatch,
        revocations: any RevocationSource,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.identity = identity
        self.revocations = revocations
        self.clock = clock
    }

    var issuer: CertificateIssuer { self.identity.current.issuer }

    /// Signs a statement of this party under its newest certificate.
    func sign(
        _ kind: PartyStatement.Kind,
        _ payload: [UInt8],
        _ plan: IssuingPlan,
        place: UInt8
    ) throws(IssuingRefusal) -> PartyStatement {
        let identity = self.identity.current
        return try refusing { () throws(ProtocolFailure) in
            try PartyStatement(
                kind,
                of: place,
                payload,
                context: plan.context,
                certificate: identity.certificate,
                key: identity.key
            )
        }
    }

    /// Requires that no author's certificate is revoked.
    func requireUnrevoked(_ statements: [PartyStatement]) throws(IssuingRefusal) {
        for statement in statements where self.revocations.contains(statement.certificate.digest) {
            throw .refused(
                .certificateRevoked,
                "the certificate of \(statement.certificate.fields.subject) in a statement is revoked"
            )
        }
    }
}

/// Parses statements of any origin.
func parsed(_ statements: [[UInt8]]) throws(IssuingRefusal) -> [PartyStatement] {
    guard statements.count <= IssuingPlan.countMax else {
        throw .refused(.malformedBody, "more statements than a set can have parties")
    }
    var parsed: [PartyStatement] = []
    for bytes in statements {
        parsed.append(try refusing { () throws(ProtocolFailure) in try PartyStatement(bytes: bytes) })
    }
    return parsed
}
