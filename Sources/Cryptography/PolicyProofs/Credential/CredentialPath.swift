internal import ConstraintSystems
package import FiniteFields

/// How a leaf is connected to the root of a credential tree, from the leaf upwards.
package struct CredentialPath: Sendable, Equatable {
    package let siblings: [Fr]
    /// Whether the node of each level is its parent's right child.
    package let isRight: [Bool]

    /// - Precondition: there are as many sides as siblings.
    package init(siblings: [Fr], isRight: [Bool]) {
        precondition(siblings.count == isRight.count)
        self.siblings = siblings
        self.isRight = isRight
    }

    /// The root above a leaf.
    package func root(above leaf: Fr) -> Fr {
        zip(self.siblings, self.isRight).reduce(leaf) { node, step in
            Poseidon.hash(.node, step.1 ? [step.0, node] : [node, step.0])
        }
    }
}
