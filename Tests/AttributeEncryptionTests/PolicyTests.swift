import AccessPolicies
import CanonicalBytes
import Testing

@testable import AttributeEncryption

@Suite struct PolicyTests {
    /// 2026-11-21 and the days around it, counted from 1970.
    private static let day = 20_778

    static let cases: [(policy: String, attributes: [String], isOpened: Bool)] = [
        ("role:nurse", ["role:nurse"], true),
        ("role:nurse", ["role:Nurse"], false),
        ("role:nurse and ward:3", ["role:nurse", "ward:3"], true),
        ("role:nurse and ward:3", ["role:nurse", "ward:4"], false),
        ("role:nurse or ward:3", ["ward:3"], true),
        ("role:nurse or ward:3", ["ward:4"], false),
        ("2 of (a:1, a:2, a:3)", ["a:3", "a:1"], true),
        ("2 of (a:1, a:2, a:3)", ["a:2"], false),
        ("3 of (a:1, a:2, a:3, a:4, a:5)", ["a:5", "a:2", "a:4"], true),
        ("role:doctor and (ward:3 or 2 of (study:x, ethics:yes, site:b))", ["role:doctor", "site:b", "study:x"], true),
        ("role:doctor and (ward:3 or 2 of (study:x, ethics:yes, site:b))", ["role:doctor", "site:b"], false),
        ("role:doctor and (ward:3 or 2 of (study:x, ethics:yes, site:b))", ["ward:3", "study:x", "site:b"], false),
        ("level >= 3", ["level=3"], true),
        ("level >= 3", ["level=2"], false),
        ("level > 3", ["level=3"], false),
        ("level <= 65534", ["level=65535"], false),
        ("level < 7", ["level=6"], true),
        ("level = 40000", ["level=40000"], true),
        ("level = 40000", ["level=40001"], false),
        ("age >= 18 and age <= 65", ["age=18"], true),
        ("age >= 18 and age <= 65", ["age=65"], true),
        ("age >= 18 and age <= 65", ["age=66"], false),
        ("age >= 18 and age <= 65", ["age=17"], false),
        ("role:doctor and until >= \(Self.day)", ["role:doctor", "until=\(Self.day + 30)"], true),
        ("role:doctor and until >= \(Self.day)", ["role:doctor", "until=\(Self.day - 1)"], false),
        ("level >= 3", ["grade=9"], false),
        ("role:nurse and role:nurse", ["role:nurse"], true),
    ]

    @Test(arguments: Self.cases)
    func whoSatisfiesAPolicyOpensWhatIsSealedUnderIt(
        _ policy: String,
        _ attributes: [String],
        _ isOpened: Bool
    ) throws {
        let hospital = try Hospital()
        let sealed = try hospital.encapsulate(policy)
        let decryptor = try hospital.decryptor(attributes)
        #expect(try AccessPolicy(policy).isSatisfied(by: AttributeSet(attributes)) == isOpened)
        if isOpened {
            #expect(try decryptor.decapsulate(sealed.ciphertext, associated: associated) == sealed.key)
        } else {
            let refused = code { _ = try decryptor.decapsulate(sealed.ciphertext, associated: associated) }
            #expect(refused == .unsatisfied)
        }
    }

    @Test(arguments: [0, 1, 2, 100, 255, 256, 32_767, 32_768, 65_534, 65_535] as [UInt16])
    func comparisonsHoldForTheNumbersThatTheySay(_ bound: UInt16) throws {
        let values = Set([0, 1, bound, bound &+ 1, bound &- 1, bound ^ 1, bound ^ 0x8000, 65_535])
        let relations: [(String, (UInt16) -> Bool)] = [
            (">=", { $0 >= bound }), ("<=", { $0 <= bound }), (">", { $0 > bound }), ("<", { $0 < bound }),
            ("=", { $0 == bound }),
        ]
        for (sign, holds) in relations {
            // Comparisons that all values or none satisfy are refused when the policy is read.
            guard let policy = try? AccessPolicy("n \(sign) \(bound)") else {
                #expect([0, 1, 65_534, 65_535].contains(bound), "\(sign) \(bound)")
                continue
            }
            for value in values {
                let attributes = try AttributeSet(["n=\(value)"])
                let selection = LeafSelection(policy.tree, has: attributes.contains)
                #expect((selection != nil) == holds(value), "\(value) \(sign) \(bound)")
            }
        }
    }

