import Testing

@testable import AccessPolicies

@Suite struct PolicyExplanationTests {
    private static let source = "role:doctor and 2 of (ward:icu, age >= 18, until > 2026-11-21) or role:chief"

    @Test func aPolicyIsSaidInWords() throws {
        #expect(
            try WrittenPolicy(Self.source).words() == [
                "either of:",
                "|- both of:",
                "|  |- role is doctor",
                "|  `- at least 2 of these 3:",
                "|     |- ward is icu",
                "|     |- age is 18 or more",
                "|     `- until is after 2026-11-21 (> 20778)",
                "`- role is chief",
            ]
        )
        #expect(
            try WrittenPolicy("until = 20778").words(dateNames: ["until"]) == ["until is exactly 2026-11-21 (= 20778)"]
        )
    }

    @Test func attributesSatisfyOrLack() throws {
        let written = try WrittenPolicy(Self.source)
        let enough = try written.satisfaction(by: WrittenAttributes("role:doctor, ward:icu age=42 until=2027-01-01"))
        #expect(enough.isSatisfied)
        #expect(enough.holds == [true, true, true, true, false])
        // The age takes bits; the date as well. The cheapest two of three.
        #expect(enough.used.count == 3 && enough.used.prefix(2) == [0, 1])
        let few = try written.satisfaction(by: WrittenAttributes("role:doctor age=17"))
        #expect(!few.isSatisfied && few.used.isEmpty)
        #expect(few.missing == [4])
        let none = try WrittenPolicy("a:b and (c:d or x >= 5 and y:z)").satisfaction(by: WrittenAttributes("y:z"))
        #expect(none.missing == [0, 1])
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func theLeavesUsedAreTheFewestThatSatisfyTheTree(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let text = random.expression(depth: 2).canonicalText
            guard let written = try? WrittenPolicy(text) else { continue }
            let number = UInt16.random(in: 0...(.max), using: &random)
            let owned = (0..<6).map { "a:\($0)" }.filter { _ in Bool.random(using: &random) } + ["n=\(number)"]
            let found = try written.satisfaction(by: WrittenAttributes(owned.joined(separator: " ")))
            let set = try AttributeSet(owned)
            #expect(found.isSatisfied == written.policy.isSatisfied(by: set))
            #expect((found.isSatisfied ? found.leavesUsed : nil) == Self.fewest(written.policy.tree, set))
        }
    }

    private static func fewest(_ tree: AccessTree, _ set: AttributeSet) -> Int? {
        switch tree {
        case .leaf(let attribute): return set.contains(attribute) ? 1 : nil
        case .gate(let threshold, let children):
            let costs = children.compactMap { self.fewest($0, set) }.sorted()
            return costs.count >= threshold ? costs.prefix(threshold).reduce(0, +) : nil
        }
    }

    @Test func theCheapestAttributesSatisfyThePolicyTogether() throws {
        let one = try #require(WrittenPolicy("age >= 18 and age <= 65 and a:b").cheapestAttributes)
        #expect(one.used == [0, 1, 2])
        #expect(one.numbers.map(\.lowest) == [18] && one.numbers.map(\.highest) == [65])
        let value = try #require(one.numbers.first?.cheapest)
        let same = try WrittenPolicy("age >= 18 and age <= 65 and a:b").satisfaction(
            by: WrittenAttributes("a:b age=\(value)")
        )
        #expect(same.leavesUsed == one.leaves)
        #expect(try WrittenPolicy("age >= 18 and age <= 17").cheapestAttributes == nil)
        let either = try #require(WrittenPolicy("x = 5 or a:b and c:d").cheapestAttributes)
        #expect(either.used == [1, 2] && either.leaves == 2 && either.numbers.isEmpty)
    }

    @Test func leavesOfAComparisonAreCountedAsTheTreeHasThem() throws {
        for bound in [0, 1, 2, 3, 77, 255, 256, 4_096, 32_767, 32_768, 65_534, 65_535] as [UInt16] {
            for comparison in PolicyComparison.allCases {
                guard let tree = try? BagOfBits(name: "n").tree(comparison, bound) else { continue }
                #expect(BagOfBits.leafCount(comparison, bound) == tree.leaves.count)
            }
        }
    }

    @Test(arguments: [1, 2, 77, 300, 4_095, 4_096, 40_000] as [UInt16])
    func noOtherNumberIsCheaper(_ bound: UInt16) throws {
        let written = try WrittenPolicy("n >= \(bound) and n <= \(bound + 900)")
        let found = try #require(written.cheapestAttributes)
        let best = (bound...(bound + 900)).compactMap {
            try? written.satisfaction(by: WrittenAttributes("n=\($0)")).leavesUsed
        }.min()
        #expect(found.leaves == best)
    }

    @Test func manyNumbersAreChosenOneAfterAnother() throws {
        let source = (0..<6).map { "(n\($0) >= 18 and n\($0) <= 65)" }.joined(separator: " and ")
        let found = try #require(WrittenPolicy(source).cheapestAttributes)
        #expect(found.numbers.count == 6)
        let values = found.numbers.map { "\($0.name)=\($0.cheapest)" }.joined(separator: " ")
        #expect(try WrittenPolicy(source).satisfaction(by: WrittenAttributes(values)).leavesUsed == found.leaves)
    }

    @Test(arguments: [
        ("role:doctor age=x", 17, "`x` is no number from 0 to 65535 and no date from \(PolicyDate.range)"),
        ("role", 1, "`role` is no attribute"), ("a:b, a:b:c", 6, "`a:b:c` is no attribute"),
        ("age=1 age=2", 7, "`age` has a number already"), ("and=5", 1, "`and` is no name of a number"),
        ("age=", 5, "`` is no number from 0 to 65535 and no date from \(PolicyDate.range)"),
        ("a::b", 1, "`a::b` is no attribute"), (":b", 1, "`:b` is no attribute"),
    ])
    func attributesThatAreNoneAreTold(_ text: String, _ column: Int, _ message: String) throws {
        let remark = try #require(throws: PolicyRemark.self) { try WrittenAttributes(text) }
        #expect(remark.column == column)
        #expect(remark.message == message)
    }
}
