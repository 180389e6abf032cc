internal import CFieldKernels

/// The powers of a root of unity in Fr, and the transforms between the coefficients of a polynomial and its values
/// there.
package struct EvaluationDomain: Sendable {
    /// Number of points, a power of two.
    package let count: Int
    /// The root of unity: `7^((r - 1) / 2^32)` raised to 2^32 / count.
    package let root: Fr
    private let powers: [Fr]
    private let inversePowers: [Fr]
    private let countInverse: Fr

    /// The domain of `2^logarithm` points.
    ///
    /// - Precondition: the logarithm is from 0 to 32.
    package init(logarithm: Int) {
        precondition((0...32).contains(logarithm))
        self.count = 1 << logarithm
        self.root = (logarithm..<32).reduce(Self.rootOfUnity) { root, _ in root.squared() }
        self.powers = Self.powers(of: self.root, count: max(1, self.count / 2))
        self.inversePowers = Self.powers(of: self.root.inverse(), count: max(1, self.count / 2))
        self.countInverse = Fr(UInt64(self.count)).inverse()
    }

    /// Values at the powers of the root, from 1 on, of the polynomial with these coefficients.
    ///
    /// - Precondition: there are ``count`` coefficients.
    package func values(ofCoefficients coefficients: [Fr]) -> [Fr] {
        self.transform(coefficients, self.powers)
    }

    /// Coefficients of the polynomial that has these values at the powers of the root.
    ///
    /// - Precondition: there are ``count`` values.
    package func coefficients(ofValues values: [Fr]) -> [Fr] {
        self.transform(values, self.inversePowers).map { $0 * self.countInverse }
    }

    /// Coefficient `i` times `factorⁱ`: the values of the result at the domain are those of the polynomial at the
    /// domain times `factor`.
    package static func scaled(_ coefficients: [Fr], by factor: Fr) -> [Fr] {
        zip(coefficients, self.powers(of: factor, count: coefficients.count)).map { $0 * $1 }
    }

    private func transform(_ input: [Fr], _ twiddles: [Fr]) -> [Fr] {
        precondition(input.count == self.count)
        let bits = self.count.trailingZeroBitCount
        var values = (0..<self.count).map { input[Self.reversed($0, bits: bits)].value }
        let twiddles = twiddles.map(\.value)
        var half = 1
        while half < self.count {
            wl_fr_butterflies(&values, self.count, half, twiddles, self.count / (2 * half))
            half *= 2
        }
        return values.map { Fr($0) }
    }

    private static func reversed(_ index: Int, bits: Int) -> Int {
        var rest = index
        var result = 0
        for _ in 0..<bits {
            result = result << 1 | rest & 1
            rest >>= 1
        }
        return result
    }

    private static func powers(of base: Fr, count: Int) -> [Fr] {
        var power = Fr.one
        return (0..<count).map { _ in
            defer { power = power * base }
            return power
        }
    }

    /// `7^((r - 1) / 2^32)`, of order 2^32.
    private static let rootOfUnity: Fr = {
        let exponent: [UInt64] = [0xfffe_5bfe_ffff_ffff, 0x09a1_d805_53bd_a402, 0x299d_7d48_3339_d808, 0x73ed_a753]
        return exponent.reversed().reduce(Fr.one) { result, limb in
            (0..<64).reduce(result) { $0.squared() * (limb >> (63 - $1) & 1 == 1 ? Fr(7) : .one) }
        }
    }()
}
