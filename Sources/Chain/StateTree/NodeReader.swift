internal import CanonicalBytes

/// A node that was read, with its quarters, which make up the hash that is recorded above it.
struct OpenNode {
    let node: StoredNode
    let quarters: Quartet

    /// What the node is as a whole; of the root only, it may be a leaf.
    var whole: Subtree { self.quarters.whole }

    func slots(of quarter: Int, _ hasher: borrowing TreeHasher) throws(ProtocolFailure) -> Quartet {
        try self.node.slots(of: quarter, expecting: self.quarters[quarter], hasher)
    }
}

/// Reads nodes so that nothing enters a root or a proof that does not fit the hash above it.
struct NodeReader: ~Copyable {
    let nodes: any StateNodes
    let hasher = TreeHasher()

    init(_ nodes: any StateNodes) { self.nodes = nodes }

    /// The root, or nil when the state is empty.
    func root() throws(ProtocolFailure) -> OpenNode? {
        guard let bytes = try self.nodes.node(at: []) else { return nil }
        return try self.open(bytes, at: [])
    }

    /// The node below a slot that records this hash.
    func node(at path: [UInt8], expecting hash: TreeHash) throws(ProtocolFailure) -> OpenNode {
        guard let bytes = try self.nodes.node(at: path) else { throw StoredNode.damage(path, "it is missing") }
        let opened = try self.open(bytes, at: path)
        guard opened.whole == .branch(hash) else {
            throw StoredNode.damage(path, "it does not have the hash that its parent records")
        }
        return opened
    }

    private func open(_ bytes: [UInt8], at path: [UInt8]) throws(ProtocolFailure) -> OpenNode {
        let node = try StoredNode(bytes, at: path)
        return OpenNode(node: node, quarters: try node.quarters(self.hasher))
    }
}
