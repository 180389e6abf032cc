import Merkle
import Records

/// The eight leaves of the reference tree of Certificate Transparency.
let referenceLeaves: [[UInt8]] = [
    [],
    [0x00],
    [0x10],
    [0x20, 0x21],
    [0x30, 0x31],
    [0x40, 0x41, 0x42, 0x43],
    [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
    [0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
]

/// The definitions of RFC 9162 §2.1 word by word, over leaf hashes: slow and plain.
enum Definition {
    static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard let first = leaves.first else { return Digest.sha256(of: [UInt8]()) }
        guard leaves.count > 1 else { return first }
        let middle = leaves.startIndex + self.split(leaves.count)
        return self.node(self.root(leaves[..<middle]), self.root(leaves[middle...]))
    }

    static func path(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let split = self.split(leaves.count)
        let (left, right) = (leaves.prefix(split), leaves.dropFirst(split))
        return index < split
            ? self.path(index, left) + [self.root(right)] : self.path(index - split, right) + [self.root(left)]
    }

    static func consistency(_ first: Int, _ leaves: ArraySlice<Digest>, isKnown: Bool = true) -> [Digest] {
        if first == leaves.count { return isKnown ? [] : [self.root(leaves)] }
        let split = self.split(leaves.count)
        let (left, right) = (leaves.prefix(split), leaves.dropFirst(split))
        return first <= split
            ? self.consistency(first, left, isKnown: isKnown) + [self.root(right)]
            : self.consistency(first - split, right, isKnown: false) + [self.root(left)]
    }

    private static func node(_ left: Digest, _ right: Digest) -> Digest {
        Digest.sha256(of: [1] + left.bytes + right.bytes)
    }

    private static func split(_ count: Int) -> Int {
        var split = 1
        while split * 2 < count { split *= 2 }
        return split
    }
}

/// Keeps every complete subtree, and counts how it is asked.
final class RecordedNodes: MerkleNodeSource {
    private(set) var frontier = MerkleFrontier()
    private(set) var nodes: [MerkleNode: Digest] = [:]
    private(set) var queries = 0
    private(set) var asked = 0

    struct Missing: Error {
        let node: MerkleNode
    }

    init(_ leafHashes: [Digest] = []) {
        for hash in leafHashes { self.append(hash) }
    }

    func append(_ leafHash: Digest) {
        for completed in self.frontier.append(leafHash) { self.nodes[completed.node] = completed.hash }
    }

    func hashes(of nodes: [MerkleNode]) throws(Missing) -> [Digest] {
        self.queries += 1
        self.asked += nodes.count
        var hashes: [Digest] = []
        for node in nodes {
            guard let hash = self.nodes[node] else { throw Missing(node: node) }
            hashes.append(hash)
        }
        return hashes
    }
}

/// Leaf hashes of a tree of `count` different leaves.
func leafHashes(_ count: Int) -> [Digest] {
    (0..<count).map { MerkleHash.leaf(Array("leaf \($0)".utf8)) }
}
