import CanonicalBytes
import Testing

@testable import StateTree

@Suite struct StatePartTests {
    private func leaves(_ count: Int) -> [StateLeaf] {
        (0..<count)
            .map { StateLeaf(key: [UInt8($0 % 256), UInt8($0 / 256)], value: [UInt8($0 % 7)]) }
            .sorted { $0.keyHash.lexicographicallyPrecedes($1.keyHash) }
    }

    private func parts(_ leaves: [StateLeaf], depth: Int) throws -> [StatePart] {
        try (0..<StateTree.partCount(depth: depth)).map { index in
            let own = leaves.filter { StateTree.partIndex(of: $0.keyHash, depth: depth) == index }
            return try StateTree.part(of: own, index: index, depth: depth)
        }
    }

    @Test("the parts of a state lead to its root, at any depth", arguments: [0, 1, 2, 3, 40, 600], 0...3)
    func root(count: Int, depth: Int) throws {
        let leaves = self.leaves(count)
        let update = try StateTree.update(MemoryNodes(), hashed: leaves.map { ($0.keyHash, $0.valueHash) })
        #expect(try StateTree.root(of: try self.parts(leaves, depth: depth)) == update.root)
    }

    @Test("a missing, added or changed entry gives another part")
    func differences() throws {
        let leaves = self.leaves(40)
        let whole = try StateTree.part(of: leaves, index: 0, depth: 0)
        for place in leaves.indices {
            var fewer = leaves
            let gone = fewer.remove(at: place)
            #expect(try StateTree.part(of: fewer, index: 0, depth: 0) != whole)
            fewer.insert(StateLeaf(keyHash: gone.keyHash, valueHash: gone.keyHash), at: place)
            #expect(try StateTree.part(of: fewer, index: 0, depth: 0) != whole)
        }
    }

    @Test("entries out of order, twice or of another part are refused")
    func refusals() throws {
        let leaves = self.leaves(40)
        #expect(throws: ProtocolFailure.self) { try StateTree.part(of: leaves.reversed(), index: 0, depth: 0) }
        #expect(throws: ProtocolFailure.self) { try StateTree.part(of: [leaves[0], leaves[0]], index: 0, depth: 0) }
        let index = StateTree.partIndex(of: leaves[0].keyHash, depth: 2)
        #expect(throws: ProtocolFailure.self) {
            try StateTree.part(of: [leaves[0]], index: (index + 1) % 256, depth: 2)
        }
        var parts = try self.parts([leaves[0]], depth: 1)
        parts.swapAt(0, 15)
        if parts[StateTree.partIndex(of: leaves[0].keyHash, depth: 1)] == .empty {
            #expect(throws: ProtocolFailure.self) { try StateTree.root(of: parts) }
        }
        #expect(throws: ProtocolFailure.self) { try StateTree.root(of: [.empty, .empty]) }
    }
}
