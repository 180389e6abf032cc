internal import AccessPolicies
internal import CanonicalBytes

/// Set E, the policies without the encryption that they govern (specification sections 7.1 to 7.3).
enum PolicyOperations {
    static let all = [
        Operation("policy.canonical") {
            let policy = try AccessPolicy($0.text("text"))
            return [
                "canonical": .string(policy.text), "digest": .hex(policy.digest),
                "leaves": .strings(policy.tree.leaves),
            ]
        },
        Operation("policy.satisfied") {
            let policy = try AccessPolicy($0.text("text"))
            let attributes = try AttributeSet($0.texts("attrs"))
            return ["satisfied": .bool(policy.isSatisfied(by: attributes))]
        },
    ]
}
