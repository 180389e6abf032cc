package import CanonicalBytes
internal import IBTP

/// The tree of all receipts of a block, made from the receipts themselves.
///
/// Nodes give no proofs of receipts by JSON-RPC; whoever has all receipts of a block makes them.
package struct ReceiptTrie: Sendable {
    /// Receipts of one block: more transactions than any block's gas pays for.
    package static let receiptsMax = 65_536

    /// What a block's header says of its receipts, 32 bytes.
    package let root: [UInt8]
    private let count: Int
    /// Encodings by reference.
    private let nodes: [[UInt8]: [UInt8]]

    /// - Parameter receipts: the encodings of all receipts of a block, in their order.
    /// - Throws: `FORMAT` for none and for more than ``receiptsMax``.
    package init(_ receipts: [[UInt8]]) throws(ProtocolFailure) {
        try require((1...Self.receiptsMax).contains(receipts.count), .format, "a trie of \(receipts.count) receipts")
        let entries = receipts.enumerated().map { place, value in
            Entry(path: TrieNode.nibbles(Self.key(UInt32(place))), value: value)
        }
        var nodes: [[UInt8]: [UInt8]] = [:]
        let sorted = entries.sorted { $0.path.lexicographicallyPrecedes($1.path) }
        self.root = Self.build(sorted[...], from: 0, &nodes)
        self.nodes = nodes
        self.count = receipts.count
    }

    /// The nodes from the root to a receipt.
    ///
    /// - Throws: `CONTEXT` for an index that the block has not.
    package func proof(of index: UInt32) throws(ProtocolFailure) -> [[UInt8]] {
        try require(Int(index) < self.count, .context, "the block has no receipt \(index)")
        var path = TrieNode.nibbles(Self.key(index))[...]
        var proof: [[UInt8]] = []
        var reference = self.root
        while let encoded = self.nodes[reference] {
            proof.append(encoded)
            switch try TrieNode(encoded: encoded) {
            case .leaf: return proof
            case .extended(let shared, let below):
                path = path.dropFirst(shared.count)
                reference = below
            case .branch(let references):
                guard let nibble = path.popFirst(), let below = references[Int(nibble)] else { break }
                reference = below
            }
        }
        throw ProtocolFailure(.context, "the trie has no receipt \(index)")
    }

    static func key(_ index: UInt32) -> [UInt8] { RLPItem.number(UInt64(index)).encoded }

    private struct Entry {
        let path: [UInt8]
        let value: [UInt8]
    }

    /// Makes the node over ascending entries that share their first half-bytes; none is the beginning of another.
    private static func build(
        _ entries: ArraySlice<Entry>,
        from depth: Int,
        _ nodes: inout [[UInt8]: [UInt8]]
    ) -> [UInt8] {
        let node: TrieNode
        if let first = entries.first, let last = entries.last {
            let shared = zip(first.path.dropFirst(depth), last.path.dropFirst(depth)).prefix { $0 == $1 }.count
            if entries.count == 1 {
                node = .leaf(path: Array(first.path.dropFirst(depth)), value: first.value)
            } else if shared > 0 {
                let below = Self.build(entries, from: depth + shared, &nodes)
                node = .extended(path: Array(first.path[depth..<depth + shared]), below: below)
            } else {
                node = .branch(Self.branches(entries, at: depth, &nodes))
            }
        } else {
            node = .branch([])
        }
        let encoded = node.encoded
        let reference = Keccak256.digest(encoded)
        nodes[reference] = encoded
        return reference
    }

    private static func branches(
        _ entries: ArraySlice<Entry>,
        at depth: Int,
        _ nodes: inout [[UInt8]: [UInt8]]
    ) -> [[UInt8]?] {
        var rest = entries
        return (0..<16).map { nibble in
            let below = rest.prefix { $0.path[depth] == UInt8(nibble) }
            rest = rest.dropFirst(below.count)
            return below.isEmpty ? nil : Self.build(below, from: depth + 1, &nodes)
        }
    }
}

/// The way from a block's root of receipts to one of them.
package enum ReceiptProof {
    /// Nodes of the longest way: an index has at most five bytes.
    package static let nodesMax = 11

    /// The receipt of an index.
    ///
    /// - Parameters:
    ///   - index: of the transaction in its block.
    ///   - nodes: from the root on, no more than needed.
    ///   - root: what the block's header says.
    /// - Returns: the receipt's encoding.
    /// - Throws: `PROOF` for nodes that are not the way to it, `FORMAT` for what is no node.
    package static func receipt(
        _ index: UInt32,
        by nodes: [[UInt8]],
        under root: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        try require(nodes.count <= Self.nodesMax, .format, "a proof of \(nodes.count) nodes")
        var path = TrieNode.nibbles(ReceiptTrie.key(index))[...]
        var reference = root
        for (place, encoded) in nodes.enumerated() {
            try require(Keccak256.digest(encoded) == reference, .proof, "a node that is not referred to")
            switch try TrieNode(encoded: encoded) {
            case .leaf(let rest, let value):
                try require(rest.elementsEqual(path), .proof, "a leaf of another index")
                try require(place == nodes.count - 1, .proof, "nodes behind a leaf")
                return value
            case .extended(let shared, let below):
                try require(path.starts(with: shared), .proof, "a way to another index")
                path = path.dropFirst(shared.count)
                reference = below
            case .branch(let references):
                guard let nibble = path.popFirst(), let below = references[Int(nibble)] else {
                    throw ProtocolFailure(.proof, "nothing is at the index")
                }
                reference = below
            }
        }
        throw ProtocolFailure(.proof, "the way does not end at a receipt")
    }
}
