import Foundation
import Testing

@testable import PeerTransport

@Suite(.timeLimit(.minutes(10))) struct FlowTests {
    let site: TestSite

    init() throws { self.site = try TestSite() }

    @Test func `frames of any size arrive both ways and in order`() async throws {
        let nodes = [try await TestNode(self.site, 1), try await TestNode(self.site, 2)]
        try await TestNode.connect(nodes)
        var seeded = SeededGenerator(seed: 1)
        let contents = (0..<400).map { index in seeded.bytes(index % 40 == 0 ? 200_000 : index) }
        for bytes in contents {
            #expect(nodes[0].transport.send(bytes, kind: 7, class: .proposals, to: 2))
            #expect(nodes[1].transport.send(bytes, kind: 8, class: .proposals, to: 1))
        }
        for node in nodes { try await node.frames.wait(forCount: contents.count) }
        #expect(nodes[1].contents(from: 1) == contents)
        #expect(nodes[0].contents(from: 2) == contents)
        #expect(nodes[0].frames.elements.allSatisfy { $0.kind == 8 })
        let (sent, received) = (try nodes[0].status(of: 2), try nodes[1].status(of: 1))
        #expect(sent?.sentFrames == 400 && received?.receivedFrames == 400)
        #expect(sent?.sentBytes == received?.receivedBytes)
        #expect(sent?.isConnected == true && sent?.isAccepted == true && sent?.connectedSince != nil)
        #expect(sent?.queuedBytes == 0 && sent?.dropped == 0 && received?.unreleasedBytes == 0)
        await TestNode.shutdown(nodes)
    }

    @Test func `a broadcast reaches everyone it names`() async throws {
        var nodes: [TestNode] = []
        for number in 1...4 as ClosedRange<UInt16> { nodes.append(try await TestNode(self.site, number)) }
        try await TestNode.connect(nodes)
        #expect(nodes[0].transport.broadcast([1, 2, 3], kind: 1, class: .votes, to: [2, 3, 4, 99]) == 3)
        for node in nodes[1...] {
            try await node.frames.wait(forCount: 1)
            #expect(node.frames.elements == [PeerFrame(from: 1, kind: 1, bytes: [1, 2, 3])])
        }
        await TestNode.shutdown(nodes)
    }

    @Test func `a frame above its kind's limit is not sent`() async throws {
        let nodes = [
            try await TestNode(self.site, 1) { $0.frameLimits = FrameLimits(bytesMax: 100, kinds: [1: 10]) },
            try await TestNode(self.site, 2),
        ]
        try await TestNode.connect(nodes)
        #expect(!nodes[0].transport.send([UInt8](repeating: 0, count: 11), kind: 1, class: .votes, to: 2))
        #expect(nodes[0].transport.send([UInt8](repeating: 0, count: 11), kind: 2, class: .votes, to: 2))
        await TestNode.shutdown(nodes)
    }

    @Test func `frames wait for a peer that starts again on its port`() async throws {
        let one = try await TestNode(self.site, 1)
        let two = try await TestNode(self.site, 2)
        try await TestNode.connect([one, two])
        let session = try one.status(of: 2)?.session
        await two.transport.shutdown()
        try await one.events.wait(for: .disconnected(2))
        #expect(try one.status(of: 2)?.isConnected == false)
        for index in 0..<10 as Range<UInt8> { #expect(one.transport.send([index], kind: 1, class: .votes, to: 2)) }
        let again = try await TestNode(self.site, 2) { $0.port = two.port }
        again.transport.setPeers([try one.peer])
        try await again.frames.wait(forCount: 10)
        #expect(again.contents(from: 1) == (0..<10).map { [$0] })
        try await one.events.wait(for: .connected(2), times: 2)
        try await one.events.wait(for: .accepted(2), times: 2)
        #expect(try one.status(of: 2)?.session != session)
        await TestNode.shutdown([one, again])
    }

    @Test func `what waits for a peer that is away is bounded, the newest votes stay`() async throws {
        let one = try await TestNode(self.site, 1) {
            $0.queueLimits[.votes] = QueueLimit(bytes: 650, policy: .dropOldest)
            $0.queueLimits[.sync] = QueueLimit(bytes: 650, policy: .dropNewest)
        }
        let two = try await TestNode(self.site, 2)
        await two.transport.shutdown()
        one.transport.setPeers([try two.peer])
        for index in 0..<100 as Range<UInt8> {
            #expect(one.transport.send([index], kind: 1, class: .votes, to: 2))
            #expect(one.transport.send([index], kind: 2, class: .sync, to: 2) == (index < 10))
        }
        #expect(try one.status(of: 2)?.queuedBytes == 1_300)
        #expect(try one.status(of: 2)?.dropped == 180)
        let again = try await TestNode(self.site, 2) { $0.port = two.port }
        again.transport.setPeers([try one.peer])
        try await again.frames.wait(forCount: 20)
        #expect(again.frames.elements.filter { $0.kind == 1 }.map(\.bytes) == (90..<100).map { [$0] })
        #expect(again.frames.elements.filter { $0.kind == 2 }.map(\.bytes) == (0..<10).map { [$0] })
        await TestNode.shutdown([one, again])
    }

    @Test func `a storm of one peer is held back and the others are not`() async throws {
        let credit = 1 << 19
        let target = try await TestNode(self.site, 1, releases: false) { $0.creditBytes = credit }
        let storm = try await TestNode(self.site, 2) {
            $0.queueLimits[.transactions] = QueueLimit(bytes: 1 << 20, policy: .dropNewest)
            $0.sendBufferBytes = 1 << 16
        }
        let calm = try await TestNode(self.site, 3)
        try await TestNode.connect([target, storm, calm])
        let bytes = [UInt8](repeating: 1, count: 10_000)
        // Ends only because the target stops to read: the kernel's buffers and the queue are full then.
        while storm.transport.send(bytes, kind: 1, class: .transactions, to: 1) {}
        try await target.frames.wait { $0.count { $0.from == 2 } * 10_064 > credit }
        while storm.transport.send(bytes, kind: 1, class: .transactions, to: 1) {}
        #expect(try storm.status(of: 1)?.queuedBytes ?? .max <= 1 << 20)

        for index in 0..<50 as Range<UInt8> { calm.transport.send([index], kind: 2, class: .votes, to: 1) }
        try await target.frames.wait { $0.count { $0.from == 3 } == 50 }
        let held = try #require(try target.status(of: 2))
        #expect(held.isPaused)
        #expect(held.unreleasedBytes > credit && held.unreleasedBytes < credit + (1 << 19))
        #expect(try target.status(of: 3)?.isPaused == false)

        let before = target.frames.elements.count
        target.transport.release(from: 2, bytes: held.unreleasedBytes)
        try await target.frames.wait { $0.count > before + 50 }
        await TestNode.shutdown([target, storm, calm])
    }

    @Test func `a peer that is nowhere does not keep frames from others`() async throws {
        let nodes = [try await TestNode(self.site, 1), try await TestNode(self.site, 2)]
        try await TestNode.connect(nodes)
        let nowhere = Peer(number: 3, name: try TestSite.name(3), host: "nowhere.invalid", port: 1)
        nodes[0].transport.setPeers([try nodes[1].peer, nowhere])
        #expect(nodes[0].transport.broadcast([5], kind: 1, class: .votes, to: [3, 2]) == 2)
        try await nodes[1].frames.wait(forCount: 1)
        #expect(try nodes[0].status(of: 3)?.isConnected == false)
        await TestNode.shutdown(nodes)
    }

    @Test func `a shutdown sends what waits`() async throws {
        let nodes = [try await TestNode(self.site, 1), try await TestNode(self.site, 2)]
        try await TestNode.connect(nodes)
        for _ in 0..<100 {
            nodes[0].transport.send([UInt8](repeating: 1, count: 5_000), kind: 1, class: .sync, to: 2)
        }
        await nodes[0].transport.shutdown()
        try await nodes[1].frames.wait(forCount: 100)
        #expect(!nodes[0].transport.send([1], kind: 1, class: .votes, to: 2))
        #expect(nodes[0].transport.status().isEmpty)
        await TestNode.shutdown(nodes)
    }

    @Test func `who leaves the committee is disconnected and may come back`() async throws {
        let nodes = [try await TestNode(self.site, 1), try await TestNode(self.site, 2)]
        try await TestNode.connect(nodes)
        nodes[0].transport.setPeers([])
        try await nodes[1].events.wait(for: .left(1))
        try await nodes[1].events.wait(for: .refusedBy(1, .unknownNumber))
        #expect(!nodes[0].transport.send([1], kind: 1, class: .votes, to: 2))
        nodes[0].transport.setPeers([try nodes[1].peer])
        try await nodes[1].events.wait(for: .connected(1), times: 2)
        try await nodes[0].events.wait(for: .connected(2), times: 2)
        nodes[0].transport.send([1], kind: 1, class: .votes, to: 2)
        try await nodes[1].frames.wait(forCount: 1)
        await TestNode.shutdown(nodes)
    }

    @Test func `a port that is taken is said at the start`() async throws {
        let one = try await TestNode(self.site, 1)
        await #expect(throws: (any Error).self) { try await TestNode(self.site, 2) { $0.port = one.port } }
        await one.transport.shutdown()
    }
}
