package import Records

/// That a tree continues an earlier one: nothing was changed or taken away (RFC 9162 §2.1.4).
package struct ConsistencyProof: Sendable, Equatable {
    /// Number of leaves of the earlier tree.
    package let firstSize: UInt64
    /// Number of leaves of the later tree.
    package let secondSize: UInt64
    /// At most 65 hashes; none when the sizes are equal or the first is 0.
    package let path: [Digest]

    /// Takes what was received; ``verifies(firstRoot:secondRoot:)`` judges it.
    package init(firstSize: UInt64, secondSize: UInt64, path: [Digest]) {
        self.firstSize = firstSize
        self.secondSize = secondSize
        self.path = path
    }

    /// Makes a proof from the hashes of complete subtrees; nil when the first tree is the larger one.
    ///
    /// - Throws: what the source throws.
    package init?<Source: MerkleNodeSource>(
        firstSize: UInt64,
        secondSize: UInt64,
        from source: Source
    ) throws(Source.Failure) {
        guard firstSize <= secondSize else { return nil }
        self.init(
            firstSize: firstSize,
            secondSize: secondSize,
            path: try source.hashes(ofRanges: Self.ranges(firstSize, secondSize))
        )
    }

    /// Whether the later tree continues the earlier one (RFC 9162 §2.1.4.2).
    ///
    /// The RFC leaves out two cases that a client meets: every tree continues the one without leaves, and itself.
    package func verifies(firstRoot: Digest, secondRoot: Digest) -> Bool {
        guard self.firstSize <= self.secondSize else { return false }
        if self.firstSize == self.secondSize { return self.path.isEmpty && firstRoot == secondRoot }
        if self.firstSize == 0 { return self.path.isEmpty && firstRoot == MerkleHash.emptyRoot }
        guard !self.path.isEmpty else { return false }
        return self.leads(to: firstRoot, and: secondRoot)
    }

    private func leads(to firstRoot: Digest, and secondRoot: Digest) -> Bool {
        var path = self.path[...]
        // The earlier tree is then one complete subtree, whose root the verifier knows.
        let start = self.firstSize.nonzeroBitCount == 1 ? firstRoot : path.removeFirst()
        var climb = Climb(index: self.firstSize - 1, last: self.secondSize - 1)
        climb.skipRightChildren()
        var (first, second) = (start, start)
        for hash in path {
            guard climb.last != 0 else { return false }
            if climb.isRightChild {
                first = MerkleHash.node(hash, first)
                second = MerkleHash.node(hash, second)
            } else {
                second = MerkleHash.node(second, hash)
            }
            climb.ascend()
        }
        return climb.last == 0 && first == firstRoot && second == secondRoot
    }

    /// The ranges of leaves whose hashes make the proof, in its order (RFC 9162 §2.1.4.1, `SUBPROOF`).
    private static func ranges(_ first: UInt64, _ second: UInt64) -> [Range<UInt64>] {
        guard first > 0, first < second else { return [] }
        var ranges: [Range<UInt64>] = []
        var span = 0..<second
        while span.upperBound > first {
            let middle = span.splitPoint
            if first <= middle {
                ranges.append(middle..<span.upperBound)
                span = span.lowerBound..<middle
            } else {
                ranges.append(span.lowerBound..<middle)
                span = middle..<span.upperBound
            }
        }
        // The verifier knows the root over all of the first tree; a part of it must be given.
        if span.lowerBound > 0 { ranges.append(span) }
        return ranges.reversed()
    }
}
