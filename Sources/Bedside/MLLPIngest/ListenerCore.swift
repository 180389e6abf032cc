internal import Logging
internal import NIOCore
internal import Payloads
internal import Synchronization

/// What all connections of one listener share; everything but ``state`` belongs to the event loop.
final class ListenerCore: Sendable {
    let settings: ListenerSettings
    private let committer: MessageCommitter
    private let logger: Logger
    private let shared: Mutex<Shared>
    private let topic: [UInt8]
    private let movementTopic: [UInt8]
    /// Each reason is logged once in this time: a port scan must not fill the log.
    private static let quietTime = TimeAmount.seconds(60)

    private struct Shared: Sendable {
        var state = ListenerState()
        var answers: UInt64 = 0
        var logged: [String: NIODeadline] = [:]
    }

    /// The connections that are open; touched on the event loop only.
    let connections: NIOLoopBoundBox<[ObjectIdentifier: MLLPConnection]>
    private let emptied: NIOLoopBoundBox<[EventLoopPromise<Void>]>

    init(_ settings: ListenerSettings, committer: MessageCommitter, loop: any EventLoop, logger: Logger) {
        self.settings = settings
        self.committer = committer
        var logger = logger
        logger[metadataKey: "listener"] = "\(settings.name)"
        self.logger = logger
        self.shared = Mutex(Shared())
        self.topic = Array(settings.topic.utf8)
        self.movementTopic = Array(MLLPOrigin.movementTopic(settings.name).utf8)
        self.connections = NIOLoopBoundBox.makeBoxSendingValue([:], eventLoop: loop)
        self.emptied = NIOLoopBoundBox.makeBoxSendingValue([], eventLoop: loop)
    }

    var state: ListenerState { self.shared.withLock { $0.state } }

    func change(_ body: (inout ListenerState) -> Void) { self.shared.withLock { body(&$0.state) } }

    // MARK: - Connections

    /// Whether one more connection may come; one that may not is noted.
    func admits() -> Bool {
        guard self.connections.value.count < self.settings.limits.connectionsMax else {
            self.change { $0.connectionsRefused += 1 }
            self.log("too many connections")
            return false
        }
        return true
    }

    func began(_ connection: MLLPConnection) {
        self.connections.value[ObjectIdentifier(connection)] = connection
        let count = self.connections.value.count
        self.change { state in
            state.connections = count
            state.connectionsAccepted += 1
        }
    }

    func ended(_ connection: MLLPConnection) {
        self.connections.value[ObjectIdentifier(connection)] = nil
        let count = self.connections.value.count
        self.change { $0.connections = count }
        guard count == 0 else { return }
        for promise in self.emptied.value { promise.succeed() }
        self.emptied.value = []
    }

    /// Lets every connection answer what waits, then closes it.
    ///
    /// - Parameters:
    ///   - time: after which they are closed in any case.
    ///   - loop: of the connections.
    /// - Returns: when all are closed.
    func drain(within time: TimeAmount, on loop: any EventLoop) -> EventLoopFuture<Void> {
        guard !self.connections.value.isEmpty else { return loop.makeSucceededVoidFuture() }
        let promise = loop.makePromise(of: Void.self)
        self.emptied.value.append(promise)
        for connection in Array(self.connections.value.values) { connection.drain() }
        loop.scheduleTask(in: time) {
            for connection in Array(self.connections.value.values) { connection.abort() }
        }
        return promise.futureResult
    }

    // MARK: - Messages

    func submit(
        _ bytes: [UInt8],
        _ header: HL7Header,
        _ completion: @escaping @Sendable (MessageCommitter.Outcome) -> Void
    ) {
        self.committer.submit(
            MessageCommitter.Submission(
                topic: header.messageType == "ADT" ? self.movementTopic : self.topic,
                payload: bytes,
                receivedAt: GatewayClock.now(),
                isTimed: !header.messageTime.isEmpty,
                completion: completion
            )
        )
    }

    /// What tells the next answer from all others.
    func stamp() -> Acknowledgement.Stamp {
        let now = GatewayClock.now()
        let number = self.shared.withLock { shared in
            shared.answers &+= 1
            return shared.answers
        }
        return Acknowledgement.Stamp(
            time: GatewayClock.hl7(now),
            controlID: "W\(now / 1_000_000)\(number % 100_000)"
        )
    }

    // MARK: - Notes

    func note(_ outcome: MessageCommitter.Outcome, bytes: Int) {
        switch outcome {
        case .stored(let repeated):
            self.change { state in
                state.messagesStored += 1
                state.bytesStored += UInt64(bytes)
                state.messagesRepeated += repeated ? 1 : 0
            }
        case .notStored(let reason):
            self.change { $0.messagesNotStored += 1 }
            self.log("the store refuses messages: \(reason)")
        }
    }

    func noteAcknowledged(since begun: NIODeadline) {
        let seconds = Double((NIODeadline.now() - begun).nanoseconds) / 1e9
        self.change { $0.noteAcknowledgement(seconds: seconds) }
    }

    func noteRefused(_ refusal: HL7Refusal) {
        self.change { $0.messagesRefused[refusal.word, default: 0] += 1 }
        self.log("message refused: \(refusal.text)\(refusal.field.map { " (MSH-\($0))" } ?? "")")
    }

    func noteTorn(_ count: Int) {
        guard count > 0 else { return }
        self.change { $0.framesTorn += UInt64(count) }
    }

    func noteBroken(_ reason: String) {
        self.change { $0.connectionsBroken += 1 }
        self.log("connection closed: \(reason)")
    }

    private func log(_ reason: String) {
        let now = NIODeadline.now()
        let isNews = self.shared.withLock { shared in
            if let last = shared.logged[reason], now - last < Self.quietTime { return false }
            if shared.logged.count >= 256 { shared.logged.removeAll() }
            shared.logged[reason] = now
            return true
        }
        if isNews { self.logger.warning("mllp", metadata: ["why": "\(reason)"]) }
    }
}
