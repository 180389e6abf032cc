import AccessPolicies
import CanonicalBytes
import Testing
import VectorFiles

/// The policy cases of vector sets C and E.
@Suite struct PolicyVectorTests {
    @Test(arguments: try VectorFile.cases(["C_cbsre", "E_policy_abe"], "policy.canonical"))
    func canonicalTexts(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let policy = try AccessPolicy(canonical: AccessPolicy(vector.text("text")).text)
            return [
                "canonical": .text(policy.text), "digest": .text(policy.digest.hex),
                "leaves": .list(policy.tree.leaves.map(VectorValue.text)),
            ]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("E_policy_abe", "policy.satisfied"))
    func satisfaction(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let policy = try AccessPolicy(vector.text("text"))
            return ["satisfied": .truth(policy.isSatisfied(by: try AttributeSet(vector.texts("attrs"))))]
        }
        #expect(outcome == vector.expected)
    }
}
