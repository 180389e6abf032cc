import CanonicalBytes
import Foundation
import KeywordTags
import Testing

/// Values of `Tests/Fixtures/keywords`, computed apart from this code.
private struct Fixture: Decodable, Sendable {
    struct Key: Decodable, Sendable {
        let owner_secret: String
        let organization: String
        let epoch: String
        let key: String
    }

    struct Tag: Decodable, Sendable, CustomTestStringConvertible {
        let written: String
        let keyword: String
        let key: String
        let tag: String
        var testDescription: String { self.written }
    }

    struct Refused: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let refused: String
        var testDescription: String { self.name }
    }

    let keys: [Key]
    let tags: [Tag]
    let refused: [Refused]

    static func load() throws -> Fixture {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/keywords/keyword_tags.json")
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }
}

@Suite struct KeywordTagsTests {
    @Test("An epoch's key follows from the owner's secret, the organization and the epoch")
    func keys() throws {
        let keys = try Fixture.load().keys
        #expect(Set(keys.map(\.key)).count == keys.count)
        for entry in keys {
            let key = try KeywordKey(
                ownerSecret: #require([UInt8](hex: entry.owner_secret)),
                organization: entry.organization,
                epoch: #require(UInt64(entry.epoch))
            )
            #expect(key.secretBytes().hex == entry.key)
        }
    }

    @Test("A keyword has one form and one tag", arguments: try Fixture.load().tags)
    fileprivate func tags(_ entry: Fixture.Tag) throws {
        let key = try KeywordKey(#require([UInt8](hex: entry.key)))
        let keyword = try Keyword(entry.written)
        #expect(keyword.bytes == Array(entry.keyword.utf8))
        #expect(KeywordTags.tag(keyword, key).hex == entry.tag)
        #expect(try Keyword(keyword.text) == keyword)
    }

    @Test("What has no certain form is refused, not changed", arguments: try Fixture.load().refused)
    fileprivate func refused(_ entry: Fixture.Refused) {
        let failure = #expect(throws: ProtocolFailure.self) { try Keyword(entry.refused) }
        #expect(failure?.code == .format)
    }

    @Test("Every accepted letter stands for itself: no two keywords of one letter are canonically equivalent")
    func stability() throws {
        var seen: [String: String] = [:]
        var count = 0
        for value in UInt32(0x20)...0x2FFFF {
            guard let scalar = Unicode.Scalar(value), let keyword = try? Keyword(String(scalar)) else { continue }
            count += 1
            // Strings are equal when they are canonically equivalent.
            if let other = seen[keyword.text] { #expect(other.utf8.elementsEqual(keyword.text.utf8), "\(value)") }
            seen[keyword.text] = keyword.text
        }
        #expect(count > 100_000)
    }

    @Test("Two accepted letters never compose to a third one")
    func pairs() throws {
        // Strings are equal when they are canonically equivalent, so a pair that composes is among these.
        let singles = Set((UInt32(0x21)...0x1FFFF).compactMap(Unicode.Scalar.init).map { String($0) })
        let seconds = singles.filter { (try? Keyword($0)) != nil }
        let firsts = ["a", "o", "\u{1100}", "\u{ac00}", "\u{9c7}", "\u{1025}", "\u{dd9}", "\u{b47}"]
            .filter { (try? Keyword($0)) != nil }
        #expect(firsts.count >= 5)
        for first in firsts { #expect(!seconds.contains { singles.contains(first + $0) }) }
        // That the method finds a composition at all.
        #expect(singles.contains("a\u{308}"))
    }

    @Test("A page's tags ascend, and each stands once")
    func list() throws {
        let key = try KeywordKey([UInt8](repeating: 9, count: 32))
        let words = try ["Puls", "puls", "PULS ", "spo2", "temp", "rr", "etco2"].map { try Keyword($0) }
        let tags = KeywordTags.tags(words, key)
        #expect(tags.count == 5)
        #expect(zip(tags, tags.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        #expect(tags.allSatisfy { $0.count == KeywordTags.length })
        #expect(KeywordTags.tags([], key).isEmpty)
    }

    @Test("Keys and secrets of another length are none")
    func lengths() {
        for count in [0, 16, 31, 33] {
            let bytes = [UInt8](repeating: 1, count: count)
            #expect(throws: ProtocolFailure.self) { try KeywordKey(bytes) }
            #expect(throws: ProtocolFailure.self) { try KeywordKey(ownerSecret: bytes, organization: "a", epoch: 1) }
        }
    }
}
