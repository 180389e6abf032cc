import CanonicalBytes
import Testing

@testable import StateTree

@Suite struct SharedPrefixTests {
    /// Two key hashes that differ in one bit only.
    private static func pair(differingAt bit: Int) -> (TreeHash, TreeHash) {
        let bytes = [UInt8](repeating: 0xA5, count: 32)
        var other = bytes
        other[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        return (TreeHash(bytes, at: 0), TreeHash(other, at: 0))
    }

    private static func nodes(of keys: [TreeHash]) throws -> (MemoryNodes, [[UInt8]: [UInt8]]) {
        var nodes = MemoryNodes()
        var entries: [[UInt8]: [UInt8]] = [:]
        for key in keys { entries[key.bytes] = StateTree.valueHash(of: key.bytes) }
        nodes.apply(try StateTree.update(nodes, hashed: keys.map { ($0.bytes, StateTree.valueHash(of: $0.bytes)) }))
        return (nodes, entries)
    }

    @Test("keys that share a prefix of any length have the root of the definition", arguments: 0..<256)
    func pairs(bit: Int) throws {
        let (one, other) = Self.pair(differingAt: bit)
        var (nodes, entries) = try Self.nodes(of: [one, other])
        let root = ReferenceTree.root(hashed: entries)
        #expect(try StateTree.root(of: nodes) == root)
        #expect(nodes.count == bit / 4 + 1)
        for key in [one, other] {
            let proof = try StateProof(bytes: try StateTree.prove(key, in: nodes).bytes)
            #expect(proof.siblings.count == bit + 1)
            let value = TreeHash(StateTree.valueHash(of: key.bytes), at: 0)
            #expect(proof.proves(value, of: key, under: root))
            #expect(!proof.proves(nil, of: key, under: root))
        }
        nodes.apply(try StateTree.update(nodes, hashed: [(other.bytes, nil)]))
        #expect(nodes.count == 1)
        entries[other.bytes] = nil
        #expect(try StateTree.root(of: nodes) == ReferenceTree.root(hashed: entries))
    }

    @Test("a comb of every prefix length is proved, checked, and taken apart in any order")
    func comb() throws {
        let keys = [Self.pair(differingAt: 0).0] + (0..<256).map { Self.pair(differingAt: $0).1 }
        var (nodes, entries) = try Self.nodes(of: keys)
        let root = ReferenceTree.root(hashed: entries)
        #expect(try StateTree.root(of: nodes) == root)
        #expect(nodes.count == 64)
        #expect(try StateTree.check(nodes).leaves == 257)
        for key in keys {
            let proof = try StateTree.prove(key, in: nodes)
            #expect(proof.bytes.count <= StateProof.byteCountMax)
            let value = TreeHash(StateTree.valueHash(of: key.bytes), at: 0)
            #expect(try StateProof(bytes: proof.bytes).proves(value, of: key, under: root))
        }
        var generator = SeededGenerator(seed: 3)
        for key in keys.shuffled(using: &generator) {
            nodes.apply(try StateTree.update(nodes, hashed: [(key.bytes, nil)]))
            entries[key.bytes] = nil
            #expect(try StateTree.root(of: nodes) == ReferenceTree.root(hashed: entries))
        }
        #expect(nodes == MemoryNodes())
    }

    @Test(
        "an absent key between others with a long common prefix is absent",
        arguments: [1, 3, 4, 5, 64, 200, 254, 255]
    )
    func absence(bit: Int) throws {
        let (one, other) = Self.pair(differingAt: bit)
        let (nodes, entries) = try Self.nodes(of: [one, other])
        let root = ReferenceTree.root(hashed: entries)
        for position in 0..<256 where position != bit {
            let key = Self.pair(differingAt: position).1
            let proof = try StateProof(bytes: try StateTree.prove(key, in: nodes).bytes)
            #expect(proof.proves(nil, of: key, under: root))
            #expect(proof.end == .nothing || position > bit)
        }
    }

    @Test("random histories over key hashes that share prefixes", arguments: 0..<20 as Range<UInt64>)
    func model(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // Few stems, at each of which many keys part.
        let space = (0..<60).map { _ in
            let bit = Int.random(in: 0..<256, using: &generator)
            var bytes = Self.pair(differingAt: bit).1.bytes
            if Bool.random(using: &generator) { bytes[31] = UInt8.random(in: 0...255, using: &generator) }
            return bytes
        }
        var nodes = MemoryNodes()
        var entries: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<30 {
            var batch: [[UInt8]: [UInt8]?] = [:]
            for key in space.shuffled(using: &generator).prefix(Int.random(in: 1...30, using: &generator)) {
                batch.updateValue(Bool.random(using: &generator) ? generator.bytes(32) : nil, forKey: key)
            }
            nodes.apply(try StateTree.update(nodes, hashed: batch.map { ($0.key, $0.value) }))
            for (key, value) in batch { entries[key] = value }
            #expect(try StateTree.root(of: nodes) == ReferenceTree.root(hashed: entries), "seed \(seed)")
        }
        #expect(try StateTree.check(nodes).leaves == entries.count)
    }
}

extension StateProof {
    fileprivate func proves(_ value: TreeHash?, of key: TreeHash, under root: [UInt8]) -> Bool {
        self.proves(value, of: key, under: root, TreeHasher())
    }
}
