import Testing

import enum Ledger.Channel

@testable import ChainReading

@Suite struct QuorumReaderTests {
    private struct Silence: Error {}

    private static func answering(_ value: UInt8?, height: UInt64, time: UInt64 = 1_000_000) -> QuorumReader.Reader {
        { _, _ in ChainFact(value: value.map { [$0] }, time: time, height: height) }
    }

    private static let silent: QuorumReader.Reader = { _, _ in throw Silence() }

    private static func reader(_ readers: [QuorumReader.Reader], secondsMax: UInt64 = 0) -> QuorumReader {
        QuorumReader(readers, needed: 3, secondsMax: secondsMax) { 1_060_000 }
    }

    @Test("The newest of a quorum's answers counts, wherever it comes from", arguments: 0..<3)
    func newest(_ place: Int) async throws {
        var readers = [QuorumReader.Reader](repeating: Self.answering(1, height: 7), count: 3)
        readers[place] = Self.answering(nil, height: 8)
        let fact = try await Self.reader(readers + [Self.silent]).fact(of: [1], on: .access)
        #expect(fact.value == nil && fact.height == 8)
    }

    @Test("Fewer answers than a quorum are no answer, however new")
    func tooFew() async throws {
        let readers = [Self.answering(1, height: 9), Self.answering(1, height: 9), Self.silent, Self.silent]
        let refused = await #expect(throws: ChainReadingError.self) {
            try await Self.reader(readers).fact(of: [1], on: .access)
        }
        #expect(refused?.reason == .chainUnavailable)
        #expect(refused?.detail.hasPrefix("2 of 3 validators") == true)
    }

    @Test("A head that is older than the operator allows is no answer")
    func age() async throws {
        let readers = [QuorumReader.Reader](repeating: Self.answering(1, height: 9), count: 3)
        #expect(try await Self.reader(readers, secondsMax: 60).fact(of: [1], on: .index).value == [1])
        await #expect(throws: ChainReadingError.self) {
            try await Self.reader(readers, secondsMax: 59).fact(of: [1], on: .index)
        }
    }
}
