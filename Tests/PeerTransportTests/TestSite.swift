import Authority
import Certificates
import Credentials
import Foundation
import Logging

@testable import PeerTransport

/// A consortium's authority, and validators on free ports of this machine.
final class TestSite: Sendable {
    static let genesis = [UInt8](repeating: 7, count: 32)

    let directory: String
    let authority: Authority

    init() throws {
        self.directory = FileManager.default.temporaryDirectory.appendingPathComponent("wardline-\(UUID())").path
        try Authority.create(
            directory: self.directory,
            organization: "clinic",
            name: "ca",
            hosts: [.dns("localhost")],
            at: Self.now
        )
        self.authority = try Authority(directory: self.directory)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.directory) }

    static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }

    static func name(_ number: UInt16, _ role: PartyRole = .validator) throws -> PartyName {
        guard let name = PartyName(organization: "clinic", role: role, name: "v\(number)") else {
            throw CancellationError()
        }
        return name
    }

    /// A new directory, or the next generation of one.
    func identity(_ number: UInt16, _ role: PartyRole = .validator) throws -> Identity {
        try self.authority.install(
            Self.name(number, role),
            hosts: role == .validator || role == .privacyCenter ? [.dns("localhost")] : [],
            into: "\(self.directory)/\(role.rawValue)-\(number)",
            at: Self.now
        )
    }

    static func configuration(_ number: UInt16) -> PeerTransportConfiguration {
        var configuration = PeerTransportConfiguration(
            host: "127.0.0.1",
            port: 0,
            chain: Array("test-chain".utf8),
            genesis: Self.genesis,
            number: number
        )
        configuration.backoff = Backoff(minimumMilliseconds: 1, maximumMilliseconds: 20)
        return configuration
    }

    static func hello(_ number: UInt16, session: UInt64 = 1) -> PeerHello {
        PeerHello(chain: Array("test-chain".utf8), genesis: Self.genesis, number: number, session: session)
    }
}

/// A validator's transport with all that happened to it.
final class TestNode: Sendable {
    let number: UInt16
    let port: Int
    let transport: PeerTransport
    let events: Recorder<PeerEvent>
    let frames: Recorder<PeerFrame>

    /// Starts a transport; `releases` says whether frames are released as soon as they arrive.
    init(
        _ site: TestSite,
        _ number: UInt16,
        identity: Identity? = nil,
        revocations: (any RevocationSource)? = nil,
        releases: Bool = true,
        _ change: (inout PeerTransportConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = TestSite.configuration(number)
        change(&configuration)
        let transport = try PeerTransport(
            configuration: configuration,
            identity: identity ?? site.identity(number),
            revocations: revocations,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let (events, frames) = (Recorder<PeerEvent>(), Recorder<PeerFrame>())
        self.port = try await transport.start(observe: { events.record($0) }) { [weak transport] frame in
            if releases { transport?.release(frame) }
            frames.record(frame)
        }
        (self.number, self.transport, self.events, self.frames) = (number, transport, events, frames)
    }

    var peer: Peer {
        get throws {
            Peer(number: self.number, name: try TestSite.name(self.number), host: "127.0.0.1", port: self.port)
        }
    }

    func status(of peer: UInt16) throws -> PeerStatus? { self.transport.status().first { $0.number == peer } }

    /// What arrived from a peer.
    func contents(from peer: UInt16) -> [[UInt8]] { self.frames.elements.filter { $0.from == peer }.map(\.bytes) }

    /// Makes every node a peer of every other and waits until all connections are there.
    static func connect(_ nodes: [TestNode]) async throws {
        let peers = try nodes.map { try $0.peer }
        for node in nodes { node.transport.setPeers(peers) }
        for node in nodes {
            for other in nodes where other.number != node.number {
                try await node.events.wait(for: .connected(other.number))
                try await node.events.wait(for: .accepted(other.number))
            }
        }
    }

    static func shutdown(_ nodes: [TestNode]) async {
        for node in nodes { await node.transport.shutdown() }
    }
}

/// Says that some certificates are revoked, and keeps which ones were asked for.
final class Revoked: RevocationSource {
    let digests: Recorder<[UInt8]>
    let asked = Recorder<[UInt8]>()

    init(_ digests: [[UInt8]] = []) {
        self.digests = Recorder()
        for digest in digests { self.digests.record(digest) }
    }

    func contains(_ digest: [UInt8]) -> Bool {
        self.asked.record(digest)
        return self.digests.elements.contains(digest)
    }
}
