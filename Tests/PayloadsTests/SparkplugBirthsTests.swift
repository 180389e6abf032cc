internal import Testing

@testable internal import Payloads

@Suite("Sparkplug topics and births")
struct SparkplugBirthsTests {
    @Test("a topic of a device and one of a node")
    func topics() throws {
        let device = try SparkplugTopic("spBv1.0/hospA/DDATA/gw1/bed12".utf8)
        #expect(device.group == Array("hospA".utf8) && device.edgeNode == Array("gw1".utf8))
        #expect(device.type == .deviceData && device.device == Array("bed12".utf8))
        let node = try SparkplugTopic("spBv1.0/hospA/NBIRTH/gw1".utf8)
        #expect(node.type == .nodeBirth && node.device == nil)
    }

    @Test(
        "topics that are refused",
        arguments: [
            ("", DecodeFailure.Reason.malformed), ("spAv1.0/g/DDATA/n/d", .malformed),
            ("spBv1.0/g/DDATA/n", .malformed),
            ("spBv1.0/g/NDATA/n/d", .malformed), ("spBv1.0/g/DDATA/n/d/e", .malformed),
            ("spBv1.0//DDATA/n/d", .malformed),
            ("spBv1.0/g/DDATA/n/", .malformed), ("spBv1.0/STATE/host", .unsupported),
            ("spBv1.0/g/DCMD/n/d", .unsupported),
            ("spBv1.0/g/NCMD/n", .unsupported), ("spBv1.0/g/ddata/n/d", .unsupported), ("spBv1.0", .malformed),
        ]
    )
    func refusedTopic(topic: String, reason: DecodeFailure.Reason) {
        do throws(DecodeFailure) {
            _ = try SparkplugTopic(topic.utf8)
            Issue.record("accepted \(topic)")
        } catch {
            #expect(error.reason == reason)
        }
    }

    private func birth(_ names: String...) -> [UInt8] {
        SparkplugBytes.field(1, 1000)
            + names.enumerated().flatMap { index, name in
                SparkplugBytes.field(2, SparkplugBytes.born(name, alias: UInt64(index + 1)))
            } + SparkplugBytes.field(3, 0)
    }

    private let one = SparkplugBytes.payload(sequence: 1, SparkplugBytes.field(2, 1) + SparkplugBytes.field(10, 9))

    /// The name that alias 1 has in a data message; nil when the birth is missing.
    private func name(_ topic: String, _ births: inout SparkplugBirths) -> String? {
        (try? SparkplugDecoderTests.tree(self.one, topic, &births)).flatMap { TreeText.of($0, "metrics/0/name") }
    }

    private func apply(_ bytes: [UInt8], _ topic: String, _ births: inout SparkplugBirths) throws {
        _ = try SparkplugDecoderTests.tree(bytes, topic, &births)
    }

    private func ward() throws -> SparkplugBirths {
        var births = SparkplugBirths()
        try self.apply(self.birth("node"), "spBv1.0/g/NBIRTH/n", &births)
        try self.apply(self.birth("first"), "spBv1.0/g/DBIRTH/n/a", &births)
        try self.apply(self.birth("second"), "spBv1.0/g/DBIRTH/n/b", &births)
        try self.apply(self.birth("other"), "spBv1.0/g/NBIRTH/m", &births)
        return births
    }

    @Test("an alias means what its own node or device declared")
    func scopes() throws {
        var births = try self.ward()
        #expect(births.count == 4 && births.changed)
        #expect(self.name("spBv1.0/g/NDATA/n", &births) == "\"node\"")
        #expect(self.name("spBv1.0/g/DDATA/n/a", &births) == "\"first\"")
        #expect(self.name("spBv1.0/g/DDATA/n/b", &births) == "\"second\"")
        #expect(self.name("spBv1.0/g/NDATA/m", &births) == "\"other\"")
        #expect(self.name("spBv1.0/g/DDATA/n/c", &births) == nil)
        #expect(self.name("spBv1.0/h/NDATA/n", &births) == nil)
    }

    @Test("a death or a birth of the node forgets its devices, a death of a device only that one")
    func forgetting() throws {
        var births = try self.ward()
        births.markPersisted()
        try self.apply(SparkplugBytes.payload(sequence: 4), "spBv1.0/g/DDEATH/n/a", &births)
        #expect(births.changed)
        #expect(self.name("spBv1.0/g/DDATA/n/a", &births) == nil)
        #expect(self.name("spBv1.0/g/DDATA/n/b", &births) == "\"second\"")
        try self.apply(self.birth("again"), "spBv1.0/g/NBIRTH/n", &births)
        #expect(self.name("spBv1.0/g/DDATA/n/b", &births) == nil)
        #expect(self.name("spBv1.0/g/NDATA/n", &births) == "\"again\"")
        let death = SparkplugBytes.payload(
            sequence: nil,
            SparkplugBytes.field(1, "bdSeq") + SparkplugBytes.field(4, 4) + SparkplugBytes.field(11, 0)
        )
        let tree = try SparkplugDecoderTests.tree(death, "spBv1.0/g/NDEATH/n", &births)
        #expect(TreeText.of(tree, "metrics/0/name") == "\"bdSeq\"")
        #expect(self.name("spBv1.0/g/NDATA/n", &births) == nil)
        #expect(births.count == 1)
    }

