package import PeerTransport

/// What a validator needs of the network.
package protocol PeerNetwork: Sendable {
    /// Begins to listen and to dial.
    ///
    /// - Parameters:
    ///   - observe: called when connections come and go.
    ///   - receive: called with each frame, in order for each peer; neither may block.
    /// - Returns: the TCP port.
    /// - Throws: what kept it from listening.
    func start(
        observe: @escaping @Sendable (PeerEvent) -> Void,
        receive: @escaping @Sendable (PeerFrame) -> Void
    ) async throws -> Int
    func shutdown() async
    /// Queues a frame for several peers.
    @discardableResult
    func broadcast(_ bytes: [UInt8], kind: UInt8, class frameClass: FrameClass, to peers: [UInt16]) -> Int
    /// Gives back what a frame took of its sender's credit.
    func release(from peer: UInt16, bytes: Int)
    func report(peer: UInt16, misbehaviour: Misbehaviour, weight: Int?)
    func setPeers(_ peers: [Peer])
    func status() -> [PeerStatus]
    /// The peers to whom frames flow.
    var connectedPeers: [UInt16] { get }
}

extension PeerTransport: PeerNetwork {
    package var connectedPeers: [UInt16] { self.status().filter(\.isConnected).map(\.number) }
}
