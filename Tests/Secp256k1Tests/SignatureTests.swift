import CanonicalBytes
import Secp256k1
import Testing
import Transcripts

struct SignatureTests {
    /// The example of EIP-155: a key, the digest of a transaction, and its published signature.
    @Test func `the published example of EIP-155 is recovered`() throws {
        let key = try Secp256k1Key(secret: [UInt8](repeating: 0x46, count: 32))
        let digest = try bytes("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53")
        let signature = try Secp256k1Signature(
            r: bytes("28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"),
            s: bytes("67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"),
            isOdd: false
        )
        #expect(try signature.signer(of: digest) == key.publicKey)
        try signature.verify(digest, by: key.publicKey)
        let x = "4bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382"
        let y = "ce28cab79ad7119ee1ad3ebcdb98a16805211530ecc6cfefa1b88e6dff99232a"
        #expect(key.publicKey.coordinates.hex == x + y)
    }

    @Test func `the key 1 has the generator as its public key`() throws {
        let key = try Secp256k1Key(secret: [UInt8](repeating: 0, count: 31) + [1])
        #expect(key.publicKey.encoded.hex == "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    }

    @Test func `what is signed is recovered and decoded again`() throws {
        for round in 0..<40 {
            let (key, _) = try Secp256k1Key.generate()
            let digest = TaggedHash.digest("TEST", [UInt8(round)])
            let signature = try key.sign(digest)
            #expect(try signature.signer(of: digest) == key.publicKey)
            #expect(try Secp256k1Signature(signature.bytes) == signature)
            #expect(try Secp256k1PublicKey(encoded: key.publicKey.encoded) == key.publicKey)
            #expect(try Secp256k1PublicKey(encoded: [4] + key.publicKey.coordinates) == key.publicKey)
        }
    }

    @Test func `no changed byte is a signature of the same key`() throws {
        let key = try Secp256k1Key(secret: [UInt8](repeating: 7, count: 32))
        let digest = TaggedHash.digest("TEST", [1])
        let signature = try key.sign(digest)
        for place in 0..<Secp256k1Signature.byteCount {
            for bit in 0..<8 {
                var changed = signature.bytes
                changed[place] ^= 1 << UInt8(bit)
                let signer = try? Secp256k1Signature(changed).signer(of: digest)
                #expect(signer != key.publicKey, "byte \(place), bit \(bit)")
            }
        }
        for place in digest.indices {
            var changed = digest
            changed[place] ^= 1
            #expect(throws: ProtocolFailure.self) { try signature.verify(changed, by: key.publicKey) }
        }
    }

    @Test(arguments: [
        ("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", ProtocolFailure.Code.scalar),
        ("0000000000000000000000000000000000000000000000000000000000000000", .scalar),
        ("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", .scalar),
        ("01", .format),
    ])
    func `what is no secret key is refused`(secret: String, code: ProtocolFailure.Code) throws {
        let secret = try bytes(secret)
        let failure = #expect(throws: ProtocolFailure.self) { try Secp256k1Key(secret: secret) }
        #expect(failure?.code == code)
    }

    @Test(arguments: [
        // n/2 + 1: the other one of two signatures.
        ("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1", "1b", ProtocolFailure.Code.scalar),
        ("0000000000000000000000000000000000000000000000000000000000000000", "1b", .scalar),
        ("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", "00", .format),
        ("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", "1d", .format),
        ("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", "", .format),
    ])
    func `a signature has the lower s and a known end`(
        s: String,
        v: String,
        code: ProtocolFailure.Code
    ) throws {
        let r = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        let encoded = try bytes(r + s + v)
        let failure = #expect(throws: ProtocolFailure.self) { try Secp256k1Signature(encoded) }
        #expect(failure?.code == code)
        let good = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"
        _ = try Secp256k1Signature(bytes(r + good + "1c"))
    }

    @Test func `an r without a point is nobody's signature`() throws {
        // 5 is no x of the curve: 5³ + 7 = 132 has no root.
        let five = [UInt8](repeating: 0, count: 31) + [5]
        let signature = try Secp256k1Signature(r: five, s: five, isOdd: false)
        let digest = TaggedHash.digest("TEST", [])
        let failure = #expect(throws: ProtocolFailure.self) { try signature.signer(of: digest) }
        #expect(failure?.code == .signature)
    }

    @Test(arguments: [
        "00", "0579be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "020000000000000000000000000000000000000000000000000000000000000005",
        "02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
    ])
    func `what is no point is no public key`(encoded: String) throws {
        let encoded = try bytes(encoded)
        #expect(throws: ProtocolFailure.self) { try Secp256k1PublicKey(encoded: encoded) }
    }

    private func bytes(_ hex: String) throws -> [UInt8] { try #require([UInt8](hex: hex)) }
}
