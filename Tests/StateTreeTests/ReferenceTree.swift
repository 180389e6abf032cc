import Records

@testable import StateTree

/// The state tree as its definition has it, recomputed from all entries, with another implementation of SHA-256.
enum ReferenceTree {
    static func root(_ entries: [[UInt8]: [UInt8]]) -> [UInt8] {
        var hashed: [[UInt8]: [UInt8]] = [:]
        for (key, value) in entries { hashed[self.hash([0x12] + key)] = self.hash([0x13] + value) }
        return self.root(hashed: hashed)
    }

    static func root(hashed entries: [[UInt8]: [UInt8]]) -> [UInt8] {
        self.root(entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }[...], depth: 0)
    }

    private static func root(_ entries: ArraySlice<(key: [UInt8], value: [UInt8])>, depth: Int) -> [UInt8] {
        guard let first = entries.first else { return [UInt8](repeating: 0, count: 32) }
        if entries.count == 1 { return self.hash([0x10] + first.key + first.value) }
        let middle =
            entries.firstIndex { $0.key[depth / 8] >> (7 - depth % 8) & 1 == 1 } ?? entries.endIndex
        let left = self.root(entries[..<middle], depth: depth + 1)
        return self.hash([0x11] + left + self.root(entries[middle...], depth: depth + 1))
    }

    private static func hash(_ bytes: [UInt8]) -> [UInt8] { Digest.sha256(of: bytes).bytes }
}

/// SplitMix64, so that a failing seed can be tried again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}

/// Entries to change; a value of nil removes the key.
typealias Changes = [(key: [UInt8], value: [UInt8]?)]

/// A tree in memory with the entries that it should have.
struct ModelState {
    private(set) var nodes = MemoryNodes()
    private(set) var entries: [[UInt8]: [UInt8]] = [:]

    init() {}

    /// A tree with the keys `"key 0"` to `"key <count - 1>"`.
    init(count: Int) throws { try self.apply((0..<count).map { (Self.key($0), Self.value($0)) }) }

    static func key(_ index: Int) -> [UInt8] { Array("key \(index)".utf8) }
    static func value(_ index: Int) -> [UInt8] { Array("value \(index)".utf8) }

    /// The keys in ascending order.
    var keys: [[UInt8]] { self.entries.keys.sorted { $0.lexicographicallyPrecedes($1) } }

    var root: [UInt8] { ReferenceTree.root(self.entries) }

    @discardableResult
    mutating func apply(_ changes: Changes) throws -> StateUpdate {
        let update = try StateTree.update(self.nodes, changes)
        self.nodes.apply(update)
        for (key, value) in changes { self.entries[key] = value }
        return update
    }

    /// Some changes of a space of keys: new ones, other values, removals, and removals of what is not there.
    static func changes(count: Int, of space: Int, using generator: inout SeededGenerator) -> Changes {
        (0..<space).shuffled(using: &generator).prefix(count).map { index in
            let isRemoval = Int.random(in: 0..<5, using: &generator) < 2
            return (Self.key(index), isRemoval ? nil : generator.bytes(Int.random(in: 0..<40, using: &generator)))
        }
    }
}
