import Merkle
import Records
import Testing

/// Every tree up to a few complete levels, against the definitions of the RFC.
@Suite struct MerklePropertyTests {
    private static let sizeMax = 130
    private static let leaves = leafHashes(Self.sizeMax)

    @Test("the frontier's root is the definition's for every size, and completes at most two nodes per leaf")
    func frontier() {
        let nodes = RecordedNodes()
        for size in 0...Self.sizeMax {
            #expect(nodes.frontier.root == Definition.root(Self.leaves.prefix(size)))
            #expect(nodes.frontier.peaks.count == size.nonzeroBitCount)
            #expect(nodes.nodes.count <= 2 * size)
            for subtree in nodes.frontier.subtrees { #expect(nodes.nodes[subtree.node] == subtree.hash) }
            if size < Self.sizeMax { nodes.append(Self.leaves[size]) }
        }
    }

    @Test("a frontier goes on where it was left, and refuses peaks that do not fit its size")
    func resumption() throws {
        var whole = MerkleFrontier()
        for (index, leaf) in Self.leaves.enumerated() {
            var resumed = try #require(MerkleFrontier(size: whole.size, peaks: whole.peaks))
            #expect(resumed.append(leaf) == whole.append(leaf))
            #expect(resumed == whole, "after leaf \(index)")
        }
        #expect(MerkleFrontier(size: 3, peaks: [Self.leaves[0]]) == nil)
        #expect(MerkleFrontier(size: 0, peaks: [Self.leaves[0]]) == nil)
    }

    @Test("every inclusion proof is the definition's, is one query of few nodes, and verifies for its leaf only")
    func inclusion() throws {
        let nodes = RecordedNodes(Self.leaves)
        for size in 1...Self.sizeMax {
            let root = Definition.root(Self.leaves.prefix(size))
            for index in 0..<size {
                let (queries, asked) = (nodes.queries, nodes.asked)
                let proof = try #require(
                    try InclusionProof(leafIndex: UInt64(index), treeSize: UInt64(size), from: nodes)
                )
                #expect(nodes.queries <= queries + 1)
                #expect(nodes.asked - asked <= 2 * 8)
                #expect(proof.path == Definition.path(index, Self.leaves.prefix(size)))
                #expect(proof.verifies(leafHash: Self.leaves[index], root: root))
                #expect(size == 1 || !proof.verifies(leafHash: Self.leaves[(index + 1) % size], root: root))
            }
        }
    }

    @Test("every consistency proof is the definition's and verifies between its two roots only")
    func consistency() throws {
        let nodes = RecordedNodes(Self.leaves)
        let roots = (0...Self.sizeMax).map { Definition.root(Self.leaves.prefix($0)) }
        for second in 1...Self.sizeMax {
            for first in 1...second {
                let proof = try #require(
                    try ConsistencyProof(firstSize: UInt64(first), secondSize: UInt64(second), from: nodes)
                )
                #expect(proof.path == Definition.consistency(first, Self.leaves.prefix(second)))
                #expect(proof.verifies(firstRoot: roots[first], secondRoot: roots[second]))
                #expect(!proof.verifies(firstRoot: roots[first - 1], secondRoot: roots[second]))
                #expect(!proof.verifies(firstRoot: roots[first], secondRoot: roots[second - 1]))
            }
        }
    }

    @Test("the tree without leaves has a root, continues into every tree, and includes nothing")
    func emptyTree() throws {
        let nodes = RecordedNodes(Self.leaves)
        #expect(try nodes.root(ofSize: 0) == MerkleHash.emptyRoot)
        #expect(try InclusionProof(leafIndex: 0, treeSize: 0, from: nodes) == nil)
        #expect(try InclusionProof(leafIndex: 7, treeSize: 7, from: nodes) == nil)
        #expect(try ConsistencyProof(firstSize: 3, secondSize: 2, from: nodes) == nil)
        let proof = try #require(try ConsistencyProof(firstSize: 0, secondSize: 9, from: nodes))
        let root = try nodes.root(ofSize: 9)
        #expect(proof.path.isEmpty)
        #expect(proof.verifies(firstRoot: MerkleHash.emptyRoot, secondRoot: root))
        #expect(!proof.verifies(firstRoot: root, secondRoot: root))
        #expect(!InclusionProof(leafIndex: 0, treeSize: 0, path: []).verifies(leafHash: root, root: root))
    }
}

