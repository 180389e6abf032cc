package import Credentials
package import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// The validators' network: frames to and from numbered peers over mutual TLS 1.3.
///
/// Each validator dials each other one; a connection carries the frames of who dialed it. Frames of one class to one
/// peer arrive in order or not at all: a full queue drops some, and a broken connection loses what was under way.
/// Everything runs on one thread of its own; ``send(_:kind:class:to:)`` may be called from any.
package final class PeerTransport: Sendable {
    private let configuration: PeerTransportConfiguration
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let switchboard: NIOLoopBoundBox<Switchboard>
    private let logger: Logger
    private let table: Mutex<Table>

    private struct Table: Sendable {
        var mailboxes: [UInt16: PeerMailbox] = [:]
        var isShutDown = false
    }

    /// - Parameters:
    ///   - configuration: limits, times and this validator's place in the chain.
    ///   - identity: this validator's own; rotations of its directory are followed by new connections.
    ///   - revocations: peers whose X.509 fingerprint it contains are refused and disconnected.
    ///   - peers: the other validators; an entry with the own number is ignored.
    ///   - logger: for connections and refusals.
    /// - Throws: when the identity makes no TLS configuration.
    package init(
        configuration: PeerTransportConfiguration,
        identity: Identity,
        revocations: (any RevocationSource)? = nil,
        peers: [Peer] = [],
        logger: Logger
    ) throws {
        let hello = PeerHello(
            chain: configuration.chain,
            genesis: configuration.genesis,
            number: configuration.number,
            session: UInt64.random(in: 0...UInt64.max)
        )
        let tls = try PeerTLS(identity)
        self.configuration = configuration
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.loop = self.group.next()
        self.logger = logger
        self.table = Mutex(Table())
        self.switchboard = .makeBoxSendingValue(
            Switchboard(
                configuration,
                loop: self.loop,
                tls: tls,
                admission: Admission(own: hello, revocations: revocations),
                logger: logger
            ),
            eventLoop: self.loop
        )
        self.setPeers(peers)
    }

    /// Begins to listen and to dial; to be called once.
    ///
    /// - Parameters:
    ///   - observe: called on the event loop when connections come and go; must not block.
    ///   - receive: called on the event loop with each frame, in order for each peer; must not block. Every frame's
    ///     ``PeerFrame/cost`` must be released later, or its sender is not read any more.
    /// - Returns: the TCP port.
    /// - Throws: what kept it from listening.
    @discardableResult
    package func start(
        observe: @escaping @Sendable (PeerEvent) -> Void = { _ in },
        receive: @escaping @Sendable (PeerFrame) -> Void
    ) async throws -> Int {
        let switchboard = self.switchboard
        return try await self.loop.flatSubmit { switchboard.value.start(receive: receive, observe: observe) }.get()
    }

    /// Lets queues empty for a short time, then closes everything; must be called before the last reference goes.
    package func shutdown() async {
        let wasOpen = self.table.withLock { table in
            defer { table = Table(isShutDown: true) }
            return !table.isShutDown
        }
        guard wasOpen else { return }
        let switchboard = self.switchboard
        // Neither can fail but by being called again.
        try? await self.loop.flatSubmit { switchboard.value.finish() }.get()
        try? await self.loop.submit { switchboard.value.forgetEverything() }.get()
        try? await self.group.shutdownGracefully()
    }

    /// Queues a frame for a peer; costs no more than taking two locks unless the event loop sleeps.
    ///
    /// - Parameters:
    ///   - bytes: within the limit of the kind.
    ///   - kind: below 0xF0.
    ///   - frameClass: decides on urgency, and what happens when too much waits.
    ///   - peer: the receiver's number.
    /// - Returns: whether the frame waits now; false for an unknown peer, a full queue or a frame above its limit.
    @discardableResult
    package func send(_ bytes: [UInt8], kind: UInt8, class frameClass: FrameClass, to peer: UInt16) -> Bool {
        guard let frame = self.frame(kind, bytes) else { return false }
        guard let mailbox = self.table.withLock({ $0.mailboxes[peer] }) else { return false }
        let (isTaken, wakes) = mailbox.append(frame, frameClass)
        if wakes { self.drain([peer]) }
        return isTaken
    }

    /// Queues one frame for several peers; they share its bytes.
    ///
    /// - Returns: for how many it waits now.
    @discardableResult
    package func broadcast(
        _ bytes: [UInt8],
        kind: UInt8,
        class frameClass: FrameClass,
        to peers: [UInt16]
    ) -> Int {
        guard let frame = self.frame(kind, bytes) else { return 0 }
        let mailboxes = self.table.withLock { table in peers.compactMap { table.mailboxes[$0] } }
        var taken = 0
        var sleeping: [UInt16] = []
        for mailbox in mailboxes {
            let (isTaken, wakes) = mailbox.append(frame, frameClass)
            if isTaken { taken += 1 }
            if wakes { sleeping.append(mailbox.peer.number) }
        }
        if !sleeping.isEmpty { self.drain(sleeping) }
        return taken
    }

    /// Gives back what frames of a peer took of its credit, see ``PeerFrame/cost``.
    package func release(from peer: UInt16, bytes: Int) {
        guard let mailbox = self.table.withLock({ $0.mailboxes[peer] }), mailbox.release(bytes) else { return }
        self.onLoop { $0.link(peer)?.resumeReading() }
    }

    /// Gives back what a frame took of its sender's credit.
    package func release(_ frame: PeerFrame) { self.release(from: frame.from, bytes: frame.cost) }

    /// Counts misbehaviour of a peer; beyond a threshold it is disconnected and refused for a time.
    ///
    /// - Parameters:
    ///   - peer: its number.
    ///   - misbehaviour: what it did.
    ///   - weight: points, see ``ScoreRules``; nil for ``Misbehaviour/defaultWeight``.
    package func report(peer: UInt16, misbehaviour: Misbehaviour, weight: Int? = nil) {
        guard let mailbox = self.table.withLock({ $0.mailboxes[peer] }),
            let seconds = mailbox.add(misbehaviour, weight: weight ?? misbehaviour.defaultWeight)
        else { return }
        self.onLoop { switchboard in
            guard let link = switchboard.link(peer) else { return }
            switchboard.penalize(link, seconds: seconds)
        }
    }

    /// Changes who the peers are.
    ///
    /// Who is missing is disconnected and what waits for it is dropped; an entry with another name or address replaces
    /// the one before in the same way.
    package func setPeers(_ peers: [Peer]) {
        self.table.withLock { table in
            guard !table.isShutDown else { return }
            let others = peers.filter { $0.number != self.configuration.number }
            let wanted = Dictionary(others.map { ($0.number, $0) }) { first, _ in first }
            let removed = table.mailboxes.keys.filter { wanted[$0] != table.mailboxes[$0]?.peer }.sorted()
            for number in removed { table.mailboxes[number] = nil }
            var added: [PeerMailbox] = []
            for peer in others where table.mailboxes[peer.number] == nil {
                let mailbox = PeerMailbox(peer, self.configuration)
                table.mailboxes[peer.number] = mailbox
                added.append(mailbox)
            }
            // Within the lock, so that the event loop sees changes in the order of the table.
            self.onLoop { [added] in $0.change(removed: removed, added: added) }
        }
    }

    /// How it stands with each peer, by number.
    package func status() -> [PeerStatus] {
        let mailboxes = self.table.withLock { $0.mailboxes }
        return mailboxes.values.map(\.status).sorted { $0.number < $1.number }
    }

    private func frame(_ kind: UInt8, _ bytes: [UInt8]) -> Frame? {
        precondition(kind < ControlFrame.kindMin, "kinds from 0xF0 on are the transport's own")
        let limit = self.configuration.frameLimits[kind]
        guard bytes.count <= limit else {
            self.logger.error(
                "a frame exceeds its limit and is not sent",
                metadata: ["kind": "\(kind)", "bytes": "\(bytes.count)", "limit": "\(limit)"]
            )
            return nil
        }
        return Frame(kind: kind, bytes: bytes)
    }

    private func drain(_ peers: [UInt16]) { self.onLoop { $0.drain(peers) } }

    private func onLoop(_ body: @escaping @Sendable (Switchboard) -> Void) {
        let switchboard = self.switchboard
        self.loop.execute { body(switchboard.value) }
    }
}
