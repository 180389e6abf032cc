internal import CanonicalBytes
internal import Certificates
internal import P256Group

/// Set B, implicit certificates (specification section 4).
enum CertificateOperations {
    static let all = [
        Operation("ecqv.request") {
            let request = try CertificateRequest(
                $0.keyPair("k_u"),
                subject: $0.text("subject"),
                aux: $0.bytes("aux")
            )
            return ["R_U": .hex(request.requestPoint), "pop": .hex(request.proofOfPossession)]
        },
        Operation("ecqv.issue", issue),
        Operation("ecqv.receive", receive),
        Operation("ecqv.public_key", publicKey),
    ]

    private static func issue(_ input: CaseInput) throws -> JSONObject {
        let fields = try self.fields(input)
        let authority = CertificateAuthority(name: fields.issuer, key: try input.keyPair("d_ca"))
        let nonce = try input.scalar("k")
        let request = CertificateRequest(
            requestPoint: try input.bytes("R_U"),
            proofOfPossession: try input.bytes("pop")
        )
        let issued = try authority.issue(request, fields: fields, nonce: nonce)
        return [
            "cert": .hex(issued.certificate.bytes), "r": .hex(issued.contribution),
            "digest": .hex(issued.certificate.digest),
            "e": .hex(try authority.issuer.hash(of: issued.certificate).bytes),
        ]
    }

    private static func receive(_ input: CaseInput) throws -> JSONObject {
        let request = try input.keyPair("k_u")
        let issuer = try self.issuer(input)
        let issued = IssuedCertificate(
            certificate: try ImplicitCertificate(bytes: input.bytes("cert")),
            contribution: try input.bytes("r")
        )
        let key = try issued.keyPair(for: request, from: issuer)
        return ["d_U": .hex(key.secretBytes()), "Q_U": .hex(key.publicKey.encoded)]
    }

    private static func publicKey(_ input: CaseInput) throws -> JSONObject {
        let issuer = try self.issuer(input)
        let certificate = try ImplicitCertificate(bytes: input.bytes("cert"))
        let usage = try UInt8(exactly: input.u64("usage"))
        let key = try issuer.publicKey(
            of: certificate,
            at: usage == nil ? nil : input.time("now"),
            usage: CertificateUsage(rawValue: usage ?? 0)
        )
        // A certificate has eight bits for its usages, so it allows none beyond them.
        try require(usage != nil, .context, "no certificate allows this use")
        return [
            "Q_U": .hex(key.encoded), "subject": .string(certificate.fields.subject),
            "attrs": .strings(certificate.fields.attributes),
        ]
    }

    private static func fields(_ input: CaseInput) throws -> CertificateFields {
        CertificateFields(
            issuer: try input.text("issuer"),
            serial: try input.u64("serial"),
            subject: try input.text("subject"),
            notBefore: try input.u64("not_before"),
            notAfter: try input.u64("not_after"),
            usage: CertificateUsage(rawValue: try input.integer("usage", as: UInt8.self)),
            attributes: try input.texts("attrs"),
            extensionBytes: try input.bytes("ext")
        )
    }

    /// The issuer whose key is `Q_ca` and whose name is `issuer`, or fields named otherwise.
    static func issuer(
        _ input: CaseInput,
        key: String = "Q_ca",
        name: String = "issuer"
    ) throws -> CertificateIssuer {
        let publicKey = try input.publicKey(key)
        return CertificateIssuer(name: try input.text(name), publicKey: publicKey)
    }
}
