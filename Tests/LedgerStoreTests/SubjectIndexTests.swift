import CanonicalBytes
import Foundation
import Testing

@testable import LedgerStore

@Suite struct SubjectIndexTests {
    private typealias Block = [(event: SubjectEvent, subjects: [[UInt8]])]

    private static let common = [UInt8](repeating: 7, count: 32)

    private static func own(_ height: UInt64) -> [UInt8] {
        [UInt8](repeating: 1, count: 24) + height.bigEndianBytes
    }

    /// Three events of each block: about a subject of all blocks, about both, and about one of this block alone.
    private static func block(_ height: UInt64) -> Block {
        [[self.common], [self.common, self.own(height), self.own(height)], [self.own(height)]].enumerated()
            .map { index, subjects in
                let event = SubjectEvent(
                    place: EventPlace(height: height, index: UInt32(index + 1)),
                    transaction: SeededGenerator.bytes(32, seed: height &* 8 &+ UInt64(index)),
                    topic: index == 0 ? "test.first" : "test.other"
                )
                return (event, subjects)
            }
    }

    private static func events(of subject: [UInt8], _ heights: ClosedRange<UInt64>) -> [SubjectEvent] {
        heights.flatMap { self.block($0).filter { $0.subjects.contains(subject) }.map(\.event) }
    }

    private static func index(
        _ folder: TestFolder,
        rules: UInt32 = 1,
        generationRows: Int = 20,
        pendingMax: Int = 12
    ) throws -> SubjectIndex {
        try SubjectIndex(
            path: folder.path("subjects.sqlite"),
            rules: rules,
            generationRows: generationRows,
            pendingMax: pendingMax
        )
    }

    private static func add(_ heights: ClosedRange<UInt64>, to index: SubjectIndex) throws {
        for height in heights { try index.add(height: height, self.block(height)) }
    }

    @Test("Events are found in order over all generations, in memory and in the file, and after a restart")
    func find() throws {
        let folder = TestFolder()
        do {
            let index = try Self.index(folder, pendingMax: 14)
            try Self.add(1...30, to: index)
            #expect(index.pendingCount > 0 && index.pendingCount < 14)
            #expect(
                try index.events(of: Self.common, after: nil, limit: 1_000) == Self.events(of: Self.common, 1...30)
            )
            #expect(try index.events(of: Self.own(17), after: nil, limit: 9) == Self.events(of: Self.own(17), 17...17))
            #expect(try index.events(of: Self.own(31), after: nil, limit: 9).isEmpty)
            #expect(failure { try index.add(height: 32, []) }?.isRefused == true)
            try index.flush()
        }
        let index = try Self.index(folder)
        #expect(index.height == 30)
        #expect(try index.events(of: Self.common, after: nil, limit: 1_000) == Self.events(of: Self.common, 1...30))
    }

    @Test("Reading in parts of any size brings each event once", arguments: [1, 2, 3, 7, 59, 60, 61])
    func pages(size: Int) throws {
        let index = try Self.index(TestFolder())
        try Self.add(1...30, to: index)
        var found: [SubjectEvent] = []
        while true {
            let page = try index.events(of: Self.common, after: found.last?.place, limit: size)
            #expect(page.count <= size)
            found += page
            if page.isEmpty { break }
        }
        #expect(found == Self.events(of: Self.common, 1...30))
    }

    @Test("What was not written when the process died is added again from the block behind the last written one")
    func crash() throws {
        let folder = TestFolder()
        do { try Self.add(1...10, to: Self.index(folder)) }
        let index = try Self.index(folder)
        let height = try #require(index.height)
        #expect(height < 10)
        #expect(
            try index.events(of: Self.common, after: nil, limit: 99) == Self.events(of: Self.common, 1...height)
        )
        try Self.add(height + 1...20, to: index)
        #expect(try index.events(of: Self.common, after: nil, limit: 99) == Self.events(of: Self.common, 1...20))
    }

    @Test("A new index begins at any height, blocks without events count, and an event has a subject once")
    func beginning() throws {
        let folder = TestFolder()
        do {
            let index = try Self.index(folder)
            try index.add(height: 5, [])
            try index.add(height: 6, Self.block(6))
            #expect(index.pendingCount == 4)
            try index.add(height: 7, [])
            try index.flush()
        }
        #expect(try Self.index(folder).height == 7)
    }

    @Test("Other rules, and damage, make the index anew")
    func anew() throws {
        let folder = TestFolder()
        do {
            let index = try Self.index(folder)
            try Self.add(1...10, to: index)
            try index.flush()
        }
        do {
            let other = try Self.index(folder, rules: 2)
            #expect(try other.height == nil && other.events(of: Self.common, after: nil, limit: 9).isEmpty)
            try Self.add(3...10, to: other)
            try other.flush()
        }
        #expect(try Self.index(folder, rules: 2).height == 10)
        var bytes = try folder.read("subjects.sqlite")
        for place in 100..<bytes.count { bytes[place] = 0xee }
        try folder.write(bytes, "subjects.sqlite")
        #expect(try Self.index(folder, rules: 2).height == nil)
    }

    @Test("Another program's file is left alone")
    func foreign() throws {
        let folder = TestFolder()
        _ = try TransactionIndex(path: folder.path("subjects.sqlite"))
        #expect(failure { _ = try Self.index(folder) }?.isForeign == true)
    }

    @Test("Pruning forgets generations below a height and nothing above it")
    func prune() throws {
        let folder = TestFolder()
        let index = try Self.index(folder)
        try Self.add(1...30, to: index)
        try index.flush()
        try index.prune(below: 21)
        let left = try index.events(of: Self.common, after: nil, limit: 1_000)
        #expect(left.count < 60 && left.suffix(20) == Self.events(of: Self.common, 21...30)[...])
        #expect(try index.events(of: Self.own(1), after: nil, limit: 9).isEmpty)
        try index.prune(below: .max)
        #expect(try !index.events(of: Self.common, after: nil, limit: 9).isEmpty, "the last generation stays")
        try index.removeAll()
        #expect(try index.height == nil && index.events(of: Self.common, after: nil, limit: 9).isEmpty)
        try Self.add(100...101, to: index)
        #expect(try index.events(of: Self.common, after: nil, limit: 9) == Self.events(of: Self.common, 100...101))
    }

    @Test("A large generation goes in steps")
    func largePrune() throws {
        let index = try Self.index(TestFolder(), generationRows: 25_000, pendingMax: 30_000)
        for height in UInt64(1)...30 {
            let events: Block = (0..<1_000).map { number in
                let place = EventPlace(height: height, index: UInt32(number))
                return (
                    SubjectEvent(place: place, transaction: Self.common, topic: "t"), [Self.own(UInt64(number % 7))]
                )
            }
            try index.add(height: height, events)
        }
        try index.flush()
        try index.add(height: 31, Self.block(31))
        try index.flush()
        try index.prune(below: 31)
        for number in UInt64(0)..<7 { #expect(try index.events(of: Self.own(number), after: nil, limit: 9).isEmpty) }
        #expect(try index.events(of: Self.common, after: nil, limit: 9).count == 2)
    }
}

extension SeededGenerator {
    fileprivate static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return generator.bytes(count)
    }
}
