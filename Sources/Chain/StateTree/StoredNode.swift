internal import CanonicalBytes

/// A node as it is stored: four levels of the binary tree, in 16 slots for the next nibble of the key hash.
///
/// `u8 1 || u16 leaves || u16 branches || quarter 0 || … || quarter 3`, where bit `s` of a map says what slot `s` holds.
/// A quarter is four slots: first the hash that they make up, unless they are empty or one leaf, then the slots in
/// order: of a leaf its key hash and value hash, of a branch its hash, which is that of the node below. Keeping the
/// hashes of quarters makes a change cost ten hashes a node instead of twenty, for a seventh more bytes.
struct StoredNode {
    static let format: UInt8 = 1
    static let headLength = 5
    static let byteCountMax = headLength + 4 * TreeHash.byteCount + 16 * 2 * TreeHash.byteCount
    /// Nibbles of the longest path: one level further a slot has one key hash only.
    static let depthMax = 63

    let bytes: [UInt8]
    /// Nibbles that all keys of the node share.
    let path: [UInt8]
    private let shape: NodeShape

    /// Checks everything but the hashes.
    init(_ bytes: [UInt8], at path: [UInt8]) throws(ProtocolFailure) {
        guard bytes.count >= Self.headLength, bytes[0] == Self.format else {
            throw Self.damage(path, "it does not begin as a state node does")
        }
        let shape = NodeShape(
            leaves: UInt16(bytes[1]) << 8 | UInt16(bytes[2]),
            branches: UInt16(bytes[3]) << 8 | UInt16(bytes[4])
        )
        guard shape.isLawful(depth: path.count) else { throw Self.damage(path, "its slots cannot be") }
        guard bytes.count == shape.byteCount else {
            throw Self.damage(path, "it has \(bytes.count) bytes instead of \(shape.byteCount)")
        }
        self.bytes = bytes
        self.path = path
        self.shape = shape
    }

    /// The four quarters by their recorded hashes.
    func quarters(_ hasher: borrowing TreeHasher) throws(ProtocolFailure) -> Quartet {
        var quarters = Neighbours()
        for quarter in 0..<4 {
            let offset = self.shape.offset(of: quarter)
            if self.shape.isBranch(quarter) {
                quarters[quarter] = .branch(TreeHash(self.bytes, at: offset))
            } else if let slot = self.shape.firstLeaf(of: quarter) {
                quarters[quarter] = .leaf(try self.leaf(at: offset, slot: slot, hasher))
            }
        }
        return Quartet(quarters, hasher)
    }

    /// The four slots of a quarter, which must make up the hash that is recorded of it.
    func slots(
        of quarter: Int,
        expecting recorded: Subtree,
        _ hasher: borrowing TreeHasher
    ) throws(ProtocolFailure) -> Quartet {
        var slots = Neighbours()
        var offset = self.shape.offset(of: quarter) + (self.shape.isBranch(quarter) ? TreeHash.byteCount : 0)
        for index in 0..<4 {
            switch self.shape.content(of: 4 * quarter + index) {
            case .nothing: break
            case .leaf:
                slots[index] = .leaf(try self.leaf(at: offset, slot: 4 * quarter + index, hasher))
                offset += 2 * TreeHash.byteCount
            case .branch:
                slots[index] = .branch(TreeHash(self.bytes, at: offset))
                offset += TreeHash.byteCount
            }
        }
        let quartet = Quartet(slots, hasher)
        guard quartet.whole == recorded else {
            throw Self.damage(self.path, "its quarter \(quarter) does not have the hash recorded of it")
        }
        return quartet
    }

    /// The bytes and slots of a quarter, for a new node that keeps it.
    func copy(quarter: Int, to writer: inout NodeWriter) {
        let start = self.shape.offset(of: quarter)
        let end = start + self.shape.byteCount(of: quarter)
        self.bytes.withUnsafeBytes { bytes in
            writer.append(
                quarter: quarter,
                shape: self.shape,
                bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            )
        }
    }

    private func leaf(
        at offset: Int,
        slot: Int,
        _ hasher: borrowing TreeHasher
    ) throws(ProtocolFailure) -> Leaf {
        let key = TreeHash(self.bytes, at: offset)
        guard key.nibble(self.path.count) == slot, key.begins(with: self.path) else {
            throw Self.damage(self.path, "slot \(slot) holds a leaf of another place")
        }
        return Leaf(key: key, value: TreeHash(self.bytes, at: offset + TreeHash.byteCount), hasher: hasher)
    }

    /// What is thrown about the node at a path.
    static func damage(_ path: [UInt8], _ finding: String) -> ProtocolFailure {
        let name = path.isEmpty ? "the root" : "'" + path.map { String($0, radix: 16) }.joined() + "'"
        return ProtocolFailure(.context, "state node \(name) is damaged: \(finding)")
    }
}

extension TreeHash {
    /// Whether the hash's first nibbles are these.
    func begins(with nibbles: [UInt8]) -> Bool {
        for (index, nibble) in nibbles.enumerated() where self.nibble(index) != Int(nibble) { return false }
        return true
    }
}
