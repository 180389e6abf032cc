internal import PeerTransport
internal import Synchronization
internal import Validator

/// Carries frames between the validators of one process, in order.
final class IslandHub: Sendable {
    private struct State {
        var receivers: [UInt16: @Sendable (PeerFrame) -> Void] = [:]
        var observers: [UInt16: @Sendable (PeerEvent) -> Void] = [:]
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

    func carry(_ frame: PeerFrame, to number: UInt16) { self.state.withLock { $0.receivers[number] }?(frame) }

    func peers(of number: UInt16) -> [UInt16] {
        self.state.withLock { $0.receivers.keys.filter { $0 != number }.sorted() }
    }
}

/// One validator's end of the hub.
struct IslandNetwork: PeerNetwork {
    let hub: IslandHub
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

    func report(peer: UInt16, misbehaviour: Misbehaviour, weight: Int?) {}

    func setPeers(_ peers: [Peer]) {}

    func status() -> [PeerStatus] { [] }

    var connectedPeers: [UInt16] { self.hub.peers(of: self.number) }
}
