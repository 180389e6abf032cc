import CanonicalBytes
import EVMProofs
import Testing

struct RLPTests {
    /// Examples of the yellow paper and of Ethereum's own test file.
    @Test(arguments: [
        ("80", RLPItem.bytes([])), ("00", .bytes([0])), ("7f", .bytes([0x7F])), ("8180", .bytes([0x80])),
        ("83646f67", .bytes(Array("dog".utf8))), ("c0", .list([])),
        ("c88363617483646f67", .list([.bytes(Array("cat".utf8)), .bytes(Array("dog".utf8))])),
        ("820400", .number(1_024)), ("80", .number(0)), ("0f", .number(15)),
        ("c7c0c1c0c3c0c1c0", .list([.list([]), .list([.list([])]), .list([.list([]), .list([.list([])])])])),
    ])
    func `published examples are written and read`(encoded: String, item: RLPItem) throws {
        #expect(item.encoded.hex == encoded)
        let bytes = try #require([UInt8](hex: encoded))
        #expect(try RLPItem(encoded: bytes) == item)
    }

    @Test func `long values carry their length in bytes of its own`() throws {
        for count in [54, 55, 56, 57, 255, 256, 257, 65_535, 65_536] {
            let item = RLPItem.bytes([UInt8](repeating: 0x99, count: count))
            #expect(try RLPItem(encoded: item.encoded) == item)
            #expect(try RLPItem(encoded: RLPItem.list([item]).encoded) == .list([item]))
        }
    }

    @Test(arguments: [
        // Empty; a byte with a length; a long form of a short length; leading zeros; too short; bytes left over.
        "", "8100", "817f", "b800", "b837" + String(repeating: "00", count: 55), "b90038", "b8", "83646f", "c1",
        "8080", "c28080c0", "f800", "bfffffffffffffffff", "ffffffffffffffffff", "bb00000001",
        // Deeper than any value is.
        String(repeating: "c1", count: 9) + "c0",
    ])
    func `every other encoding is refused`(encoded: String) throws {
        let bytes = try #require([UInt8](hex: encoded))
        let failure = #expect(throws: ProtocolFailure.self) { try RLPItem(encoded: bytes) }
        #expect(failure?.code == .format)
    }

    @Test(arguments: 0..<200)
    func `random values survive, and damage never gives a second encoding`(seed: Int) throws {
        var random = Sequence64(UInt64(seed))
        let item = Self.value(0, &random)
        let encoded = item.encoded
        #expect(try RLPItem(encoded: encoded) == item)
        for _ in 0..<20 {
            var damaged = encoded
            damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            guard let read = try? RLPItem(encoded: damaged) else { continue }
            #expect(read.encoded == damaged)
        }
    }

    @Test func `numbers have one form`() throws {
        let failure = #expect(throws: ProtocolFailure.self) { try RLPItem.bytes([0, 1]).number("it") }
        #expect(failure?.code == .format)
        #expect(throws: ProtocolFailure.self) { try RLPItem.bytes([1, 0, 0, 0, 0, 0, 0, 0, 0]).number("it") }
        #expect(try RLPItem.number(.max).number("it") == .max)
    }

    private static func value(_ depth: Int, _ random: inout Sequence64) -> RLPItem {
        if depth < 4, Bool.random(using: &random) {
            return .list((0..<Int.random(in: 0...5, using: &random)).map { _ in Self.value(depth + 1, &random) })
        }
        let count = Int.random(in: 0...70, using: &random)
        return .bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
}
