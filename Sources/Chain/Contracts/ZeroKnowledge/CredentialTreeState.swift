internal import CanonicalBytes
internal import ConstraintSystems
internal import FiniteFields
internal import Ledger
internal import PolicyProofs

/// The nodes of the tree of credentials: a change touches the nodes between its leaves and the root, each once.
enum CredentialTreeState {
    /// Leaves that the tree can have.
    static let capacity = UInt32(1) << UInt32(CredentialTree.depth)

    /// The roots of subtrees without leaves, by level.
    static let empty: [[UInt8]] = (0..<CredentialTree.depth).reduce(into: [Fr.zero]) { nodes, level in
        nodes.append(Poseidon.hash(.node, [nodes[level], nodes[level]]))
    }.map(\.bytes)

    /// Replaces leaves, given with their places, ascending; the result is the new root.
    static func set(_ leaves: [(UInt32, [UInt8])], _ call: ContractCall) throws(ContractFailure) -> [UInt8] {
        var changed = leaves
        for level in 0..<CredentialTree.depth {
            for (index, node) in changed { try self.write(node, level, index, call) }
            changed = try self.parents(of: changed, level, call)
        }
        guard let (index, root) = changed.last else { return self.empty[CredentialTree.depth] }
        try self.write(root, CredentialTree.depth, index, call)
        return root
    }

    private static func parents(
        of nodes: [(UInt32, [UInt8])],
        _ level: Int,
        _ call: ContractCall
    ) throws(ContractFailure) -> [(UInt32, [UInt8])] {
        var parents: [(UInt32, [UInt8])] = []
        for (index, _) in nodes where parents.last?.0 != index >> 1 {
            let left = try self.node(level, index & ~1, call)
            let right = try self.node(level, index | 1, call)
            try call.charge(CredentialRules.hashCost)
            do throws(ProtocolFailure) {
                let hash = try Poseidon.hash(.node, encoded: [left, right])
                parents.append((index >> 1, hash.bytes))
            } catch { throw .damaged(error) }
        }
        return parents
    }

    private static func node(_ level: Int, _ index: UInt32, _ call: ContractCall) throws(ContractFailure) -> [UInt8] {
        try call.value(of: ZeroKnowledgeKey.node(level, index)) ?? self.empty[level]
    }

    /// A subtree without leaves takes no room.
    private static func write(
        _ node: [UInt8],
        _ level: Int,
        _ index: UInt32,
        _ call: ContractCall
    ) throws(ContractFailure) {
        try call.set(ZeroKnowledgeKey.node(level, index), to: node == self.empty[level] ? nil : node)
    }
}
