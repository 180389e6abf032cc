internal import BLS12381
internal import CanonicalBytes
internal import FiniteFields

/// Set A, BLS12-381 (specification section 3), and the multiplications that scripts/interop-bls compares.
enum BLSOperations {
    static let all = [
        Operation("bls.decode_g1") {
            ["xy": .hex(try G1Point($0.bytes("point")).encodedUncompressed())]
        },
        Operation("bls.decode_g2", decodeG2),
        Operation("bls.decode_fr") {
            _ = try Fr($0.bytes("scalar"))
            return [:]
        },
        Operation("bls.hash_to_fr") {
            ["scalar": .hex(try Fr.hash($0.text("tag"), $0.byteLists("fields")).bytes)]
        },
        Operation("bls.hash_to_g1") {
            ["point": .hex(try G1Point.hash($0.bytes("msg"), domain: $0.bytes("dst")).encoded())]
        },
        Operation("bls.hash_to_g2") {
            ["point": .hex(try G2Point.hash($0.bytes("msg"), domain: $0.bytes("dst")).encoded())]
        },
        Operation("bls.pairing") {
            ["gt": .hex(Pairing.pair(try G1Point($0.bytes("g1")), try G2Point($0.bytes("g2"))).bytes)]
        },
        Operation("bls.gt_pow") {
            ["gt": .hex(try GT($0.bytes("gt")).power(Fr(nonzero: $0.bytes("k"))).bytes)]
        },
        Operation("bls.mul_g1") {
            ["point": .hex(try (Fr($0.bytes("k")) * G1Point($0.bytes("point"))).encoded())]
        },
        Operation("bls.mul_g2") {
            ["point": .hex(try (Fr($0.bytes("k")) * G2Point($0.bytes("point"))).encoded())]
        },
        Operation("bls.sum_g1") {
            let points = try $0.byteLists("points").map { try G1Point($0) }
            return ["point": .hex(try G1Point.sum(publicScalars: scalars($0, points.count), points).encoded())]
        },
        Operation("bls.sum_g2") {
            let points = try $0.byteLists("points").map { try G2Point($0) }
            return ["point": .hex(try G2Point.sum(publicScalars: scalars($0, points.count), points).encoded())]
        },
    ]

    private static func decodeG2(_ input: CaseInput) throws -> JSONObject {
        // Encoded, the coefficient of u comes first.
        let bytes = try G2Point(input.bytes("point")).encodedUncompressed()
        let parts = stride(from: 0, to: bytes.count, by: 48).map { Array(bytes[$0..<$0 + 48]) }
        return ["x_c1": .hex(parts[0]), "x_c0": .hex(parts[1]), "y_c1": .hex(parts[2]), "y_c0": .hex(parts[3])]
    }

    private static func scalars(_ input: CaseInput, _ count: Int) throws -> [Fr] {
        let scalars = try input.byteLists("scalars").map { try Fr($0) }
        guard scalars.count == count else { throw MalformedInput("`scalars` and `points` differ in number") }
        return scalars
    }
}
