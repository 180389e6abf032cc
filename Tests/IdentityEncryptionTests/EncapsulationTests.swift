import BLS12381
import CanonicalBytes
import FiniteFields
import SecretSharing
import Signcryption
import Testing
import Transcripts

@testable import IdentityEncryption

@Suite struct EncapsulationTests {
    @Test func theHolderOfTheKeyFindsTheEpochKey() throws {
        let consortium = try Consortium()
        let key = try consortium.key(of: dataIdentity)
        let sealed = try EncapsulationKey(identity: dataIdentity, parameters: consortium.parameters.key).encapsulate()
        #expect(sealed.key.count == 32)
        #expect(sealed.ciphertext.count == 128)
        #expect(try key.decapsulate(sealed.ciphertext) == sealed.key)
        #expect(try key.open(sealed.capsule) == sealed.key)
    }

    @Test func theCachedPairingGivesTheSameCapsulesAndKeys() throws {
        let parameters = try Consortium().parameters.key
        let single = EncapsulationKey(identity: dataIdentity, parameters: parameters)
        let cached = EncapsulationKey.cached(identity: dataIdentity, parameters: parameters)
        for _ in 0..<4 {
            let seed = SecureRandom.bytes(32)
            let (first, second) = (try single.encapsulate(seed: seed), try cached.encapsulate(seed: seed))
            #expect(first.capsule == second.capsule)
            #expect(first.key == second.key)
        }
        #expect(try cached.encapsulate().key != cached.encapsulate().key)
    }

    @Test func everyFlippedBitOfACiphertextIsRefused() throws {
        let consortium = try Consortium(parties: 2)
        let key = try consortium.key(of: dataIdentity)
        let sealed = try EncapsulationKey(identity: dataIdentity, parameters: consortium.parameters.key).encapsulate()
        for bit in 0..<1024 {
            let refused = code { _ = try key.decapsulate(flipped(sealed.ciphertext, bit: bit)) }
            let expected: Set<ProtocolFailure.Code> = bit < 768 ? [.point, .subgroup, .identity, .fo] : [.fo]
            #expect(refused.map(expected.contains) == true, "bit \(bit)")
        }
    }

    /// Without the check of the seed, adding to U and asking for the outcome would open foreign ciphertexts.
    @Test func aRelatedCiphertextIsRefused() throws {
        let consortium = try Consortium(parties: 2)
        let key = try consortium.key(of: dataIdentity)
        let encapsulator = EncapsulationKey(identity: dataIdentity, parameters: consortium.parameters.key)
        let (first, second) = (try encapsulator.encapsulate(), try encapsulator.encapsulate())
        let point = try G2Point(Array(first.ciphertext[..<96]))
        let moved = try (point + .generator).encoded() + first.ciphertext[96...]
        let doubled = try (point + point).encoded() + first.ciphertext[96...]
        let mixed = Array(first.ciphertext[..<96] + second.ciphertext[96...])
        for ciphertext in [moved, doubled, mixed] { #expect(code { _ = try key.decapsulate(ciphertext) } == .fo) }
    }

    @Test(arguments: [0, 1, 96, 127, 129])
    func anotherLengthIsRefused(_ length: Int) throws {
        let key = try Consortium(parties: 2).key(of: dataIdentity)
        #expect(code { _ = try key.decapsulate(.zeros(length)) } == .format)
    }

    @Test func theKeyOfAnotherIdentityOrConsortiumDoesNotOpen() throws {
        let consortium = try Consortium(parties: 2)
        let sealed = try EncapsulationKey(identity: dataIdentity, parameters: consortium.parameters.key).encapsulate()
        let other = try consortium.key(of: otherIdentity)
        #expect(code { _ = try other.decapsulate(sealed.ciphertext) } == .fo)
        #expect(code { _ = try other.open(sealed.capsule) } == .context)
        // Under the other's key the identity's name alone does not help.
        let renamed = try IdentityKey(
            stored: other.secretBytes(),
            identity: dataIdentity,
            parameters: consortium.parameters.key
        )
        #expect(code { _ = try renamed.open(sealed.capsule) } == .fo)
        let foreign = try Consortium(parties: 2).key(of: dataIdentity)
        #expect(code { _ = try foreign.decapsulate(sealed.ciphertext) } == .fo)
        #expect(code { _ = try foreign.open(sealed.capsule) } == .context)
    }

    @Test func aStoredKeyIsTheSameKey() throws {
        let consortium = try Consortium(parties: 2)
        let key = try consortium.key(of: dataIdentity)
        let stored = try IdentityKey(
            stored: key.secretBytes(),
            identity: dataIdentity,
            parameters: consortium.parameters.key
        )
        let sealed = try EncapsulationKey(identity: dataIdentity, parameters: consortium.parameters.key).encapsulate()
        #expect(try stored.open(sealed.capsule) == sealed.key)
    }

    @Test func aSeedHas32Bytes() throws {
        let key = EncapsulationKey(identity: dataIdentity, parameters: try Consortium(parties: 2).parameters.key)
        for length in [0, 31, 33] { #expect(code { _ = try key.encapsulate(seed: .zeros(length)) } == .format) }
    }

    @Test func aCapsuleNamesItsIdentityAndParameters() throws {
        let parameters = try Consortium(parties: 2).parameters.key
        let sealed = try EncapsulationKey(identity: dataIdentity, parameters: parameters).encapsulate()
        let content = try sealed.capsule.content(under: parameters)
        #expect(content.identity == dataIdentity)
        #expect(content.ciphertext == sealed.ciphertext)
        let bytes = sealed.capsule.bytes
        for damaged in [[], Array(bytes.dropLast()), bytes + [0], flipped(bytes, bit: 0)] {
            #expect(code { _ = try EpochCapsule(bytes: damaged).content(under: parameters) } == .format)
        }
    }
}
