import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import PolicyProofs
import SecretSharing

/// Random-looking numbers, the same in every run.
///
/// After Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func element() -> Fr { Fr(limbs: (self.next(), self.next(), self.next(), self.next())) }

    mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }
}

/// A credential under a root, and a request made with it.
struct Claim {
    let credential: Credential
    let path: CredentialPath
    let root: Fr
    let nonce: Fr
    let context: Fr

    init(_ attributes: [String], _ generator: inout SplitMix64) throws {
        let sorted = attributes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.credential = Credential(
            secret: try SecretFr(generator.element()),
            salt: try SecretFr(generator.element()),
            attributes: try CredentialAttributes(sorted)
        )
        var tree = try CredentialTree(leaves: (0..<3).map { _ in generator.element() })
        let index = try tree.append(self.credential.leaf)
        self.path = try tree.path(of: index)
        self.root = tree.root
        self.nonce = generator.element()
        self.context = generator.element()
    }

    func statement(_ policy: Fr) -> PolicyStatement {
        PolicyStatement(
            root: self.root,
            policy: policy,
            nonce: self.nonce,
            context: self.context,
            nym: self.credential.nym(in: self.context)
        )
    }
}

/// A small world of attributes, in which random policies are often satisfied and often not.
enum RandomWorld {
    private static let pairs = ["role:a", "role:b", "site:x", "site:y", "study:s", "study:t"]
    private static let numbers = ["age", "level", "since"]

    /// Up to eight attributes.
    static func attributes(_ generator: inout SplitMix64) -> [String] {
        let pairs = self.pairs.filter { _ in generator.below(2) == 0 }.prefix(5)
        let numbers = self.numbers.compactMap { name in
            generator.below(3) == 0 ? nil : "\(name)=\(self.number(&generator))"
        }
        return pairs + numbers
    }

    /// The text of a policy with this many leaves.
    static func policy(leaves: Int, _ generator: inout SplitMix64) -> String {
        guard leaves > 1 else { return self.leaf(&generator) }
        var children: [String] = []
        var rest = leaves
        while rest > 0 {
            let part = children.isEmpty ? 1 + generator.below(leaves - 1) : 1 + generator.below(rest)
            children.append(self.policy(leaves: part, &generator))
            rest -= part
        }
        let threshold = 1 + generator.below(children.count)
        return "\(threshold) of (\(children.joined(separator: ", ")))"
    }

    private static func leaf(_ generator: inout SplitMix64) -> String {
        guard generator.below(2) == 0 else { return self.pairs[generator.below(self.pairs.count)] }
        let comparison = [">=", "<=", ">", "<", "="][generator.below(5)]
        // 0 and 65535 would make comparisons that are always or never true.
        let bound = min(max(self.number(&generator), 1), 65534)
        return "\(self.numbers[generator.below(3)]) \(comparison) \(bound)"
    }

    private static func number(_ generator: inout SplitMix64) -> Int {
        [0, 1, 2, 39, 40, 41, 32767, 32768, 65533, 65534, 65535][generator.below(11)]
    }
}

extension ConstraintSystem {
    /// Variables of which another value violates no constraint, with the others as they are.
    func variablesFreeByThemselves(in witness: [Fr], _ generator: inout SplitMix64) -> [Int] {
        var rows: [[Int]] = Array(repeating: [], count: self.variables)
        for (row, constraint) in self.constraints.enumerated() {
            let terms = constraint.a.terms + constraint.b.terms + constraint.c.terms
            for variable in Set(terms.map { Int($0.variable) }) { rows[variable].append(row) }
        }
        var other = witness
        return (1..<self.variables).filter { variable in
            defer { other[variable] = witness[variable] }
            let values = [witness[variable] + .one, -witness[variable], .one - witness[variable], generator.element()]
            return values.contains { value in
                guard value != witness[variable] else { return false }
                other[variable] = value
                return rows[variable].allSatisfy {
                    let row = self.constraints[$0]
                    return row.a.value(other) * row.b.value(other) == row.c.value(other)
                }
            }
        }
    }
}
