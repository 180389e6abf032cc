import BLS12381
import CanonicalBytes
import P256Group
import SecretSharing
import Testing

@testable import ThresholdSignatures

@Suite struct SignatureTests {
    @Test func aSignatureFitsItsKeyAndMessageAlone() throws {
        let (key, other) = (BLSKeyPair.generate(), BLSKeyPair.generate())
        let signature = try key.sign(message).encoded
        try key.publicKey.verify(signature, of: message)
        #expect(code { try key.publicKey.verify(signature, of: message + [0]) } == .signature)
        #expect(code { try other.publicKey.verify(signature, of: message) } == .signature)
        #expect(try key.sign(message).encoded == signature)
    }

    @Test func everyFlippedBitOfASignatureIsRefused() throws {
        let key = BLSKeyPair.generate()
        let signature = try key.sign(message).encoded
        for bit in stride(from: 0, to: 768, by: 3) {
            let refused = code { try key.publicKey.verify(flipped(signature, bit: bit), of: message) }
            let expected: [ProtocolFailure.Code?] = [.point, .subgroup, .signature, .identity]
            #expect(expected.contains(refused), "\(bit)")
        }
    }

    @Test func aKeyIsTheSameAfterStorage() throws {
        let key = BLSKeyPair.generate()
        let stored = try BLSKeyPair(secret: SecretFr(bytes: key.secretBytes()))
        #expect(stored.publicKey == key.publicKey)
    }

    @Test func possessionIsProvedOfOneKeyAndIsNoSignature() throws {
        let (key, other) = (BLSKeyPair.generate(), BLSKeyPair.generate())
        let proof = try key.proofOfPossession().encoded
        try key.publicKey.verifyPossession(proof)
        #expect(code { try other.publicKey.verifyPossession(proof) } == .proof)
        // The two uses have domains of their own.
        #expect(code { try key.publicKey.verify(proof, of: key.publicKey.encoded) } == .signature)
        let signature = try key.sign(key.publicKey.encoded).encoded
        #expect(code { try key.publicKey.verifyPossession(signature) } == .proof)
    }

    /// A key made from another's forges their aggregate, and its owner cannot prove its possession.
    @Test func aRogueKeyForgesAggregatesButProvesNoPossession() throws {
        let (victim, attacker) = (BLSKeyPair.generate(), BLSKeyPair.generate())
        let rogue = try BLSPublicKey(attacker.publicKey.point - victim.publicKey.point)
        let forged = try attacker.sign(message).encoded
        try BLSPublicKey(aggregating: [victim.publicKey, rogue]).verify(forged, of: message)
        for proof in [try attacker.proofOfPossession(), try attacker.partialProofOfPossession(of: rogue)] {
            #expect(code { try rogue.verifyPossession(proof.encoded) } == .proof)
        }
    }

    @Test func keysAndSignaturesThatCancelAreRefused() throws {
        let key = BLSKeyPair.generate()
        let negative = try BLSPublicKey(-key.publicKey.point)
        #expect(code { _ = try BLSPublicKey(aggregating: [key.publicKey, negative]) } == .identity)
        #expect(code { _ = try BLSSignature(aggregating: []) } == .identity)
    }

    @Test func aggregatesVerifyUnderTheSumOfTheKeys() throws {
        let signers = keys(5)
        let signatures = try signers.map { try $0.sign(message).encoded }
        let aggregate = try BLSSignature(aggregating: signatures).encoded
        try BLSPublicKey(aggregating: signers.map(\.publicKey)).verify(aggregate, of: message)
        let fewer = try BLSPublicKey(aggregating: signers.dropLast().map(\.publicKey))
        #expect(code { try fewer.verify(aggregate, of: message) } == .signature)
    }
}

@Suite struct RegistrationTests {
    @Test func aMemberRegistersItsKeyInOneCommittee() throws {
        let (identity, key) = (P256KeyPair.generate(), BLSKeyPair.generate())
        let registration = MemberRegistration(
            committee: "relay",
            key: key.publicKey.encoded,
            possession: try key.proofOfPossession().encoded
        )
        let signature = try registration.sign(identity)
        #expect(try registration.verified(by: identity.publicKey, signature: signature) == key.publicKey)
        let elsewhere = MemberRegistration(
            committee: "other",
            key: registration.key,
            possession: registration.possession
        )
        #expect(code { _ = try elsewhere.verified(by: identity.publicKey, signature: signature) } == .signature)
        let stranger = P256KeyPair.generate().publicKey
        #expect(code { _ = try registration.verified(by: stranger, signature: signature) } == .signature)
    }

    @Test func aKeyWithoutPossessionIsNotRegistered() throws {
        let (identity, key, other) = (P256KeyPair.generate(), BLSKeyPair.generate(), BLSKeyPair.generate())
        let registration = MemberRegistration(
            committee: "relay",
            key: key.publicKey.encoded,
            possession: try other.proofOfPossession().encoded
        )
        let signature = try registration.sign(identity)
        #expect(code { _ = try registration.verified(by: identity.publicKey, signature: signature) } == .proof)
    }
}
