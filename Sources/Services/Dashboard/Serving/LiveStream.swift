internal import Hummingbird
internal import NIOCore
internal import SecureHTTP
internal import ServiceLifecycle
internal import Synchronization

/// How many streams are open.
final class StreamCount: Sendable {
    /// At one time, of everybody.
    static let most = 32

    fileprivate let open = Mutex(0)

    /// One of them, for as long as it is held.
    final class Share: Sendable {
        private let count: StreamCount

        fileprivate init(_ count: StreamCount) { self.count = count }

        deinit { self.count.open.withLock { $0 -= 1 } }
    }

    /// - Returns: nil when there are too many.
    func enter() -> Share? {
        let isFree = self.open.withLock { open in
            guard open < Self.most else { return false }
            open += 1
            return true
        }
        return isFree ? Share(self) : nil
    }
}

/// One browser's view of a page, kept up to date.
///
/// A page is looked at again only when the browser has taken what it was sent: a slow one costs nothing more.
struct LiveStream: Sendable {
    /// The browser comes back by itself; a stream without end would outlive its session's certificate.
    static let seconds = 300.0
    private static let heartbeatSeconds = 15.0

    let everySeconds: Double
    /// The page as it is now; nil when the session is over.
    let look: @Sendable () async throws -> [HTMLNode]?

    /// Writes until the stream's time is over, the session ends, or the server stops.
    func write(to writer: inout any ResponseBodyWriter) async throws {
        let end = ContinuousClock.now + .seconds(Self.seconds)
        var last: LiveRegions?
        var spoke = ContinuousClock.now
        try await writer.write(ByteBuffer(string: ServerSentEvent.greeting))
        while !Task.isCancelled, !Task.isShuttingDownGracefully, ContinuousClock.now < end {
            guard let nodes = try await self.look() else {
                try await writer.write(ByteBuffer(string: ServerSentEvent("over", json: []).text))
                return
            }
            let regions = LiveRegions(nodes)
            if let event = regions.event(after: last, page: nodes) {
                try await writer.write(ByteBuffer(string: event.text))
                spoke = .now
            } else if ContinuousClock.now > spoke + .seconds(Self.heartbeatSeconds) {
                try await writer.write(ByteBuffer(string: ServerSentEvent.heartbeat))
                spoke = .now
            }
            last = regions
            await self.pause()
        }
    }

    private func pause() async {
        await cancelWhenGracefulShutdown {
            _ = try? await Task.sleep(for: .seconds(self.everySeconds))
        }
    }
}
