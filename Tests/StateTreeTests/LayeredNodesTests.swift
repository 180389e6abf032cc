import CanonicalBytes
import Testing

@testable import StateTree

@Suite struct LayeredNodesTests {
    @Test("layers over nodes read as the nodes with all updates applied", arguments: 0..<10 as Range<UInt64>)
    func equality(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var flat = try ModelState(count: 150)
        var layered = LayeredNodes(flat.nodes)
        var paths: [[UInt8]] = [[], [1], [2, 3], [15, 15, 15]]
        for depth in 1...16 {
            let changes = ModelState.changes(count: 25, of: 200, using: &generator)
            let update = try StateTree.update(layered, changes)
            try flat.apply(changes)
            #expect(update.root == flat.root, "seed \(seed)")
            layered = layered.adding(NodeLayer(update))
            paths += update.nodes.map(\.path)
            #expect(layered.layers.count == depth)
            #expect(try paths.allSatisfy { try layered.node(at: $0) == flat.nodes.node(at: $0) })
        }
        #expect(try StateTree.check(layered) == StateTree.check(flat.nodes))
        let root = flat.root
        for key in (0..<200).map(ModelState.key) {
            let proof = try StateTree.prove(key, in: layered)
            #expect(proof.proves(flat.entries[key], of: key, under: root))
        }
    }

    @Test("two blocks on one parent do not see each other")
    func forks() throws {
        let base = try ModelState(count: 30)
        let parent = LayeredNodes(base.nodes)
            .adding(NodeLayer(try StateTree.update(base.nodes, [(ModelState.key(1), [1])])))
        let one = parent.adding(NodeLayer(try StateTree.update(parent, [(ModelState.key(2), [2])])))
        let other = parent.adding(NodeLayer(try StateTree.update(parent, [(ModelState.key(3), [3])])))
        let (oneRoot, otherRoot) = (try StateTree.root(of: one), try StateTree.root(of: other))
        #expect(oneRoot != otherRoot)
        let absent = try StateTree.prove(ModelState.key(3), in: one)
        #expect(absent.proves(ModelState.value(3), of: ModelState.key(3), under: oneRoot))
        #expect(parent.layers.count == 1 && one.layers.count == 2)
    }

    @Test("a base that has taken in the oldest layer reads the same without it")
    func absorbing() throws {
        var base = try ModelState(count: 40).nodes
        var layered = LayeredNodes(base)
        var updates: [StateUpdate] = []
        for index in 0..<5 {
            let update = try StateTree.update(
                layered,
                [(ModelState.key(index), nil), (ModelState.key(100 + index), [1])]
            )
            layered = layered.adding(NodeLayer(update))
            updates.append(update)
        }
        base.apply(updates[0])
        let shifted = LayeredNodes(base, oldestFirst: Array(layered.layers.dropFirst()))
        #expect(shifted.layers.first?.previousRoot == updates[0].root)
        #expect(try StateTree.check(shifted) == StateTree.check(layered))
    }
}