    @Test("a second birth replaces the first")
    func rebirth() throws {
        var births = try self.ward()
        try self.apply(self.birth("x", "first"), "spBv1.0/g/DBIRTH/n/a", &births)
        #expect(self.name("spBv1.0/g/DDATA/n/a", &births) == "\"x\"")
        #expect(births.count == 4)
    }

    @Test("a birth with a name or an alias twice is refused")
    func ambiguousBirth() {
        let names = SparkplugBytes.payload(
            sequence: 0,
            SparkplugBytes.born("a", alias: 1),
            SparkplugBytes.born("a", alias: 2)
        )
        let aliases = SparkplugBytes.payload(
            sequence: 0,
            SparkplugBytes.born("a", alias: 1),
            SparkplugBytes.born("b", alias: 1)
        )
        #expect(SparkplugDecoderTests.reason(names, "spBv1.0/g/NBIRTH/n")?.reason == .malformed)
        #expect(SparkplugDecoderTests.reason(aliases, "spBv1.0/g/NBIRTH/n")?.reason == .malformed)
    }

    @Test("seq continues over the node's devices, from 255 to 0; gaps and repetitions are marked")
    func continuity() throws {
        var births = try self.ward()
        func mark(_ sequence: UInt64, _ topic: String) throws -> String {
            let bytes = SparkplugBytes.payload(
                sequence: sequence,
                SparkplugBytes.field(2, 1) + SparkplugBytes.field(10, 9)
            )
            let tree = try SparkplugDecoderTests.tree(bytes, topic, &births)
            return TreeText.of(tree, "seq_gap") != nil ? "gap" : TreeText.of(tree, "seq_repeated") != nil ? "same" : ""
        }
        births.markPersisted()
        #expect(try mark(1, "spBv1.0/g/DDATA/n/a") == "")
        #expect(try mark(2, "spBv1.0/g/NDATA/n") == "")
        #expect(try mark(2, "spBv1.0/g/NDATA/n") == "same")
        #expect(try mark(4, "spBv1.0/g/DDATA/n/b") == "gap")
        #expect(try mark(255, "spBv1.0/g/DDATA/n/b") == "gap")
        #expect(try mark(0, "spBv1.0/g/DDATA/n/b") == "")
        #expect(try mark(1, "spBv1.0/g/NDATA/m") == "")
        #expect(!births.changed)
    }

    @Test("the stored form brings the same births back")
    func roundTrip() throws {
        let births = try self.ward()
        let bytes = births.encoded()
        var restored = try #require(SparkplugBirths(encoded: bytes))
        #expect(restored.encoded() == bytes && !restored.changed && restored.count == 4)
        #expect(self.name("spBv1.0/g/DDATA/n/b", &restored) == "\"second\"")
        #expect(SparkplugBirths(encoded: SparkplugBirths().encoded())?.count == 0)
    }

    @Test("a cut, lengthened or altered stored form never passes for another state's")
    func strictStoredForm() throws {
        let bytes = try self.ward().encoded()
        for length in bytes.indices { #expect(SparkplugBirths(encoded: bytes.prefix(length)) == nil) }
        #expect(SparkplugBirths(encoded: bytes + [0]) == nil)
        #expect(SparkplugBirths(encoded: [2] + bytes.dropFirst()) == nil)
        #expect(SparkplugBirths(encoded: hex("01 8000")) == nil)
        var generator = SeededGenerator(state: 3)
        for _ in 0..<20_000 {
            let altered = generator.mutated(bytes)
            if let births = SparkplugBirths(encoded: altered) { #expect(births.encoded() == altered) }
        }
    }

    @Test("the number of devices is bounded")
    func devicesMax() throws {
        var births = SparkplugBirths()
        let birth = self.birth("a")
        for device in 0..<SparkplugBirths.devicesMax {
            // Applied directly: decoding each would check the bounds over all of them.
            births.nodes[.init(group: [1], node: Array("\(device)".utf8))] = .init(
                birth: .init([.init(name: [1], datatype: 3, alias: 1)])
            )
        }
        let before = births.encoded()
        #expect(SparkplugDecoderTests.reason(birth, "spBv1.0/g/NBIRTH/n", births)?.reason == .tooLarge)
        #expect(births.encoded() == before)
        births.nodes[.init(group: [1], node: Array("0".utf8))] = nil
        #expect(SparkplugDecoderTests.reason(birth, "spBv1.0/g/NBIRTH/n", births) == nil)
    }
}
