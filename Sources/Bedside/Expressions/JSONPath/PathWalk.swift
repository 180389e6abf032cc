internal import Payloads
internal import Units

/// One evaluation of a query: visits the selected nodes in the order of RFC 9535 and counts its work.
///
/// Each segment applies to every node of the previous one, one node after the other, so walking depth first gives
/// the order of the standard without collecting the lists between segments.
struct PathWalk {
    typealias NodeID = PayloadTree.NodeID

    let tree: PayloadTree
    var budget: WorkBudget

    init(_ tree: PayloadTree, budget: WorkBudget = WorkBudget()) {
        self.tree = tree
        self.budget = budget
    }

    /// Hands each selected node to `emit` until it returns false or the budget is used up.
    mutating func run(_ query: PathQuery, at current: NodeID, _ emit: (NodeID) -> Bool) {
        guard !self.tree.isEmpty else { return }
        _ = self.walk(query.segments, 0, query.startsAtCurrent ? current : .root, emit)
    }

    // The functions below return false when the walk shall stop.

    private mutating func walk(
        _ segments: [PathSegment],
        _ index: Int,
        _ node: NodeID,
        _ emit: (NodeID) -> Bool
    ) -> Bool {
        guard self.budget.spend() else { return false }
        guard index < segments.count else { return emit(node) }
        return segments[index].isDescendant
            ? self.descend(segments, index, node, emit) : self.select(segments, index, node, emit)
    }

    private mutating func descend(
        _ segments: [PathSegment],
        _ index: Int,
        _ node: NodeID,
        _ emit: (NodeID) -> Bool
    ) -> Bool {
        guard self.budget.spend(), self.select(segments, index, node, emit) else { return false }
        var child = self.tree.firstChild(node)
        while let descendant = child {
            guard self.budget.spend() else { return false }
            if self.tree.childCount(descendant) > 0 {
                guard self.descend(segments, index, descendant, emit) else { return false }
            }
            child = self.tree.nextSibling(descendant)
        }
        return true
    }

    private mutating func select(
        _ segments: [PathSegment],
        _ index: Int,
        _ node: NodeID,
        _ emit: (NodeID) -> Bool
    ) -> Bool {
        let count = self.tree.childCount(node)
        guard count > 0 else { return true }
        for selector in segments[index].selectors {
            let goesOn: Bool
            switch selector {
            case .name(let name):
                guard self.budget.spend(count) else { return false }
                goesOn = self.go(to: self.tree.member(node, named: name), segments, index, emit)
            case .index(let position):
                guard self.budget.spend(count) else { return false }
                goesOn = self.go(to: self.tree.element(node, at: position), segments, index, emit)
            case .wildcard:
                goesOn = self.forEachChild(of: node) { walk, child in walk.walk(segments, index + 1, child, emit) }
            case .slice(let slice):
                goesOn = self.go(through: slice, of: node, segments, index, emit)
            case .filter(let condition):
                goesOn = self.forEachChild(of: node) { walk, child in
                    !walk.holds(condition, at: child) || walk.walk(segments, index + 1, child, emit)
                }
            }
            guard goesOn, !self.budget.isExceeded else { return false }
        }
        return true
    }

    private mutating func go(
        to child: NodeID?,
        _ segments: [PathSegment],
        _ index: Int,
        _ emit: (NodeID) -> Bool
    ) -> Bool {
        guard let child else { return true }
        return self.walk(segments, index + 1, child, emit)
    }

    private mutating func forEachChild(
        of node: NodeID,
        _ body: (inout PathWalk, NodeID) -> Bool
    ) -> Bool {
        var child = self.tree.firstChild(node)
        while let element = child {
            guard self.budget.spend(), body(&self, element) else { return false }
            child = self.tree.nextSibling(element)
        }
        return true
    }

    private mutating func go(
        through slice: PathSlice,
        of node: NodeID,
        _ segments: [PathSegment],
        _ index: Int,
        _ emit: (NodeID) -> Bool
    ) -> Bool {
        let count = self.tree.childCount(node)
        guard self.tree.kind(node) == .array, let positions = slice.positions(count: count) else { return true }
        guard self.budget.spend(count) else { return false }
        var elements: [NodeID] = []
        elements.reserveCapacity(count)
        var child = self.tree.firstChild(node)
        while let element = child {
            elements.append(element)
            child = self.tree.nextSibling(element)
        }
        for position in positions {
            guard self.walk(segments, index + 1, elements[position], emit) else { return false }
        }
        return true
    }
}

// MARK: - Filters (RFC 9535 §2.3.5)

