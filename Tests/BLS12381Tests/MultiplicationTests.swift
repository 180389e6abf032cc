import FiniteFields
import Testing

@testable import BLS12381

@Suite struct MultiplicationTests {
    /// The product by doubling and adding, bit after bit.
    private static func product<Group: EndomorphicGroup>(_ scalar: Fr, _ element: Group) -> Group {
        let limbs = scalar.limbs
        return [limbs.3, limbs.2, limbs.1, limbs.0].reduce(Group.identity) { result, limb in
            (0..<64).reduce(result) { result, bit in
                let doubled = result.doubled(times: 1)
                return limb >> UInt64(63 - bit) & 1 == 1 ? doubled.combined(with: element) : doubled
            }
        }
    }

    @Test("All ways of multiplying in G1 agree", arguments: Fr.samples)
    func productsInG1(_ scalar: Fr) {
        let base = G1Point.hash([1], domain: [1])
        let expected = Self.product(scalar, base)
        #expect(scalar * base == expected)
        #expect(base.multiplied(byPublic: scalar) == expected)
        #expect(FixedBaseTable(base).multiplied(by: scalar) == expected)
        #expect(G1Point.generator(times: scalar) == Self.product(scalar, .generator))
    }

    @Test("All ways of multiplying in G2 agree", arguments: Fr.samples)
    func productsInG2(_ scalar: Fr) {
        let base = G2Point.hash([1], domain: [1])
        let expected = Self.product(scalar, base)
        #expect(scalar * base == expected)
        #expect(base.multiplied(byPublic: scalar) == expected)
        #expect(FixedBaseTable(base).multiplied(by: scalar) == expected)
        #expect(G2Point.generator(times: scalar) == Self.product(scalar, .generator))
    }

    @Test("All ways of raising in GT agree", arguments: Fr.samples)
    func powers(_ scalar: Fr) {
        let expected = Self.product(scalar, GT.generator)
        #expect(GT.generator.power(scalar) == expected)
        #expect(GT.generator.power(public: scalar) == expected)
        #expect(GTPowers(.generator).power(scalar) == expected)
    }

    @Test("Multiplying the identity gives the identity")
    func identity() {
        #expect((Fr.random(1) * G1Point.identity).isIdentity)
        #expect((Fr.random(1) * G2Point.identity).isIdentity)
        #expect(G1Point.identity.multiplied(byPublic: .random(1)).isIdentity)
        #expect(GT.one.power(.random(1)).isOne)
    }

    @Test("Addition has no exceptions")
    func addition() {
        let first = G1Point.generator
        #expect(first + .identity == first)
        #expect(.identity + first == first)
        #expect((first - first).isIdentity)
        #expect(first + first == Fr(2) * first)
        #expect(first != -first)
        #expect(first != .identity)
        let second = G2Point.generator
        #expect(second + .identity == second)
        #expect((second - second).isIdentity)
        #expect(second + second == Fr(2) * second)
        #expect(second != .identity)
    }

    @Test("Sums of products are those of the single products", arguments: [0, 1, 2, 23, 24, 40, 70, 200, 1000])
    func sums(_ count: Int) {
        var scalars = (0..<count).map { Fr.random(UInt64($0)) }
        var factors = (0..<count).map { Fr.random(UInt64($0 + 5000)) }
        // Equal points, opposite points, the identity, and scalars at the ends.
        if count > 20 {
            factors[3] = factors[2]
            scalars[3] = scalars[2]
            factors[5] = -factors[4]
            scalars[5] = scalars[4]
            factors[6] = .zero
            scalars.replaceSubrange(7..<11, with: [.zero, .one, -Fr.one, Fr(limbs: (.max, .max, .max, .max >> 1))])
        }
        let total = zip(scalars, factors).reduce(Fr.zero) { $0 + $1.0 * $1.1 }
        let first = factors.map { G1Point.generator(times: $0) }
        #expect(G1Point.sum(publicScalars: scalars, first) == G1Point.generator(times: total))
        let second = factors.map { G2Point.generator(times: $0) }
        #expect(G2Point.sum(publicScalars: scalars, second) == G2Point.generator(times: total))
    }

    @Test("Sums of one point with one scalar, over and over, are multiples", arguments: [25, 32, 33, 100])
    func equalTerms(_ count: Int) {
        let scalars = [Fr](repeating: .random(1), count: count)
        let expected = Fr(UInt64(count)) * (Fr.random(1) * Fr.random(2))
        let first = [G1Point](repeating: .generator(times: .random(2)), count: count)
        #expect(G1Point.sum(publicScalars: scalars, first) == G1Point.generator(times: expected))
        let second = [G2Point](repeating: .generator(times: .random(2)), count: count)
        #expect(G2Point.sum(publicScalars: scalars, second) == G2Point.generator(times: expected))
    }

    @Test("Digits of windows add up to the integer", arguments: [0, 1, 15, 16, 17, 31, 32, UInt128.max >> 1, 1 << 127])
    func digits(_ integer: UInt128) {
        var booth: UInt128 = 0
        for window in (0...25).reversed() {
            let digit = BoothDigit(integer, window: window)
            #expect(digit.magnitude <= 16)
            booth = booth &* 32 &+ (digit.sign == 1 ? 0 &- UInt128(digit.magnitude) : UInt128(digit.magnitude))
        }
        #expect(booth == integer)
        let sparse = NonAdjacentForm(integer).digits.reversed().reduce(0 as UInt128) {
            $0 &* 2 &+ UInt128(truncatingIfNeeded: $1)
        }
        #expect(sparse == integer)
    }

    @Test("Hashed points before their cofactor is cleared fail the subgroup check", arguments: 1..<20)
    func outsideSubgroup(_ seed: UInt64) {
        let first = G1Point.mapToCurve(Fp(seed))
        #expect(G1Point.isOnCurve(first.coordinates.x, first.coordinates.y))
        #expect(!first.isInSubgroup)
        #expect(first.clearedCofactor().isInSubgroup)
        let second = G2Point.mapToCurve(Fp2(Fp(seed), Fp(1)))
        #expect(G2Point.isOnCurve(second.coordinates.x, second.coordinates.y))
        #expect(!second.isInSubgroup)
        #expect(second.clearedCofactor().isInSubgroup)
    }

    @Test("Endomorphisms multiply by powers of the parameter")
    func endomorphisms() {
        let parameter = Fr(0xd201_0000_0001_0000)
        let first = G1Point.hash([7], domain: [1])
        #expect(first.multipliedByBase(power: 1) == Self.product(parameter.squared(), first))
        let second = G2Point.hash([7], domain: [1])
        for power in 0..<4 {
            let factor = parameter.power(UInt64(power))
            #expect(second.multipliedByBase(power: power) == Self.product(factor, second))
            #expect(GT.generator.multipliedByBase(power: power) == Self.product(factor, GT.generator))
        }
        #expect(first.multipliedByParameter() == Self.product(parameter, first))
        #expect(second.multipliedByParameter() == Self.product(parameter, second))
        #expect(GT.generator.multipliedByParameter() == Self.product(parameter, GT.generator))
        #expect(GT.one.multipliedByParameter().isOne)
    }
}