    @Test func anIndexKeyOpensOnlyWithThePermissionForItsScope() throws {
        let hospital = try Hospital()
        let policy = try IndexPolicy("role:nurse", scopeDigest: associated)
        let other = try IndexPolicy.permission(scopeDigest: [UInt8](repeating: 8, count: 32))
        let blob = try hospital.publicKey.seal([1, 2, 3], under: policy.policy, associated: associated)
        let permitted = try hospital.decryptor(["role:nurse", policy.permission])
        #expect(try permitted.open(blob, associated: associated) == [1, 2, 3])
        for attributes in [["role:nurse"], ["role:nurse", other], [policy.permission]] {
            let decryptor = try hospital.decryptor(attributes)
            #expect(code { _ = try decryptor.open(blob, associated: associated) } == .unsatisfied)
        }
    }
}

@Suite struct LeafSelectionTests {
    @Test(
        arguments: [
            // Two leaves would do as well.
            ("(a:1 and a:2) or a:3", ["a:1", "a:2", "a:3"], [2]),
            ("(a:1 and a:2) or a:3", ["a:1", "a:2"], [0, 1]),
            // The two cheapest of the three children.
            ("2 of ((a:1 and a:2), a:3, (a:4 or (a:5 and a:6)))", ["a:1", "a:2", "a:3", "a:4", "a:5", "a:6"], [2, 3]),
            ("2 of ((a:1 and a:2), a:3, (a:4 or (a:5 and a:6)))", ["a:1", "a:2", "a:4"], [0, 1, 3]),
            // Of equal children the first.
            ("1 of (a:1, a:2, a:3)", ["a:2", "a:3"], [1]),
            ("a:1 or (a:2 and (a:3 or a:1))", ["a:1", "a:2"], [0]),
            // A number far above the bound is decided by its highest bit.
            ("n >= 3", ["n=65535"], [0]),
            ("n <= 32767", ["n=5"], [0]),
        ] as [(String, [String], [Int])]
    )
    func theFewestLeavesAreChosen(_ policy: String, _ attributes: [String], _ expected: [Int]) throws {
        let attributes = try AttributeSet(attributes)
        let selection = try #require(LeafSelection(AccessPolicy(policy).tree, has: attributes.contains))
        #expect(selection.choices.map(\.leaf).sorted() == expected)
    }

    /// Against all subsets of the leaves, for random trees.
    @Test(arguments: 0..<60)
    func noSmallerSetSatisfiesTheTree(_ seed: UInt64) throws {
        var source = SmallRandom(state: seed)
        let tree = RandomTree.make(depth: 3, &source)
        let leaves = tree.leaves
        guard leaves.count <= 12 else { return }
        let owned = Set(leaves.filter { _ in source.next() % 4 != 0 })
        let usable = leaves.indices.filter { owned.contains(leaves[$0]) }
        let least = (0..<1 << usable.count).filter { subset in
            let chosen = Set(usable.indices.filter { subset >> $0 & 1 == 1 }.map { usable[$0] })
            var next = 0
            return RandomTree.holds(tree, chosen, &next)
        }.map(\.nonzeroBitCount).min()
        #expect(LeafSelection(tree, has: owned.contains)?.choices.count == least)
    }

    @Test func costGrowsWithTheLeavesUsedNotWithThePolicy() throws {
        let wide = "(" + (0..<200).map { "a:\($0)" }.joined(separator: " or ") + ")"
        let attributes = try AttributeSet(["a:199"])
        let selection = try #require(LeafSelection(AccessPolicy(wide).tree, has: attributes.contains))
        #expect(selection.choices.count == 1)
    }
}

/// Random access trees over few attributes.
private enum RandomTree {
    static func make(depth: Int, _ source: inout SmallRandom) -> AccessTree {
        guard depth > 0, source.next() % 4 != 0 else { return .leaf("a:\(source.next() % 6)") }
        let count = Int(source.next() % 3) + 2
        let children = (0..<count).map { _ in self.make(depth: depth - 1, &source) }
        return .gate(threshold: Int(source.next() % UInt64(count)) + 1, children)
    }

    /// Whether the leaves at these places satisfy the tree.
    static func holds(_ tree: AccessTree, _ chosen: Set<Int>, _ next: inout Int) -> Bool {
        switch tree {
        case .leaf:
            defer { next += 1 }
            return chosen.contains(next)
        case .gate(let threshold, let children):
            var count = 0
            for child in children where self.holds(child, chosen, &next) { count += 1 }
            return count >= threshold
        }
    }
}

/// Random-looking numbers, the same in every run.
private struct SmallRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (self.state ^ self.state >> 29) >> 32
    }
}
