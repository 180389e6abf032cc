internal import Certificates
internal import Credentials
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Everything that belongs to the event loop: the listening socket, the links, the connections.
final class Switchboard {
    let configuration: PeerTransportConfiguration
    let loop: any EventLoop
    let tls: PeerTLS
    let admission: Admission
    let frameLimits: FrameLimits
    var generator = SystemRandomNumberGenerator()
    private(set) var receive: @Sendable (PeerFrame) -> Void = { _ in }
    private(set) var observe: @Sendable (PeerEvent) -> Void = { _ in }
    private let logger: Logger
    private var refusals: RefusalLog
    private var links: [UInt16: PeerLink] = [:]
    private var connections: [ObjectIdentifier: Connection] = [:]
    /// Accepted and without a hello so far, oldest first.
    private var greeting: [Connection] = []
    private var listener: (any Channel)?
    private var ticks: RepeatedTask?
    private var emptied: EventLoopPromise<Void>?

    init(
        _ configuration: PeerTransportConfiguration,
        loop: any EventLoop,
        tls: PeerTLS,
        admission: Admission,
        logger: Logger
    ) {
        self.configuration = configuration
        self.loop = loop
        self.tls = tls
        self.admission = admission
        self.frameLimits = ControlFrame.limits(configuration.frameLimits)
        self.logger = logger
        self.refusals = RefusalLog(logger: logger)
    }

    var handshakeTime: TimeAmount { .milliseconds(self.configuration.handshakeMilliseconds) }
    var silenceTime: TimeAmount { .milliseconds(self.configuration.silenceMilliseconds) }
    var healthyTime: TimeAmount { .milliseconds(self.configuration.healthyMilliseconds) }

    // MARK: Beginning and end

    /// Listens, then dials everyone.
    ///
    /// - Returns: the port.
    func start(
        receive: @escaping @Sendable (PeerFrame) -> Void,
        observe: @escaping @Sendable (PeerEvent) -> Void
    ) -> EventLoopFuture<Int> {
        self.receive = receive
        self.observe = observe
        let bound = NIOLoopBound(self, eventLoop: self.loop)
        return self.serverBootstrap
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.welcome(channel) }
            }
            .bind(host: self.configuration.host, port: self.configuration.port)
            .map { bound.value.started($0) }
    }

    /// Closes everything, after queues had some time to empty.
    func finish() -> EventLoopFuture<Void> {
        self.listener?.close(promise: nil)
        self.ticks?.cancel()
        let promise = self.loop.makePromise(of: Void.self)
        guard !self.connections.isEmpty else {
            for link in self.linksInOrder { link.close(draining: false) }
            promise.succeed()
            return promise.futureResult
        }
        self.emptied = promise
        for link in self.linksInOrder { link.close(draining: true) }
        for connection in self.greeting { connection.abort() }
        self.loop.assumeIsolated().scheduleTask(in: .milliseconds(self.configuration.drainMilliseconds)) {
            self.emptied?.succeed()
            self.emptied = nil
        }
        return promise.futureResult
    }

    /// Lets go of what refers back to the switchboard and to the caller.
    func forgetEverything() {
        self.links = [:]
        self.connections = [:]
        self.receive = { _ in }
        self.observe = { _ in }
    }

    private var linksInOrder: [PeerLink] {
        self.links.values.sorted { $0.mailbox.peer.number < $1.mailbox.peer.number }
    }

    private func started(_ listener: any Channel) -> Int {
        self.listener = listener
        let every = TimeAmount.milliseconds(self.configuration.heartbeatMilliseconds)
        let bound = NIOLoopBound(self, eventLoop: self.loop)
        self.ticks = self.loop.scheduleRepeatedTask(initialDelay: every, delay: every) { _ in bound.value.tick() }
        for link in self.linksInOrder { link.dial() }
        return listener.localAddress?.port ?? self.configuration.port
    }

    private func tick() {
        let now = NIODeadline.now()
        for connection in Array(self.connections.values) { connection.tick(now: now) }
    }

    // MARK: Peers

    func link(_ number: UInt16) -> PeerLink? { self.links[number] }

    /// Changes the committee: closes the links of those who left, dials those who came.
    func change(removed: [UInt16], added: [PeerMailbox]) {
        for number in removed { self.links.removeValue(forKey: number)?.close(draining: false) }
        for mailbox in added {
            let link = PeerLink(mailbox, self)
            self.links[mailbox.peer.number] = link
            if self.listener != nil { link.dial() }
        }
    }

    func drain(_ numbers: [UInt16]) {
        for number in numbers { self.links[number]?.drain() }
    }

    /// Counts misbehaviour that the transport itself saw.
    func report(_ link: PeerLink, _ misbehaviour: Misbehaviour) {
        guard let seconds = link.mailbox.add(misbehaviour, weight: misbehaviour.defaultWeight) else { return }
        self.penalize(link, seconds: seconds)
    }

    /// Refuses a peer from now on, until its mailbox lets it in again.
    func penalize(_ link: PeerLink, seconds: Double) {
        self.observe(.penalized(link.mailbox.peer.number, seconds: seconds))
        link.refuse(.misbehaved)
    }

    // MARK: Connections

    func began(_ connection: Connection) { self.connections[ObjectIdentifier(connection)] = connection }

    func opened(_ connection: Connection) { self.greeting.removeAll { $0 === connection } }

    func ended(_ connection: Connection) {
        self.connections.removeValue(forKey: ObjectIdentifier(connection))
        self.greeting.removeAll { $0 === connection }
        guard self.connections.isEmpty else { return }
        self.emptied?.succeed()
        self.emptied = nil
    }

    private func welcome(_ channel: any Channel) throws {
        let connection = Connection(self, dialed: nil)
        try channel.pipeline.syncOperations.addHandlers([self.tls.serverHandler(), connection])
        self.began(connection)
        self.greeting.append(connection)
        // The oldest had its time; a flood of strangers must not keep validators out.
        if self.greeting.count > self.configuration.handshakesMax { self.greeting.removeFirst().abort() }
    }

    // MARK: News

    func connected(_ peer: Peer) {
        self.refusals.forget("\(peer.number)")
        self.logger.info("connected to a validator", metadata: ["peer": "\(peer.number)", "name": "\(peer.name)"])
        self.observe(.connected(peer.number))
    }

    func accepted(_ peer: Peer) {
        self.logger.info("accepted a validator", metadata: ["peer": "\(peer.number)", "name": "\(peer.name)"])
        self.observe(.accepted(peer.number))
    }

    func refused(_ connection: Connection, _ number: UInt16?, _ refusal: PeerRefusal) {
        let subject = number.map { "\($0)" } ?? connection.address
        let name = connection.identity.map { " (its certificate is \($0.name)'s)" } ?? ""
        self.refusals.say(
            "refused a validator",
            of: subject,
            reason: refusal.description + name,
            advice: refusal.advice
        )
        if let number { self.links[number]?.mailbox.note(error: "refused here: \(refusal)") }
        self.observe(.refused(number, refusal))
    }

    func refusedBy(_ peer: Peer, _ refusal: PeerRefusal) {
        self.refusals.say(
            "a validator refuses this one",
            of: "\(peer.number)",
            reason: refusal.description,
            advice: refusal.advice
        )
        self.observe(.refusedBy(peer.number, refusal))
    }

    func strangerLeft(_ connection: Connection) {
        self.refusals.say(
            "a connection ended before its handshake was over",
            of: connection.address,
            reason: connection.failure ?? "closed by the other end",
            advice: "only validators with certificates of this consortium should connect here; see who else does"
        )
        self.observe(.strangerLeft)
    }
}
