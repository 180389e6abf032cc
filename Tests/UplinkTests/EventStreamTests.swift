import CanonicalBytes
import Testing

@testable import Uplink

@Suite struct EventStreamTests {
    private static let id = [UInt8](repeating: 0xab, count: 32)

    private static let stream = [
        "retry: 1000", "", "id: 7.0", "event: block", #"data: {"block":"00","time_ms":1,"transactions":1}"#, "", ": ",
        "",
        "id: 7.1", "event: access.permitted",
        #"data: {"contract":"access","data":"AQID","transaction":"\#(id.hex)"}"#, "", "id: 7.2", "event: rejected",
        #"data: {"code":3,"contract":"access","transaction":"\#(id.hex)"}"#, "", "",
    ].joined(separator: "\n")

    @Test("A stream is read the same however it is cut", arguments: [1, 2, 5, 64, 10_000])
    func cuts(size: Int) throws {
        var parser = EventStreamParser()
        var entries: [EventStreamParser.Entry] = []
        let bytes = Array(Self.stream.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            entries += try parser.feed(Array(bytes[start..<min(bytes.count, start + size)]))
        }
        try #require(entries.map(\.place.description) == ["7.0", "7.1", "7.2"])
        #expect(entries[0].hint == nil)
        let hint = try #require(entries[1].hint)
        #expect(hint.topic == "access.permitted" && hint.transaction == Self.id && hint.data == [1, 2, 3])
        #expect(entries[2].hint?.topic == "rejected" && entries[2].hint?.data == [])
    }

    /// Everything that is read of a stream in pieces, and whether it is refused.
    private static func outcome(_ bytes: [UInt8], pieces size: Int) -> (
        entries: [EventStreamParser.Entry], isRefused: Bool
    ) {
        var parser = EventStreamParser()
        var entries: [EventStreamParser.Entry] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            do throws(UplinkFailure) {
                entries += try parser.feed(Array(bytes[start..<min(bytes.count, start + size)]))
            } catch { return (entries, true) }
        }
        return (entries, false)
    }

    @Test("A damaged stream is read or refused the same however it is cut", arguments: 1...4 as ClosedRange<UInt64>)
    func damaged(seed: UInt64) {
        var state = seed
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        var (read, refused) = (0, 0)
        for _ in 0..<1_000 {
            var bytes = Array(Self.stream.utf8)
            for _ in 0...below(3) {
                let place = below(bytes.count)
                switch below(4) {
                case 0: bytes[place] = UInt8(below(256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8(ascii: "\n"), at: place)
                default: bytes.insert(contentsOf: bytes[..<place], at: place)
                }
            }
            let single = Self.outcome(bytes, pieces: 1)
            for size in [3, 64] {
                let other = Self.outcome(bytes, pieces: size)
                #expect(other.isRefused == single.isRefused)
                // A piece with a fault in it gives none of its entries.
                #expect(single.entries.starts(with: other.entries))
                #expect(single.isRefused || other.entries == single.entries)
            }
            if single.isRefused { refused += 1 } else { read += 1 }
            #expect(single.entries.allSatisfy { $0.hint.map { $0.transaction.count == 32 } ?? true })
        }
        #expect(read > 100 && refused > 100)
    }

    @Test(
        "What is no event of a validator is refused",
        arguments: [
            "id: 7\nevent: a\ndata: {}\n\n", "id: 7.1\ndata: {}\n\n", "id: 7.1\nevent: a\n\n",
            "id: 7.1\nevent: a\ndata: {\n\n", "id: 7.1\nevent: a\ndata: {\"transaction\":\"00\"}\n\n",
            "id: 7.1\nevent: a\ndata: {\"transaction\":1}\n\n",
        ]
    )
    func malformed(_ text: String) {
        #expect(throws: UplinkFailure.self) {
            var parser = EventStreamParser()
            _ = try parser.feed(Array(text.utf8))
        }
    }

    @Test("An entry that never ends is refused")
    func endless() throws {
        var parser = EventStreamParser()
        let part = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 19)
        _ = try parser.feed(part)
        _ = try parser.feed(part)
        #expect(throws: UplinkFailure.self) { try parser.feed([0x78]) }
    }

    @Test(
        "A place is read as it is written, and nothing else",
        arguments: [
            ("0.0", true), ("18446744073709551615.4294967295", true), ("1", false), ("1.", false), (".1", false),
            ("1.2.3", false), ("-1.2", false), ("1.4294967296", false), ("", false),
        ]
    )
    func places(_ text: String, _ isPlace: Bool) {
        #expect(SubjectPlace(text)?.description == (isPlace ? text : nil))
    }
}

@Suite struct FollowerBookTests {
    private static func place(_ height: UInt64) -> SubjectPlace { SubjectPlace(height: height, index: 1) }

    private static func hint(_ height: UInt64, _ byte: UInt8 = 0) -> EventHint {
        EventHint(place: self.place(height), topic: "t", transaction: [byte], data: [])
    }

    @Test("One validator alone never moves the place on, however far it claims to be")
    func liar() {
        let book = FollowerBook(validators: 4, oneCorrect: 2, start: Self.place(5))
        book.advance(0, to: Self.place(1_000_000))
        #expect(book.place == Self.place(5))
        book.advance(1, to: Self.place(7))
        #expect(book.place == Self.place(7))
        #expect(book.begin(2) == Self.place(7), "what one correct validator told is known")
        #expect(book.begin(0) == Self.place(1_000_000))
        book.advance(2, to: Self.place(9))
        #expect(book.place == Self.place(9))
    }

    @Test("Followed validators are different ones, and all get their turn")
    func turns() {
        let book = FollowerBook(validators: 4, oneCorrect: 2, start: .start)
        let first = book.take()
        var seen: Set<Int> = [first]
        for _ in 0..<3 {
            let next = book.take()
            #expect(next != first)
            seen.insert(next)
            book.giveBack(next)
        }
        #expect(seen.count == 4)
    }

    @Test("An event is new once, until it is forgotten")
    func news() {
        let book = FollowerBook(validators: 4, oneCorrect: 2, start: .start)
        #expect(book.isNew(Self.hint(1)))
        #expect(!book.isNew(Self.hint(1)))
        #expect(book.isNew(Self.hint(1, 1)))
        book.forget(Self.hint(1))
        #expect(book.isNew(Self.hint(1)))
    }

    @Test("What one of the followed validators has still to tell is remembered")
    func memory() {
        let book = FollowerBook(validators: 2, oneCorrect: 2, start: .start)
        let (fast, slow) = (book.take(), book.take())
        for height in UInt64(1)...5_000 {
            #expect(book.isNew(Self.hint(height)))
            book.advance(fast, to: Self.place(height))
        }
        for height in UInt64(1)...5_000 {
            #expect(!book.isNew(Self.hint(height)))
            book.advance(slow, to: Self.place(height))
        }
    }

    @Test("The place is lost only when all validators have pruned it")
    func pruned() {
        let book = FollowerBook(validators: 2, oneCorrect: 1, start: .start)
        #expect(!book.notePruned(0))
        book.advance(0, to: Self.place(1))
        #expect(!book.notePruned(1))
        #expect(book.notePruned(0))
    }
}
