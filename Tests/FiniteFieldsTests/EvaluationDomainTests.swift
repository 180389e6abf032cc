import FiniteFields
import Testing

@Suite struct EvaluationDomainTests {
    private static func sample(_ count: Int) -> [Fr] {
        var generator = SplitMix64(state: UInt64(count))
        return (0..<count).map { _ in Fr.sample(&generator) }
    }

    @Test("Transforms evaluate the polynomial", arguments: 0...6)
    func values(_ logarithm: Int) {
        let domain = EvaluationDomain(logarithm: logarithm)
        let coefficients = Self.sample(domain.count)
        let values = domain.values(ofCoefficients: coefficients)
        for (index, value) in values.enumerated() {
            let point = domain.root.power(UInt64(index))
            #expect(value == coefficients.reversed().reduce(Fr.zero) { $0 * point + $1 })
        }
    }

    @Test("Transforms there and back change nothing", arguments: [0, 1, 5, 12])
    func roundTrip(_ logarithm: Int) {
        let domain = EvaluationDomain(logarithm: logarithm)
        let coefficients = Self.sample(domain.count)
        #expect(domain.coefficients(ofValues: domain.values(ofCoefficients: coefficients)) == coefficients)
    }

    @Test("Scaled coefficients evaluate on a coset")
    func coset() {
        let domain = EvaluationDomain(logarithm: 3)
        let coefficients = Self.sample(8)
        let values = domain.values(ofCoefficients: EvaluationDomain.scaled(coefficients, by: Fr(7)))
        let point = Fr(7) * domain.root
        #expect(values[1] == coefficients.reversed().reduce(Fr.zero) { $0 * point + $1 })
    }

    @Test("The root has exactly the order of the domain", arguments: [0, 1, 2, 10])
    func order(_ logarithm: Int) {
        let domain = EvaluationDomain(logarithm: logarithm)
        #expect(domain.root.power(UInt64(domain.count)) == .one)
        if logarithm > 0 { #expect(domain.root.power(UInt64(domain.count / 2)) == -Fr.one) }
    }
}
