package import Records

/// What a growing tree needs to remember: the roots of its complete subtrees, one for each bit of its size.
package struct MerkleFrontier: Sendable, Equatable {
    /// A subtree that an append completed.
    package struct Completed: Sendable, Equatable {
        package let node: MerkleNode
        package let hash: Digest

        package init(node: MerkleNode, hash: Digest) {
            self.node = node
            self.hash = hash
        }
    }

    /// Number of leaves.
    package private(set) var size: UInt64
    /// Hashes of ``MerkleNode/peaks(ofSize:)``, the largest subtree first.
    package private(set) var peaks: [Digest]

    /// The tree without leaves.
    package init() {
        self.size = 0
        self.peaks = []
    }

    /// Takes up a tree where it was left; nil when the number of peaks does not fit the size.
    ///
    /// - Parameters:
    ///   - size: number of leaves.
    ///   - peaks: the hashes of ``MerkleNode/peaks(ofSize:)``.
    package init?(size: UInt64, peaks: [Digest]) {
        guard peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
    }

    /// Adds one leaf, in amortized constant time.
    ///
    /// - Returns: the subtrees that are now complete: the leaf itself first, then upwards.
    package mutating func append(_ leafHash: Digest) -> [Completed] {
        var node = MerkleNode(level: 0, position: self.size)
        var hash = leafHash
        var completed = [Completed(node: node, hash: hash)]
        while node.position & 1 == 1 {
            hash = MerkleHash.node(self.peaks.removeLast(), hash)
            node = MerkleNode(level: node.level + 1, position: node.position >> 1)
            completed.append(Completed(node: node, hash: hash))
        }
        self.peaks.append(hash)
        self.size += 1
        return completed
    }

    /// The root over all leaves so far.
    package var root: Digest { MerkleNode.fold(self.peaks) }

    /// The peaks with the subtrees that they are the roots of.
    package var subtrees: [Completed] {
        zip(MerkleNode.peaks(ofSize: self.size), self.peaks).map { Completed(node: $0, hash: $1) }
    }
}
