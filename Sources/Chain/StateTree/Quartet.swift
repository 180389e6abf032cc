/// Four neighbours.
struct Neighbours {
    private var content: (Subtree, Subtree, Subtree, Subtree) = (.empty, .empty, .empty, .empty)

    subscript(index: Int) -> Subtree {
        get {
            switch index {
            case 0: self.content.0
            case 1: self.content.1
            case 2: self.content.2
            default: self.content.3
            }
        }
        set {
            switch index {
            case 0: self.content.0 = newValue
            case 1: self.content.1 = newValue
            case 2: self.content.2 = newValue
            default: self.content.3 = newValue
            }
        }
    }
}

/// Four neighbours with what they make up, two binary levels higher.
struct Quartet {
    private(set) var members = Neighbours()
    private var left: Subtree = .empty
    private var right: Subtree = .empty
    private(set) var whole: Subtree = .empty

    /// Four empty places.
    init() {}

    init(_ members: Neighbours, _ hasher: borrowing TreeHasher) {
        self.members = members
        self.left = .join(members[0], members[1], hasher)
        self.right = .join(members[2], members[3], hasher)
        self.whole = .join(self.left, self.right, hasher)
    }

    subscript(index: Int) -> Subtree { self.members[index] }

    /// Two of the four: 0 the left ones, 1 the right ones.
    func half(_ index: Int) -> Subtree { index == 0 ? self.left : self.right }

    /// With other members; hashes only what they change, since hashing is most of an update's time.
    func replacing(_ members: Neighbours, _ hasher: borrowing TreeHasher) -> Quartet {
        var result = self
        result.members = members
        if members[0] != self[0] || members[1] != self[1] {
            result.left = .join(members[0], members[1], hasher)
        }
        if members[2] != self[2] || members[3] != self[3] {
            result.right = .join(members[2], members[3], hasher)
        }
        if result.left != self.left || result.right != self.right {
            result.whole = .join(result.left, result.right, hasher)
        }
        return result
    }
}
