import CanonicalBytes
import Credentials
import Foundation
import NIOCore
import Testing

@testable import PeerTransport

/// What happens on connections that were let in.
@Suite(.timeLimit(.minutes(10))) struct ConductTests {
    let site: TestSite

    init() throws { self.site = try TestSite() }

    private var hello: [UInt8] { ControlFrame.hello(TestSite.hello(3).bytes).frame.encoded }

    private func node(_ change: (inout PeerTransportConfiguration) -> Void = { _ in }) async throws -> TestNode {
        let node = try await TestNode(self.site, 1) {
            $0.backoff = Backoff(minimumMilliseconds: 60_000, maximumMilliseconds: 60_000)
            change(&$0)
        }
        node.transport.setPeers([Peer(number: 3, name: try TestSite.name(3), host: "127.0.0.1", port: 1)])
        return node
    }

    @Test func `frames right behind the hello are taken`() async throws {
        let node = try await self.node()
        let stream = self.hello + Frame(kind: 1, bytes: [1]).encoded + Frame(kind: 0xEF, bytes: []).encoded
        let tls = try RawPeer.tls(self.site.identity(3))
        try await RawPeer.connect(node.port, tls).executeThenClose { _, outbound in
            try await outbound.write(ByteBuffer(bytes: stream))
            try await node.frames.wait(forCount: 2)
        }
        let expected = [PeerFrame(from: 3, kind: 1, bytes: [1]), PeerFrame(from: 3, kind: 0xEF, bytes: [])]
        #expect(node.frames.elements == expected)
        try await node.events.wait(for: .left(3))
        await node.transport.shutdown()
    }

    @Test func `a frame above its kind's limit costs points and the connection`() async throws {
        let node = try await self.node { $0.frameLimits = FrameLimits(bytesMax: 1_000, kinds: [1: 10]) }
        let stream = self.hello + Frame(kind: 1, bytes: [UInt8](repeating: 0, count: 11)).encoded
        let answer = try await RawPeer.exchange(stream, node.port, RawPeer.tls(self.site.identity(3)))
        #expect(answer.map(\.kind) == [0xF1, 0xF2] && answer.last?.bytes == [PeerRefusal.tooLong.rawValue])
        #expect(node.frames.elements.isEmpty)
        let status = try #require(try node.status(of: 3))
        #expect(status.score > 40 && status.misbehaviours == [0, 0, 1, 0])
        await node.transport.shutdown()
    }

    @Test(arguments: [Frame(kind: 0xF1, bytes: []), Frame(kind: 0xFF, bytes: []), Frame(kind: 0xF2, bytes: [0])])
    func `a control frame in the wrong place costs points and the connection`(frame: Frame) async throws {
        let node = try await self.node()
        let answer = try await RawPeer.exchange(
            self.hello + frame.encoded,
            node.port,
            RawPeer.tls(self.site.identity(3))
        )
        #expect(answer.last == ControlFrame.refusal(.malformed).frame)
        #expect(try node.status(of: 3)?.misbehaviours == [1, 0, 0, 0])
        await node.transport.shutdown()
    }

    @Test func `a peer that falls silent is disconnected`() async throws {
        let node = try await self.node {
            $0.heartbeatMilliseconds = 20
            $0.silenceMilliseconds = 2_000
        }
        let answer = try await RawPeer.exchange(self.hello, node.port, RawPeer.tls(self.site.identity(3)))
        #expect(answer.first?.kind == 0xF1)
        #expect(answer.dropFirst().contains(ControlFrame.heartbeat.frame))
        try await node.events.wait(for: .left(3))
        await node.transport.shutdown()
    }

    @Test func `heartbeats keep a connection without frames`() async throws {
        func quick(_ configuration: inout PeerTransportConfiguration) {
            configuration.heartbeatMilliseconds = 10
            configuration.silenceMilliseconds = 1_000
        }
        let revoked = Revoked()
        let nodes = [
            try await TestNode(self.site, 1, revocations: revoked, quick), try await TestNode(self.site, 2, quick),
        ]
        try await TestNode.connect(nodes)
        // The certificates are looked at once in each heartbeat, which serves as the clock here.
        try await revoked.asked.wait(forCount: 300)
        for node in nodes {
            #expect(!node.events.elements.contains { $0 == .disconnected(1) || $0 == .disconnected(2) })
        }
        await TestNode.shutdown(nodes)
    }

    @Test func `the newest connection of a peer replaces the one before`() async throws {
        let node = try await self.node()
        let tls = try RawPeer.tls(self.site.identity(3))
        let first = try await RawPeer.line(node.port, tls)
        let second = try await RawPeer.line(node.port, tls)
        for (index, wire) in [first, second].enumerated() {
            try await wire.writeAndFlush(ByteBuffer(bytes: self.hello)).get()
            try await node.events.wait(for: .accepted(3), times: index + 1)
        }
        try await first.closeFuture.get()
        #expect(try node.status(of: 3)?.isAccepted == true)
        #expect(!node.events.elements.contains(.left(3)))
        try await second.close()
        await node.transport.shutdown()
    }

    @Test func `a peer that says hello as a new run is dialed anew`() async throws {
        let identity = try self.site.identity(2)
        let nodes = [try await TestNode(self.site, 1), try await TestNode(self.site, 2, identity: identity)]
        try await TestNode.connect(nodes)
        let session = try #require(try nodes[0].status(of: 2)?.session)
        let wire = try await RawPeer.line(nodes[0].port, RawPeer.tls(identity))
        let hello = ControlFrame.hello(TestSite.hello(2, session: session &+ 1).bytes).frame
        try await wire.writeAndFlush(ByteBuffer(bytes: hello.encoded)).get()
        try await nodes[0].events.wait(for: .disconnected(2))
        try await nodes[0].events.wait(for: .connected(2), times: 2)
        // The true one dials again and displaces it.
        try await wire.closeFuture.get()
        await TestNode.shutdown(nodes)
    }

    @Test func `reported misbehaviour ends in a penalty, and the peer may come back after it`() async throws {
        let nodes = [
            try await TestNode(self.site, 1) {
                $0.scoreRules = ScoreRules(threshold: 40, penaltySeconds: 0.2, penaltySecondsMax: 1)
            },
            try await TestNode(self.site, 2),
        ]
        try await TestNode.connect(nodes)
        nodes[0].transport.report(peer: 2, misbehaviour: .badSignature)
        #expect(try nodes[0].status(of: 2)?.score ?? 0 > 19)
        #expect(try nodes[0].status(of: 2)?.penaltySeconds == 0)
        nodes[0].transport.report(peer: 2, misbehaviour: .flood, weight: 30)
        #expect(try nodes[0].status(of: 2)?.misbehaviours == [0, 1, 0, 1])
        try await nodes[0].events.wait(for: .penalized(2, seconds: 0.2))
        try await nodes[1].events.wait(for: .refusedBy(1, .misbehaved))
        try await nodes[0].events.wait(for: .disconnected(2))
        try await nodes[0].events.wait(for: .connected(2), times: 2)
        try await nodes[0].events.wait(for: .accepted(2), times: 2)
        await TestNode.shutdown(nodes)
    }

    @Test func `who comes back during a penalty is refused`() async throws {
        let node = try await self.node { $0.scoreRules = ScoreRules(threshold: 40, penaltySeconds: 600) }
        let tls = try RawPeer.tls(self.site.identity(3))
        let wire = try await RawPeer.line(node.port, tls)
        try await wire.writeAndFlush(ByteBuffer(bytes: self.hello)).get()
        try await node.events.wait(for: .accepted(3))
        node.transport.report(peer: 3, misbehaviour: .flood, weight: 40)
        try await wire.closeFuture.get()
        let answer = try await RawPeer.exchange(self.hello, node.port, tls)
        #expect(answer == [ControlFrame.refusal(.penalized).frame])
        await node.transport.shutdown()
    }

    @Test func `new connections use the next generation of an identity`() async throws {
        let old = try self.site.identity(1)
        let revoked = Revoked()
        let one = try await TestNode(self.site, 1, identity: old)
        let two = try await TestNode(self.site, 2, revocations: revoked)
        try await TestNode.connect([one, two])
        let new = try self.site.identity(1)
        #expect(new.peer.fingerprint != old.peer.fingerprint)
        #expect(!revoked.asked.elements.contains(new.peer.fingerprint))
        one.transport.setPeers([])
        one.transport.setPeers([try two.peer])
        try await two.events.wait(for: .accepted(1), times: 2)
        try await two.events.wait(for: .connected(1), times: 2)
        // Once as the client's certificate and once as the server's.
        try await revoked.asked.wait(for: new.peer.fingerprint, times: 2)
        await TestNode.shutdown([one, two])
    }
}
