import BLS12381
import CanonicalBytes
import FiniteFields
import Testing
import VectorFiles

@Suite struct BLSVectorTests {
    private static func cases(_ operation: String) throws -> [VectorCase] {
        try VectorFile.cases("A_encodings", operation)
    }

    @Test("G1 points are decoded or refused as everywhere", arguments: try cases("bls.decode_g1"))
    func decodeG1(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            let point = try G1Point(test.bytes("point"))
            #expect(try point.encoded() == test.bytes("point"))
            return ["xy": .text(try point.encodedUncompressed().hex)]
        }
        #expect(outcome == test.expected)
    }

    @Test("G2 points are decoded or refused as everywhere", arguments: try cases("bls.decode_g2"))
    func decodeG2(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            let point = try G2Point(test.bytes("point"))
            #expect(try point.encoded() == test.bytes("point"))
            let bytes = try point.encodedUncompressed()
            let parts = stride(from: 0, to: 192, by: 48).map { VectorValue.text(bytes[$0..<$0 + 48].hex) }
            return ["x_c1": parts[0], "x_c0": parts[1], "y_c1": parts[2], "y_c0": parts[3]]
        }
        #expect(outcome == test.expected)
    }

    @Test("Scalars are decoded or refused as everywhere", arguments: try cases("bls.decode_fr"))
    func decodeScalar(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            let scalar = try Fr(test.bytes("scalar"))
            #expect(try scalar.bytes == test.bytes("scalar"))
            return [:]
        }
        #expect(outcome == test.expected)
    }

    @Test("Transcripts hash to the same scalar", arguments: try cases("bls.hash_to_fr"))
    func hashToScalar(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            ["scalar": .text(try Fr.hash(test.text("tag"), test.bytesList("fields")).bytes.hex)]
        }
        #expect(outcome == test.expected)
    }

    @Test("Messages hash to the same point of G1", arguments: try cases("bls.hash_to_g1"))
    func hashToG1(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            ["point": .text(try G1Point.hash(test.bytes("msg"), domain: test.bytes("dst")).encoded().hex)]
        }
        #expect(outcome == test.expected)
    }

    @Test("Messages hash to the same point of G2", arguments: try cases("bls.hash_to_g2"))
    func hashToG2(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            ["point": .text(try G2Point.hash(test.bytes("msg"), domain: test.bytes("dst")).encoded().hex)]
        }
        #expect(outcome == test.expected)
    }

    @Test("Pairings have the same bytes", arguments: try cases("bls.pairing"))
    func pairing(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            ["gt": .text(Pairing.pair(try G1Point(test.bytes("g1")), try G2Point(test.bytes("g2"))).bytes.hex)]
        }
        #expect(outcome == test.expected)
    }

    @Test("Powers of pairings have the same bytes", arguments: try cases("bls.gt_pow"))
    func power(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            let base = try GT(test.bytes("gt"))
            let scalar = try Fr(nonzero: test.bytes("k"))
            #expect(base.power(public: scalar) == base.power(scalar))
            return ["gt": .text(base.power(scalar).bytes.hex)]
        }
        #expect(outcome == test.expected)
    }
}
