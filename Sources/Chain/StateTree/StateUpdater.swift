internal import CanonicalBytes

/// A change by the hashes of key and value; no value removes the key.
struct StateChange {
    let key: TreeHash
    let value: TreeHash?
}

/// Applies a batch of changes top down, and hashes bottom up on the way back.
struct StateUpdater: ~Copyable {
    private enum Outcome {
        case unchanged
        case written([UInt8])
        case deleted
    }

    private let reader: NodeReader
    /// Nibbles from the root to the place at work.
    private var path: [UInt8] = []
    /// In the order in which places are entered, which is the ascending one.
    private var outcomes: [(path: [UInt8], outcome: Outcome)] = []

    private init(_ base: any StateNodes) { self.reader = NodeReader(base) }

    static func update(
        _ base: any StateNodes,
        _ changes: consuming [StateChange]
    ) throws(ProtocolFailure) -> StateUpdate {
        changes.sort { $0.key < $1.key }
        for index in changes.indices.dropFirst() {
            try require(changes[index - 1].key != changes[index].key, .duplicate, "a key is changed twice at once")
        }
        var updater = StateUpdater(base)
        let root = try updater.reader.root()
        let previous = root?.whole ?? .empty
        let whole = changes.isEmpty ? previous : try updater.rewrite(root, by: changes[...])
        return StateUpdate(previousRoot: previous.hash.bytes, root: whole.hash.bytes, nodes: updater.nodes)
    }

    private var nodes: [(path: [UInt8], bytes: [UInt8]?)] {
        self.outcomes.compactMap { path, outcome in
            switch outcome {
            case .unchanged: nil
            case .written(let bytes): (path, bytes)
            case .deleted: (path, nil)
            }
        }
    }

    /// What becomes of a node, or of a place that needs one.
    private mutating func rewrite(
        _ old: OpenNode?,
        by changes: ArraySlice<StateChange>
    ) throws(ProtocolFailure) -> Subtree {
        let place = self.outcomes.count
        self.outcomes.append((self.path, .unchanged))
        let depth = self.path.count
        var writer = NodeWriter(
            capacity: (old?.node.bytes.count ?? StoredNode.headLength) + 3 * TreeHash.byteCount * changes.count
        )
        let before = old?.quarters ?? Quartet()
        var after = before.members
        var rest = changes
        for quarter in 0..<4 {
            let own = rest.cut { $0.key.nibble(depth) >> 2 == quarter }
            if !own.isEmpty {
                let slots = try self.rewrite(try old?.slots(of: quarter, self.reader.hasher) ?? Quartet(), by: own)
                writer.append(quarter: quarter, slots: slots)
                after[quarter] = slots.whole
            } else if let old {
                old.node.copy(quarter: quarter, to: &writer)
            }
        }
        let whole = before.replacing(after, self.reader.hasher).whole
        if whole != before.whole {
            self.outcomes[place].outcome = self.isStored(whole) ? .written(writer.finish()) : .deleted
        }
        return whole
    }

    /// A single leaf stands in the slot above; the root has none above.
    private func isStored(_ whole: Subtree) -> Bool {
        switch whole {
        case .empty: false
        case .leaf: self.path.isEmpty
        case .branch: true
        }
    }

    private mutating func rewrite(
        _ slots: Quartet,
        by changes: ArraySlice<StateChange>
    ) throws(ProtocolFailure) -> Quartet {
        let depth = self.path.count
        var members = slots.members
        var rest = changes
        while let nibble = rest.first?.key.nibble(depth) {
            let own = rest.cut { $0.key.nibble(depth) == nibble }
            self.path.append(UInt8(nibble))
            members[nibble & 3] = try self.apply(own, to: members[nibble & 3])
            self.path.removeLast()
        }
        return slots.replacing(members, self.reader.hasher)
    }

    /// What becomes of a slot.
    private mutating func apply(
        _ changes: ArraySlice<StateChange>,
        to slot: Subtree
    ) throws(ProtocolFailure) -> Subtree {
        if case .branch(let hash) = slot {
            return try self.rewrite(try self.reader.node(at: self.path, expecting: hash), by: changes)
        }
        let entries = Self.entries(of: slot, after: changes)
        guard let only = entries.first, let value = only.value else { return .empty }
        if entries.count == 1 { return .leaf(Leaf(key: only.key, value: value, hasher: self.reader.hasher)) }
        return try self.rewrite(nil, by: entries)
    }

    /// The entries of a slot that is no branch, ascending.
    private static func entries(of slot: Subtree, after changes: ArraySlice<StateChange>) -> ArraySlice<StateChange> {
        var entries = changes.contains { $0.value == nil } ? changes.filter { $0.value != nil }[...] : changes
        guard case .leaf(let leaf) = slot, !changes.contains(where: { $0.key == leaf.key }) else { return entries }
        let position = entries.firstIndex { leaf.key < $0.key } ?? entries.endIndex
        entries.insert(StateChange(key: leaf.key, value: leaf.value), at: position)
        return entries
    }
}

extension ArraySlice {
    /// Takes off the first elements for as long as the condition holds.
    fileprivate mutating func cut(while holds: (Element) -> Bool) -> ArraySlice {
        let end = self.firstIndex { !holds($0) } ?? self.endIndex
        defer { self = self[end...] }
        return self[..<end]
    }
}
