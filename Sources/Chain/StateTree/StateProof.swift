package import CanonicalBytes

/// That the state under a root has a value for a key, or none.
///
/// `"WSP1" || u8 end || [key hash || value hash] || u16 depth || map || siblings`. The way leads from the root through
/// `depth` inner nodes to its end: 0 nothing, 1 the leaf of the key, 2 another leaf, whose hashes follow only then. Bit
/// `i` of the map, most significant first, says whether the sibling at depth `i` is not empty; those that are not follow
/// from the root downwards. There is one encoding of each proof.
package struct StateProof: Hashable, Sendable {
    /// Length of the longest proof.
    package static let byteCountMax = 4 + 1 + 64 + 2 + 32 + 256 * 32

    private static let mark: StaticString = "WSP1"

    /// What the way of the key ends with.
    enum End: Hashable {
        case nothing
        case ownLeaf
        case otherLeaf(key: TreeHash, value: TreeHash)

        fileprivate var code: UInt8 {
            switch self {
            case .nothing: 0
            case .ownLeaf: 1
            case .otherLeaf: 2
            }
        }
    }

    /// The canonical encoding.
    package let bytes: [UInt8]
    let end: End
    /// Hashes beside the way, from the root downwards; zero for an empty subtree.
    let siblings: [TreeHash]

    /// Takes what a tree yields.
    init(end: End, siblings: [TreeHash]) {
        var writer = CanonicalWriter(capacity: 160 + siblings.count * TreeHash.byteCount)
        writer.magic(Self.mark)
        writer.u8(end.code)
        if case .otherLeaf(let key, let value) = end {
            writer.raw(key.bytes)
            writer.raw(value.bytes)
        }
        writer.u16(UInt16(siblings.count))
        writer.raw(Self.map(of: siblings))
        for sibling in siblings where sibling != .zero { writer.raw(sibling.bytes) }
        self.bytes = writer.bytes
        self.end = end
        self.siblings = siblings
    }

    /// Reads a proof strictly; whether it proves anything is ``proves(_:of:under:)``.
    ///
    /// - Throws: ``ProtocolFailure`` `FORMAT` for anything but the one encoding of a proof.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.byteCountMax, .format, "a state proof of \(bytes.count) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic(Self.mark)
        self.end = try Self.readEnd(&reader)
        self.siblings = try Self.readSiblings(&reader)
        try reader.finish()
        self.bytes = bytes
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }

    private static func map(of siblings: [TreeHash]) -> [UInt8] {
        var map = [UInt8](repeating: 0, count: (siblings.count + 7) / 8)
        for (depth, sibling) in siblings.enumerated() where sibling != .zero { map[depth / 8] |= 0x80 >> (depth % 8) }
        return map
    }

    private static func readEnd(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> End {
        switch try reader.u8() {
        case 0: return .nothing
        case 1: return .ownLeaf
        case 2:
            let hashes = try reader.take(2 * TreeHash.byteCount)
            return .otherLeaf(key: TreeHash(hashes, at: 0), value: TreeHash(hashes, at: TreeHash.byteCount))
        case let code: throw ProtocolFailure(.format, "a state proof cannot end with \(code)")
        }
    }

    private static func readSiblings(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> [TreeHash] {
        let depth = Int(try reader.u16())
        try require(depth <= TreeHash.bitCount, .format, "a state proof of depth \(depth)")
        let map = try reader.take((depth + 7) / 8)
        var siblings: [TreeHash] = []
        siblings.reserveCapacity(depth)
        for index in 0..<depth {
            guard map[index / 8] & (0x80 >> (index % 8)) != 0 else {
                siblings.append(.zero)
                continue
            }
            let sibling = TreeHash(try reader.take(TreeHash.byteCount), at: 0)
            try require(sibling != .zero, .format, "an empty sibling is written out")
            siblings.append(sibling)
        }
        // A place that is alone stands further up, so the last sibling is never empty.
        try require(siblings.last != .zero, .format, "a state proof is longer than its way")
        try require(self.map(of: siblings) == map, .format, "a state proof's map is longer than its way")
        return siblings
    }
}

extension StateProof {
    /// Whether the state under the root has this value for the key; no value stands for its absence.
    ///
    /// - Parameters:
    ///   - value: the whole value, or nil for the absence of the key.
    ///   - key: the key, not its hash.
    ///   - root: 32 bytes that the caller trusts, for example of a certified header.
    /// - Returns: false for whatever does not follow from the root.
    package func proves(_ value: [UInt8]?, of key: [UInt8], under root: [UInt8]) -> Bool {
        let hasher = TreeHasher()
        return self.proves(value.map { hasher.value($0) }, of: hasher.key(key), under: root, hasher)
    }

    func proves(
        _ value: TreeHash?,
        of key: TreeHash,
        under root: [UInt8],
        _ hasher: borrowing TreeHasher
    ) -> Bool {
        guard var hash = self.bottom(value, of: key, hasher), let root = TreeHash(root) else { return false }
        for depth in self.siblings.indices.reversed() {
            let sibling = self.siblings[depth]
            hash = key.bit(depth) ? hasher.inner(sibling, hash) : hasher.inner(hash, sibling)
        }
        return hash == root
    }

    /// The hash that the way ends with; nil when such an end says nothing about the key and value.
    private func bottom(_ value: TreeHash?, of key: TreeHash, _ hasher: borrowing TreeHasher) -> TreeHash? {
        switch (self.end, value) {
        case (.ownLeaf, .some(let value)):
            return hasher.leaf(key: key, value: value)
        case (.nothing, nil):
            return .zero
        case (.otherLeaf(let otherKey, let otherValue), nil):
            // The other leaf stands where the key would.
            guard otherKey != key, otherKey.commonBits(with: key) >= self.siblings.count else { return nil }
            return hasher.leaf(key: otherKey, value: otherValue)
        default:
            return nil
        }
    }
}
