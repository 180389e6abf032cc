internal import NIOCore
internal import NIOSSL
internal import Payloads

/// One sender's connection: cuts frames, has them stored, answers in the order in which they came.
///
/// Lives on the listener's event loop. Nothing is read while too many messages wait for their commit, so that a fast
/// sender is slowed down by TCP and the memory stays bounded.
final class MLLPConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A message that has come, until its answer is written.
    private struct Pending {
        let header: HL7Header?
        let begun: NIODeadline
        /// nil while it waits for its commit.
        var answers: [[UInt8]]?
        let isStored: Bool
    }

    /// A TLS handshake must be over by then.
    private static let handshakeTime = TimeAmount.seconds(30)
    /// How often times are looked at.
    private static let tickTime = TimeAmount.seconds(5)

    private let listener: ListenerCore
    private var framer: MLLPFramer
    private var pending: [Pending] = []
    /// Number of the first of ``pending`` among all messages of the connection.
    private var firstPending = 0
    private var isReading = false
    private var isEnding = false
    private var accepted = NIODeadline.now()
    private var lastByte = NIODeadline.now()
    private var frameBegun: NIODeadline?
    private var ticks: RepeatedTask?
    private var context: ChannelHandlerContext?

    init(_ listener: ListenerCore) {
        self.listener = listener
        self.framer = MLLPFramer(frameBytesMax: listener.settings.limits.frameBytesMax)
    }

    // MARK: - Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        self.ticks = context.eventLoop.scheduleRepeatedTask(
            initialDelay: Self.tickTime,
            delay: Self.tickTime
        ) { _ in bound.value.tick() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.ticks?.cancel()
        self.ticks = nil
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        self.listener.began(self)
        self.readOn()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.listener.noteTorn(self.framer.tornFrames + (self.framer.isMidFrame ? 1 : 0))
        self.listener.ended(self)
        context.fireChannelInactive()
    }

    /// A sender that has said all it has to say still reads its answers.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { self.drain() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.breakOff(Self.words(for: error)) }

    /// Reads nothing more, answers what waits, and closes.
    func drain() {
        self.isEnding = true
        self.closeWhenAnswered()
    }

    func abort() { self.context?.close(promise: nil) }

    private func tick() {
        let now = NIODeadline.now()
        let limits = self.listener.settings.limits
        if self.listener.settings.tls != nil, now - self.accepted > Self.handshakeTime, !self.hasHandshake {
            self.breakOff("no TLS handshake")
        } else if let begun = self.frameBegun, now - begun > .seconds(Int64(limits.frameSeconds)) {
            self.breakOff("a frame did not end in time")
        } else if self.pending.isEmpty, now - self.lastByte > .seconds(Int64(limits.idleSeconds)) {
            self.breakOff("idle")
        }
    }

    /// Whether the client has shown its certificate.
    private var hasHandshake: Bool {
        let handler = try? self.context?.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        return handler?.peerCertificate != nil
    }

    private func breakOff(_ reason: String) {
        guard let context, context.channel.isActive else { return }
        self.listener.noteBroken(reason)
        context.close(promise: nil)
    }

    /// Errors of TLS name certificates and hosts, never messages; other errors are the socket's.
    private static func words(for error: any Error) -> String {
        if let failure = error as? DecodeFailure { return failure.detail }
        return error is NIOSSLError || error is NIOSSLExtraError ? "TLS: \(error)" : "\(error)"
    }

    // MARK: - Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        self.lastByte = .now()
        guard !self.isEnding else { return }
        var events: [MLLPFramer.Event] = []
        do {
            try buffer.withUnsafeReadableBytes { bytes in try self.framer.take(bytes, into: &events) }
        } catch {
            self.breakOff(Self.words(for: error))
            return
        }
        for event in events { self.take(event) }
        self.frameBegun = self.framer.isMidFrame ? self.frameBegun ?? self.lastByte : nil
        self.writeAnswers()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReading = false
        self.readOn()
        context.fireChannelReadComplete()
    }

    private func readOn() {
        guard !self.isReading, !self.isEnding, self.pending.count < self.listener.settings.limits.unansweredMax else {
            return
        }
        self.isReading = true
        self.context?.read()
    }

    private func take(_ event: MLLPFramer.Event) {
        switch event {
        case .frame(let bytes):
            guard let header = Self.header(of: bytes) else { return self.refuse(nil, .noHeader) }
            if let refusal = self.listener.settings.admission.refusal(of: header) {
                return self.refuse(header, refusal)
            }
            self.store(bytes, header)
        case .oversized(let beginning): self.refuse(Self.header(of: beginning), .oversized)
        }
    }

    private static func header(of bytes: [UInt8]) -> HL7Header? {
        bytes.withUnsafeBytes { try? HL7Header($0) }
    }

    // MARK: - Answers

    private func refuse(_ header: HL7Header?, _ refusal: HL7Refusal) {
        self.listener.noteRefused(refusal)
        let answers = Acknowledgement.answers(to: header, refusal: refusal, stamp: self.listener.stamp())
        self.pending.append(Pending(header: header, begun: .now(), answers: answers, isStored: false))
    }

    private func store(_ bytes: [UInt8], _ header: HL7Header) {
        guard let context else { return }
        let number = self.firstPending + self.pending.count
        self.pending.append(Pending(header: header, begun: .now(), answers: nil, isStored: true))
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        self.listener.submit(bytes, header) { outcome in
            loop.execute { bound.value.committed(number, bytes.count, outcome) }
        }
    }

    private func committed(_ number: Int, _ bytes: Int, _ outcome: MessageCommitter.Outcome) {
        self.listener.note(outcome, bytes: bytes)
        let index = number - self.firstPending
        guard self.pending.indices.contains(index) else { return }
        switch outcome {
        case .stored:
            self.pending[index].answers = Acknowledgement.answers(
                to: self.pending[index].header,
                refusal: nil,
                stamp: self.listener.stamp()
            )
            self.writeAnswers()
            self.readOn()
        case .notStored:
            // No answer at all: to a refusal some senders give the message up, after a lost connection none does.
            self.isEnding = true
            self.context?.close(promise: nil)
        }
    }

    /// Writes the answers that nothing before them waits for.
    private func writeAnswers() {
        guard let context, context.channel.isActive else { return }
        var count = 0
        while count < self.pending.count, let answers = self.pending[count].answers {
            for answer in answers { context.write(self.wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil) }
            if self.pending[count].isStored { self.listener.noteAcknowledged(since: self.pending[count].begun) }
            count += 1
        }
        if count > 0 {
            self.pending.removeFirst(count)
            self.firstPending += count
            context.flush()
        }
        self.closeWhenAnswered()
    }

    private func closeWhenAnswered() {
        guard self.isEnding, self.pending.isEmpty else { return }
        self.context?.close(promise: nil)
    }
}
