import CanonicalBytes
import Testing

@testable import StateTree

@Suite struct StateCheckTests {
    @Test("a walk visits every entry once, by ascending key hash", arguments: [0, 1, 2, 40, 700])
    func order(size: Int) throws {
        let state = try ModelState(count: size)
        var visited: [StateLeaf] = []
        let census = try StateTree.check(state.nodes) { leaf throws(ProtocolFailure) in visited.append(leaf) }
        #expect(census.root == state.root && census.leaves == size && census.nodes == state.nodes.count)
        let expected = state.keys
            .map {
                StateLeaf(
                    keyHash: StateTree.keyHash(of: $0),
                    valueHash: StateTree.valueHash(of: state.entries[$0] ?? [])
                )
            }
            .sorted { $0.keyHash.lexicographicallyPrecedes($1.keyHash) }
        #expect(visited == expected)
    }

    @Test("the parts of a tree add up to it", arguments: [0, 1, 2, 30, 900])
    func parts(size: Int) throws {
        let state = try ModelState(count: size)
        let whole = try StateTree.check(state.nodes)
        for digits in 1...3 {
            var leaves = 0
            for number in 0..<(1 << (4 * digits)) {
                let prefix = (0..<digits).map { UInt8(number >> (4 * $0) & 15) }
                let part = try StateTree.check(state.nodes, below: prefix)
                #expect(part.root == whole.root)
                leaves += part.leaves
            }
            #expect(leaves == size)
        }
    }

    @Test("the prefix of one entry finds that entry, however high it stands")
    func longPrefix() throws {
        let state = try ModelState(count: 50)
        for key in state.keys {
            let hash = StateTree.keyHash(of: key)
            let nibbles = hash.flatMap { [$0 >> 4, $0 & 15] }
            var visited: [[UInt8]] = []
            let census = try StateTree.check(state.nodes, below: nibbles) { leaf throws(ProtocolFailure) in
                visited.append(leaf.keyHash)
            }
            #expect(visited == [hash] && census.leaves == 1 && census.nodes == 0)
        }
    }

    @Test("damage outside of the prefix is another walk's finding")
    func scope() throws {
        let state = try ModelState(count: 900)
        var nodes = state.nodes
        nodes.replace([3, 3], by: nil)
        #expect(try StateTree.check(nodes, below: [3, 4]).leaves > 0)
        #expect(throws: ProtocolFailure.self) { try StateTree.check(nodes, below: [3]) }
        #expect(throws: ProtocolFailure.self) { try StateTree.check(nodes, below: [3, 3]) }
    }

    @Test("what the visitor throws ends the walk")
    func stop() throws {
        let state = try ModelState(count: 20)
        var count = 0
        #expect(throws: ProtocolFailure(.context, "enough")) {
            try StateTree.check(state.nodes) { _ throws(ProtocolFailure) in
                count += 1
                if count == 5 { throw ProtocolFailure(.context, "enough") }
            }
        }
        #expect(count == 5)
    }

    @Test("prefixes that no key hash has are refused", arguments: [[16], [1, 255], [UInt8](repeating: 0, count: 65)])
    func prefixes(prefix: [UInt8]) {
        let failure = #expect(throws: ProtocolFailure.self) { try StateTree.check(MemoryNodes(), below: prefix) }
        #expect(failure?.code == .format)
    }
}
