internal import Credentials
internal import NIOCore
internal import Synchronization

/// Who is at the other end of each open connection: a party by its certificate, or a stranger.
///
/// Strangers take at most half of the server's connections. When most are taken, one network gets few of those that
/// have not said yet who they are, so that there is room for the handshake of a party.
final class ConnectionPeers: Sendable {
    fileprivate enum Standing {
        /// Has sent no request yet.
        case arrived(network: String)
        case party(PeerIdentity)
        case stranger
        /// A stranger too many.
        case crowded
    }

    fileprivate struct State {
        var standings: [ObjectIdentifier: Standing] = [:]
        /// Connections of each network that have sent no request yet.
        var arrivals: [String: Int] = [:]
        var strangers = 0
    }

    private let connectionsMax: Int
    private let state = Mutex(State())

    init(limits: ServerLimits) { self.connectionsMax = limits.connectionsMax }

    /// Notes a new connection.
    ///
    /// - Returns: false when its network has too many already.
    func arrive(_ channel: any Channel) -> Bool {
        let network = RequestOrigin.network(of: channel.remoteAddress?.ipAddress ?? "")
        return self.state.withLock { state in
            guard state.standings[ObjectIdentifier(channel)] == nil else { return true }
            let isRoomy = state.standings.count < self.connectionsMax * 3 / 4
            let others = state.arrivals[network, default: 0]
            guard isRoomy || others < max(1, self.connectionsMax / 8) else { return false }
            state.arrivals[network] = others + 1
            state.standings[ObjectIdentifier(channel)] = .arrived(network: network)
            return true
        }
    }

    /// Notes what a connection showed with its first request; nil for no certificate.
    func note(_ peer: PeerIdentity?, of channel: any Channel) {
        self.state.withLock { state in
            let standing = state.standings[ObjectIdentifier(channel)]
            guard case .arrived(let network) = standing else { return }
            state.settle(network)
            if let peer {
                state.standings[ObjectIdentifier(channel)] = .party(peer)
            } else if state.strangers < max(1, self.connectionsMax / 2) {
                state.strangers += 1
                state.standings[ObjectIdentifier(channel)] = .stranger
            } else {
                state.standings[ObjectIdentifier(channel)] = .crowded
            }
        }
    }

    func forget(_ channel: any Channel) {
        self.state.withLock { state in
            switch state.standings.removeValue(forKey: ObjectIdentifier(channel)) {
            case .party, .crowded, nil: break
            case .stranger: state.strangers -= 1
            case .arrived(let network): state.settle(network)
            }
        }
    }

    func peer(of channel: any Channel) -> PeerIdentity? {
        let standing = self.state.withLock { $0.standings[ObjectIdentifier(channel)] }
        return if case .party(let peer) = standing { peer } else { nil }
    }

    /// Whether a connection is of a stranger for whom there is no room.
    func isCrowded(_ channel: any Channel) -> Bool {
        let standing = self.state.withLock { $0.standings[ObjectIdentifier(channel)] }
        return if case .crowded = standing { true } else { false }
    }
}

extension ConnectionPeers.State {
    /// One connection less of a network that has sent no request yet.
    fileprivate mutating func settle(_ network: String) {
        let rest = self.arrivals[network, default: 0] - 1
        self.arrivals[network] = rest > 0 ? rest : nil
    }
}
