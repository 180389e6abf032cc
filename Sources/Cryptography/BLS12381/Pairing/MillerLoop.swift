internal import CFieldKernels
internal import FiniteFields

/// The loop of the optimal ate pairing over the bits of the curve's parameter.
enum MillerLoop {
    /// The bits of the parameter's absolute value below the highest one, most significant first.
    static let bits: [Bool] = (0..<63).reversed().map { 0xd201_0000_0001_0000 as UInt64 >> UInt64($0) & 1 == 1 }

    /// Lines of one point: 63 tangents and 5 chords.
    static let lineCount = 68

    /// The product of the loops of all pairs, with shared squarings.
    ///
    /// A pair with an identity in it counts as one.
    static func product(_ pairs: [(G1Point, PreparedG2)]) -> Fp12 {
        let pairs = pairs.filter { !$0.isIdentity && !$1.lines.isEmpty }
        guard !pairs.isEmpty else { return .one }
        let points = G1Point.affine(pairs.map(\.0))
        let lines = pairs.map(\.1.lines)
        var value = Fp12.one.value
        var position = 0
        for (index, bit) in self.bits.enumerated() {
            if index > 0 { value = kernel(value, wl_fp12_sqr) }
            for _ in 0..<(bit ? 2 : 1) {
                for pair in points.indices { self.multiply(&value, lines[pair][position], points[pair]) }
                position += 1
            }
        }
        // The parameter is negative.
        return Fp12(value).conjugate()
    }

    private static func multiply(_ value: inout wl_fp12, _ line: wl_line, _ point: wl_g1_affine) {
        value = kernel(value, line) { result, value, line in
            withUnsafePointer(to: point.x) { x in
                withUnsafePointer(to: point.y) { y in wl_fp12_mul_line(result, value, line, x, y) }
            }
        }
    }
}
