package import CanonicalBytes

/// Where the nodes of a state tree are kept.
///
/// A path has one byte for each nibble of the key hashes below it, each `0...15`, at most 63 of them; the root's is
/// empty. In the order of bytes a node comes right before the nodes of its own subtree, so that a subtree is one range
/// of a table and its lower levels share pages.
package protocol StateNodes {
    /// The node at a path as ``StateUpdate/nodes`` gave it; nil when there is none.
    ///
    /// - Throws: ``ProtocolFailure`` when the store cannot read; what it returns is checked by the tree.
    func node(at path: [UInt8]) throws(ProtocolFailure) -> [UInt8]?
}

/// What a batch of changes does to the stored nodes.
package struct StateUpdate: Sendable {
    /// The root before the batch, 32 bytes: what the nodes must be applied to.
    package let previousRoot: [UInt8]
    /// The root after the batch, 32 bytes.
    package let root: [UInt8]
    /// Nodes to write, or to delete where `bytes` is nil, each path once, ascending by path.
    package let nodes: [(path: [UInt8], bytes: [UInt8]?)]
}