extension PathWalk {
    private mutating func holds(_ condition: PathCondition, at node: NodeID) -> Bool {
        switch condition {
        case .any(let parts):
            for part in parts where self.holds(part, at: node) { return true }
            return false
        case .all(let parts):
            for part in parts where !self.holds(part, at: node) { return false }
            return true
        case .not(let part): return !self.holds(part, at: node)
        case .exists(let query): return self.first(query, at: node) != nil
        case .compare(let left, let comparison, let right):
            return self.compare(self.value(left, at: node), comparison, self.value(right, at: node))
        case .matches(let subject, let pattern, let isWhole):
            return self.matches(subject, pattern, isWhole: isWhole, at: node)
        }
    }

    /// The comparison rules of RFC 9535 §2.3.5.2.2: what cannot be ordered is neither below nor above.
    private mutating func compare(_ left: Comparand, _ comparison: Comparison, _ right: Comparand) -> Bool {
        switch comparison {
        case .equal: self.areEqual(left, right)
        case .notEqual: !self.areEqual(left, right)
        case .less: Comparand.isLess(left, right) ?? false
        case .greater: Comparand.isLess(right, left) ?? false
        case .lessOrEqual: (Comparand.isLess(left, right) ?? false) || self.areEqual(left, right)
        case .greaterOrEqual: (Comparand.isLess(right, left) ?? false) || self.areEqual(left, right)
        }
    }

    private mutating func areEqual(_ left: Comparand, _ right: Comparand) -> Bool {
        self.tree.areEqual(left, right, &self.budget)
    }

    private mutating func value(_ operand: PathOperand, at node: NodeID) -> Comparand {
        switch operand {
        case .literal(let literal): return Comparand(literal)
        case .query(let query): return self.tree.comparand(of: self.first(query, at: node))
        case .length(let operand): return self.length(self.value(operand, at: node))
        case .count(let query):
            var count = 0
            self.run(query, at: node) { _ in
                count += 1
                return true
            }
            return .number(ExactDecimal(count))
        case .value(let query): return self.tree.comparand(of: self.single(query, at: node))
        }
    }

    private mutating func length(_ value: Comparand) -> Comparand {
        switch value {
        case .text(let text):
            // The number of Unicode scalars: bytes that do not continue one.
            guard self.budget.spend(text.count / 64) else { return .nothing }
            return .number(ExactDecimal(text.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }))
        case .container(let node): return .number(ExactDecimal(self.tree.childCount(node)))
        default: return .nothing
        }
    }

    /// The first node of a query; its path of names and indices is taken without visiting anything else.
    mutating func first(_ query: PathQuery, at node: NodeID) -> NodeID? {
        if let steps = query.steps {
            guard self.budget.spend(1 + steps.count) else { return nil }
            return self.tree.node(along: steps, from: query.startsAtCurrent ? node : .root)
        }
        var found: NodeID?
        self.run(query, at: node) { selected in
            found = selected
            return false
        }
        return found
    }

    /// The node of a query that selects exactly one (`value()`, RFC 9535 §2.4.8).
    private mutating func single(_ query: PathQuery, at node: NodeID) -> NodeID? {
        var nodes: [NodeID] = []
        self.run(query, at: node) { selected in
            nodes.append(selected)
            return nodes.count < 2
        }
        return nodes.count == 1 ? nodes[0] : nil
    }

    private mutating func matches(
        _ subject: PathOperand,
        _ pattern: PathPattern,
        isWhole: Bool,
        at node: NodeID
    ) -> Bool {
        guard case .text(let text) = self.value(subject, at: node),
            let expression = self.expression(pattern, at: node),
            self.budget.spend(1 + text.count * expression.program.count / 64)
        else { return false }
        return expression.matches(text, isWhole: isWhole)
    }

    private mutating func expression(_ pattern: PathPattern, at node: NodeID) -> IRegexp? {
        switch pattern {
        case .compiled(let expression): return expression
        case .computed(let operand):
            guard case .text(let text) = self.value(operand, at: node), self.budget.spend(64) else { return nil }
            return IRegexp(text)
        }
    }
}

extension PayloadTree {
    /// Follows a singular query; allocates nothing.
    func node(along steps: [PathStep], from start: NodeID) -> NodeID? {
        guard !self.isEmpty else { return nil }
        var node = start
        for step in steps {
            let next: NodeID?
            switch step {
            case .name(let name): next = self.member(node, named: name)
            case .index(let position): next = self.element(node, at: position)
            }
            guard let next else { return nil }
            node = next
        }
        return node
    }
}
