import CanonicalBytes
import Testing

@testable import StateTree

@Suite struct StateUpdateTests {
    @Test("the state without entries has the empty root, and no nodes")
    func empty() throws {
        let nodes = MemoryNodes()
        #expect(try StateTree.root(of: nodes) == [UInt8](repeating: 0, count: 32))
        let update = try StateTree.update(nodes, [])
        #expect(update.root == StateTree.emptyRoot && update.nodes.isEmpty)
        let removal = try StateTree.update(nodes, [(ModelState.key(1), nil), (ModelState.key(2), nil)])
        #expect(removal.root == StateTree.emptyRoot && removal.nodes.isEmpty)
    }

    // Computed from the definition in Python.
    @Test(
        "roots are what the definition says",
        arguments: [
            (0, "0000000000000000000000000000000000000000000000000000000000000000"),
            (1, "91febcd88b504f521f5fa7cc0134994026fce831eb4c0bc0ebbf24e8049610b6"),
            (2, "147327123e695f86c1515694fe46c16b4bca192ac6cf60744b94ce6cefa06fdd"),
            (3, "58eb8666010b7b0968ba6a2368301352593a505a3a05f27c98058ef5a323e994"),
            (17, "973a1550fae0a6ba76a23b78680a8307a60f2bd39d4af9b5f55e4c5f224be3dd"),
            (100, "63066c2d28bce2dc4acf1b8a73676f6a39612fd4c7142c7de067318cc45e42e5"),
            (1_000, "e3710e837da9fc60b0bcb93e213336097c6ac8f8f899e1f8bba25406984a4344"),
        ]
    )
    func vectors(count: Int, root: String) throws {
        let state = try ModelState(count: count)
        #expect(try StateTree.root(of: state.nodes).hex == root)
    }

    @Test("one entry is one node, whose root is the leaf's hash")
    func oneLeaf() throws {
        var state = try ModelState(count: 1)
        #expect(state.nodes.count == 1)
        #expect(try StateTree.root(of: state.nodes) == state.root)
        let removal = try state.apply([(ModelState.key(0), nil)])
        #expect(removal.root == StateTree.emptyRoot)
        #expect(removal.nodes.map(\.path) == [[]] && removal.nodes.allSatisfy { $0.bytes == nil })
        #expect(state.nodes == MemoryNodes())
    }

    @Test("random histories have the root of a full recomputation", arguments: 0..<40 as Range<UInt64>)
    func model(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let space = [3, 8, 40, 300, 2_000][Int(seed % 5)]
        var state = ModelState()
        for _ in 0..<30 {
            let count = Int.random(in: 1...min(space, 120), using: &generator)
            let previous = try StateTree.root(of: state.nodes)
            let update = try state.apply(ModelState.changes(count: count, of: space, using: &generator))
            #expect(update.previousRoot == previous)
            #expect(update.root == state.root, "seed \(seed)")
            #expect(try StateTree.root(of: state.nodes) == update.root)
            #expect(
                zip(update.nodes, update.nodes.dropFirst()).allSatisfy { $0.path.lexicographicallyPrecedes($1.path) }
            )
        }
        #expect(try StateTree.check(state.nodes).leaves == state.entries.count)
    }

    @Test("the nodes follow from the entries alone, whatever their history", arguments: 0..<10 as Range<UInt64>)
    func historyIndependence(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var state = ModelState()
        for _ in 0..<25 { try state.apply(ModelState.changes(count: 60, of: 400, using: &generator)) }
        var fresh = ModelState()
        try fresh.apply(state.keys.map { ($0, state.entries[$0]) })
        #expect(fresh.nodes == state.nodes, "seed \(seed)")
        var single = ModelState()
        for key in state.keys.shuffled(using: &generator) { try single.apply([(key, state.entries[key])]) }
        #expect(single.nodes == state.nodes, "seed \(seed)")
        try state.apply(state.keys.map { ($0, nil) })
        #expect(state.nodes == MemoryNodes())
    }

    @Test("the order of a batch does not matter")
    func order() throws {
        var generator = SeededGenerator(seed: 7)
        let state = try ModelState(count: 200)
        let changes = ModelState.changes(count: 100, of: 300, using: &generator)
        let one = try StateTree.update(state.nodes, changes)
        let other = try StateTree.update(state.nodes, changes.shuffled(using: &generator))
        #expect(one.root == other.root)
        #expect(one.nodes.map(\.path) == other.nodes.map(\.path) && one.nodes.map(\.bytes) == other.nodes.map(\.bytes))
    }

    @Test("changes that change nothing write nothing")
    func unchanged() throws {
        let state = try ModelState(count: 100)
        let update = try StateTree.update(
            state.nodes,
            (0..<100).map { (ModelState.key($0), ModelState.value($0)) } + [(ModelState.key(1_000), nil)]
        )
        #expect(update.root == state.root && update.previousRoot == state.root && update.nodes.isEmpty)
    }

    @Test("a key that occurs twice is refused")
    func duplicate() {
        let failure = #expect(throws: ProtocolFailure.self) {
            try StateTree.update(MemoryNodes(), [([1], [1]), ([2], [2]), ([1], nil)])
        }
        #expect(failure?.code == .duplicate)
    }

    @Test("more changes than the bound and hashes of another length are refused")
    func bounds() {
        let many = #expect(throws: ProtocolFailure.self) {
            try StateTree.update(MemoryNodes(), Changes(repeating: ([], nil), count: StateTree.changesMax + 1))
        }
        #expect(many?.code == .format)
        let hash = [UInt8](repeating: 1, count: 32)
        for change in [([UInt8](hash.dropLast()), hash), (hash, hash + [0]), ([], hash), (hash, [])] {
            let failure = #expect(throws: ProtocolFailure.self) {
                try StateTree.update(MemoryNodes(), hashed: [(change.0, change.1)])
            }
            #expect(failure?.code == .format)
        }
    }

    @Test("empty keys and values are entries like others")
    func emptyContent() throws {
        var state = ModelState()
        try state.apply([([], []), ([0], []), ([0, 0], [0])])
        #expect(try StateTree.root(of: state.nodes) == state.root)
        #expect(state.root != StateTree.emptyRoot)
    }

    @Test("an update by hashes is the update by keys and values")
    func hashed() throws {
        var state = try ModelState(count: 50)
        let hashes = state.keys.map { key in
            (keyHash: StateTree.keyHash(of: key), valueHash: state.entries[key].map { StateTree.valueHash(of: $0) })
        }
        var nodes = MemoryNodes()
        nodes.apply(try StateTree.update(nodes, hashed: hashes))
        #expect(nodes == state.nodes)
        try state.apply([(ModelState.key(3), nil)])
        nodes.apply(try StateTree.update(nodes, hashed: [(StateTree.keyHash(of: ModelState.key(3)), nil)]))
        #expect(nodes == state.nodes)
    }
}
