import CanonicalBytes
import P256Group
import Testing

@testable import Certificates

@Suite struct CertificateIssuerTests {
    @Test func theSubjectsKeyPairFitsTheCertificate() throws {
        let issuance = try Issuance()
        let key = try issuance.issued.keyPair(for: issuance.request, from: issuance.issuer)
        #expect(try issuance.issuer.publicKey(of: issuance.certificate, at: 1500) == key.publicKey)
        let signature = try Schnorr.sign(key, context: "TEST", message: [1])
        try Schnorr.verify(key.publicKey, context: "TEST", message: [1], signature: signature)
    }

    @Test(arguments: [(999, .time), (1000, nil), (2000, nil), (2001, .time)] as [(UInt64, ProtocolFailure.Code?)])
    func bothEndsOfTheWindowAreInIt(_ now: UInt64, _ expected: ProtocolFailure.Code?) throws {
        let issuance = try Issuance()
        #expect(
            code {
                _ = try issuance.issuer.publicKey(of: issuance.certificate, at: now)
            } == expected
        )
    }

    @Test func theIssuerIsCheckedBeforeTheUsageAndTheUsageBeforeTheTime() throws {
        let issuance = try Issuance()
        let other = CertificateIssuer(name: "other", publicKey: issuance.issuer.publicKey)
        let certificate = issuance.certificate
        #expect(throws: ProtocolFailure(.context, "the certificate has another issuer")) {
            try other.publicKey(of: certificate, at: 0, usage: .proxy)
        }
        #expect(throws: ProtocolFailure(.context, "the certificate does not allow this use")) {
            try issuance.issuer.publicKey(of: certificate, at: 0, usage: [.sign, .proxy])
        }
        #expect(throws: ProtocolFailure(.time, "the certificate is not valid now")) {
            try issuance.issuer.publicKey(of: certificate, at: 0, usage: [.sign, .keyExchange])
        }
    }

    @Test func namesThatOnlyLookTheSameAreDifferentIssuers() throws {
        let composed = try Issuance(issuer: "h\u{F4}pital")
        let decomposed = CertificateIssuer(name: "ho\u{302}pital", publicKey: composed.issuer.publicKey)
        #expect(composed.issuer != decomposed)
        #expect(
            code {
                _ = try decomposed.publicKey(of: composed.certificate, at: nil)
            } == .context
        )
        var fields = composed.certificate.fields
        fields.issuer = decomposed.name
        #expect(fields != composed.certificate.fields)
    }

    @Test func aProofOfPossessionServesItsSubjectAlone() throws {
        let authority = CertificateAuthority(name: "authority", key: .generate())
        let request = try CertificateRequest(.generate(), subject: "one")
        #expect(
            code {
                _ = try authority.issue(request, fields: Issuance.fields(subject: "two"))
            } == .signature
        )
        let stolen = CertificateRequest(
            requestPoint: P256KeyPair.generate().publicKey.encoded,
            proofOfPossession: request.proofOfPossession
        )
        #expect(
            code {
                _ = try authority.issue(stolen, fields: Issuance.fields(subject: "one"))
            } == .signature
        )
    }

    @Test func theProofIsCheckedBeforeTheFields() throws {
        let authority = CertificateAuthority(name: "authority", key: .generate())
        let request = try CertificateRequest(.generate(), subject: "one")
        let broken = Issuance.fields(subject: "two", attributes: ["b:x", "a:x"])
        #expect(code { _ = try authority.issue(request, fields: broken) } == .signature)
        let unsorted = Issuance.fields(subject: "one", attributes: ["b:x", "a:x"])
        #expect(code { _ = try authority.issue(request, fields: unsorted) } == .format)
    }

    @Test func aNonceThatCancelsTheRequestIsRefusedBeforeTheFields() throws {
        let key = P256KeyPair.generate()
        let request = try CertificateRequest(key, subject: "one")
        let cancelling = key.withSecret { P256Scalar.zero - $0 }
        let authority = CertificateAuthority(name: "authority", key: .generate())
        #expect(
            code {
                let unsorted = Issuance.fields(subject: "one", attributes: ["b:x", "a:x"])
                _ = try authority.issue(request, fields: unsorted, nonce: cancelling)
            } == .identity
        )
    }

    @Test func anotherContributionOrRequestKeyDoesNotFit() throws {
        let issuance = try Issuance()
        var contribution = issuance.issued.contribution
        contribution[31] ^= 1
        let damaged = IssuedCertificate(certificate: issuance.certificate, contribution: contribution)
        #expect(
            code {
                _ = try damaged.keyPair(for: issuance.request, from: issuance.issuer)
            } == .key
        )
        #expect(
            code {
                _ = try issuance.issued.keyPair(for: .generate(), from: issuance.issuer)
            } == .key
        )
        #expect(
            code {
                _ = try issuance.issued.keyPair(for: issuance.request, from: issuance.issuer, usage: .pseudonym)
            } == .context
        )
    }
}
