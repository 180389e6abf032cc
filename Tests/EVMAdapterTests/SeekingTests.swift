import CanonicalBytes
import EVMAdapter
import EVMProofs
import IBTP
import Relaying
import Synchronization
import Testing

struct SeekingTests {
    private static func pair() throws -> ServicePair {
        ServicePair(from: try ServiceID(SampleLogs.source), to: try ServiceID(SampleLogs.destination))
    }

    @Test(arguments: [(2, [1]), (3, [1]), (4, [1, 2, 3]), (6, [1, 2, 3])] as [(UInt64, [UInt64])])
    func `nothing behind a height is returned, and the rest comes afterwards`(
        last: UInt64,
        expected: [UInt64]
    ) async throws {
        try await ReadingTests.with(depth: 1) { _, chain in
            let page = try await chain.outbound(since: chain.start(), through: last, leavesMax: 100)
            #expect(ReadingTests.indices(page) == expected && page.next.height == last)
            #expect(page.isComplete == (last == 6))
            let rest = try await chain.outbound(since: page.next, leavesMax: 100)
            #expect(ReadingTests.indices(page) + ReadingTests.indices(rest) == [1, 2, 3])
        }
    }

    @Test func `leaves of a pair are found in the whole chain, as far as it is final`() async throws {
        try await ReadingTests.with(depth: 1) { _, chain in
            let found = try await chain.leaves(of: Self.pair(), 2...9, blocksMax: 64)
            #expect(found.map(\.message.index) == [2, 3])
            #expect(try await chain.leaves(of: Self.pair(), 1...1, blocksMax: 1).map(\.message.index) == [1])
            let other = ServicePair(from: try Self.pair().to, to: try Self.pair().from)
            #expect(try await chain.leaves(of: other, 1...9, blocksMax: 64).isEmpty)
        }
    }

    @Test func `what an account has asked is found again by its extension, also before it is final`() async throws {
        try await ReadingTests.with(depth: 3) { node, chain in
            let pair = try Self.pair()
            let extra: [UInt8] = [5, 6]
            #expect(try await chain.asked(pair, extra: extra) == nil)
            try node.append([try SampleLogs.receipt([SampleLogs.request(5, extra: extra)])])
            #expect(try await chain.asked(pair, extra: extra) == MessageID(pair, index: 5))
            #expect(try await chain.asked(ServicePair(from: pair.to, to: pair.from), extra: extra) == nil)
            #expect(try await chain.asked(pair, extra: [5]) == nil)
        }
    }

    @Test func `nobody asks without an account`() async throws {
        try await ReadingTests.with(depth: 1) { _, chain in
            #expect(try chain.ownService() == nil)
            let content = InterchainContent(function: "ask", arguments: [])
            let payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content))
            let service = try Self.pair().to
            await #expect(throws: ChainAdapterFailure.self) {
                try await chain.ask(service, payload, timeoutBlocks: 0, extra: [])
            }
        }
    }

    @Test func `a header is shown as soon as it is final, and no sooner`() async throws {
        try await ReadingTests.with(depth: 3) { node, chain in
            #expect(try await chain.finalHeader(at: 5) == nil)
            let header = try await chain.finalHeader(at: 4)
            #expect(header == node.state.withLock { $0.blocks[4].header })
            node.lie(.anotherHash)
            await #expect(throws: ChainAdapterFailure.self) { _ = try await chain.finalHeader(at: 4) }
        }
    }

    @Test func `a description of a chain is compared with what governors have registered`() throws {
        var endpoint = EVMEndpoint(
            url: "http://127.0.0.1:8545",
            chainID: 1_337,
            broker: TestNode.broker,
            finality: .depth(12)
        )
        let registered = try endpoint.registration()
        #expect(try endpoint.difference(to: registered) == nil)
        endpoint.finality = .tagged
        #expect(try endpoint.difference(to: registered)?.contains("finality") == true)
        endpoint.finality = .depth(12)
        endpoint.chainID = 1
        #expect(try endpoint.difference(to: registered)?.contains("1337") == true)
        endpoint.chainID = 0
        #expect(throws: ChainAdapterFailure.self) { try endpoint.registration() }
        endpoint.url = "http://node.example:8545"
        #expect(throws: ChainAdapterFailure.self) { try endpoint.client() }
    }
}
