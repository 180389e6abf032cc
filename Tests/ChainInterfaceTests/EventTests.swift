import AsyncHTTPClient
import CanonicalBytes
import Contracts
import Foundation
import Ledger
import NIOCore
import NIOHTTP1
import Testing

@testable import ChainInterface

/// Reads entries of an event stream.
private struct Subscription {
    struct Event: Equatable {
        var id = ""
        var topic = ""
        var data: [String: String] = [:]
    }

    private var parts: HTTPClientResponse.Body.AsyncIterator
    private var text = ""

    init(_ response: HTTPClientResponse) { self.parts = response.body.makeAsyncIterator() }

    /// The next entry, or comment; nil at the end of the stream.
    mutating func nextEntry() async throws -> String? {
        while true {
            if let end = self.text.range(of: "\n\n") {
                defer { self.text.removeSubrange(..<end.upperBound) }
                return String(self.text[..<end.lowerBound])
            }
            guard let part = try await self.parts.next() else { return nil }
            self.text += String(buffer: part)
        }
    }

    /// The next event; comments and the greeting are left out.
    mutating func next() async throws -> Event? {
        while let entry = try await self.nextEntry() {
            guard entry.hasPrefix("id: ") else { continue }
            let lines = entry.split(separator: "\n").map(String.init)
            try #require(lines.count == 3 && lines[1].hasPrefix("event: ") && lines[2].hasPrefix("data: "))
            var event = Event(id: String(lines[0].dropFirst(4)), topic: String(lines[1].dropFirst(7)))
            let object = try JSONSerialization.jsonObject(with: Data(lines[2].dropFirst(6).utf8))
            for (key, value) in try #require(object as? [String: Any]) { event.data[key] = "\(value)" }
            return event
        }
        return nil
    }

    mutating func next(_ count: Int) async throws -> [Event] {
        var events: [Event] = []
        while events.count < count, let event = try await self.next() { events.append(event) }
        return events
    }
}

@Suite struct EventTests {
    private static let path = "/v1/channels/access/events"

    private static func subscribe(
        _ site: TestSite,
        _ query: String = "",
        lastEventID: String? = nil
    ) async throws -> Subscription {
        let client = try site.client(site.gateway)
        let response = try await client.open("GET", self.path + query, lastEventID: lastEventID)
        try #require(response.status.code == 200)
        #expect(response.headers.first(name: "content-type") == "text/event-stream")
        return Subscription(response)
    }

    @Test("From the beginning: each block, then what became of its transactions")
    func order() async throws {
        try await TestSite.with { site in
            let (first, second) = (try site.proposal(), try site.rejectedVote())
            #expect(try await site.submit(first).status == 200)
            #expect(try await site.submit(second).status == 200)
            var stream = try await Self.subscribe(site, "?since=0.0")
            let events = try await stream.next(4)
            #expect(events.map(\.id) == ["1.0", "1.1", "2.0", "2.1"])
            #expect(events.map(\.topic) == ["block", "governance.proposed", "block", "rejected"])
            #expect(events[1].data["transaction"] == first.id.hex && events[1].data["contract"] == "governance")
            #expect(events[1].data["data"] == Data(first.id + [1]).base64EncodedString())
            #expect(events[3].data["transaction"] == second.id.hex && events[3].data["code"] == "402")
            #expect(events[0].data["transactions"] == "1")
        }
    }

    @Test("Resuming at any place brings exactly what comes after it", arguments: 0..<6)
    func resume(_ seen: Int) async throws {
        try await TestSite.with { site in
            for _ in 0..<3 { #expect(try await site.submit(site.proposal()).status == 200) }
            var whole = try await Self.subscribe(site, "?since=0.0")
            let all = try await whole.next(6)
            // The field comes before the query, which a browser repeats as it was.
            var rest = try await Self.subscribe(site, "?since=0.0", lastEventID: all[seen].id)
            #expect(try await rest.next(5 - seen) == Array(all.dropFirst(seen + 1)))
            #expect(try await site.submit(site.rejectedVote()).status == 200)
            #expect(try await rest.next(2).map(\.id) == ["4.0", "4.1"])
        }
    }

    @Test("Without a place only what is new comes, as it happens")
    func news() async throws {
        try await TestSite.with { site in
            #expect(try await site.submit(site.proposal()).status == 200)
            var stream = try await Self.subscribe(site)
            #expect(try await stream.nextEntry() == "retry: 1000")
            #expect(try await site.submit(site.proposal()).status == 200)
            #expect(try await stream.next(2).map(\.id) == ["2.0", "2.1"])
        }
    }

    @Test("A quiet stream shows signs of life")
    func heartbeat() async throws {
        try await TestSite.with(adjust: { $0.heartbeatSeconds = 0.01 }) { site in
            var stream = try await Self.subscribe(site)
            #expect(try await stream.nextEntry() == "retry: 1000")
            for _ in 0..<3 { #expect(try await stream.nextEntry()?.hasPrefix(":") == true) }
        }
    }

    @Test("A stream ends when its time is over")
    func lifetime() async throws {
        try await TestSite.with(adjust: { $0.streamSeconds = 0.05 }) { site in
            var stream = try await Self.subscribe(site)
            #expect(try await stream.nextEntry() == "retry: 1000")
            #expect(try await stream.next() == nil)
        }
    }

    @Test("A stopping server ends its streams, and is not held up by them")
    func shutdown() async throws {
        try await TestSite.with { site in
            var stream = try await Self.subscribe(site)
            #expect(try await stream.nextEntry() == "retry: 1000")
            async let stopped: Void = site.stopServer()
            #expect(try await stream.next() == nil)
            try await stopped
        }
    }

    @Test("One party opens a quarter of the streams at most; a stream that ends makes room")
    func room() async throws {
        try await TestSite.with(adjust: {
            $0.streamsMax = 4
            $0.streamSeconds = 2
        }) { site in
            var stream = try await Self.subscribe(site)
            _ = try await stream.nextEntry()
            let answer = try await site.client(site.gateway).get(Self.path)
            #expect(answer.status == 503 && answer.code == "busy")
            let other = try await site.client(site.operator_).open("GET", Self.path)
            #expect(other.status.code == 200)
            #expect(try await stream.next() == nil)
            var code = 503
            while code == 503 { code = Int(try await site.client(site.gateway).open("GET", Self.path).status.code) }
            #expect(code == 200)
        }
    }

    @Test(
        "A place is read as it is written, and nothing else",
        arguments: [
            ("0.0", true), ("18446744073709551615.4294967295", true), ("1", false), ("1.", false), (".1", false),
            ("1.2.3", false), ("-1.2", false), ("1.+2", false), ("1.4294967296", false), ("", false), ("1-2", false),
        ]
    )
    func places(_ text: String, _ isPlace: Bool) {
        let place = EventPlace(text)
        #expect((place != nil) == isPlace)
        if let place { #expect(place.description == text) }
    }
}
