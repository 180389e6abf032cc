/// How a ``PeerTransport`` behaves; the defaults suit a committee in one country.
package struct PeerTransportConfiguration: Sendable {
    /// Address to listen on.
    package var host: String
    /// TCP port to listen on; 0 takes a free one.
    package var port: Int
    /// The chain's identifier, at most 255 bytes.
    package var chain: [UInt8]
    /// Digest of the genesis block, 32 bytes.
    package var genesis: [UInt8]
    /// This validator's number.
    package var number: UInt16
    /// How long frames may be, in both directions.
    package var frameLimits = FrameLimits()
    /// How much waits for one peer, by class.
    package var queueLimits: [FrameClass: QueueLimit] = Self.defaultQueueLimits
    /// ``PeerFrame/cost`` that one peer may hand over before it is not read any more; what was read from its socket
    /// already, up to 256 KiB, still follows.
    package var creditBytes = 64 << 20
    package var scoreRules = ScoreRules()
    /// From a connection's start to the end of the exchange of hellos.
    package var handshakeMilliseconds: Int64 = 5_000
    /// How often each end says that it is alive, and certificates are checked again.
    package var heartbeatMilliseconds: Int64 = 2_000
    /// A connection on which nothing was heard for so long is closed.
    package var silenceMilliseconds: Int64 = 10_000
    /// Waits between attempts to dial.
    package var backoff = Backoff()
    /// After a connection that lasted so long, the waits begin anew.
    package var healthyMilliseconds: Int64 = 10_000
    /// How long ``PeerTransport/shutdown()`` waits for queues to empty.
    package var drainMilliseconds: Int64 = 500
    /// Accepted connections whose handshake is not over; the oldest makes room for a new one.
    package var handshakesMax = 64
    /// The kernel's send buffer of each connection in bytes; nil for the kernel's own choice.
    package var sendBufferBytes: Int?

    /// - Parameters:
    ///   - host: address to listen on.
    ///   - port: TCP port to listen on; 0 takes a free one.
    ///   - chain: the chain's identifier, at most 255 bytes.
    ///   - genesis: digest of the genesis block, 32 bytes.
    ///   - number: this validator's own.
    package init(host: String, port: Int, chain: [UInt8], genesis: [UInt8], number: UInt16) {
        precondition(chain.count <= 255 && genesis.count == 32)
        self.host = host
        self.port = port
        self.chain = chain
        self.genesis = genesis
        self.number = number
    }

    /// Old votes and proposals are worthless, and are asked for again; who syncs or submits repeats by itself.
    package static let defaultQueueLimits: [FrameClass: QueueLimit] = [
        .votes: QueueLimit(bytes: 8 << 20, policy: .dropOldest),
        .proposals: QueueLimit(bytes: 64 << 20, policy: .dropOldest),
        .sync: QueueLimit(bytes: 64 << 20, policy: .dropNewest),
        .transactions: QueueLimit(bytes: 16 << 20, policy: .dropNewest),
    ]

    /// The bound of a class, its default when the table has none.
    func queueLimit(_ frameClass: FrameClass) -> QueueLimit {
        self.queueLimits[frameClass] ?? QueueLimit(bytes: 8 << 20, policy: .dropNewest)
    }
}
