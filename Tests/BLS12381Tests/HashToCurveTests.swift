import BLS12381
import CanonicalBytes
import Testing

@Suite struct HashToCurveTests {
    @Test("G1 hashes are those of RFC 9380", arguments: PublishedHash.inG1)
    func publishedG1(_ hash: PublishedHash) throws {
        let point = G1Point.hash(Array(hash.message.utf8), domain: Array(PublishedHash.domainG1.utf8))
        #expect(try point.encodedUncompressed().hex == hash.coordinates.joined())
    }

    @Test("G2 hashes are those of RFC 9380", arguments: PublishedHash.inG2)
    func publishedG2(_ hash: PublishedHash) throws {
        let point = G2Point.hash(Array(hash.message.utf8), domain: Array(PublishedHash.domainG2.utf8))
        // Encoded, the coefficient of u comes first.
        let expected = [1, 0, 3, 2].map { hash.coordinates[$0] }.joined()
        #expect(try point.encodedUncompressed().hex == expected)
    }

    @Test("A domain longer than 255 bytes is hashed first")
    func longDomain() {
        let long = [UInt8](repeating: 65, count: 300)
        #expect(G1Point.hash([1], domain: long) != G1Point.hash([1], domain: Array(long.dropLast())))
        #expect(G1Point.hash([1], domain: long) == G1Point.hash([1], domain: long))
    }

    @Test("Hashes lie in the subgroup of prime order", arguments: 0..<50)
    func subgroup(_ seed: UInt8) throws {
        let first = G1Point.hash([seed], domain: [68])
        let second = G2Point.hash([seed], domain: [68])
        // Decoding checks the subgroup.
        #expect(try G1Point(first.encoded()) == first)
        #expect(try G2Point(second.encoded()) == second)
    }
}
