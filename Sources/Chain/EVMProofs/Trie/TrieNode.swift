internal import CanonicalBytes

/// A node of a Merkle-Patricia trie (yellow paper, appendix D) over receipts.
///
/// The keys of such a trie are encodings of indices, none the beginning of another, and its values have hundreds of
/// bytes. So no branch has a value, and every node is longer than 31 bytes: a reference is always a hash. Whatever
/// differs from that is in no block, and is refused.
enum TrieNode: Hashable, Sendable {
    /// 16 references, nil where nothing is below.
    case branch([[UInt8]?])
    case extended(path: [UInt8], below: [UInt8])
    case leaf(path: [UInt8], value: [UInt8])

    /// The encoding, of which the reference is the Keccak-256.
    var encoded: [UInt8] {
        switch self {
        case .branch(let references):
            RLPItem.list(references.map { .bytes($0 ?? []) } + [.bytes([])]).encoded
        case .extended(let path, let below):
            RLPItem.list([.bytes(Self.packed(path, isLeaf: false)), .bytes(below)]).encoded
        case .leaf(let path, let value):
            RLPItem.list([.bytes(Self.packed(path, isLeaf: true)), .bytes(value)]).encoded
        }
    }

    /// - Throws: `FORMAT`.
    init(encoded: [UInt8]) throws(ProtocolFailure) {
        let items = try RLPItem(encoded: encoded).list("a node")
        switch items.count {
        case 17:
            var references: [[UInt8]?] = []
            for item in items.dropLast() {
                let bytes = try item.bytes("a reference")
                try require(bytes.isEmpty || bytes.count == 32, .format, "a reference of \(bytes.count) bytes")
                references.append(bytes.isEmpty ? nil : bytes)
            }
            try require(items[16] == .bytes([]), .format, "a branch with a value")
            self = .branch(references)
        case 2:
            let (path, isLeaf) = try Self.unpacked(items[0].bytes("a path"))
            if isLeaf {
                self = .leaf(path: path, value: try items[1].bytes("a value"))
            } else {
                try require(!path.isEmpty, .format, "an extension by nothing")
                self = .extended(path: path, below: try items[1].bytes(32, "a reference"))
            }
        default: throw ProtocolFailure(.format, "a node of \(items.count) items")
        }
    }

    /// The half-bytes of a key.
    static func nibbles(_ key: [UInt8]) -> [UInt8] { key.flatMap { [$0 >> 4, $0 & 15] } }

    /// Half-bytes with their parity and kind (yellow paper, appendix C).
    private static func packed(_ nibbles: [UInt8], isLeaf: Bool) -> [UInt8] {
        let isOdd = !nibbles.count.isMultiple(of: 2)
        let flag: UInt8 = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0)
        let all = isOdd ? [flag] + nibbles : [flag, 0] + nibbles
        return stride(from: 0, to: all.count, by: 2).map { all[$0] << 4 | all[$0 + 1] }
    }

    private static func unpacked(_ bytes: [UInt8]) throws(ProtocolFailure) -> (path: [UInt8], isLeaf: Bool) {
        let all = Self.nibbles(bytes)
        guard let flag = all.first, flag < 4 else { throw ProtocolFailure(.format, "a path without its kind") }
        try require(flag & 1 == 1 || all[1] == 0, .format, "a path with padding that is not zero")
        return (Array(all.dropFirst(flag & 1 == 1 ? 1 : 2)), flag & 2 == 2)
    }
}
