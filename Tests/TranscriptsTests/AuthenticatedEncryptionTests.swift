import CanonicalBytes
import Testing
import Transcripts

@Suite struct AuthenticatedEncryptionTests {
    /// Test cases 13 and 14 of "The Galois/Counter Mode of Operation" (McGrew and Viega): everything is zero.
    @Test(arguments: [
        (0, "530f8afbc74536b9a963b4f1c4cb738b"),
        (16, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
    ])
    func zerosEncryptAsPublished(_ length: Int, _ expected: String) {
        let sealed = AuthenticatedEncryption.seal(
            [UInt8](repeating: 0, count: 44),
            associated: [],
            plaintext: [UInt8](repeating: 0, count: length)
        )
        #expect(sealed.hex == expected)
    }

    @Test func anyFlippedBitAndAnyOtherContextIsNoticed() throws {
        let key = SecureRandom.bytes(44)
        let sealed = AuthenticatedEncryption.seal(key, associated: [1], plaintext: [2, 3])
        #expect(try AuthenticatedEncryption.open(key, associated: [1], ciphertext: sealed) == [2, 3])
        for bit in 0..<sealed.count * 8 {
            var damaged = sealed
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: ProtocolFailure(.aead, "authenticated decryption failed")) {
                try AuthenticatedEncryption.open(key, associated: [1], ciphertext: damaged)
            }
        }
        #expect(throws: ProtocolFailure.self) {
            try AuthenticatedEncryption.open(key, associated: [], ciphertext: sealed)
        }
    }

    @Test(arguments: [0, 1, 15]) func aCiphertextHasRoomForATag(_ length: Int) {
        #expect(throws: ProtocolFailure(.format, "the ciphertext is shorter than a tag")) {
            try AuthenticatedEncryption.open(
                SecureRandom.bytes(44),
                associated: [],
                ciphertext: [UInt8](repeating: 0, count: length)
            )
        }
    }
}
