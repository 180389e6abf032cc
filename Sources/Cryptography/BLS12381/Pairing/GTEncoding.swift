package import CanonicalBytes
internal import FiniteFields

extension GT {
    /// `GT(x)`: 576 bytes, the coefficients of `v^j w^i` for i = 0, 1 and j = 0, 1, 2, of each `a` before `b`
    /// (specification section 3.4).
    package var bytes: [UInt8] {
        [self.value.c0, self.value.c1].flatMap { half in
            [half.c0, half.c1, half.c2].flatMap { $0.c0.bytes + $0.c1.bytes }
        }
    }

    /// Decodes the 576 bytes of an element.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT` for another length, `POINT` for a coefficient that is not
    ///   below `p`, `SUBGROUP` for what is not in the group.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == Self.byteCount, .format, "a GT element has 576 bytes, not \(bytes.count)")
        var elements: [Fp] = []
        for start in stride(from: 0, to: bytes.count, by: Fp.byteCount) {
            guard let element = Fp(bigEndian: bytes[start..<start + Fp.byteCount]) else {
                throw ProtocolFailure(.point, "a coefficient is not below p")
            }
            elements.append(element)
        }
        let pairs = stride(from: 0, to: 12, by: 2).map { Fp2(elements[$0], elements[$0 + 1]) }
        self.init(Fp12(Fp6(pairs[0], pairs[1], pairs[2]), Fp6(pairs[3], pairs[4], pairs[5])))
        try require(self.isInGroup, .subgroup, "not in the group of order r")
    }

    /// Whether the power to `p⁴ - p² + 1` is one, and that to `p` the power to the curve's parameter.
    private var isInGroup: Bool {
        let square = self.value.frobeniusSquared()
        let isCyclotomic = !self.value.isZero && square.frobeniusSquared() * self.value == square
        return isCyclotomic && self.value.frobenius() == self.multipliedByParameter().negated().value
    }
}
