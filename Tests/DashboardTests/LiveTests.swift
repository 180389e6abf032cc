import Foundation
import Testing

@testable import Dashboard

@Suite("What keeps a page up to date")
struct LiveTests {
    private static func page(_ values: [(String, String)]) -> [HTMLNode] {
        [
            HTMLTag.h1 { "Still" },
            HTMLTag.ul {
                for (key, value) in values { HTMLTag.li { HTMLTag.span(.live(key)) { value } } }
            },
        ]
    }

    private static func data(_ event: ServerSentEvent?) throws -> (name: String, list: [String]) {
        let text = try #require(event?.text)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(lines.count == 4 && lines[2].isEmpty && lines[3].isEmpty)
        let json = lines[1].dropFirst("data: ".count)
        return (
            String(lines[0].dropFirst("event: ".count)),
            try JSONDecoder().decode([String].self, from: Data(json.utf8))
        )
    }

    @Test("the first event has all regions, later ones what changed, and none when nothing did")
    func changes() throws {
        let first = Self.page([("a", "1"), ("b", "2")])
        let second = Self.page([("a", "1"), ("b", "3 < 4\nline")])
        let before = LiveRegions(first)
        let all = try Self.data(before.event(after: nil, page: first))
        #expect(all.name == "regions" && all.list == ["a", "1", "b", "2"])
        let changed = try Self.data(LiveRegions(second).event(after: before, page: second))
        #expect(changed.list == ["b", "3 &lt; 4\nline"])
        #expect(LiveRegions(second).event(after: LiveRegions(second), page: second) == nil)
    }

    @Test("other regions than before bring the whole page")
    func whole() throws {
        let first = Self.page([("a", "1")])
        let second = Self.page([("a", "1"), ("b", "2")])
        let event = try Self.data(LiveRegions(second).event(after: LiveRegions(first), page: second))
        #expect(event.name == "page" && event.list == [second.html])
    }

    @Test("a text cannot begin a line of its own in the stream")
    func framing() throws {
        let page = Self.page([("a", "x\n\nevent: over\ndata: []\r\n\u{2028}")])
        let text = try #require(LiveRegions(page).event(after: nil, page: page)?.text)
        #expect(text.split(separator: "\n").count == 2)
        #expect(!text.contains("\r"))
    }
}
