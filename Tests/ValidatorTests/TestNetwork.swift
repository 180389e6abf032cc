import PeerTransport
import Synchronization

@testable import Validator

/// Carries frames between the validators of one process, in order, over links that can be cut.
final class TestHub: Sendable {
    private struct Link: Hashable {
        let from: UInt16
        let to: UInt16
    }

    private struct State {
        var receivers: [UInt16: @Sendable (PeerFrame) -> Void] = [:]
        var observers: [UInt16: @Sendable (PeerEvent) -> Void] = [:]
        var cut: Set<Link> = []
        var offences: [UInt16: Int] = [:]
        var bend: @Sendable (PeerFrame) -> PeerFrame? = { $0 }
    }

    private let state = Mutex(State())

    func join(
        _ number: UInt16,
        observe: @escaping @Sendable (PeerEvent) -> Void,
        receive: @escaping @Sendable (PeerFrame) -> Void
    ) {
        self.state.withLock { state in
            state.receivers[number] = receive
            state.observers[number] = observe
        }
        self.tell()
    }

    func leave(_ number: UInt16) {
        self.state.withLock { state in
            state.receivers[number] = nil
            state.observers[number] = nil
        }
        self.tell()
    }

    private func tell() {
        for observe in self.state.withLock({ Array($0.observers.values) }) { observe(.strangerLeft) }
    }

    func carry(_ frame: PeerFrame, to number: UInt16) {
        let (receive, bend) = self.state.withLock { state in
            (state.cut.contains(Link(from: frame.from, to: number)) ? nil : state.receivers[number], state.bend)
        }
        if let frame = bend(frame) { receive?(frame) }
    }

    /// Changes what is carried from now on, or loses it.
    func bend(_ bend: @escaping @Sendable (PeerFrame) -> PeerFrame?) { self.state.withLock { $0.bend = bend } }

    /// Separates one validator from all others.
    func isolate(_ number: UInt16) {
        self.state.withLock { state in
            for other in UInt16(1)...8 where other != number {
                state.cut.insert(Link(from: number, to: other))
                state.cut.insert(Link(from: other, to: number))
            }
        }
        self.tell()
    }

    func heal() {
        self.state.withLock { $0.cut = [] }
        self.tell()
    }

    func peers(of number: UInt16) -> [UInt16] {
        self.state.withLock { state in
            state.receivers.keys.filter { $0 != number && !state.cut.contains(Link(from: number, to: $0)) }.sorted()
        }
    }

    func note(offence peer: UInt16) { self.state.withLock { $0.offences[peer, default: 0] += 1 } }

    func offences(of peer: UInt16) -> Int { self.state.withLock { $0.offences[peer] ?? 0 } }
}

/// One validator's end of the hub.
struct TestNetwork: PeerNetwork {
    let hub: TestHub
    let number: UInt16

    func start(
        observe: @escaping @Sendable (PeerEvent) -> Void,
        receive: @escaping @Sendable (PeerFrame) -> Void
    ) async throws -> Int {
        self.hub.join(self.number, observe: observe, receive: receive)
        return 0
    }

    func shutdown() async { self.hub.leave(self.number) }

    func broadcast(_ bytes: [UInt8], kind: UInt8, class frameClass: FrameClass, to peers: [UInt16]) -> Int {
        for peer in peers { self.hub.carry(PeerFrame(from: self.number, kind: kind, bytes: bytes), to: peer) }
        return peers.count
    }

    func release(from peer: UInt16, bytes: Int) {}

    func report(peer: UInt16, misbehaviour: Misbehaviour, weight: Int?) { self.hub.note(offence: peer) }

    func setPeers(_ peers: [Peer]) {}

    func status() -> [PeerStatus] { [] }

    var connectedPeers: [UInt16] { self.hub.peers(of: self.number) }
}
