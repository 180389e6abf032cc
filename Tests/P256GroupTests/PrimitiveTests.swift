import CanonicalBytes
import Testing
import Transcripts

@testable import P256Group

@Suite struct PrimitiveTests {
    @Test func aSignatureVerifiesAndAnyFlippedBitBreaksIt() throws {
        let key = P256KeyPair.generate()
        let message = Array("heart rate 72".utf8)
        let signature = try Schnorr.sign(key, context: "TEST", message: message)
        try Schnorr.verify(key.publicKey, context: "TEST", message: message, signature: signature)
        for bit in stride(from: 0, to: 512, by: 7) {
            var damaged = signature
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: ProtocolFailure.self) {
                try Schnorr.verify(key.publicKey, context: "TEST", message: message, signature: damaged)
            }
        }
        #expect(throws: ProtocolFailure.self) {
            try Schnorr.verify(key.publicKey, context: "OTHER", message: message, signature: signature)
        }
    }

    @Test func aProofOfEqualLogarithmsHoldsForEqualOnesOnly() throws {
        let w = P256Scalar.random()
        let base2 = P256Point.base(times: .random())
        let statement = DiscreteLogEquality(
            base1: try P256PublicKey(.generator),
            value1: try P256PublicKey(w * .generator),
            base2: try P256PublicKey(base2),
            value2: try P256PublicKey(w * base2)
        )
        let proof = try statement.prove(witness: w, context: [1])
        try statement.verify(proof, context: [1])
        #expect(throws: ProtocolFailure.self) { try statement.verify(proof, context: [2]) }
        let other = DiscreteLogEquality(
            base1: try P256PublicKey(.generator),
            value1: try P256PublicKey(w * .generator),
            base2: try P256PublicKey(base2),
            value2: try P256PublicKey((w + .one) * base2)
        )
        #expect(throws: ProtocolFailure.self) { try other.verify(proof, context: [1]) }
        let forged = try other.prove(witness: w, context: [1])
        #expect(throws: ProtocolFailure.self) { try other.verify(forged, context: [1]) }
    }

    @Test func whatIsSealedToAKeyOpensWithThatKeyAlone() throws {
        let key = P256KeyPair.generate()
        let box = try ECIES.seal(to: key.publicKey, associated: [7], plaintext: [1, 2, 3])
        #expect(try ECIES.open(key, associated: [7], ciphertext: box) == [1, 2, 3])
        #expect(throws: ProtocolFailure.self) { try ECIES.open(.generate(), associated: [7], ciphertext: box) }
        #expect(throws: ProtocolFailure.self) { try ECIES.open(key, associated: [8], ciphertext: box) }
    }

    @Test func authenticatedEncryptionHandlesEmptyPlaintextAndEmptyAssociatedData() throws {
        let key = SecureRandom.bytes(44)
        for (plaintext, associated) in [([], []), ([], [1]), ([1], []), ([UInt8](repeating: 9, count: 70_000), [3])]
            as [([UInt8], [UInt8])]
        {
            let box = AuthenticatedEncryption.seal(key, associated: associated, plaintext: plaintext)
            #expect(box.count == plaintext.count + 16)
            #expect(try AuthenticatedEncryption.open(key, associated: associated, ciphertext: box) == plaintext)
            var damaged = box
            damaged[damaged.count - 1] ^= 1
            #expect(throws: ProtocolFailure(.aead, "authenticated decryption failed")) {
                try AuthenticatedEncryption.open(key, associated: associated, ciphertext: damaged)
            }
        }
    }

    @Test func theSecretOfAKeyPairIsNotZero() {
        #expect(throws: ProtocolFailure(.scalar, "a secret key that is zero")) { try P256KeyPair(secret: .zero) }
    }

    @Test func aProofOverTwoOtherBasesHolds() throws {
        let w = P256Scalar.random()
        let bases = (P256Point.base(times: .random()), P256Point.base(times: .random()))
        let statement = DiscreteLogEquality(
            base1: try P256PublicKey(bases.0),
            value1: try P256PublicKey(w * bases.0),
            base2: try P256PublicKey(bases.1),
            value2: try P256PublicKey(w * bases.1)
        )
        let proof = try statement.prove(witness: w, context: [1])
        try statement.verify(proof, context: [1])
        #expect(throws: ProtocolFailure.self) { try statement.verify(proof, context: [2]) }
    }
}
