internal import Credentials
internal import NIOCore
internal import Synchronization

/// Whose certificate each open connection showed.
final class ConnectionPeers: Sendable {
    private let peers = Mutex<[ObjectIdentifier: PeerIdentity]>([:])

    func note(_ peer: PeerIdentity, of channel: any Channel) {
        self.peers.withLock { $0[ObjectIdentifier(channel)] = peer }
    }

    func forget(_ channel: any Channel) {
        self.peers.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    func peer(of channel: any Channel) -> PeerIdentity? {
        self.peers.withLock { $0[ObjectIdentifier(channel)] }
    }
}