/// Proofs as somebody else may send them.
@Suite struct TamperedProofTests {
    private static let leaves = leafHashes(100)
    private static let nodes = { @Sendable in RecordedNodes(Self.leaves) }

    @Test("an inclusion proof with a changed, missing, added or swapped hash is refused")
    func inclusion() throws {
        let nodes = Self.nodes()
        for size in [2, 7, 8, 64, 99] as [UInt64] {
            let root = try nodes.root(ofSize: size)
            for index in 0..<size {
                let proof = try #require(try InclusionProof(leafIndex: index, treeSize: size, from: nodes))
                for path in Self.alterations(of: proof.path) {
                    let altered = InclusionProof(leafIndex: index, treeSize: size, path: path)
                    #expect(!altered.verifies(leafHash: Self.leaves[Int(index)], root: root))
                }
                for other in 0..<size + 2 where other != index {
                    let moved = InclusionProof(leafIndex: other, treeSize: size, path: proof.path)
                    #expect(!moved.verifies(leafHash: Self.leaves[Int(index)], root: root))
                }
            }
        }
    }

    @Test("a consistency proof with a changed, missing, added or swapped hash is refused")
    func consistency() throws {
        let nodes = Self.nodes()
        for second in [2, 7, 8, 64, 99] as [UInt64] {
            let secondRoot = try nodes.root(ofSize: second)
            for first in 1..<second {
                let firstRoot = try nodes.root(ofSize: first)
                let proof = try #require(try ConsistencyProof(firstSize: first, secondSize: second, from: nodes))
                for path in Self.alterations(of: proof.path) {
                    let altered = ConsistencyProof(firstSize: first, secondSize: second, path: path)
                    #expect(!altered.verifies(firstRoot: firstRoot, secondRoot: secondRoot))
                }
            }
        }
    }

    @Test("sizes at the end of the number range are judged without a trap")
    func extremes() {
        let hash = Self.leaves[0]
        for path in [[], [hash], Array(repeating: hash, count: 64), Array(repeating: hash, count: 1_000)] {
            let inclusion = InclusionProof(leafIndex: .max - 1, treeSize: .max, path: path)
            #expect(!inclusion.verifies(leafHash: hash, root: hash))
            let consistency = ConsistencyProof(firstSize: .max - 1, secondSize: .max, path: path)
            #expect(!consistency.verifies(firstRoot: hash, secondRoot: hash))
            let powers = ConsistencyProof(firstSize: 1 << 63, secondSize: .max, path: path)
            #expect(!powers.verifies(firstRoot: hash, secondRoot: hash))
            let backwards = ConsistencyProof(firstSize: 2, secondSize: 1, path: path)
            #expect(!backwards.verifies(firstRoot: hash, secondRoot: hash))
        }
    }

    @Test("leaves and nodes hash apart, so that a node is no leaf")
    func domainSeparation() {
        let (left, right) = (Self.leaves[0], Self.leaves[1])
        #expect(MerkleHash.leaf([]) != MerkleHash.emptyRoot)
        #expect(MerkleHash.node(left, right) != MerkleHash.leaf(left.bytes + right.bytes))
        #expect(MerkleHash.node(left, right) != MerkleHash.node(right, left))
    }

    /// Wrong paths next to a right one.
    private static func alterations(of path: [Digest]) -> [[Digest]] {
        var altered: [[Digest]] = [path + [self.leaves[50]], [self.leaves[50]] + path]
        if !path.isEmpty {
            altered.append(Array(path.dropLast()))
            altered.append(Array(path.dropFirst()))
        }
        for index in path.indices {
            var bytes = path[index].bytes
            bytes[index % bytes.count] ^= 1
            var changed = path
            if let digest = Digest(bytes: bytes) { changed[index] = digest }
            altered.append(changed)
            if index > 0, path[index] != path[index - 1] {
                var swapped = path
                swapped.swapAt(index, index - 1)
                altered.append(swapped)
            }
        }
        return altered
    }
}
