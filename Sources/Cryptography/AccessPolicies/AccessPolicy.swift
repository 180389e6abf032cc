package import CanonicalBytes
internal import Transcripts

/// Who may read: a policy in its canonical text, with its access tree (specification sections 7.1 to 7.3).
///
/// Only the canonical text is hashed, signed or put into a ciphertext.
package struct AccessPolicy: Sendable, Hashable {
    /// Characters of a policy text, as written and in its canonical form.
    package static let textBytesMax = 4096

    /// What the text says.
    package let expression: PolicyExpression
    /// The canonical text, ASCII.
    package let text: String
    /// What keys are matched against.
    package let tree: AccessTree

    /// Reads a policy as a person writes it.
    ///
    /// - Throws: `POLICY`.
    package init(_ source: String) throws(ProtocolFailure) { try self.init(bytes: Array(source.utf8)) }

    /// Reads the bytes of a policy text, of which any may be wrong.
    ///
    /// - Throws: `POLICY`.
    package init(bytes source: [UInt8]) throws(ProtocolFailure) {
        do {
            self = try WrittenPolicy(source, numbers: .integers).policy
        } catch {
            throw ProtocolFailure(.policy, error.description)
        }
    }

    /// Takes a policy that was read already.
    ///
    /// - Throws: `POLICY` for one that exceeds a bound.
    init(_ expression: PolicyExpression) throws(ProtocolFailure) {
        self.expression = expression
        self.tree = try AccessTree(expression)
        self.text = self.expression.canonicalText
        try require(
            self.text.utf8.count <= Self.textBytesMax,
            .policy,
            "the canonical text is longer than 4096 characters"
        )
    }

    /// Reads a policy that must be in its canonical text already.
    ///
    /// - Throws: `POLICY`.
    package init(canonical text: String) throws(ProtocolFailure) {
        try self.init(text)
        try require(self.text.utf8.elementsEqual(text.utf8), .policy, "the policy is not in its canonical text")
    }

    /// `policy_digest = H("POLICY", canonical text)`, 32 bytes.
    package var digest: [UInt8] { TaggedHash.digest("POLICY", Array(self.text.utf8)) }

    /// Whether somebody with these attributes satisfies the policy.
    package func isSatisfied(by attributes: AttributeSet) -> Bool { self.tree.isSatisfied(by: attributes) }

    package static func == (a: AccessPolicy, b: AccessPolicy) -> Bool { a.text == b.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.text) }
}
