package import Payloads

/// A JSONPath query (RFC 9535), parsed once when a profile is loaded.
///
/// `$` starts at the root of the payload, `@` at the node that the caller names: the current record of a batch.
/// Queries of only names and indices are kept as steps over byte keys and evaluated without allocation; their cost
/// is that of the members they pass. All others visit at most ``ExpressionBounds/visitedNodesMax`` nodes.
package struct JSONPath: Sendable, CustomStringConvertible {
    /// Why a query was given up.
    package enum Limit: Error, Sendable, CaseIterable {
        /// More than ``ExpressionBounds/resultNodesMax`` nodes were selected.
        case tooManyResults
        /// More than ``ExpressionBounds/visitedNodesMax`` nodes were visited.
        case tooMuchWork
    }

    /// The text of the query.
    package let description: String
    let query: PathQuery

    /// Parses a query.
    ///
    /// - Throws: ``ExpressionError`` when the text is not well formed or not well typed (RFC 9535 §2.1, §2.4.3).
    package init(_ text: String) throws(ExpressionError) {
        var parser = PathParser(try TextCursor(text))
        self.query = try parser.query()
        self.description = text
        guard parser.cursor.isAtEnd else { throw parser.cursor.failure("expected the end of the path or a segment") }
    }

    init(_ query: PathQuery, description: String) {
        self.query = query
        self.description = description
    }

    /// Whether the query selects at most one node: only names and indices (RFC 9535 §2.3.5.1).
    package var isSingular: Bool { self.query.steps != nil }

    /// Whether the query starts at the current node (`@`) instead of the root (`$`).
    package var startsAtCurrent: Bool { self.query.startsAtCurrent }

    /// The first node that the query selects; nil when there is none or the work bound was reached before it.
    package func first(
        in tree: PayloadTree,
        at current: PayloadTree.NodeID = .root
    ) -> PayloadTree.NodeID? {
        if let steps = self.query.steps {
            return tree.node(along: steps, from: self.query.startsAtCurrent ? current : .root)
        }
        var walk = PathWalk(tree)
        return walk.first(self.query, at: current)
    }

    /// All selected nodes in the order of RFC 9535; a node may occur more than once.
    ///
    /// - Throws: ``Limit`` when the query was given up; nothing is returned then.
    package func select(
        in tree: PayloadTree,
        at current: PayloadTree.NodeID = .root
    ) throws(Limit) -> [PayloadTree.NodeID] {
        var nodes: [PayloadTree.NodeID] = []
        try self.forEach(in: tree, at: current) { nodes.append($0) }
        return nodes
    }

    /// Hands each selected node to `body`, in the order of RFC 9535.
    ///
    /// - Throws: ``Limit`` when the query was given up; `body` has then seen the nodes before.
    package func forEach(
        in tree: PayloadTree,
        at current: PayloadTree.NodeID = .root,
        _ body: (PayloadTree.NodeID) -> Void
    ) throws(Limit) {
        if self.query.steps != nil {
            if let node = self.first(in: tree, at: current) { body(node) }
            return
        }
        var walk = PathWalk(tree)
        if let limit = walk.forEach(self.query, at: current, body) { throw limit }
    }
}

extension PathWalk {
    /// As ``run(_:at:_:)`` with a bound on the number of results; returns the bound that was reached, if any.
    mutating func forEach(
        _ query: PathQuery,
        at current: NodeID,
        _ body: (NodeID) -> Void
    ) -> JSONPath.Limit? {
        var count = 0
        self.run(query, at: current) { node in
            count += 1
            guard count <= ExpressionBounds.resultNodesMax else { return false }
            body(node)
            return true
        }
        if count > ExpressionBounds.resultNodesMax { return .tooManyResults }
        return self.budget.isExceeded ? .tooMuchWork : nil
    }
}
