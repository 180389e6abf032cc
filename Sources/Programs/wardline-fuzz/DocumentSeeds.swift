import CanonicalBytes
import ConsentTools
import FiniteFields
import PolicyProofs
import ProofFiles

/// Documents as their writers make them; the numbers in them prove nothing.
enum DocumentSeeds {
    // MARK: - Consents

    /// One of each rule, of each kind of grantee, and one about a label.
    static let consents: [[UInt8]] = (Self.rules.map { Self.statement($0) } + [Self.statement(.require, label: 6)])
        .compactMap(Self.resource)

    private static func statement(_ rule: ConsentStatement.Rule, label: UInt8? = nil) -> ConsentStatement {
        ConsentStatement(
            id: LedgerSeeds.digest(1),
            author: "north:patient:p1",
            rule: rule,
            scopes: label == nil ? [LedgerSeeds.digest(2), LedgerSeeds.digest(3)] : [],
            purpose: rule == .forbid ? "" : "STUDY",
            stated: LedgerSeeds.time + 123,
            validUntil: LedgerSeeds.time + 90_000,
            label: label.map { LedgerSeeds.digest($0) }
        )
    }

    private static func resource(_ statement: ConsentStatement) -> [UInt8]? {
        (try? FHIRConsent.json(statement, at: 0)).map { Array($0.utf8) }
    }

    private static let rules: [ConsentStatement.Rule] =
        [.allow(request: nil), .allow(request: LedgerSeeds.digest(4)), .require, .forbid]
        + Self.grantees.map { .offer(to: $0, permissionSeconds: 3_600) }

    private static let grantees: [ConsentStatement.Grantee] = [
        .party("south:researcher:r1"), .organization("south"), .attribute("study:x"),
        .certificate(LedgerSeeds.digest(5)),
    ]

    // MARK: - Proofs

    static let proofs: [[UInt8]] =
        [Self.proof, Self.statement, Self.issued, Self.plan, Self.policyPlan].map { Array($0.utf8) } + Self.paths

    private static func number(_ byte: UInt8) -> String { ([UInt8](repeating: 0, count: 31) + [byte]).hex }
    private static let digest = LedgerSeeds.digest(7).hex

    private static let proof = """
        {
          "version": 1,
          "circuit": "universal",
          "system": "\(Self.digest)",
          "verification_key": "\(Self.digest)",
          "inputs": [\((1...5 as ClosedRange<UInt8>).map { "\"\(Self.number($0))\"" }.joined(separator: ", "))],
          "proof": "\([UInt8](repeating: 9, count: 192).hex)"
        }

        """

    private static let statement = """
        {"version": 1, "chain": "66757a7a", "request": "\(Self.digest)", "certificate": "\(Self.digest)",
         "scope": "\(Self.digest)", "epoch": 2970, "slot": 1, "limit": 4, "root": "\(Self.number(3))"}
        """

    private static let issued = """
        {"version": 1, "holder": "\(Self.number(3))", "salt": "\(Self.number(4))",
         "attributes": ["age=40", "role:researcher"], "index": 5, "leaf": "\(Self.number(6))"}
        """

    private static let plan = """
        {"version": 1, "label": "first", "circuit": "universal", "logarithm": 14, "system": "\(Self.digest)"}
        """

    private static let policyPlan = """
        {"version": 1, "label": "é", "circuit": "policy", "policy": "role:researcher", "logarithm": 12,
         "system": "\(Self.digest)"}
        """

    /// Of two leaves of three.
    private static let paths: [[UInt8]] = {
        let leaves = (1...3 as ClosedRange<UInt64>).map { Fr($0) }
        guard let tree = try? CredentialTree(leaves: leaves) else { return [] }
        return [0, 2].compactMap { (try? CredentialPathFile(tree, index: $0))?.bytes }
    }()
}
