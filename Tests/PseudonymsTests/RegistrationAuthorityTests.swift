import CanonicalBytes
import Certificates
import P256Group
import Testing
import Transcripts

@testable import Pseudonyms

@Suite struct RegistrationAuthorityTests {
    @Test func aRequestThatAnotherKeySignedIsRefused() throws {
        let relay = try Relay()
        let (ada, eve) = (try relay.user("ada"), try relay.user("eve"))
        let stolen = Relay.User(
            certificate: ada.certificate,
            identity: eve.identity,
            holder: eve.holder,
            request: eve.request
        )
        #expect(code { _ = try relay.accept(stolen) } == .signature)
    }

    @Test func aRequestNamesItsSubjectAndItsAuthority() throws {
        let relay = try Relay()
        let impostor = try relay.user("eve", requesting: "ada")
        #expect(code { _ = try relay.accept(impostor) } == .context)
        let lookalike = try relay.user("ren\u{E9}", requesting: "rene\u{301}")
        #expect(code { _ = try relay.accept(lookalike) } == .context)
        let misled = try relay.user("ada", to: "another")
        #expect(code { _ = try relay.accept(misled) } == .context)
    }

    @Test func aRequestStaysWithinCountTimeAndLengthOfTheSubject() throws {
        let relay = try Relay()
        let greedy = try relay.user("ada", count: 5)
        #expect(code { _ = try relay.accept(greedy) } == .context)
        let late = try relay.user("ada")
        #expect(code { _ = try relay.accept(late, at: 2001) } == .time)
        let long = try relay.user(String(repeating: "a", count: 64))
        #expect(code { _ = try relay.accept(long) } == .format)
        _ = try relay.accept(relay.user(String(repeating: "a", count: 63)))
    }

    @Test func anyFlippedBitOfARequestIsNoticed() throws {
        let relay = try Relay()
        let user = try relay.user("ada")
        for bit in 0..<user.request.bytes.count * 8 {
            var bytes = user.request.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(
                code {
                    _ = try PseudonymRequest(bytes: bytes).verified(by: user.identity.publicKey, for: "ra")
                } != nil,
                "bit \(bit)"
            )
        }
    }

    @Test func theAuthoritysNameIsCheckedAfterThePointAndBeforeTheSignatures() throws {
        let relay = try Relay()
        let user = try relay.user("ada")
        var bytes = user.request.bytes
        bytes[bytes.count - 1] ^= 1
        #expect(
            code {
                _ = try PseudonymRequest(bytes: bytes).verified(by: user.identity.publicKey, for: "rb")
            } == .context
        )
        bytes[4 + 4 + 2 + 4 + 3] = 9
        #expect(
            code {
                _ = try PseudonymRequest(bytes: bytes).verified(by: user.identity.publicKey, for: "rb")
            } == .point
        )
    }

    @Test func aRequestThatExpandsToTheIdentityGetsNoOrders() throws {
        let relay = try Relay()
        let expansionKey = SecureRandom.bytes(32)
        let offset = try P256Scalar.hash("PSEU-F", expansionKey, UInt64(9).bigEndianBytes, UInt32(1).bigEndianBytes)
        let caterpillar = try P256KeyPair(secret: P256Scalar.zero - offset)
        let holder = try PseudonymHolder(
            subject: "eve",
            epoch: 9,
            count: 2,
            caterpillar: caterpillar,
            expansionKey: expansionKey
        )
        let identity = P256KeyPair.generate()
        let request = try holder.request(to: "ra", identity: identity)
            .verified(by: identity.publicKey, for: "ra")
        #expect(code { _ = try relay.registration.orders(for: request) } == .identity)
        #expect(code { _ = try holder.cocoonKeyPair(1) } == .identity)
        _ = try holder.cocoonKeyPair(0)
    }

    @Test func handlesOfOneUserLookUnrelatedAndHaveOneLength() throws {
        let relay = try Relay()
        let short = try relay.registration.seal(CocoonHandle(subject: "", epoch: 1, index: 0))
        let again = try relay.registration.seal(CocoonHandle(subject: "", epoch: 1, index: 0))
        let long = try relay.registration.seal(
            CocoonHandle(subject: String(repeating: "a", count: 63), epoch: 1, index: 0)
        )
        #expect(short != again)
        #expect(short.count == 104 && long.count == 104)
    }

    @Test(arguments: [0, 11, 13]) func aNonceHas12Bytes(_ count: Int) throws {
        let relay = try Relay()
        #expect(
            code {
                _ = try relay.registration.seal(
                    CocoonHandle(subject: "", epoch: 1, index: 0),
                    nonce: [UInt8](repeating: 0, count: count)
                )
            } == .format
        )
    }

    @Test func aHandleWithASubjectOutOfFormIsRefusedByTheTrace() throws {
        let key = try SealingKey(SecureRandom.bytes(32))
        for (length, subject) in [(UInt8(64), [UInt8](repeating: 97, count: 63)), (2, [0xC3, 0x28])] {
            let padding = [UInt8](repeating: 0, count: 63 - subject.count)
            let sealed = try key.seal(
                [UInt8](repeating: 0, count: 12) + [length] + subject + padding,
                associated: domainSeparationTag("PSEU-RA"),
                nonce: SecureRandom.bytes(12)
            )
            #expect(code { _ = try CocoonHandle(sealed: sealed, key: key) } == .format)
        }
    }

    @Test(arguments: [0, 16, 31, 33]) func aSealingKeyHas32Bytes(_ count: Int) {
        #expect(code { _ = try SealingKey(SecureRandom.bytes(count)) } == .format)
    }

    @Test func wipingASealingKeyLeavesTheCallersBytesAlone() throws {
        let bytes = SecureRandom.bytes(32)
        let copy = bytes.map { $0 }
        do {
            let key = try SealingKey(bytes)
            #expect(key.secretBytes() == copy)
        }
        #expect(bytes == copy)
    }
}
