import CanonicalBytes
import Contracts
import Crypto
import Merkle
import Records
import Spool
import Testing

@testable import Agent

@Suite("Windows of envelopes") struct WindowBuilderTests {
    private static func entry(_ number: Int, scope: UInt8, tags: Int = 0, delivered: Int64 = 0) -> AnchorEntry {
        AnchorEntry(
            h1: Array(SHA256.hash(data: [UInt8(number >> 8), UInt8(number & 255)])),
            scope: AnchorSite.scope(scope),
            created: 1_000 + UInt64(number * 7 % 13),
            delivered: delivered,
            tags: (0..<tags).map { [UInt8](repeating: UInt8($0), count: 16) }
        )
    }

    /// RFC 9162 §2.1.1 as it stands there.
    private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard leaves.count > 1 else { return Array(SHA256.hash(data: [0] + (leaves.first ?? []))) }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return Array(SHA256.hash(data: [1] + Self.root(leaves[..<middle]) + Self.root(leaves[middle...])))
    }

    @Test("the root is that of RFC 9162 over the ascending index pointers", arguments: [1, 2, 3, 7, 8, 9, 100, 256])
    func roots(count: Int) throws {
        let entries = (0..<count).map { Self.entry($0, scope: UInt8($0 % 5)) }
        let builder = WindowBuilder(limits: AnchorLimits())
        let window = try #require(builder.cut(entries, number: 9))
        let leaves = entries.map(\.h1).sorted { $0.lexicographicallyPrecedes($1) }
        #expect(window.h1s == leaves)
        #expect(window.root == Self.root(leaves[...]))
        #expect(window.createdMin == entries.map(\.created).min() && window.createdMax == entries.map(\.created).max())
        #expect(
            try #require(builder.cut(entries.reversed(), number: 9)) == window,
            "the order of delivery is no matter"
        )
    }

    @Test("a window takes no more than its transaction, a page and the configuration allow")
    func bounds() throws {
        let builder = WindowBuilder(limits: AnchorLimits(envelopesMax: 1_024))
        let few = WindowBuilder(limits: AnchorLimits(envelopesMax: 3))
        let many = (0..<1_024).map { Self.entry($0, scope: UInt8($0 % 2)) }
        #expect(few.cut(many, number: 1)?.h1s.count == 3)
        #expect(builder.cut(many, number: 1)?.h1s.count == 1_024)
        #expect(builder.cut([], number: 1) == nil)
        // 354 bytes an entry, all in one page of 64 KiB.
        let tagged = (0..<1_024).map { Self.entry($0, scope: 1, tags: 16) }
        #expect(builder.cut(tagged, number: 1)?.h1s.count == (Anchor.pageBytesMax - 60) / 354)
        let spread = (0..<1_024).map { Self.entry($0, scope: UInt8($0 % 32), tags: 16) }
        let taken = try #require(builder.cut(spread, number: 1)).h1s.count
        #expect(taken == (AnchorLimits.pagesBytesMax - 32 * 60) / 354)
    }

    @Test("a window is due when it is old or full, or the clock was set back")
    func due() {
        let builder = WindowBuilder(limits: AnchorLimits(ageMillisecondsMax: 10_000, envelopesMax: 3))
        let two = (0..<2).map { Self.entry($0, scope: 1, delivered: 100_000) }
        #expect(!builder.isDue([], now: 1 << 40))
        #expect(!builder.isDue(two, now: 109_999))
        #expect(builder.isDue(two, now: 110_000))
        #expect(builder.isDue(two, now: 89_999))
        #expect(builder.isDue(two + [Self.entry(3, scope: 1, delivered: 100_000)], now: 100_000))
    }

    @Test("a split has one window for each scope, numbered upwards, with the same envelopes")
    func split() {
        let entries = (0..<10).map { Self.entry($0, scope: UInt8($0 % 3)) }
        let windows = WindowBuilder(limits: AnchorLimits()).split(entries, from: 7)
        #expect(windows.map(\.number) == [7, 8, 9])
        #expect(windows.map(\.h1s.count) == [4, 3, 3])
        #expect(Set(windows.flatMap(\.h1s)) == Set(entries.map(\.h1)))
    }
}
