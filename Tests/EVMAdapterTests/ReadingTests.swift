import CanonicalBytes
import EVMAdapter
import EVMProofs
import IBTP
import Relaying
import Synchronization
import Testing

struct ReadingTests {
    /// Eight blocks: requests 1 in block 2, 2 and 3 in block 4, 4 in block 7.
    private static func filled(_ node: TestNode) throws {
        let other = try SampleLogs.receipt([EVMLog(address: SampleLogs.address(1), topics: [], data: [1])])
        try node.append([])
        try node.append([other])
        try node.append([try SampleLogs.receipt([SampleLogs.request(1)])])
        try node.append([])
        let two = try SampleLogs.receipt([SampleLogs.request(2), SampleLogs.request(3)], gas: 42_000)
        try node.append([other, two])
        try node.append([other])
        try node.append([])
        try node.append([try SampleLogs.receipt([SampleLogs.request(4)])])
    }

    static func with(
        depth: UInt64,
        page: UInt64 = 3,
        _ use: (TestNode, EVMChain) async throws -> Void
    ) async throws {
        let node = try await TestNode()
        let client = JSONRPCClient(url: try #require(NodeURL(node.url)), requestSeconds: 300)
        do {
            try Self.filled(node)
            let settings = EVMChainSettings(
                chain: "1356:evm",
                chainID: 1_337,
                broker: TestNode.broker,
                finality: .depth(depth),
                pageBlocks: page
            )
            try await use(node, EVMChain(settings: settings, node: EVMNode(client), sender: nil))
        } catch {
            await client.close()
            try await node.close()
            throw error
        }
        await client.close()
        try await node.close()
    }

    static func indices(_ page: OutboundPage) -> [UInt64] { page.leaves.map(\.message.index) }

    @Test func `what is final is read in order, each leaf proven and with its place`() async throws {
        try await Self.with(depth: 1) { _, chain in
            let page = try await chain.outbound(since: chain.start(), leavesMax: 100)
            #expect(Self.indices(page) == [1, 2, 3])
            #expect(page.leaves.map(\.place) == [0, 0, 1])
            #expect(page.isComplete && page.next.height == 6)
            for leaf in page.leaves {
                let anchor = try EVMAnchor(
                    height: leaf.height,
                    blockHash: leaf.blockHash,
                    receiptsRoot: leaf.inclusionRoot
                )
                let proof = try EVMInclusionProof(bytes: leaf.proof)
                #expect(try proof.verify(against: anchor, broker: TestNode.broker) == leaf.message)
            }
            let rest = try await chain.outbound(since: page.next, leavesMax: 100)
            #expect(rest.leaves.isEmpty && rest.next == page.next)
        }
    }

    @Test(arguments: [UInt64(1), 2, 7, 1_000])
    func `pages of any size give the same leaves`(page: UInt64) async throws {
        try await Self.with(depth: 0, page: page) { node, chain in
            var cursor = try await chain.start()
            var indices: [UInt64] = []
            for _ in 0..<20 {
                let page = try await chain.outbound(since: cursor, leavesMax: 1)
                indices += Self.indices(page)
                cursor = page.next
            }
            #expect(indices == [1, 2, 3, 4])
            #expect(node.state.withLock { $0.widest } <= min(page, 7))
        }
    }

    @Test func `a leaf that moves before it is final is read once`() async throws {
        try await Self.with(depth: 2) { node, chain in
            let page = try await chain.outbound(since: chain.start(), leavesMax: 100)
            #expect(page.next.height == 5)
            // Block 7 with request 4 goes away; block 8 brings it back.
            try node.replace(from: 6, [[], [], [try SampleLogs.receipt([SampleLogs.request(4)])], [], []])
            let next = try await chain.outbound(since: page.next, leavesMax: 100)
            #expect(Self.indices(next) == [4] && next.leaves.first?.height == 8)
            let last = try await chain.outbound(since: next.next, leavesMax: 100)
            #expect(last.leaves.isEmpty)
        }
    }

    @Test func `a leaf that vanishes before it is final is never read`() async throws {
        try await Self.with(depth: 2) { node, chain in
            let page = try await chain.outbound(since: chain.start(), leavesMax: 100)
            try node.replace(from: 6, [[], [], [], []])
            let next = try await chain.outbound(since: page.next, leavesMax: 100)
            #expect(next.leaves.isEmpty && next.next.height == 7)
        }
    }

    @Test func `a final block that is another one now stops the reading`() async throws {
        try await Self.with(depth: 1) { node, chain in
            let page = try await chain.outbound(since: chain.start(), leavesMax: 100)
            try node.replace(from: 6, [[], [], []])
            let failure = await #expect(throws: ChainAdapterFailure.self) {
                try await chain.outbound(since: page.next, leavesMax: 100)
            }
            #expect(failure == .finalityBroken(height: 6))
        }
    }

