import Foundation
import PeerTransport
import ServiceLifecycle
import Synchronization
import Validator

/// The validators' network with somebody between the replica and it.
final class ByzantineNetwork: PeerNetwork {
    private static let tickMilliseconds = 100

    private let transport: PeerTransport
    private let conduct: Mutex<Conduct>
    private let deeds: Deeds
    private let ticker = Mutex<Task<Void, Never>?>(nil)

    init(_ transport: PeerTransport, conduct: Conduct, deeds: Deeds) {
        self.transport = transport
        self.conduct = Mutex(conduct)
        self.deeds = deeds
    }

    func start(
        observe: @escaping @Sendable (PeerEvent) -> Void,
        receive: @escaping @Sendable (PeerFrame) -> Void
    ) async throws -> Int {
        let port = try await self.transport.start(
            observe: observe,
            receive: { [self] frame in
                self.act { $0.hear(frame) }
                receive(frame)
            }
        )
        let ticker = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Self.tickMilliseconds))
                self?.act { $0.tick() }
            }
        }
        self.ticker.withLock { $0 = ticker }
        return port
    }

    func shutdown() async {
        self.ticker.withLock { $0?.cancel() }
        await self.transport.shutdown()
    }

    @discardableResult
    func broadcast(_ bytes: [UInt8], kind: UInt8, class frameClass: FrameClass, to peers: [UInt16]) -> Int {
        let honest = Outgoing(bytes: bytes, kind: kind, frameClass: frameClass, peers: peers)
        self.act { $0.bend(honest) }
        return peers.count
    }

    /// Lets the conduct decide, then sends outside its lock.
    private func act(_ decide: (inout Conduct) -> [Outgoing]) {
        let (outgoing, done) = self.conduct.withLock { conduct in (decide(&conduct), conduct.takeDeeds()) }
        self.deeds.add(done)
        for frame in outgoing where !frame.peers.isEmpty {
            self.transport.broadcast(frame.bytes, kind: frame.kind, class: frame.frameClass, to: frame.peers)
        }
    }

    func release(from peer: UInt16, bytes: Int) { self.transport.release(from: peer, bytes: bytes) }

    // It has no right to complain.
    func report(peer: UInt16, misbehaviour: Misbehaviour, weight: Int?) {}

    func setPeers(_ peers: [Peer]) { self.transport.setPeers(peers) }
    func status() -> [PeerStatus] { self.transport.status() }
    var connectedPeers: [UInt16] { self.transport.connectedPeers }
}

/// How often it did what.
final class Deeds: Sendable {
    private let counts = Mutex<[Behaviour: Int]>([:])

    func add(_ done: [Behaviour: Int]) {
        guard !done.isEmpty else { return }
        self.counts.withLock { $0.merge(done) { $0 + $1 } }
    }

    /// What was added since the last call.
    func take() -> [Behaviour: Int] {
        self.counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
    }
}

/// Tells each second what was done.
struct DeedReport: Service {
    let deeds: Deeds

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                let done = self.deeds.take()
                guard !done.isEmpty else { continue }
                let counts = Behaviour.allCases.compactMap { kind in done[kind].map { "\"\(kind.rawValue)\":\($0)" } }
                FileHandle.standardOutput.write(Data("{\"misdeeds\":{\(counts.joined(separator: ","))}}\n".utf8))
            }
        }
    }
}
