internal import CanonicalBytes
internal import Credentials
internal import NIOCore
internal import NIOSSL

/// One connection, behind its TLS handler: hellos first, then frames one way and heartbeats both ways.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let switchboard: Switchboard
    /// Whom this validator dialed; nil for a connection that it accepted.
    private let dialed: PeerLink?
    private var phase = Phase.greeting
    private var decoder = FrameDecoder(limits: ControlFrame.limits(nil))
    private var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?
    /// The other end's certificate, once a hello came with it.
    private(set) var identity: PeerIdentity?
    private var lastHeard = NIODeadline.now()
    private var hasSpoken = false
    private var isReadHeld = false
    /// Whether nobody knows whose connection this is, and it was not said why it is closed.
    private var isStranger = true
    /// The other end's address, without its port: strangers come from many.
    private(set) var address = "unknown"
    /// What went wrong, for the status.
    private(set) var failure: String?

    init(_ switchboard: Switchboard, dialed: PeerLink?) {
        self.switchboard = switchboard
        self.dialed = dialed
    }

    private enum Phase {
        case greeting
        case open(PeerLink)
        /// No frame is looked at any more; TLS says goodbye.
        case closing(PeerLink?)
    }

    var isWritable: Bool { self.context?.channel.isWritable ?? false }

    var allocator: ByteBufferAllocator { self.context?.channel.allocator ?? ByteBufferAllocator() }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) {
        self.lastHeard = .now()
        self.address = context.remoteAddress?.ipAddress ?? "unknown"
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: self.switchboard.handshakeTime) {
            self.failure = "the handshake was not over in time"
            self.abort()
        }
        if self.dialed != nil { self.write(.hello(self.switchboard.admission.own.bytes)) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        let phase = self.phase
        self.phase = .closing(nil)
        self.context = nil
        self.switchboard.ended(self)
        switch (phase, self.dialed) {
        case (_, .some(let link)): link.ended(self)
        case (.open(let link), .none), (.closing(.some(let link)), .none): link.left(self)
        case (.greeting, .none), (.closing(.none), .none):
            if self.isStranger { self.switchboard.strangerLeft(self) }
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case NIOSSLError.uncleanShutdown = error { return context.close(promise: nil) }
        self.failure = self.failure ?? "\(error)"
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .open(let link) = self.phase, self.dialed != nil { link.drain() }
        context.fireChannelWritabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        self.lastHeard = .now()
        var offset = 0
        do throws(FrameTooLong) {
            while let frame = try self.nextFrame(buffer, &offset) { self.handle(frame) }
        } catch { self.misbehaved(.oversized, as: .tooLong) }
    }

    /// Reading stops here while the core has more of this peer than its credit.
    func read(context: ChannelHandlerContext) {
        if case .open(let link) = self.phase, self.dialed == nil, link.mailbox.isPaused {
            self.isReadHeld = true
        } else {
            context.read()
        }
    }

    // MARK: From the link and the switchboard

    /// Goes on reading after the core released enough.
    func resumeReading() {
        guard self.isReadHeld else { return }
        self.isReadHeld = false
        self.lastHeard = .now()
        self.context?.read()
    }

    func write(_ buffer: ByteBuffer) {
        self.hasSpoken = true
        self.context?.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
    }

    /// Looks after an open connection: is the other end alive, may it still be there, does it know that this end is.
    func tick(now: NIODeadline) {
        guard case .open = self.phase else { return }
        if !self.isReadHeld, now - self.lastHeard > self.switchboard.silenceTime {
            self.failure = "nothing was heard for too long"
            return self.abort()
        }
        if let identity, let refusal = self.switchboard.admission.refusal(of: identity, at: Clock.wallSeconds) {
            return self.refuse(refusal)
        }
        if !self.hasSpoken, self.isWritable { self.write(.heartbeat) }
        self.hasSpoken = false
    }

    /// Says why and closes.
    func refuse(_ refusal: PeerRefusal, from number: UInt16? = nil) {
        self.failure = refusal.description
        self.isStranger = false
        if case .open(let link) = self.phase {
            self.switchboard.refused(self, link.mailbox.peer.number, refusal)
        } else {
            self.switchboard.refused(self, number ?? self.dialed?.mailbox.peer.number, refusal)
        }
        self.write(.refusal(refusal))
        self.close()
    }

    /// Closes as soon as what was written is through.
    func close() {
        self.deadline?.cancel()
        switch self.phase {
        case .greeting: self.phase = .closing(nil)
        case .open(let link): self.phase = .closing(link)
        case .closing: return
        }
        // A held read would keep the goodbye from arriving.
        if self.isReadHeld { self.resumeReading() }
        self.context?.close(promise: nil)
    }

    /// Closes without a goodbye, for an other end that would not answer it.
    func abort() {
        let tls = try? self.context?.pipeline.syncOperations.context(handlerType: NIOSSLHandler.self)
        self.close()
        tls?.close(promise: nil)
    }

    // MARK: Frames

    private func nextFrame(_ buffer: ByteBuffer, _ offset: inout Int) throws(FrameTooLong) -> Frame? {
        if case .closing = self.phase { return nil }
        return try self.decoder.next(from: buffer.readableBytesSpan, at: &offset)
    }

    private func handle(_ frame: Frame) {
        guard case .open(let link) = self.phase else { return self.greet(frame) }
        if frame.kind < ControlFrame.kindMin, self.dialed == nil {
            let received = PeerFrame(from: link.mailbox.peer.number, kind: frame.kind, bytes: frame.bytes)
            link.mailbox.charge(received)
            return self.switchboard.receive(received)
        }
        switch ControlFrame(frame) {
        case .heartbeat: break
        case .refusal(let refusal): self.refused(by: refusal, link)
        default: self.misbehaved(.malformed, as: .malformed)
        }
    }

    private func greet(_ frame: Frame) {
        switch (ControlFrame(frame), self.dialed) {
        case (.hello(let bytes), .none): self.answer(bytes)
        case (.welcome(let bytes), .some(let link)): self.enter(bytes, link)
        case (.refusal(let refusal), .some(let link)): self.refused(by: refusal, link)
        default: self.refuse(.malformed)
        }
    }

    /// What the other end says is not counted as its misbehaviour: it may be right.
    private func refused(by refusal: PeerRefusal, _ link: PeerLink) {
        self.failure = "refused by the peer: \(refusal)"
        self.switchboard.refusedBy(link.mailbox.peer, refusal)
        self.close()
    }

    /// Lets in who dialed, or does not.
    private func answer(_ bytes: [UInt8]) {
        guard let hello = try? PeerHello(bytes: bytes) else { return self.refuse(.malformed) }
        let link = self.switchboard.link(hello.number)
        if let refusal = self.refusal(of: hello, expecting: link) { return self.refuse(refusal, from: hello.number) }
        guard let link else { return self.refuse(.unknownNumber, from: hello.number) }
        self.open(link)
        self.write(.welcome(self.switchboard.admission.own.bytes))
        link.accepted(self, session: hello.session)
    }

    /// Begins to send, if who answered is who was dialed.
    private func enter(_ bytes: [UInt8], _ link: PeerLink) {
        guard let hello = try? PeerHello(bytes: bytes) else { return self.refuse(.malformed) }
        if let refusal = self.refusal(of: hello, expecting: link) { return self.refuse(refusal) }
        self.open(link)
        link.connected(self, session: hello.session)
    }

    private func refusal(of hello: PeerHello, expecting link: PeerLink?) -> PeerRefusal? {
        let handler = try? self.context?.pipeline.syncOperations.handler(type: NIOSSLHandler.self)
        guard let certificate = handler?.peerCertificate, let identity = try? PeerIdentity(certificate) else {
            return .role
        }
        self.identity = identity
        let refusal = self.switchboard.admission.refusal(
            of: hello,
            by: identity,
            dialed: self.dialed?.mailbox.peer.number,
            expecting: link?.mailbox.peer.name,
            at: Clock.wallSeconds
        )
        return refusal ?? (link?.mailbox.isRefused == true ? .penalized : nil)
    }

    private func open(_ link: PeerLink) {
        self.deadline?.cancel()
        self.phase = .open(link)
        self.isStranger = false
        // Only who accepts gets callers' frames.
        if self.dialed == nil { self.decoder.limits = self.switchboard.frameLimits }
        self.switchboard.opened(self)
    }

    private func write(_ control: ControlFrame) { self.write(ByteBuffer(bytes: control.frame.encoded)) }

    private func misbehaved(_ misbehaviour: Misbehaviour, as refusal: PeerRefusal) {
        if case .open(let link) = self.phase { self.switchboard.report(link, misbehaviour) }
        // The report may have closed it.
        if case .closing = self.phase { return }
        self.refuse(refusal)
    }
}
