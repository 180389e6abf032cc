import AccessPolicies
import CanonicalBytes
import Testing

@Suite struct PolicyPropertyTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func anyBytesAreParsedOrRefused(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 { self.expectIdempotence(random.bytes()) }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func anyTokensAreParsedOrRefused(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 { self.expectIdempotence(Array(random.tokens().utf8)) }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func anyDamagedPolicyIsParsedOrRefused(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = Array(random.expression(depth: 3).canonicalText.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                bytes[position] = Array("()=<>,: aof12\u{0}".utf8).randomElement(using: &random) ?? 0
            }
            self.expectIdempotence(bytes)
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func theCanonicalTextSaysTheExpression(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let expression = random.expression(depth: 3)
            let text = expression.canonicalText
            guard let policy = try? AccessPolicy(text) else {
                // Only the bounds stop an expression of this form.
                #expect(text.utf8.count > 1500 || (try? AccessTree(expression)) == nil, "\(text)")
                continue
            }
            #expect(policy.text == text)
            #expect(try policy.expression.canonicalText == AccessPolicy(canonical: text).text)
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func theTreeIsSatisfiedExactlyWhenThePolicyHolds(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var held = 0
        for _ in 0..<200 {
            let expression = random.expression(depth: 2)
            let tree = try AccessTree(expression)
            let attributes = (0..<6).map { "a:\($0)" }.filter { _ in Bool.random(using: &random) }
            let number = UInt16.random(in: 0...(.max), using: &random)
            let set = try AttributeSet(attributes + ["n=\(number)"])
            let expected = expression.holds(attributes: Set(attributes), numbers: ["n": number])
            #expect(tree.isSatisfied(by: set) == expected, "\(expression.canonicalText) for \(attributes), n=\(number)")
            held += expected ? 1 : 0
        }
        #expect(held > 20 && held < 180)
    }

    @Test(arguments: PolicyComparison.allCases, [1, 2, 3, 255, 256, 32_767, 32_768, 40_000, 65_533, 65_534])
    func comparisonsHoldForTheNumbersTheyShould(_ comparison: PolicyComparison, _ bound: UInt16) throws {
        let tree = try AccessTree(.comparison(name: "n", comparison, bound))
        let near = [bound - 1, bound, bound + 1, 0, .max, bound ^ 1, bound ^ 0x8000, bound ^ 0x0100]
        for value in near + (0..<50).map({ _ in UInt16.random(in: 0...(.max)) }) {
            let isSatisfied = tree.isSatisfied(by: try AttributeSet(["n=\(value)"]))
            #expect(isSatisfied == comparison.holds(value, bound), "\(value) \(comparison.rawValue) \(bound)")
        }
        #expect(tree.leaves.count <= 16)
    }

    @Test(
        arguments: [
            (PolicyComparison.atLeast, 0), (.atMost, .max), (.greater, .max), (.less, 0),
        ] as [(PolicyComparison, UInt16)]
    )
    func comparisonsThatAllNumbersOrNoneSatisfyAreRefused(_ comparison: PolicyComparison, _ bound: UInt16) {
        #expect(throws: ProtocolFailure.self) { try AccessTree(.comparison(name: "n", comparison, bound)) }
    }

    private func expectIdempotence(_ bytes: [UInt8]) {
        do {
            let policy = try AccessPolicy(bytes: bytes)
            #expect(try AccessPolicy(canonical: policy.text).text == policy.text)
            #expect(policy.tree.leaves.count <= AccessTree.leavesMax)
        } catch { #expect(error.code == .policy) }
    }
}
