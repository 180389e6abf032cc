/// An entry of the state as the tree sees it.
struct Leaf: Hashable {
    let key: TreeHash
    let value: TreeHash
    /// The leaf's hash over both.
    let hash: TreeHash

    init(key: TreeHash, value: TreeHash, hasher: borrowing TreeHasher) {
        self.key = key
        self.value = value
        self.hash = hasher.leaf(key: key, value: value)
    }
}

/// What stands at a place of the binary tree.
///
/// A subtree with one leaf is that leaf, however high (Diem's Jellyfish Merkle tree): the way to a leaf is then as
/// long as the prefix that no other key shares, about log2 of the number of keys.
enum Subtree: Hashable {
    case empty
    case leaf(Leaf)
    /// Two leaves or more.
    case branch(TreeHash)

    var hash: TreeHash {
        switch self {
        case .empty: .zero
        case .leaf(let leaf): leaf.hash
        case .branch(let hash): hash
        }
    }

    var isBranch: Bool { if case .branch = self { true } else { false } }

    /// Joins two neighbours.
    static func join(_ left: Subtree, _ right: Subtree, _ hasher: borrowing TreeHasher) -> Subtree {
        switch (left, right) {
        case (.empty, .empty), (.leaf, .empty): left
        case (.empty, .leaf): right
        default: .branch(hasher.inner(left.hash, right.hash))
        }
    }
}
