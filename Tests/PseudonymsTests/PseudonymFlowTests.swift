import CanonicalBytes
import Certificates
import P256Group
import Testing
import Transcripts

@testable import Pseudonyms

@Suite struct PseudonymFlowTests {
    @Test func usersGetPseudonymsThatSignAndThatBothAuthoritiesTraceTogether() throws {
        let relay = try Relay()
        let users = try [relay.user("home:researcher:ada"), relay.user("home:researcher:béla")]
        let orders = RegistrationAuthority.mixed(
            try users.map { try relay.registration.orders(for: relay.accept($0)) }
        )
        #expect(orders.count == 4)
        var traced: [String] = []
        for order in orders {
            let response = try relay.issue(order)
            let owner = try #require(users.first { user in self.index(of: order, for: user) != nil })
            let index = try #require(self.index(of: order, for: owner))
            let pseudonym = try owner.holder.receive(response.bytes, index: index, issuer: relay.pseudonyms.issuer)
            #expect(pseudonym.certificate.fields.subject.isEmpty)
            let signature = try PseudonymSignature(bytes: pseudonym.sign(Relay.message))
            let certificate = try signature.verify(Relay.message, issuer: relay.pseudonyms.issuer, at: Relay.now)

            let finding = try relay.pseudonyms.trace(certificate.bytes)
            try TraceFinding.verify(
                proof: finding.proof,
                certificate: certificate.bytes,
                cocoonKey: finding.cocoonKey
            )
            let user = try relay.registration.trace(
                handle: finding.handle,
                cocoonKey: finding.cocoonKey,
                request: owner.request.bytes,
                identity: owner.identity.publicKey
            )
            #expect(user.epoch == 9 && user.index == index)
            traced.append(user.subject)
        }
        #expect(
            traced.sorted() == ["home:researcher:ada", "home:researcher:ada"]
                + Array(repeating: "home:researcher:béla", count: 2)
        )
    }

    @Test func userAndRegistrationAuthorityExpandTheSameCocoonKeys() throws {
        let relay = try Relay()
        let user = try relay.user("ada", count: 3)
        let verified = try relay.accept(user)
        var keys: Set<P256PublicKey> = []
        for index in 0..<3 as Range<UInt32> {
            #expect(try user.holder.cocoonKeyPair(index).publicKey == verified.cocoonKey(index))
            keys.insert(try verified.cocoonKey(index))
        }
        #expect(keys.count == 3)
        #expect(code { _ = try verified.cocoonKey(3) } == .context)
        #expect(code { _ = try user.holder.cocoonKeyPair(3) } == .context)
    }

    @Test func aResponseOpensWithItsCocoonKeyAloneAndAnyFlippedBitBreaksIt() throws {
        let relay = try Relay()
        let user = try relay.user("ada")
        let order = try relay.registration.orders(for: relay.accept(user))[0]
        let response = try relay.issue(order).bytes
        let issuer = relay.pseudonyms.issuer
        #expect(
            code {
                _ = try user.holder.receive(response, index: 1, issuer: issuer)
            } == .signature
        )
        for bit in stride(from: 0, to: response.count * 8, by: 11) {
            var damaged = response
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(
                code {
                    _ = try user.holder.receive(damaged, index: 0, issuer: issuer)
                } != nil,
                "bit \(bit)"
            )
        }
    }

    @Test func aResponseThatTheAuthoritySignedButThatHoldsLittleIsRefused() throws {
        let key = P256KeyPair.generate()
        let cocoon = P256KeyPair.generate()
        let issuer = CertificateIssuer(name: "pca", publicKey: key.publicKey)
        for box in [[], [1], [UInt8](repeating: 2, count: 48)] {
            let message = transcript(cocoon.publicKey.encoded, box)
            let response = box + (try Schnorr.sign(key, context: "PSEU-BOX", message: message))
            #expect(
                code {
                    _ = try Pseudonym(response: response, cocoon: cocoon, issuer: issuer)
                } == .format
            )
        }
    }

    @Test func aSignatureServesItsMessageTimeAndIssuer() throws {
        let relay = try Relay()
        let pseudonym = try relay.pseudonym(of: relay.user("ada"))
        let bytes = try pseudonym.sign(Relay.message)
        let signature = try PseudonymSignature(bytes: bytes)
        let issuer = relay.pseudonyms.issuer
        #expect(
            code { _ = try signature.verify([1], issuer: issuer, at: nil) } == .signature
        )
        #expect(code { _ = try signature.verify([1], issuer: issuer, at: 2001) } == .time)
        let other = CertificateIssuer(name: "other", publicKey: issuer.publicKey)
        #expect(code { _ = try signature.verify([1], issuer: other, at: 0) } == .context)
        for length in 0..<bytes.count {
            #expect(
                code {
                    _ = try PseudonymSignature(bytes: Array(bytes[..<length]))
                } == .format
            )
        }
        #expect(code { _ = try PseudonymSignature(bytes: bytes + [0]) } == .format)
    }

    @Test func anIdentityCertificateIsNoPseudonym() throws {
        let relay = try Relay()
        let user = try relay.user("ada")
        let bytes = try Pseudonym(certificate: user.certificate, key: user.identity).sign(Relay.message)
        #expect(
            code {
                _ = try PseudonymSignature(bytes: bytes).verify(Relay.message, issuer: relay.authority.issuer, at: nil)
            } == .context
        )
    }

    private func index(of order: CocoonOrder, for user: Relay.User) -> UInt32? {
        (0..<user.holder.count).first {
            (try? user.holder.cocoonKeyPair($0).publicKey.encoded) == order.cocoonKey
        }
    }
}
