package import FiniteFields

/// What a policy proof proves: the public inputs (specification section 8.3).
///
/// A verifier computes all of them but the nym itself.
package struct PolicyStatement: Sendable, Equatable {
    /// The root of the credential tree that the credential is under.
    package let root: Fr
    /// The policy: its digest, or in the universal circuit the commitment to its table.
    package let policy: Fr
    /// Binds the proof to one request and one pseudonym.
    package let nonce: Fr
    /// The slot of an epoch.
    package let context: Fr
    /// The holder's name in that slot.
    package let nym: Fr

    package init(root: Fr, policy: Fr, nonce: Fr, context: Fr, nym: Fr) {
        self.root = root
        self.policy = policy
        self.nonce = nonce
        self.context = context
        self.nym = nym
    }

    /// In their order.
    package var publicInputs: [Fr] { [self.root, self.policy, self.nonce, self.context, self.nym] }
}
