internal import CanonicalBytes

/// A change by the hashes of key and value; no value removes the key.
struct StateChange {
    let key: TreeHash
    let value: TreeHash?
}

/// Applies a batch of changes top down, and hashes bottom up on the way back.
struct StateUpdater: ~Copyable {
    private let reader: NodeReader
    /// Written or deleted nodes, in the order in which places are entered, which is the ascending one.
    private var nodes: [(path: [UInt8], bytes: [UInt8]?)] = []
    /// Places among these that have not changed in the end, ascending.
    private var unchanged: [Int] = []

    /// Room for a node on each level, since one is written while those below it are.
    private let levels: UnsafeMutableRawPointer

    private init(_ base: any StateNodes) {
        self.reader = NodeReader(base)
        self.levels = .allocate(byteCount: (StoredNode.depthMax + 1) * StoredNode.byteCountMax, alignment: 8)
    }

    deinit { self.levels.deallocate() }

    static func update(
        _ base: any StateNodes,
        _ changes: consuming [StateChange]
    ) throws(ProtocolFailure) -> StateUpdate {
        changes.sort { $0.key < $1.key }
        for index in changes.indices.dropFirst() {
            try require(changes[index - 1].key != changes[index].key, .duplicate, "a key is changed twice at once")
        }
        var updater = StateUpdater(base)
        updater.nodes.reserveCapacity(4 * changes.count)
        let root = try updater.reader.root()
        let previous = root?.whole ?? .empty
        let whole = changes.isEmpty ? previous : try updater.rewrite(root, depth: 0, by: changes[...])
        return StateUpdate(previousRoot: previous.hash.bytes, root: whole.hash.bytes, nodes: updater.changedNodes)
    }

    private var changedNodes: [(path: [UInt8], bytes: [UInt8]?)] {
        guard !self.unchanged.isEmpty else { return self.nodes }
        var rest = self.unchanged.sorted()[...]
        return self.nodes.indices.compactMap { index in
            guard rest.first == index else { return self.nodes[index] }
            rest.removeFirst()
            return nil
        }
    }

    /// What becomes of a node, or of a place that needs one; all changes have its path.
    private mutating func rewrite(
        _ old: OpenNode?,
        depth: Int,
        by changes: ArraySlice<StateChange>
    ) throws(ProtocolFailure) -> Subtree {
        let place = self.nodes.count
        self.nodes.append((old?.node.path ?? changes.path(depth), nil))
        precondition(depth <= StoredNode.depthMax)
        var writer = NodeWriter(at: self.levels + depth * StoredNode.byteCountMax)
        let before = old?.quarters ?? Quartet()
        var after = before.members
        var rest = changes
        for quarter in 0..<4 {
            let own = rest.cut { $0.key.nibble(depth) >> 2 == quarter }
            if !own.isEmpty {
                let slots = try self.rewrite(
                    try old?.slots(of: quarter, self.reader.hasher) ?? Quartet(),
                    depth: depth,
                    by: own
                )
                writer.append(quarter: quarter, slots: slots)
                after[quarter] = slots.whole
            } else if let old {
                old.node.copy(quarter: quarter, to: &writer)
            }
        }
        let whole = before.replacing(after, self.reader.hasher).whole
        if whole == before.whole {
            self.unchanged.append(place)
        } else if Self.isStored(whole, depth: depth) {
            self.nodes[place].bytes = writer.finish()
        }
        return whole
    }

    /// A single leaf stands in the slot above; the root has none above.
    private static func isStored(_ whole: Subtree, depth: Int) -> Bool {
        switch whole {
        case .empty: false
        case .leaf: depth == 0
        case .branch: true
        }
    }

    private mutating func rewrite(
        _ slots: Quartet,
        depth: Int,
        by changes: ArraySlice<StateChange>
    ) throws(ProtocolFailure) -> Quartet {
        var members = slots.members
        var rest = changes
        while let nibble = rest.first?.key.nibble(depth) {
            let own = rest.cut { $0.key.nibble(depth) == nibble }
            members[nibble & 3] = try self.apply(own, to: members[nibble & 3], depth: depth + 1)
        }
        return slots.replacing(members, self.reader.hasher)
    }

    /// What becomes of a slot; all changes have the path of what is below it.
    private mutating func apply(
        _ changes: ArraySlice<StateChange>,
        to slot: Subtree,
        depth: Int
    ) throws(ProtocolFailure) -> Subtree {
        if case .branch(let hash) = slot {
            let node = try self.reader.node(at: changes.path(depth), expecting: hash)
            return try self.rewrite(node, depth: depth, by: changes)
        }
        let entries = Self.entries(of: slot, after: changes)
        guard let only = entries.first, let value = only.value else { return .empty }
        if entries.count == 1 { return .leaf(Leaf(key: only.key, value: value, hasher: self.reader.hasher)) }
        return try self.rewrite(nil, depth: depth, by: entries)
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

extension ArraySlice<StateChange> {
    /// The first nibbles of all keys, which have them in common.
    fileprivate func path(_ count: Int) -> [UInt8] {
        guard let key = self.first?.key else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { nibbles, initialized in
            for index in 0..<count { nibbles[index] = UInt8(truncatingIfNeeded: key.nibble(index)) }
            initialized = count
        }
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
