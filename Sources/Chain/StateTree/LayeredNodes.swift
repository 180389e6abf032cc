package import CanonicalBytes

/// The nodes that one block changes, ready to be looked up; copies share them.
package struct NodeLayer: Sendable {
    // The outer optional says whether the block touches the node, the inner one whether it keeps it.
    private let nodes: [NodePath: [UInt8]?]
    /// The root before the block.
    package let previousRoot: [UInt8]
    /// The root after the block.
    package let root: [UInt8]

    package init(_ update: StateUpdate) {
        var nodes: [NodePath: [UInt8]?] = [:]
        nodes.reserveCapacity(update.nodes.count)
        for (path, bytes) in update.nodes { nodes.updateValue(bytes, forKey: NodePath(path)) }
        self.nodes = nodes
        self.previousRoot = update.previousRoot
        self.root = update.root
    }

    func node(at path: NodePath) -> [UInt8]?? { self.nodes[path] }
}

/// Stored nodes under the changes of blocks in flight, the newest of which is looked at first.
///
/// Adding a block copies a list of references; a look-up costs a few tens of nanoseconds a layer.
package struct LayeredNodes<Base: StateNodes>: StateNodes {
    private let base: Base
    /// Oldest first.
    package private(set) var layers: [NodeLayer]

    /// Stacks blocks on stored nodes.
    ///
    /// - Parameters:
    ///   - base: the state below all layers.
    ///   - layers: a chain of blocks, the oldest first.
    package init(_ base: Base, oldestFirst layers: [NodeLayer] = []) {
        self.base = base
        self.layers = layers
    }

    /// With one more block on top.
    package func adding(_ layer: NodeLayer) -> LayeredNodes {
        LayeredNodes(self.base, oldestFirst: self.layers + [layer])
    }

    package func node(at path: [UInt8]) throws(ProtocolFailure) -> [UInt8]? {
        let key = NodePath(path)
        for layer in self.layers.reversed() {
            if let change = layer.node(at: key) { return change }
        }
        return try self.base.node(at: path)
    }
}

extension LayeredNodes: Sendable where Base: Sendable {}
