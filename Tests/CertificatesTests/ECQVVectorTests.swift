import CanonicalBytes
import Certificates
import P256Group
import Testing
import VectorFiles

/// Vector set B, and the certificates that sets C and H begin with.
@Suite struct ECQVVectorTests {
    @Test(arguments: try VectorFile.cases(["B_ecqv", "C_cbsre", "H_pseudonym"], "ecqv.request"))
    func requests(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let key = try P256KeyPair(secret: P256Scalar(vector.bytes("k_u")))
            let request = try CertificateRequest(key, subject: vector.text("subject"), aux: vector.bytes("aux"))
            return ["R_U": .text(request.requestPoint.hex), "pop": .text(request.proofOfPossession.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(["B_ecqv", "C_cbsre", "H_pseudonym"], "ecqv.issue"))
    func issuance(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let key = try P256KeyPair(secret: P256Scalar(vector.bytes("d_ca")))
            let authority = CertificateAuthority(name: try vector.text("issuer"), key: key)
            let issued = try authority.issue(
                CertificateRequest(
                    requestPoint: try vector.bytes("R_U"),
                    proofOfPossession: try vector.bytes("pop")
                ),
                fields: try Self.fields(vector),
                nonce: try P256Scalar(vector.bytes("k"))
            )
            return [
                "cert": .text(issued.certificate.bytes.hex), "r": .text(issued.contribution.hex),
                "digest": .text(issued.certificate.digest.hex),
                "e": .text(try authority.issuer.hash(of: issued.certificate).bytes.hex),
            ]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(["B_ecqv", "C_cbsre", "H_pseudonym"], "ecqv.receive"))
    func receipt(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let request = try P256KeyPair(secret: P256Scalar(vector.bytes("k_u")))
            let issuer = try Self.issuer(vector)
            let issued = IssuedCertificate(
                certificate: try ImplicitCertificate(bytes: vector.bytes("cert")),
                contribution: try vector.bytes("r")
            )
            let key = try issued.keyPair(for: request, from: issuer)
            return ["d_U": .text(key.secretBytes().hex), "Q_U": .text(key.publicKey.encoded.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("B_ecqv", "ecqv.public_key"))
    func publicKeys(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let issuer = try Self.issuer(vector)
            let certificate = try ImplicitCertificate(bytes: vector.bytes("cert"))
            let key = try issuer.publicKey(
                of: certificate,
                at: try vector.optionalNumber("now"),
                usage: CertificateUsage(rawValue: try vector.number("usage"))
            )
            return [
                "Q_U": .text(key.encoded.hex), "subject": .text(certificate.fields.subject),
                "attrs": .list(certificate.fields.attributes.map(VectorValue.text)),
            ]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(["A_encodings", "B_ecqv"], "schnorr.sign"))
    func signing(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let signature = try Schnorr.sign(
                P256KeyPair(secret: P256Scalar(vector.bytes("d"))),
                context: vector.bytes("ctx"),
                message: vector.bytes("msg"),
                aux: vector.bytes("aux")
            )
            return ["sig": .text(signature.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(["A_encodings", "B_ecqv"], "schnorr.verify"))
    func verification(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            try Schnorr.verify(
                P256PublicKey(vector.bytes("pk")),
                context: vector.bytes("ctx"),
                message: vector.bytes("msg"),
                signature: vector.bytes("sig")
            )
            return [:]
        }
        #expect(outcome == vector.expected)
    }

    private static func issuer(_ vector: VectorCase) throws -> CertificateIssuer {
        CertificateIssuer(name: try vector.text("issuer"), publicKey: try P256PublicKey(vector.bytes("Q_ca")))
    }

    private static func fields(_ vector: VectorCase) throws -> CertificateFields {
        CertificateFields(
            issuer: try vector.text("issuer"),
            serial: try vector.number("serial"),
            subject: try vector.text("subject"),
            notBefore: try vector.number("not_before"),
            notAfter: try vector.number("not_after"),
            usage: CertificateUsage(rawValue: try vector.number("usage")),
            attributes: try vector.texts("attrs"),
            extensionBytes: try vector.bytes("ext")
        )
    }
}
