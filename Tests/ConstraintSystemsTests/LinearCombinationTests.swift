import ConstraintSystems
import FiniteFields
import Testing

@Suite struct LinearCombinationTests {
    @Test func operationsAreThoseOfTheValues() {
        var generator = SplitMix64(state: 1)
        let assignment = [Fr.one] + (0..<20).map { _ in generator.element() }
        for _ in 0..<200 {
            let (a, b) = (Self.random(&generator), Self.random(&generator))
            let factor = generator.element()
            let (x, y) = (a.value(assignment), b.value(assignment))
            #expect((a + b).value(assignment) == x + y)
            #expect((a - b).value(assignment) == x - y)
            #expect((-a).value(assignment) == -x)
            #expect((factor * a).value(assignment) == factor * x)
            #expect((a + factor).value(assignment) == x + factor)
            #expect((a - factor).value(assignment) == x - factor)
            #expect((factor - a).value(assignment) == factor - x)
            for sum in [a + b, a - b, factor * a, factor - a] { #expect(Self.isCanonical(sum)) }
        }
    }

    @Test func whatCancelsLeavesNoTerm() {
        let x = LinearCombination(variable: 3)
        #expect(x - x == .zero)
        #expect(x + .one - x == .one)
        #expect(.zero * (x + .one) == .zero)
        #expect(LinearCombination(constant: .zero) == .zero)
        #expect([x, x, -x].sum == x)
    }

    private static func random(_ generator: inout SplitMix64) -> LinearCombination {
        (0..<generator.next() % 8).map { _ in
            generator.element() * LinearCombination(variable: UInt32(generator.next() % 21))
        }.sum
    }

    private static func isCanonical(_ combination: LinearCombination) -> Bool {
        let terms = combination.terms
        return zip(terms, terms.dropFirst()).allSatisfy { $0.variable < $1.variable }
            && terms.allSatisfy { !$0.coefficient.isZero }
    }
}