    @Test func `logs that the node forgets are found nevertheless`() async throws {
        try await Self.with(depth: 0) { node, chain in
            node.lie(.forgottenLogs)
            let page = try await chain.outbound(since: chain.start(), leavesMax: 100)
            #expect(Self.indices(page) == [1, 2, 3, 4])
        }
    }

    @Test(arguments: [
        TestNode.Lie.anotherHash, .anotherReceipt, .missingReceipt, .logsOfAnotherBlock, .anotherParent, .takenBack,
        .wrongQuestion, .brokenText,
    ])
    func `a node that contradicts itself is not believed`(lie: TestNode.Lie) async throws {
        try await Self.with(depth: 0) { node, chain in
            node.lie(lie)
            let failure = await #expect(throws: ChainAdapterFailure.self) {
                try await chain.outbound(since: chain.start(), leavesMax: 100)
            }
            guard case .inconsistent = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            node.lie(nil)
            let page = try await chain.outbound(since: chain.start(), leavesMax: 100)
            #expect(Self.indices(page) == [1, 2, 3, 4])
        }
    }

    @Test func `a node that bounds its answers is asked for less`() async throws {
        try await Self.with(depth: 0, page: 7) { node, chain in
            node.lie(.wideQuery)
            let page = try await chain.outbound(since: chain.start(), leavesMax: 100)
            #expect(Self.indices(page) == [1, 2, 3, 4] && page.isComplete)
        }
    }

    @Test func `an event that nobody can use does not stop the others`() async throws {
        try await Self.with(depth: 0) { node, chain in
            try node.append([
                try SampleLogs.receipt([SampleLogs.request(1, to: "no name"), SampleLogs.request(5)])
            ])
            let page = try await chain.outbound(since: chain.start(), leavesMax: 100)
            #expect(Self.indices(page) == [1, 2, 3, 4, 5])
        }
    }

    @Test func `a node that is not there is tried again later`() async throws {
        let client = JSONRPCClient(url: try #require(NodeURL("http://127.0.0.1:1")))
        let settings = EVMChainSettings(
            chain: "1356:evm",
            chainID: 1,
            broker: TestNode.broker,
            finality: .depth(1)
        )
        let chain = try EVMChain(settings: settings, node: EVMNode(client), sender: nil)
        let failure = await #expect(throws: ChainAdapterFailure.self) { try await chain.head() }
        await client.close()
        guard case .unreachable = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `a rule that such a chain has not is refused`() async throws {
        let client = JSONRPCClient(url: try #require(NodeURL("http://127.0.0.1:1")))
        var settings = EVMChainSettings(
            chain: "1356:evm",
            chainID: 1,
            broker: TestNode.broker,
            finality: .certified
        )
        #expect(throws: ChainAdapterFailure.self) {
            try EVMChain(settings: settings, node: EVMNode(client), sender: nil)
        }
        settings.finality = .tagged
        settings.pageBlocks = 0
        #expect(throws: ChainAdapterFailure.self) {
            try EVMChain(settings: settings, node: EVMNode(client), sender: nil)
        }
        await client.close()
    }
}
