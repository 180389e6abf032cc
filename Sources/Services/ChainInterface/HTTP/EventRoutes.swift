internal import CanonicalBytes
internal import Consensus
internal import Hummingbird
internal import Ledger
internal import NIOCore
internal import SecureHTTP
internal import ServiceLifecycle

extension ChainAPI {
    /// What happens, as it happens, and from any earlier moment on.
    var eventRoutes: [ChainRoute] {
        [
            ChainRoute(
                .get,
                "/v1/channels/{channel}/events",
                for: .anybody,
                query: ["since"],
                answers: [200, 404, 410],
                self.events
            ),
            ChainRoute(
                .get,
                "/v1/channels/{channel}/subjects/{subject}",
                for: .anybody,
                query: ["after", "limit"],
                answers: [200, 404, 410],
                self.subject
            ),
        ]
    }

    @Sendable private func subject(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let channel = try reading.channel()
        let subject = try reading.subject()
        let place = try reading.queryPlace("after")
        let limit = try reading.limit(most: ChainAPILimits.subjectEventsMax)
        var writer = CanonicalWriter(capacity: 4_096)
        for event in try await self.backend.events(of: subject, after: place, limit: limit, on: channel) {
            writer.raw(event.bytes)
        }
        return .bytes(writer.bytes)
    }

    @Sendable private func events(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let channel = try reading.channel()
        let tip = self.backend.height(of: channel)
        let place = try reading.eventPlace() ?? EventPlace(height: tip, index: .max)
        guard let share = self.streams.share(of: origin) else { throw Self.busy("event streams are open") }
        // Known before the first byte of the answer: pruned blocks are a status, not an end of the stream.
        if place.height <= tip { _ = try await self.backend.block(at: max(1, place.height), on: channel) }
        let stream = EventStream(backend: self.backend, channel: channel, limits: self.limits, after: place)
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream"],
            body: .init { writer in
                defer { withExtendedLifetime(share) {} }
                try await stream.write(to: &writer)
                try await writer.finish(nil)
            }
        )
    }
}

/// One subscriber's events: read from the ledger as fast as it takes them, so that nothing is kept for a slow one.
private struct EventStream: Sendable {
    /// Asks a browser to come back after a second.
    private static let greeting = "retry: 1000\n\n"
    private static let heartbeat = ": \n\n"

    let backend: any ChainBackend
    let channel: Ledger.Channel
    let limits: ChainAPILimits
    let after: EventPlace

    /// Writes until the stream's time is over, the subscriber is too slow or gone, or the server stops.
    func write(to writer: inout any ResponseBodyWriter) async throws {
        let begin = ContinuousClock.now
        let end = begin + .seconds(self.limits.streamSeconds)
        var isFast = try await self.send(Self.greeting, to: &writer)
        // The block of the last event seen may hold more.
        var height = max(1, self.after.height)
        var spoke = ContinuousClock.now
        while isFast, !Task.isCancelled, !Task.isShuttingDownGracefully, ContinuousClock.now < end {
            if let block = try await self.backend.block(at: height, on: self.channel) {
                let events = LedgerEvent.all(of: block).filter { $0.place > self.after }
                if !events.isEmpty {
                    isFast = try await self.send(events.map { $0.text }.joined(), to: &writer)
                    spoke = .now
                }
                height += 1
                continue
            }
            let pause = min(spoke + .seconds(self.limits.heartbeatSeconds), end)
            await self.waitForBlock(above: height - 1, until: pause)
            if ContinuousClock.now >= pause, ContinuousClock.now < end {
                isFast = try await self.send(Self.heartbeat, to: &writer)
                spoke = .now
            }
        }
    }

    /// - Returns: whether the subscriber took it in time.
    private func send(_ text: String, to writer: inout any ResponseBodyWriter) async throws -> Bool {
        let begin = ContinuousClock.now
        try await writer.write(ByteBuffer(string: text))
        return ContinuousClock.now - begin < .seconds(self.limits.slowSeconds)
    }

    private func waitForBlock(above height: Height, until deadline: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.backend.waitForBlock(above: height, on: self.channel) }
            group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
            group.addTask { try? await gracefulShutdown() }
            await group.next()
            group.cancelAll()
        }
    }
}
