import CanonicalBytes
import Testing

@testable import StateTree

@Suite struct StateProofTests {
    private static let sizes = [0, 1, 2, 3, 4, 5, 9, 17, 33, 100]

    @Test("every key of small trees has its value, and no other one", arguments: Self.sizes)
    func membership(size: Int) throws {
        let state = try ModelState(count: size)
        let root = state.root
        for (index, key) in (0..<size).map({ ($0, ModelState.key($0)) }) {
            let proof = try StateProof(bytes: try StateTree.prove(key, in: state.nodes).bytes)
            #expect(proof.proves(ModelState.value(index), of: key, under: root))
            #expect(!proof.proves(nil, of: key, under: root))
            #expect(!proof.proves(ModelState.value(index + 1), of: key, under: root))
            #expect(!proof.proves([], of: key, under: root))
            #expect(!proof.proves(ModelState.value(index), of: ModelState.key(index + 1), under: root))
            #expect(!proof.proves(nil, of: ModelState.key(index + 1), under: root))
        }
    }

    @Test("every key that small trees have not is absent, and has no value", arguments: Self.sizes)
    func absence(size: Int) throws {
        let state = try ModelState(count: size)
        let root = state.root
        for key in (size..<size + 50).map(ModelState.key) {
            let proof = try StateProof(bytes: try StateTree.prove(key, in: state.nodes).bytes)
            #expect(proof.proves(nil, of: key, under: root))
            #expect(!proof.proves([], of: key, under: root))
            #expect(!proof.proves(ModelState.value(0), of: key, under: root))
            #expect(!state.keys.contains { proof.proves(nil, of: $0, under: root) })
        }
    }

    @Test("a proof holds for the state before and after a change, each under its own root")
    func staleness() throws {
        var state = try ModelState(count: 60)
        let key = ModelState.key(11)
        let old = (proof: try StateTree.prove(key, in: state.nodes), root: state.root)
        try state.apply([(key, nil)])
        let new = (proof: try StateTree.prove(key, in: state.nodes), root: state.root)
        #expect(old.proof.proves(ModelState.value(11), of: key, under: old.root))
        #expect(!old.proof.proves(ModelState.value(11), of: key, under: new.root))
        #expect(new.proof.proves(nil, of: key, under: new.root))
        #expect(!new.proof.proves(nil, of: key, under: old.root))
    }

    /// A proof of each kind in a tree of some size, with what it proves.
    private func samples() throws -> [(proof: StateProof, key: [UInt8], value: [UInt8]?, root: [UInt8])] {
        var samples: [(StateProof, [UInt8], [UInt8]?, [UInt8])] = []
        for size in [0, 1, 2, 40] {
            let state = try ModelState(count: size)
            for index in [0, 1, 7, 39, 40, 41, 42, 43] {
                let key = ModelState.key(index)
                samples.append((try StateTree.prove(key, in: state.nodes), key, state.entries[key], state.root))
            }
        }
        return samples
    }

    @Test("samples cover all three ends")
    func coverage() throws {
        let ends = try self.samples().map(\.proof.bytes[4])
        #expect([0, 1, 2].allSatisfy { ends.contains($0) })
    }

    @Test("every single changed byte of a proof, its root, its key or its value is refused")
    func mutations() throws {
        for (proof, key, value, root) in try self.samples() {
            #expect(proof.proves(value, of: key, under: root))
            for position in proof.bytes.indices {
                for changed in proof.bytes.flippings(position) {
                    let isRefused = (try? StateProof(bytes: changed).proves(value, of: key, under: root)) != true
                    #expect(isRefused, "byte \(position)")
                }
            }
            for position in root.indices {
                #expect(!proof.proves(value, of: key, under: root.flipping(position)))
            }
            for position in key.indices {
                #expect(!proof.proves(value, of: key.flipping(position), under: root) || value == nil)
            }
            for position in (value ?? []).indices {
                #expect(!proof.proves(value?.flipping(position), of: key, under: root))
            }
            for wrong in [[], root.dropLast(), root + [0]] {
                #expect(!proof.proves(value, of: key, under: Array(wrong)))
            }
        }
    }

    @Test("short, long and empty encodings are refused")
    func lengths() throws {
        for sample in try self.samples() {
            for count in sample.proof.bytes.indices {
                #expect(throws: ProtocolFailure.self) { try StateProof(bytes: Array(sample.proof.bytes.prefix(count))) }
            }
            #expect(throws: ProtocolFailure.self) { try StateProof(bytes: sample.proof.bytes + [0]) }
        }
        let failure = #expect(throws: ProtocolFailure.self) {
            try StateProof(bytes: [UInt8](repeating: 0, count: StateProof.byteCountMax + 1))
        }
        #expect(failure?.code == .format)
    }

    @Test("decoding an encoding gives the proof that was encoded")
    func roundTrip() throws {
        for sample in try self.samples() {
            let decoded = try StateProof(bytes: sample.proof.bytes)
            #expect(decoded == sample.proof && decoded.end == sample.proof.end)
            #expect(decoded.siblings == sample.proof.siblings)
        }
    }

    @Test(
        "what is not canonical is refused",
        arguments: [
            // A mark, an end, a depth, a map and siblings.
            ("an unknown end", "57535031 03 0000"),
            ("a last sibling that is empty", "57535031 00 0001 00"),
            ("a map longer than the way", "57535031 00 0001 c0" + String(repeating: "11", count: 32)),
            ("a sibling too many", "57535031 00 0001 80" + String(repeating: "11", count: 64)),
            ("an empty sibling written out", "57535031 00 0001 80" + String(repeating: "00", count: 32)),
            ("a way longer than a hash", "57535031 00 0101" + String(repeating: "00", count: 33)),
            ("another mark", "57535032 00 0000"),
        ]
    )
    func strictness(what: String, hex: String) throws {
        let bytes = try #require([UInt8](hex: hex.filter { $0 != " " }))
        let failure = #expect(throws: ProtocolFailure.self) { try StateProof(bytes: bytes) }
        #expect(failure?.code == .format, "\(what)")
    }

    @Test("a leaf of another place does not prove absence")
    func foreignLeaf() throws {
        let state = try ModelState(count: 40)
        let root = state.root
        var refused = 0
        for index in 0..<40 {
            // The proof of a member, relabelled as one of another leaf in the way of a key that is present as well.
            let own = try StateTree.prove(ModelState.key(index), in: state.nodes)
            let other = StateProof(
                end: .otherLeaf(
                    key: TreeHasher().key(ModelState.key(index)),
                    value: TreeHasher().value(ModelState.value(index))
                ),
                siblings: own.siblings
            )
            for victim in state.keys where !other.proves(nil, of: victim, under: root) { refused += 1 }
        }
        #expect(refused == 40 * 40)
    }
}

extension Array<UInt8> {
    func flipping(_ position: Int) -> [UInt8] {
        var changed = self
        changed[position] ^= 1 << UInt8(position % 8)
        return changed
    }

    /// With each of a byte's bits changed.
    func flippings(_ position: Int) -> [[UInt8]] {
        (0..<8).map { bit in
            var changed = self
            changed[position] ^= 1 << UInt8(bit)
            return changed
        }
    }
}
