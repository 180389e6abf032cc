internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Both connections with one peer, and the attempts to have the one that is dialed here.
final class PeerLink {
    /// Chunks in one turn; then other peers have theirs.
    private static let chunksPerTurn = 8

    let mailbox: PeerMailbox
    private let switchboard: Switchboard
    private var writer: FrameWriter
    private var outgoing = Outgoing.idle
    private var incoming: Connection?
    private var backoff: Backoff
    private var lastDial: NIODeadline?
    /// The peer's run that the open dialed connection leads to.
    private var session: UInt64?
    /// Whether the connection was given up because the peer is known to be there again.
    private var redialsSoon = false
    private var isClosed = false

    init(_ mailbox: PeerMailbox, _ switchboard: Switchboard) {
        self.mailbox = mailbox
        self.switchboard = switchboard
        self.writer = FrameWriter(mailbox)
        self.backoff = switchboard.configuration.backoff
    }

    private enum Outgoing {
        case idle
        case waiting(Scheduled<Void>, until: NIODeadline)
        case dialing
        /// The connection is there; the hello has not been answered.
        case greeting(Connection)
        case open(Connection, since: NIODeadline)
    }

    // MARK: The connection that is dialed here

    /// Dials now, unless that is under way or done.
    func dial() {
        switch self.outgoing {
        case .dialing, .greeting, .open: return
        case .waiting(let timer, _): timer.cancel()
        case .idle: break
        }
        guard !self.isClosed else { return }
        guard !self.mailbox.isRefused else { return self.wait() }
        self.outgoing = .dialing
        self.lastDial = .now()
        let bound = NIOLoopBound(self, eventLoop: self.switchboard.loop)
        self.switchboard.clientBootstrap
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.prepare(channel) }
            }
            .connect(host: self.mailbox.peer.host, port: self.mailbox.peer.port)
            .assumeIsolated()
            .whenFailure { self.dialFailed($0) }
    }

    /// The peer is there, so there is no reason to wait long; but two that lose each other at once must not dial each
    /// other without any pause.
    func dialSoon() {
        guard case .waiting(let timer, let until) = self.outgoing, let lastDial else { return }
        let earliest = max(NIODeadline.now(), lastDial + .milliseconds(self.backoff.minimumMilliseconds))
        guard earliest < until, !self.mailbox.isRefused else { return }
        timer.cancel()
        self.wait(until: earliest)
    }

    func connected(_ connection: Connection, session: UInt64) {
        self.outgoing = .open(connection, since: .now())
        self.session = session
        self.mailbox.noteConnected(session: session)
        self.switchboard.connected(self.mailbox.peer)
        self.drain()
    }

    /// The dialed connection is gone.
    func ended(_ connection: Connection) {
        var wasOpen = false
        switch self.outgoing {
        case .greeting(let current) where current === connection: break
        case .open(let current, let since) where current === connection:
            wasOpen = true
            if NIODeadline.now() - since >= self.switchboard.healthyTime { self.backoff.reset() }
        default: return
        }
        self.outgoing = .idle
        // What is half written cannot be continued on another connection.
        self.writer = FrameWriter(self.mailbox)
        self.mailbox.noteDisconnected()
        self.mailbox.note(error: connection.failure ?? "the connection was closed")
        if wasOpen { self.switchboard.observe(.disconnected(self.mailbox.peer.number)) }
        self.wait()
        if self.redialsSoon { self.dialSoon() }
        self.redialsSoon = false
    }

    /// Writes what waits as long as the connection takes it.
    func drain() {
        guard case .open(let connection, _) = self.outgoing else { return }
        for _ in 0..<Self.chunksPerTurn {
            guard connection.isWritable else { return }
            guard let chunk = self.writer.chunk(connection.allocator) else { return self.drained(connection) }
            connection.write(chunk)
        }
        self.switchboard.loop.assumeIsolated().execute { self.drain() }
    }

    private func drained(_ connection: Connection) {
        if self.isClosed { connection.close() }
    }

    private func prepare(_ channel: any Channel) throws {
        let connection = Connection(self.switchboard, dialed: self)
        try channel.pipeline.syncOperations.addHandlers([self.switchboard.tls.clientHandler(), connection])
        guard !self.isClosed else { throw ChannelError.ioOnClosedChannel }
        self.switchboard.began(connection)
        self.outgoing = .greeting(connection)
    }

    private func dialFailed(_ error: any Error) {
        switch self.outgoing {
        case .dialing: break
        case .greeting(let connection): self.switchboard.ended(connection)
        case .idle, .waiting, .open: return
        }
        self.outgoing = .idle
        self.mailbox.note(error: "cannot connect to \(self.mailbox.peer.host):\(self.mailbox.peer.port): \(error)")
        self.wait()
    }

    /// Dials after the next wait, and not before a penalty ends.
    private func wait() {
        let milliseconds = self.backoff.next(using: &self.switchboard.generator)
        let penalty = Int64(self.mailbox.status.penaltySeconds * 1_000)
        self.wait(until: .now() + .milliseconds(max(milliseconds, penalty)))
    }

    private func wait(until: NIODeadline) {
        guard !self.isClosed else { return }
        let timer = self.switchboard.loop.assumeIsolated().scheduleTask(deadline: until) { self.dial() }
        self.outgoing = .waiting(timer, until: until)
    }

    // MARK: The connection that the peer dialed

    /// Takes a new connection of the peer; the one before it is of no use to the peer any more.
    func accepted(_ connection: Connection, session: UInt64) {
        let previous = self.incoming
        self.incoming = connection
        self.mailbox.noteAccepted(session: session)
        self.switchboard.accepted(self.mailbox.peer)
        previous?.close()
        // A peer that was started anew holds no other end of a connection to its run before, even if the network never
        // said so.
        if case .open(let connection, _) = self.outgoing, self.session != session {
            self.redialsSoon = true
            connection.abort()
        } else {
            self.dialSoon()
        }
    }

    func left(_ connection: Connection) {
        guard self.incoming === connection else { return }
        self.incoming = nil
        self.mailbox.noteLeft()
        self.switchboard.observe(.left(self.mailbox.peer.number))
    }

    func resumeReading() { self.incoming?.resumeReading() }

    // MARK: Both

    /// Closes both; a penalty keeps them closed for its time.
    func refuse(_ refusal: PeerRefusal) {
        self.incoming?.refuse(refusal)
        switch self.outgoing {
        case .greeting(let connection), .open(let connection, _): connection.refuse(refusal)
        case .idle, .waiting, .dialing: break
        }
    }

    /// Ends the link: at once, or after the frames that wait are written.
    func close(draining: Bool) {
        self.isClosed = true
        self.incoming?.close()
        switch self.outgoing {
        case .waiting(let timer, _):
            timer.cancel()
            self.outgoing = .idle
        case .greeting(let connection): connection.close()
        case .open(let connection, _): draining ? self.drain() : connection.close()
        case .idle, .dialing: break
        }
    }
}
