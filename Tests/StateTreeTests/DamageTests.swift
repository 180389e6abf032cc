import CanonicalBytes
import Testing

@testable import StateTree

@Suite struct DamageTests {
    private let state: ModelState
    private let root: [UInt8]
    private let stored: StateUpdate

    init() throws {
        let state = try ModelState(count: 40)
        self.state = state
        self.root = state.root
        self.stored = try StateTree.update(MemoryNodes(), state.keys.map { ($0, state.entries[$0]) })
    }

    private func replacing(_ path: [UInt8], by bytes: [UInt8]?) -> MemoryNodes {
        var nodes = self.state.nodes
        nodes.replace(path, by: bytes)
        return nodes
    }

    /// Whether a walk refuses the nodes, or their root is visibly another one.
    private func isFound(_ nodes: MemoryNodes) -> Bool {
        guard let census = try? StateTree.check(nodes) else { return true }
        return census.root != self.root
    }

    @Test("the sample has nodes on several levels")
    func sample() {
        #expect(self.stored.nodes.count > 10 && self.stored.nodes.contains { $0.path.count == 2 })
    }

    @Test("a walk finds every changed byte of every node, and every bit of its head")
    func everyByte() throws {
        for (path, bytes) in self.stored.nodes {
            let bytes = try #require(bytes)
            for position in bytes.indices {
                let isHead = position < StoredNode.headLength
                for changed in isHead ? bytes.flippings(position) : [bytes.flipping(position)] {
                    #expect(self.isFound(self.replacing(path, by: changed)), "node \(path), byte \(position)")
                }
            }
        }
    }

    @Test("a walk finds missing, short, long and exchanged nodes")
    func structure() throws {
        for (path, bytes) in self.stored.nodes {
            let bytes = try #require(bytes)
            #expect(self.isFound(self.replacing(path, by: nil)))
            #expect(self.isFound(self.replacing(path, by: [])))
            #expect(self.isFound(self.replacing(path, by: bytes + [0])))
            #expect(self.isFound(self.replacing(path, by: bytes.dropLast())))
            for other in self.stored.nodes where other.path != path {
                #expect(self.isFound(self.replacing(path, by: other.bytes)))
            }
        }
    }

    @Test("a changed byte never leads to a wrong proof or a wrong root")
    func useOfDamage() throws {
        var refused = 0
        for (path, bytes) in self.stored.nodes {
            let bytes = try #require(bytes)
            for position in stride(from: 0, to: bytes.count, by: path.isEmpty ? 1 : 7) {
                let nodes = self.replacing(path, by: bytes.flipping(position))
                // Of the root a header says what it must be.
                guard (try? StateTree.root(of: nodes)) == self.root else { continue }
                for index in stride(from: position % 7, to: 80, by: 7) { refused += try self.use(nodes, index) }
            }
        }
        #expect(refused > 500)
    }

    /// Proves and changes a key; 1 where that was refused.
    private func use(_ nodes: MemoryNodes, _ index: Int) throws -> Int {
        let key = ModelState.key(index)
        do throws(ProtocolFailure) {
            let proof = try StateTree.prove(key, in: nodes)
            #expect(proof.proves(self.state.entries[key], of: key, under: self.root))
            let update = try StateTree.update(nodes, [(key, [1])])
            let expected = try StateTree.update(self.state.nodes, [(key, [1])])
            #expect(update.root == expected.root && update.previousRoot == self.root)
            return 0
        } catch {
            #expect([.context, .format].contains(error.code) && error.detail.contains("is damaged"))
            return 1
        }
    }

    @Test("the refusal names the node")
    func text() throws {
        let path = try #require(self.stored.nodes.last?.path)
        let failure = #expect(throws: ProtocolFailure.self) { try StateTree.check(self.replacing(path, by: nil)) }
        let name = path.map { String($0, radix: 16) }.joined()
        #expect(failure?.detail == "state node '\(name)' is damaged: it is missing")
    }

    @Test("an older content of a node is found, as after a lost write")
    func lostWrite() throws {
        var newer = self.state
        let update = try newer.apply([(ModelState.key(5), [9])])
        let path = try #require(update.nodes.last?.path)
        #expect(!path.isEmpty)
        var nodes = newer.nodes
        nodes.replace(path, by: try self.state.nodes.node(at: path))
        let failure = #expect(throws: ProtocolFailure.self) { try StateTree.prove(ModelState.key(5), in: nodes) }
        #expect(failure?.code == .context)
    }

    @Test("a branch below the last nibble is refused, and so is no end of the way")
    func bottomless() throws {
        let hash = [UInt8](repeating: 1, count: 32)
        let bytes: [UInt8] = [1, 0, 0, 0, 1] + hash + hash
        let path = [UInt8](repeating: 0, count: 63)
        let failure = #expect(throws: ProtocolFailure.self) { try StoredNode(bytes, at: path) }
        #expect(failure?.code == .context)
        #expect(try StoredNode(bytes, at: path.dropLast()).path.count == 62)
    }

    @Test("what a store throws comes through")
    func storeFailure() {
        struct Unreadable: StateNodes {
            func node(at path: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { throw ProtocolFailure(.time, "later") }
        }
        #expect(throws: ProtocolFailure(.time, "later")) { try StateTree.root(of: Unreadable()) }
        #expect(throws: ProtocolFailure(.time, "later")) { try StateTree.update(Unreadable(), [([1], [1])]) }
        #expect(throws: ProtocolFailure(.time, "later")) { try StateTree.prove([1], in: Unreadable()) }
    }
}
