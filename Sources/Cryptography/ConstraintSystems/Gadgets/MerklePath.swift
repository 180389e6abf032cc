extension CircuitBuilder {
    /// The root above a node: 245 constraints a level.
    ///
    /// Each level allocates two inputs: the sibling, then 1 where the node is its parent's right child, else 0.
    package mutating func merkleRoot(above node: LinearCombination, depth: Int) -> LinearCombination {
        self.region("merkle path") { builder in
            var node = node
            for level in 0..<depth {
                node = builder.region("level \(level)") { $0.merkleParent(of: node) }
            }
            return node
        }
    }

    private mutating func merkleParent(of node: LinearCombination) -> LinearCombination {
        let sibling = self.input()
        let isRight = self.boolean(.input)
        // One selection swaps both: the other one is what is left of their sum.
        let left = self.select(isRight, node, sibling)
        return self.poseidonHash(.node, [left, node + sibling - left])
    }
}
