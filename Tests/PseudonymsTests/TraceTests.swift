import CanonicalBytes
import Certificates
import P256Group
import Testing
import Transcripts

@testable import Pseudonyms

@Suite struct TraceTests {
    @Test func anotherAuthorityOpensNothing() throws {
        let (relay, other) = (try Relay(), try Relay())
        let certificate = try relay.pseudonym(of: relay.user("ada")).certificate.bytes
        #expect(code { _ = try other.pseudonyms.trace(certificate) } == .aead)
    }

    @Test func aCertificateWithoutAnExtensionIsRefused() throws {
        let relay = try Relay()
        let certificate = try relay.user("ada").certificate.bytes
        #expect(code { _ = try relay.pseudonyms.trace(certificate) } == .format)
    }

    @Test func aProofTiesOneCertificateToOneCocoonKey() throws {
        let relay = try Relay()
        let user = try relay.user("ada")
        let (first, second) = (
            try relay.pseudonym(of: user, index: 0).certificate, try relay.pseudonym(of: user, index: 1).certificate
        )
        let finding = try relay.pseudonyms.trace(first.bytes)
        #expect(
            code {
                try TraceFinding.verify(proof: finding.proof, certificate: second.bytes, cocoonKey: finding.cocoonKey)
            } == .signature
        )
        #expect(
            code {
                let cocoonKey = try P256Point.generator.encoded()
                try TraceFinding.verify(proof: finding.proof, certificate: first.bytes, cocoonKey: cocoonKey)
            } == .signature
        )
    }

    @Test func thePointsOfAFindingAreCheckedInOrder() throws {
        let relay = try Relay()
        let certificate = try relay.pseudonym(of: relay.user("ada")).certificate
        let proof = [UInt8](repeating: 0, count: 64)
        #expect(
            code {
                try TraceFinding.verify(proof: proof, certificate: [1], cocoonKey: [0])
            } == .format
        )
        #expect(
            code {
                let broken = Array(certificate.bytes.dropLast(33)) + [UInt8](repeating: 0, count: 33)
                try TraceFinding.verify(proof: proof, certificate: broken, cocoonKey: [0])
            } == .point
        )
        #expect(
            code {
                try TraceFinding.verify(proof: proof, certificate: certificate.bytes, cocoonKey: [0])
            } == .identity
        )
        #expect(
            code {
                let point = certificate.reconstructionPoint
                try TraceFinding.verify(proof: proof, certificate: certificate.bytes, cocoonKey: point)
            } == .identity
        )
        #expect(
            code {
                let cocoonKey = try P256Point.generator.encoded()
                try TraceFinding.verify(proof: proof, certificate: certificate.bytes, cocoonKey: cocoonKey)
            } == .scalar
        )
    }

    @Test func nobodyIsFramed() throws {
        let relay = try Relay()
        let (ada, eve) = (try relay.user("ada"), try relay.user("eve"))
        let finding = try relay.pseudonyms.trace(relay.pseudonym(of: eve).certificate.bytes)
        let forged = try relay.registration.seal(CocoonHandle(subject: "ada", epoch: 9, index: 0))
        #expect(
            code {
                _ = try relay.registration.trace(
                    handle: forged,
                    cocoonKey: finding.cocoonKey,
                    request: ada.request.bytes,
                    identity: ada.identity.publicKey
                )
            } == .proof
        )
        #expect(
            code {
                _ = try relay.registration.trace(
                    handle: finding.handle,
                    cocoonKey: finding.cocoonKey,
                    request: ada.request.bytes,
                    identity: ada.identity.publicKey
                )
            } == .context
        )
    }

    @Test(arguments: [(8, 0), (10, 0), (9, 2)] as [(UInt64, UInt32)])
    func aHandleOutsideTheRequestIsRefused(_ epoch: UInt64, _ index: UInt32) throws {
        let relay = try Relay()
        let ada = try relay.user("ada")
        let handle = try relay.registration.seal(CocoonHandle(subject: "ada", epoch: epoch, index: index))
        let cocoonKey = try P256Point.generator.encoded()
        #expect(
            code {
                _ = try relay.registration.trace(
                    handle: handle,
                    cocoonKey: cocoonKey,
                    request: ada.request.bytes,
                    identity: ada.identity.publicKey
                )
            } == .context
        )
    }

    @Test func anEmptyHandleIsIssuedForButNotTraced() throws {
        let relay = try Relay()
        let order = CocoonOrder(cocoonKey: P256KeyPair.generate().publicKey.encoded, handle: [])
        let certificate = try relay.issue(order).certificate
        #expect(
            code {
                _ = try relay.pseudonyms.trace(certificate.bytes)
            } == .format
        )
    }

    @Test func termsOutOfFormAreRefusedAfterTheCocoonKey() throws {
        let relay = try Relay()
        let terms = PseudonymTerms(serial: 1, notBefore: 2, notAfter: 1, attributes: [])
        for (cocoonKey, expected) in [([0], .identity), (try P256Point.generator.encoded(), .format)]
            as [([UInt8], ProtocolFailure.Code)]
        {
            #expect(
                code {
                    _ = try relay.pseudonyms.issue(cocoonKey: cocoonKey, handle: [1], terms: terms)
                } == expected
            )
        }
    }
}
