package import Records

/// That a leaf stands at an index of a tree (RFC 9162 §2.1.3).
package struct InclusionProof: Sendable, Equatable {
    /// The leaf's index, from 0.
    package let leafIndex: UInt64
    /// Number of leaves of the tree.
    package let treeSize: UInt64
    /// The audit path from the leaf to the root, at most 64 hashes.
    package let path: [Digest]

    /// Takes what was received; ``verifies(leafHash:root:)`` judges it.
    package init(leafIndex: UInt64, treeSize: UInt64, path: [Digest]) {
        self.leafIndex = leafIndex
        self.treeSize = treeSize
        self.path = path
    }

    /// Makes a proof from the hashes of complete subtrees; nil when the index is outside of the tree.
    ///
    /// - Throws: what the source throws.
    package init?<Source: MerkleNodeSource>(
        leafIndex: UInt64,
        treeSize: UInt64,
        from source: Source
    ) throws(Source.Failure) {
        guard leafIndex < treeSize else { return nil }
        self.init(
            leafIndex: leafIndex,
            treeSize: treeSize,
            path: try source.hashes(ofRanges: Self.siblings(of: leafIndex, in: treeSize))
        )
    }

    /// Whether the path leads from the leaf's hash to the root (RFC 9162 §2.1.3.2).
    package func verifies(leafHash: Digest, root: Digest) -> Bool {
        guard self.leafIndex < self.treeSize else { return false }
        var climb = Climb(index: self.leafIndex, last: self.treeSize - 1)
        var hash = leafHash
        for sibling in self.path {
            guard climb.last != 0 else { return false }
            hash = climb.isRightChild ? MerkleHash.node(sibling, hash) : MerkleHash.node(hash, sibling)
            climb.ascend()
        }
        return climb.last == 0 && hash == root
    }

    /// The ranges of leaves beside the way from a leaf to the root, bottom up (RFC 9162 §2.1.3.1, `PATH`).
    private static func siblings(of index: UInt64, in size: UInt64) -> [Range<UInt64>] {
        var ranges: [Range<UInt64>] = []
        var span = 0..<size
        while span.upperBound - span.lowerBound > 1 {
            let middle = span.splitPoint
            if index < middle {
                ranges.append(middle..<span.upperBound)
                span = span.lowerBound..<middle
            } else {
                ranges.append(span.lowerBound..<middle)
                span = middle..<span.upperBound
            }
        }
        return ranges.reversed()
    }
}

extension Range<UInt64> {
    /// Where RFC 9162 §2.1.1 splits a list of at least two leaves: after the largest power of two below its length.
    var splitPoint: UInt64 {
        self.lowerBound + 1 << UInt64(63 - (self.upperBound - self.lowerBound - 1).leadingZeroBitCount)
    }
}

/// The position of a verifier on its way up (RFC 9162 §2.1.3.2 and §2.1.4.2, `fn` and `sn`).
struct Climb {
    private(set) var index: UInt64
    /// Index of the level's last node; 0 at the root.
    private(set) var last: UInt64

    init(index: UInt64, last: UInt64) {
        self.index = index
        self.last = last
    }

    /// Whether the next hash of the path stands to the left.
    var isRightChild: Bool { self.index & 1 == 1 || self.index == self.last }

    /// Goes to the level where the next hash of the path belongs.
    mutating func ascend() {
        // At the right border a node without a sibling is its own parent.
        if self.isRightChild {
            while self.index & 1 == 0, self.index != 0 { self.shift() }
        }
        self.shift()
    }

    /// Leaves the levels on which the node is a right child.
    mutating func skipRightChildren() {
        while self.index & 1 == 1 { self.shift() }
    }

    private mutating func shift() {
        self.index >>= 1
        self.last >>= 1
    }
}
