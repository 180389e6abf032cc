import FiniteFields
import Testing

@testable import SecretSharing

@Suite struct SharingTests {
    @Test(arguments: [(1, 1), (1, 4), (2, 2), (2, 5), (3, 5), (5, 7), (16, 16)])
    func anySharesOfTheThresholdGiveTheSecretAndFewerDoNot(_ threshold: Int, _ count: Int) {
        let secret = SecretFr.random()
        let polynomial = SharingPolynomial(secret: secret, threshold: threshold)
        #expect(polynomial.threshold == threshold)
        for _ in 0..<8 {
            let places = Array((1...UInt64(count)).shuffled().prefix(threshold))
            #expect(Self.interpolated(polynomial, places) == secret.withValue { $0 })
            guard threshold > 1 else { continue }
            #expect(Self.interpolated(polynomial, Array(places.dropLast())) != secret.withValue { $0 })
        }
    }

    @Test func moreSharesThanTheThresholdGiveTheSecretToo() {
        let secret = SecretFr.random()
        let polynomial = SharingPolynomial(secret: secret, threshold: 3)
        #expect(Self.interpolated(polynomial, [5, 1, 9, 4, 2]) == secret.withValue { $0 })
    }

    @Test func everyShareOfAThresholdOfOneIsTheSecret() {
        let secret = SecretFr.random()
        let polynomial = SharingPolynomial(secret: secret, threshold: 1)
        for place in [1, 2, 65_535, UInt64.max] {
            #expect(polynomial.value(at: place) == secret.withValue { $0 })
        }
    }

    @Test func oneShareLessIsCompatibleWithEverySecret() {
        // Two shares of a threshold of three, and any third value at 0: some polynomial has all of them.
        let polynomial = SharingPolynomial(secret: .random(), threshold: 3)
        let guess = Fr.random()
        let places: [UInt64] = [1, 2]
        let known = places.map { polynomial.value(at: $0) }
        // The coefficients of 1, x and x(x - 1) through (0, guess), (1, y1), (2, y2).
        let first = known[0] - guess
        let second = (known[1] - guess - first - first) * Fr(2).inverse()
        let other = SharingPolynomial([guess, first - second, second])
        #expect(places.map { other.value(at: $0) } == known)
        #expect(other.value(at: 0) == guess)
    }

    @Test func twoSharingsOfOneSecretHaveNoShareInCommon() {
        let secret = SecretFr.random()
        let first = SharingPolynomial(secret: secret, threshold: 2)
        let second = SharingPolynomial(secret: secret, threshold: 2)
        for place in UInt64(1)...5 { #expect(first.value(at: place) != second.value(at: place)) }
    }

    @Test func thePolynomialKeepsItsCoefficientsWhenTheCallerWipesItsOwn() {
        var coefficients = [Fr(7), Fr(11), Fr(13)]
        let polynomial = SharingPolynomial(coefficients)
        coefficients.wipe()
        #expect(coefficients == [.zero, .zero, .zero])
        #expect(polynomial.value(at: 0) == Fr(7))
        #expect(polynomial.value(at: 2) == Fr(7 + 22 + 52))
        #expect(polynomial.map { $0 } == [Fr(7), Fr(11), Fr(13)])
    }

    private static func interpolated(_ polynomial: SharingPolynomial, _ places: [UInt64]) -> Fr {
        zip(places, Lagrange.weights(atZeroFrom: places)).reduce(Fr.zero) { sum, share in
            sum + share.1 * polynomial.value(at: share.0)
        }
    }
}

@Suite struct LagrangeTests {
    @Test(arguments: [[1], [7], [1, 2], [2, 1], [3, 65_535, 9], [1, UInt64.max, UInt64.max - 1, 4]])
    func theWeightsAddUpToOneAndFollowTheirPlaces(_ places: [UInt64]) {
        let weights = Lagrange.weights(atZeroFrom: places)
        #expect(weights.count == places.count)
        #expect(weights.reduce(Fr.zero, +) == .one)
        let reversed = Lagrange.weights(atZeroFrom: places.reversed())
        #expect(reversed == weights.reversed())
    }

    @Test func ofNoPlacesThereAreNoWeights() { #expect(Lagrange.weights(atZeroFrom: []).isEmpty) }

    @Test func theWeightsOfTwoNeighboursAreTwoAndMinusOne() {
        #expect(Lagrange.weights(atZeroFrom: [1, 2]) == [Fr(2), -Fr.one])
    }
}
