import CanonicalBytes
import Testing

@Suite struct ByteKeyTests {
    static let samples: [[UInt8]] = [
        [], [0], [0, 0], [0, 1], [1], [1, 0], [1, 0, 255], [1, 1], [127], [128], [255], [255, 0],
        [UInt8](repeating: 7, count: 32), [UInt8](repeating: 7, count: 31) + [8], [UInt8](repeating: 7, count: 33),
    ]

    @Test(arguments: Self.samples)
    func keysAreOrderedAndEqualAsTheirBytesAre(_ left: [UInt8]) {
        for right in Self.samples {
            #expect((ByteKey(left) == ByteKey(right)) == (left == right))
            #expect((ByteKey(left) < ByteKey(right)) == left.lexicographicallyPrecedes(right))
        }
    }

    @Test func equalKeysFindEachOther() {
        var places: [ByteKey: Int] = [:]
        for (place, bytes) in Self.samples.enumerated() { places[ByteKey(bytes)] = place }
        #expect(places.count == Self.samples.count)
        for (place, bytes) in Self.samples.enumerated() {
            // Other memory with the same bytes.
            #expect(places[ByteKey(bytes.map { $0 })] == place)
        }
        #expect(places[ByteKey([2])] == nil)
    }
}
