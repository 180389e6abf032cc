import IBTP

/// A chain's state in memory; what a refused transaction wrote is undone, as in a contract.
final class ModelState: InterchainStorage {
    private var values: [[UInt8]: [UInt8]] = [:]
    private var old: [(key: [UInt8], value: [UInt8]?)] = []

    func value(of key: [UInt8]) throws(Never) -> [UInt8]? { self.values[key] }

    func set(_ key: [UInt8], to value: [UInt8]?) throws(Never) {
        self.old.append((key, self.values[key]))
        self.values[key] = value
    }

    func keep() { self.old.removeAll() }

    func undo() {
        for change in self.old.reversed() { self.values[change.key] = change.value }
        self.old.removeAll()
    }
}

/// A leaf of a model chain.
struct ModelLeaf {
    enum Content {
        case message(InterchainMessage)
        case notice(StatusNotice, InterchainMessage?)
    }

    let height: UInt64
    let index: UInt32
    let tree: UInt8
    let epoch: UInt64
    let content: Content
}

/// What both kinds of chains have: blocks, and an epoch of the committee.
class ModelChain {
    let name: String
    private(set) var height: UInt64 = 1
    private(set) var leaves: [UInt64: [ModelLeaf]] = [:]
    private(set) var heights: [UInt64] = []
    var epoch: UInt64 = 0
    /// Epochs of other chains that this one has followed.
    var known: [String: UInt64] = [:]
    /// Takes nothing from others for now.
    var isFrozen = false

    init(name: String) { self.name = name }

    private var isOpen = false

    /// A tick is over: what comes next stands in another block.
    func close() { self.isOpen = false }

    /// A transaction comes: it stands in this tick's block.
    func growNow() {
        guard !self.isOpen else { return }
        self.isOpen = true
        self.height += 1
    }

    func tell(_ content: ModelLeaf.Content) {
        self.growNow()
        var tree: UInt8 = 1
        if case .notice(let notice, _) = content, notice.status == .beginRollback { tree = 2 }
        let index = UInt32(self.leaves[self.height]?.count { $0.tree == tree } ?? 0)
        let leaf = ModelLeaf(height: self.height, index: index, tree: tree, epoch: self.epoch, content: content)
        if self.leaves[self.height] == nil { self.heights.append(self.height) }
        self.leaves[self.height, default: []].append(leaf)
    }

    func leaf(at place: LeafPlaceKey) -> ModelLeaf? {
        self.leaves[place.height]?.first { $0.tree == place.tree && $0.index == place.index }
    }
}

struct LeafPlaceKey: Hashable {
    let height: UInt64
    let tree: UInt8
    let index: UInt32
}

extension BookFailure {
    /// What a gateway makes of a refusal.
    var refusal: InterchainRefusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}
