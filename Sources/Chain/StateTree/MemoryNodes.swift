package import CanonicalBytes

/// Nodes in memory.
package struct MemoryNodes: StateNodes, Equatable, Sendable {
    private var nodes: [NodePath: [UInt8]] = [:]
    /// Bytes of all nodes, without their paths.
    package private(set) var byteCount = 0

    /// The nodes of the empty state.
    package init() {}

    /// Number of nodes.
    package var count: Int { self.nodes.count }

    package func node(at path: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { self.nodes[NodePath(path)] }

    /// Brings the nodes to the state after an update.
    package mutating func apply(_ update: StateUpdate) {
        for (path, bytes) in update.nodes { self.replace(path, by: bytes) }
    }

    /// Replaces a node, or removes it.
    package mutating func replace(_ path: [UInt8], by bytes: [UInt8]?) {
        let old: [UInt8]?
        if let bytes {
            old = self.nodes.updateValue(bytes, forKey: NodePath(path))
        } else {
            old = self.nodes.removeValue(forKey: NodePath(path))
        }
        self.byteCount += (bytes?.count ?? 0) - (old?.count ?? 0)
    }
}
