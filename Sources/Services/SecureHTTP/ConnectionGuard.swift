internal import Credentials
internal import Hummingbird
internal import NIOCore
internal import NIOHTTPTypes
internal import NIOSSL

/// The body was not complete in time.
struct BodyDeadlineExceeded: Error {}

/// Ends connections that take too long, in whichever phase, and notes whose certificate a connection showed.
///
/// It stands behind the HTTP codec: a header that trickles in is seen only when it is complete, so that the time from the
/// connection's start, or from the last response, bounds it.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a refused upload may go on, so that the client gets to read the refusal.
    private static let lingerSeconds = 2.0

    private let limits: ServerLimits
    private let peers: ConnectionPeers
    /// Who may connect besides the consortium's own; nil for nobody.
    private let allies: AlliedAuthorities?
    private var timer: Scheduled<Void>?
    private var requestsBegun = 0
    private var requestsAnswered = 0
    private var isReading = false
    private var closesAfterResponse = false

    init(limits: ServerLimits, peers: ConnectionPeers, allies: AlliedAuthorities?) {
        self.limits = limits
        self.peers = peers
        self.allies = allies
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.finish(context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.finish(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head:
            if self.requestsBegun == 0 { self.notePeer(context) }
            self.requestsBegun += 1
            self.isReading = true
            self.schedule(context, after: self.limits.bodySeconds) { $0.endBody($1) }
        case .body: break
        case .end:
            self.isReading = false
            let isAnswered = self.requestsAnswered == self.requestsBegun
            if isAnswered, self.closesAfterResponse {
                context.close(promise: nil)
            } else {
                self.close(context, after: isAnswered ? self.limits.idleSeconds : self.limits.responseSeconds)
            }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(let head):
            self.closesAfterResponse = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            self.requestsAnswered += 1
            guard self.closesAfterResponse, !self.isReading else {
                self.afterResponse(context)
                return context.write(data, promise: promise)
            }
            context.writeAndFlush(data, promise: promise)
            context.close(promise: nil)
        }
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard self.peers.arrive(context.channel) else { return context.close(promise: nil) }
        self.close(context, after: self.limits.headerSeconds)
    }

    private func afterResponse(_ context: ChannelHandlerContext) {
        if self.requestsBegun > self.requestsAnswered {
            self.close(context, after: self.limits.bodySeconds + self.limits.responseSeconds)
        } else if self.isReading {
            self.close(context, after: Self.lingerSeconds)
        } else {
            self.close(context, after: self.limits.idleSeconds)
        }
    }

    private func endBody(_ context: ChannelHandlerContext) {
        guard self.isReading else { return }
        self.close(context, after: Self.lingerSeconds)
        context.fireErrorCaught(BodyDeadlineExceeded())
    }

    private func notePeer(_ context: ChannelHandlerContext) {
        let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        let peer = handler?.peerCertificate.flatMap { self.allies.party($0) }
        self.peers.note(peer, of: context.channel)
    }

    private func finish(_ context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = nil
        self.peers.forget(context.channel)
    }

    private func close(_ context: ChannelHandlerContext, after seconds: Double) {
        self.schedule(context, after: seconds) { $1.close(promise: nil) }
    }

    private func schedule(
        _ context: ChannelHandlerContext,
        after seconds: Double,
        _ action: @escaping @Sendable (ConnectionGuard, ChannelHandlerContext) -> Void
    ) {
        self.timer?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.timer = context.eventLoop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) {
            let (handler, context) = bound.value
            action(handler, context)
        }
    }
}
