import AccessPolicies
import BLS12381
import CanonicalBytes
import FiniteFields
import Testing
import Transcripts

@testable import AttributeEncryption

@Suite struct RejectionTests {
    private static let policies = ["role:nurse", "role:nurse or ward:4", "2 of (role:nurse, ward:3, ward:4)"]

    @Test(arguments: Self.policies)
    func everyChangedByteOfACiphertextIsRefused(_ policy: String) throws {
        let hospital = try Hospital()
        let ciphertext = try hospital.encapsulate(policy).ciphertext
        let decryptor = try hospital.decryptor(["role:nurse", "ward:3"])
        for place in ciphertext.indices {
            let damaged = flipped(ciphertext, bit: 8 * place + place % 8)
            let refused = code { _ = try decryptor.decapsulate(damaged, associated: associated) }
            #expect(refused != nil, "byte \(place)")
        }
    }

    @Test func aShortenedOrLongerCiphertextIsRefused() throws {
        let hospital = try Hospital()
        let ciphertext = try hospital.encapsulate("role:nurse").ciphertext
        let decryptor = try hospital.decryptor(["role:nurse"])
        for length in ciphertext.indices {
            let short = Array(ciphertext[..<length])
            #expect(code { _ = try decryptor.decapsulate(short, associated: associated) } == .format)
        }
        #expect(code { _ = try decryptor.decapsulate(ciphertext + [0], associated: associated) } == .format)
    }

    /// Parts that the key does not use are checked all the same: a dishonest sender must not make a ciphertext that
    /// some of those whom the policy names can open and others cannot.
    @Test(arguments: [0, 1])
    func aWrongLeafThatIsNotUsedIsNoticed(_ wrong: Int) throws {
        let hospital = try Hospital()
        let policy = try AccessPolicy("role:nurse or ward:3")
        let sealed = try hospital.publicKey.encapsulate(under: policy, associated: associated)
        let parsed = try AttributeCiphertext(bytes: sealed.ciphertext)
        let leavesStart = parsed.head.count - 2 * 144
        var changed = sealed.ciphertext
        let point = try (parsed.leaves[wrong].c + .generator).encoded()
        changed.replaceSubrange(leavesStart + 144 * wrong..<leavesStart + 144 * wrong + 96, with: point)
        let decryptor = try hospital.decryptor([wrong == 0 ? "ward:3" : "role:nurse"])
        #expect(try decryptor.decapsulate(sealed.ciphertext, associated: associated) == sealed.key)
        #expect(code { _ = try decryptor.decapsulate(changed, associated: associated) } == .fo)
    }

    @Test func theSeedOfAnotherCiphertextIsRefused() throws {
        let hospital = try Hospital()
        let (first, second) = (try hospital.encapsulate("a:1"), try hospital.encapsulate("a:1"))
        let mixed = first.ciphertext.dropLast(32) + second.ciphertext.suffix(32)
        let decryptor = try hospital.decryptor(["a:1"])
        #expect(code { _ = try decryptor.decapsulate(Array(mixed), associated: associated) } == .fo)
    }

    @Test func aCiphertextServesWhatItIsBoundToAlone() throws {
        let hospital = try Hospital()
        let sealed = try hospital.encapsulate("a:1")
        let decryptor = try hospital.decryptor(["a:1"])
        #expect(code { _ = try decryptor.decapsulate(sealed.ciphertext, associated: []) } == .fo)
        let blob = try hospital.publicKey.seal([9], under: AccessPolicy("a:1"), associated: associated)
        #expect(code { _ = try decryptor.open(blob, associated: [0]) } == .fo)
        #expect(code { _ = try decryptor.open(Array(blob.dropLast()), associated: associated) } == .aead)
        #expect(
            code { _ = try decryptor.open(flipped(blob, bit: 8 * blob.count - 1), associated: associated) } == .aead
        )
        #expect(code { _ = try decryptor.open([], associated: associated) } == .format)
    }

    /// The same ciphertext with a policy that says the same in other words, or names fewer leaves.
    @Test(
        arguments: [
            ("(a:1 or a:2)", "(a:2 or a:1)", .fo), ("(a:1 or a:2)", "(a:1 OR a:2)", .policy),
            ("(a:1 or a:2)", "(a:1  ora:2)", .policy), ("(a:1 or a:2)", "a:11111111", .format),
        ] as [(String, String, ProtocolFailure.Code)]
    )
    func anotherPolicyTextIsRefused(_ text: String, _ other: String, _ expected: ProtocolFailure.Code) throws {
        let hospital = try Hospital()
        let ciphertext = try hospital.encapsulate(text).ciphertext
        let start = 4 + 4 + hospital.publicKey.authority.utf8.count + 32
        var writer = CanonicalWriter()
        writer.lengthPrefixed(other)
        let changed = ciphertext[..<start] + writer.bytes + ciphertext[(start + 4 + text.utf8.count)...]
        let decryptor = try hospital.decryptor(["a:1", "a:2", "a:11111111"])
        #expect(code { _ = try decryptor.decapsulate(Array(changed), associated: associated) } == expected)
    }

    @Test func equalSeedsGiveEqualCiphertextsAndOthersDoNot() throws {
        let hospital = try Hospital()
        let policy = try AccessPolicy("a:1 and a:2")
        let seed = SecureRandom.bytes(32)
        let first = try hospital.publicKey.encapsulate(under: policy, associated: associated, seed: seed)
        let second = try hospital.publicKey.encapsulate(under: policy, associated: associated, seed: seed)
        let third = try hospital.publicKey.encapsulate(under: policy, associated: associated)
        #expect(first.ciphertext == second.ciphertext)
        #expect(first.key == second.key)
        #expect(third.key != first.key)
        let short = code {
            _ = try hospital.publicKey.encapsulate(under: policy, associated: associated, seed: [1])
        }
        #expect(short == .format)
    }
}

@Suite struct PublicKeyTests {
    @Test func aPublicKeyIsReadBackAsItWasWritten() throws {
        let hospital = try Hospital()
        let read = try AttributePublicKey(bytes: hospital.publicKey.bytes)
        #expect(read == hospital.publicKey)
        #expect(read.digest == hospital.publicKey.digest)
        let sealed = try read.encapsulate(under: AccessPolicy("a:1"), associated: associated)
        let decryptor = try hospital.decryptor(["a:1"])
        #expect(try decryptor.decapsulate(sealed.ciphertext, associated: associated) == sealed.key)
    }

    @Test func hAndFBelongTogetherAndAIsInItsGroup() throws {
        let (key, other) = (try Hospital().publicKey, try Hospital().publicKey)
        let start = 4 + 4 + key.authority.utf8.count
        let wrongH = key.bytes[..<start] + other.bytes[start..<start + 96] + key.bytes[(start + 96)...]
        #expect(code { _ = try AttributePublicKey(bytes: Array(wrongH)) } == .proof)
        let aStart = start + 96 + 48
        for bit in stride(from: 8 * aStart + 5, to: 8 * key.bytes.count, by: 97) {
            let refused = code { _ = try AttributePublicKey(bytes: flipped(key.bytes, bit: bit)) }
            #expect(refused == .subgroup || refused == .point, "\(bit)")
        }
        #expect(code { _ = try AttributePublicKey(bytes: key.bytes + [0]) } == .format)
    }
}
