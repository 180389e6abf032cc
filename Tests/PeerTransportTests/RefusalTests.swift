import CanonicalBytes
import Certificates
import Credentials
import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import PeerTransport

@Suite(.timeLimit(.minutes(10))) struct RefusalTests {
    let site: TestSite

    init() throws { self.site = try TestSite() }

    /// Two connected validators, 1 and 2, and a third in the committee that nobody runs.
    private func committee(_ change: (inout PeerTransportConfiguration) -> Void = { _ in }) async throws -> [TestNode] {
        let nodes = [try await TestNode(self.site, 1, change), try await TestNode(self.site, 2)]
        try await TestNode.connect(nodes)
        let third = Peer(number: 3, name: try TestSite.name(3), host: "127.0.0.1", port: 1)
        nodes[0].transport.setPeers([try nodes[1].peer, third])
        return nodes
    }

    /// The two go on as if nothing had happened.
    private func finish(_ nodes: [TestNode]) async throws {
        nodes[1].transport.send([42], kind: 1, class: .votes, to: 1)
        try await nodes[0].frames.wait { $0.contains { $0.from == 2 && $0.bytes == [42] } }
        #expect(nodes[0].events.elements.count { $0 == .accepted(2) } == 1)
        await TestNode.shutdown(nodes)
    }

    private func hello(_ change: String) -> [UInt8] {
        let (chain, genesis) = (Array("test-chain".utf8), TestSite.genesis)
        let other = [UInt8](repeating: 8, count: 32)
        let hello =
            switch change {
            case "version": PeerHello(version: 2, chain: chain, genesis: genesis, number: 3, session: 1)
            case "chain": PeerHello(chain: [1], genesis: genesis, number: 3, session: 1)
            case "genesis": PeerHello(chain: chain, genesis: other, number: 3, session: 1)
            case "own number": TestSite.hello(1)
            case "unknown number": TestSite.hello(9)
            default: TestSite.hello(2)
            }
        return hello.bytes
    }

    @Test(
        arguments: [
            ("version", .version), ("chain", .chain), ("genesis", .genesis), ("own number", .ownNumber),
            ("unknown number", .unknownNumber), ("other's number", .otherName),
        ] as [(String, PeerRefusal)]
    )
    func `a wrong hello is answered with the reason`(change: String, reason: PeerRefusal) async throws {
        let nodes = try await self.committee()
        let frame = ControlFrame.hello(self.hello(change)).frame
        let tls = try RawPeer.tls(self.site.identity(3))
        let answer = try await RawPeer.exchange(frame.encoded, nodes[0].port, tls)
        #expect(answer == [ControlFrame.refusal(reason).frame])
        try await self.finish(nodes)
    }

    @Test(arguments: [PartyRole.gateway, .operator, .privacyCenter])
    func `a certificate of another role is refused`(role: PartyRole) async throws {
        let nodes = try await self.committee()
        let frame = ControlFrame.hello(TestSite.hello(3).bytes).frame
        let tls = try RawPeer.tls(self.site.identity(3, role))
        let answer = try await RawPeer.exchange(frame.encoded, nodes[0].port, tls)
        #expect(answer == [ControlFrame.refusal(.role).frame])
        try await self.finish(nodes)
    }

    @Test(
        arguments: [
            ControlFrame.hello([1, 2, 3]).frame, ControlFrame.welcome(TestSite.hello(3).bytes).frame,
            ControlFrame.heartbeat.frame, Frame(kind: 0xF9, bytes: []), Frame(kind: 1, bytes: []),
        ]
    )
    func `another first frame than a hello is malformed`(frame: Frame) async throws {
        let nodes = try await self.committee()
        let answer = try await RawPeer.exchange(
            frame.encoded,
            nodes[0].port,
            RawPeer.tls(self.site.identity(3))
        )
        #expect(answer == [ControlFrame.refusal(.malformed).frame])
        try await self.finish(nodes)
    }

    @Test func `a long first frame is refused at its header`() async throws {
        let nodes = try await self.committee()
        let header = UInt32(1 << 20).bigEndianBytes + [0xF0]
        let answer = try await RawPeer.exchange(header, nodes[0].port, RawPeer.tls(self.site.identity(3)))
        #expect(answer == [ControlFrame.refusal(.tooLong).frame])
        try await self.finish(nodes)
    }

    @Test func `a revoked certificate is refused`() async throws {
        let two = try self.site.identity(2)
        let one = try await TestNode(self.site, 1, revocations: Revoked([two.peer.fingerprint]))
        let other = try await TestNode(self.site, 2, identity: two)
        for node in [one, other] { node.transport.setPeers([try one.peer, try other.peer]) }
        try await one.events.wait(for: .refused(2, .revoked), times: 2)
        try await other.events.wait(for: .refusedBy(1, .revoked))
        #expect(!one.events.elements.contains(.accepted(2)) && !one.events.elements.contains(.connected(2)))
        #expect(try one.status(of: 2)?.lastError?.contains("revoked") == true)
        await TestNode.shutdown([one, other])
    }

    @Test func `a certificate that is revoked later ends both connections`() async throws {
        let two = try self.site.identity(2)
        let revoked = Revoked()
        let one = try await TestNode(self.site, 1, revocations: revoked) { $0.heartbeatMilliseconds = 10 }
        let other = try await TestNode(self.site, 2, identity: two)
        try await TestNode.connect([one, other])
        revoked.digests.record(two.peer.fingerprint)
        try await one.events.wait(for: .disconnected(2))
        try await one.events.wait(for: .left(2))
        await TestNode.shutdown([one, other])
    }

    @Test func `strangers get no further than TLS`() async throws {
        let nodes = try await self.committee()
        let frame = ControlFrame.hello(TestSite.hello(3).bytes).frame.encoded
        #expect(try await RawPeer.exchange(frame, nodes[0].port, nil).isEmpty)
        var anonymous = try RawPeer.tls(self.site.identity(3))
        anonymous.certificateChain = []
        anonymous.privateKey = nil
        #expect(try await RawPeer.exchange(frame, nodes[0].port, anonymous).isEmpty)
        var foreign = try RawPeer.tls(TestSite().identity(3))
        foreign.trustRoots = anonymous.trustRoots
        #expect(try await RawPeer.exchange(frame, nodes[0].port, foreign).isEmpty)
        var old = try RawPeer.tls(self.site.identity(3))
        old.minimumTLSVersion = .tlsv12
        old.maximumTLSVersion = .tlsv12
        #expect(try await RawPeer.exchange(frame, nodes[0].port, old).isEmpty)
        try await nodes[0].events.wait(for: .strangerLeft, times: 4)
        try await self.finish(nodes)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `garbage instead of TLS, and within it, is refused`(seed: UInt64) async throws {
        let nodes = try await self.committee()
        var seeded = SeededGenerator(seed: seed)
        let garbage = seeded.bytes(2_000)
        _ = try await RawPeer.exchange(garbage, nodes[0].port, nil)
        try await nodes[0].events.wait(for: .strangerLeft)
        _ = try await RawPeer.exchange(garbage, nodes[0].port, RawPeer.tls(self.site.identity(3)))
        try await nodes[0].events.wait {
            $0.contains { $0 == .refused(nil, .tooLong) || $0 == .refused(nil, .malformed) }
        }
        try await self.finish(nodes)
    }

    @Test(arguments: [false, true])
    func `who never finishes the handshake is dropped`(afterTLS: Bool) async throws {
        let nodes = try await self.committee { $0.handshakeMilliseconds = 200 }
        let tls = afterTLS ? try RawPeer.tls(self.site.identity(3)) : nil
        #expect(try await RawPeer.exchange([], nodes[0].port, tls).isEmpty)
        try await nodes[0].events.wait(for: .strangerLeft)
        try await self.finish(nodes)
    }

    @Test func `a new connection displaces the oldest unfinished one`() async throws {
        let nodes = try await self.committee {
            $0.handshakesMax = 2
            $0.handshakeMilliseconds = 600_000
        }
        let first = try await RawPeer.line(nodes[0].port, nil)
        let others = [
            try await RawPeer.line(nodes[0].port, nil), try await RawPeer.line(nodes[0].port, nil),
        ]
        try await first.closeFuture.get()
        for other in others { try await other.close() }
        try await self.finish(nodes)
    }

    @Test func `another validator at the address is not taken for the peer`() async throws {
        let nodes = try await self.committee()
        let third = Peer(number: 3, name: try TestSite.name(3), host: "127.0.0.1", port: nodes[1].port)
        nodes[0].transport.setPeers([try nodes[1].peer, third])
        try await nodes[0].events.wait(for: .refused(3, .otherNumber))
        #expect(try nodes[0].status(of: 3)?.isConnected == false)
        await TestNode.shutdown(nodes)
    }

    @Test func `a validator that dials itself notices`() async throws {
        let one = try await TestNode(self.site, 1)
        one.transport.setPeers([Peer(number: 2, name: try TestSite.name(2), host: "127.0.0.1", port: one.port)])
        try await one.events.wait(for: .refusedBy(2, .ownNumber))
        await one.transport.shutdown()
    }

    @Test func `both ends of a wrong pair know the reason`() async throws {
        let one = try await TestNode(self.site, 1)
        let two = try await TestNode(self.site, 2) { $0.genesis = [UInt8](repeating: 9, count: 32) }
        for node in [one, two] { node.transport.setPeers([try one.peer, try two.peer]) }
        try await one.events.wait(for: .refused(2, .genesis))
        try await two.events.wait(for: .refusedBy(1, .genesis))
        try await one.events.wait(for: .refusedBy(2, .genesis))
        await TestNode.shutdown([one, two])
    }
}
