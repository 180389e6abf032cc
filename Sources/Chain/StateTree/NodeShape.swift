/// What the 16 slots of a stored node hold, which fixes the node's length and where everything stands.
struct NodeShape {
    enum Content { case nothing, leaf, branch }

    /// Bit `s` for slot `s`.
    var leaves: UInt16
    var branches: UInt16

    /// Whether a node may have these slots.
    ///
    /// One leaf alone stands in the slot above, if there is one; and a slot of the last nibble has one key hash.
    func isLawful(depth: Int) -> Bool {
        guard self.leaves & self.branches == 0, depth <= StoredNode.depthMax else { return false }
        if depth == StoredNode.depthMax, self.branches != 0 { return false }
        return self.branches != 0 || self.leaves.nonzeroBitCount >= (depth == 0 ? 1 : 2)
    }

    func content(of slot: Int) -> Content {
        let bit: UInt16 = 1 << UInt16(slot)
        if self.leaves & bit != 0 { return .leaf }
        return self.branches & bit != 0 ? .branch : .nothing
    }

    /// Whether a quarter is more than one leaf, and so has its hash recorded.
    func isBranch(_ quarter: Int) -> Bool {
        self.branches(of: quarter) != 0 || self.leaves(of: quarter).nonzeroBitCount > 1
    }

    /// The first slot of a quarter that holds a leaf.
    func firstLeaf(of quarter: Int) -> Int? {
        let leaves = self.leaves(of: quarter)
        return leaves == 0 ? nil : 4 * quarter + leaves.trailingZeroBitCount
    }

    func byteCount(of quarter: Int) -> Int {
        let hashes =
            (self.isBranch(quarter) ? 1 : 0) + 2 * self.leaves(of: quarter).nonzeroBitCount
            + self.branches(of: quarter).nonzeroBitCount
        return hashes * TreeHash.byteCount
    }

    func offset(of quarter: Int) -> Int {
        var offset = StoredNode.headLength
        for earlier in 0..<quarter { offset += self.byteCount(of: earlier) }
        return offset
    }

    var byteCount: Int { self.offset(of: 4) }

    func leaves(of quarter: Int) -> UInt16 { self.leaves >> UInt16(4 * quarter) & 15 }
    func branches(of quarter: Int) -> UInt16 { self.branches >> UInt16(4 * quarter) & 15 }
}

/// Writes a ``StoredNode``, quarter by quarter, into memory that is used for one node after the other.
struct NodeWriter {
    /// Room for the longest node.
    private let start: UnsafeMutableRawPointer
    private var count = StoredNode.headLength
    private var shape = NodeShape(leaves: 0, branches: 0)

    /// - Parameter start: ``StoredNode/byteCountMax`` bytes that are nobody else's until ``finish()``.
    init(at start: UnsafeMutableRawPointer) { self.start = start }

    /// The node, once its quarters are written.
    func finish() -> [UInt8] {
        self.start.storeBytes(of: StoredNode.format, as: UInt8.self)
        self.start.storeBytes(of: self.shape.leaves.bigEndian, toByteOffset: 1, as: UInt16.self)
        self.start.storeBytes(of: self.shape.branches.bigEndian, toByteOffset: 3, as: UInt16.self)
        return [UInt8](UnsafeRawBufferPointer(start: self.start, count: self.count))
    }

    /// Writes a quarter by its slots.
    mutating func append(quarter: Int, slots: Quartet) {
        if case .branch(let hash) = slots.whole { self.append(hash) }
        for index in 0..<4 {
            let bit: UInt16 = 1 << UInt16(4 * quarter + index)
            switch slots[index] {
            case .empty: break
            case .leaf(let leaf):
                self.shape.leaves |= bit
                self.append(leaf.key)
                self.append(leaf.value)
            case .branch(let hash):
                self.shape.branches |= bit
                self.append(hash)
            }
        }
    }

    /// Writes a quarter of another node.
    mutating func append(quarter: Int, shape: NodeShape, bytes: UnsafeRawBufferPointer) {
        self.shape.leaves |= shape.leaves(of: quarter) << UInt16(4 * quarter)
        self.shape.branches |= shape.branches(of: quarter) << UInt16(4 * quarter)
        guard let source = bytes.baseAddress else { return }
        self.requireRoom(bytes.count)
        (self.start + self.count).copyMemory(from: source, byteCount: bytes.count)
        self.count += bytes.count
    }

    private mutating func append(_ hash: TreeHash) {
        self.requireRoom(TreeHash.byteCount)
        hash.write(to: self.start + self.count)
        self.count += TreeHash.byteCount
    }

    private func requireRoom(_ count: Int) { precondition(self.count + count <= StoredNode.byteCountMax) }
}
