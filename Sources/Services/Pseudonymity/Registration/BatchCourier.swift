internal import CanonicalBytes
internal import Logging
internal import ServiceLifecycle
internal import Transcripts
internal import Uplink

/// Brings batches and revoked keys to the authority of pseudonyms until it has answered.
///
/// A batch leaves when it has the keys of several users, so that keys of one batch say little about one another, or
/// when the oldest request has waited long enough. It is on the disk before it leaves, and sent again it is the same.
struct BatchCourier: Service {
    /// How long users wait for company.
    struct Pace: Sendable {
        /// Users in a batch that leaves at once.
        var usersMin = 8
        /// How long the first of them waits, s.
        var secondsMax: UInt64 = 5
    }

    /// From one round to the next when nobody calls.
    private static let idle = Duration.seconds(60)
    private static let retryMax = Duration.seconds(30)

    let desk: RegistrationDesk
    let authority: PseudonymAuthorityClient
    let pace: Pace
    /// Epochs of which requests are kept for a trace.
    let traceEpochs: UInt64
    let alarm: Alarm
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                let pause: Duration
                do {
                    pause = try await self.round()
                    failures = 0
                } catch {
                    failures += 1
                    self.logger.warning("the authority of pseudonyms has not answered", metadata: ["why": "\(error)"])
                    pause = min(Self.retryMax, .milliseconds(250 << min(failures, 10)))
                }
                await self.alarm.wait(for: pause)
            }
        }
    }

    /// Does everything that is due.
    ///
    /// - Returns: when the next round is.
    func round() async throws -> Duration {
        let now = self.desk.now()
        let current = self.desk.epochs.epoch(at: now)
        let oldest = current > self.traceEpochs ? current - self.traceEpochs : 0
        try self.desk.books.forget(unissuedBefore: current, allBefore: oldest)
        try self.desk.keys.destroy(before: oldest)
        var pause = Self.idle
        for waiting in try self.desk.books.waiting() {
            let age = now > waiting.since ? now - waiting.since : 0
            guard waiting.users >= self.pace.usersMin || age >= self.pace.secondsMax else {
                pause = min(pause, .seconds(Int64(self.pace.secondsMax - age)))
                continue
            }
            try self.desk.books.putTogether(waiting.epoch, id: SecureRandom.bytes(32))
            // There may be more than one batch holds.
            pause = .zero
        }
        var failure: (any Error)?
        for batch in try self.desk.books.openBatches() {
            // One that is refused keeps no other back; it is dropped with its epoch.
            do { try await self.bring(batch) } catch { failure = error }
        }
        let keys = try self.desk.books.keysToRevoke()
        if !keys.isEmpty {
            try await self.authority.revoke(RevokedKeys(keys: keys).bytes)
            try self.desk.books.setRevoked(keys)
        }
        if let failure { throw failure }
        return pause
    }

    private func bring(_ batch: RegistrationBooks.Batch) async throws {
        let answer = try await self.authority.issue(batch.content.bytes, id: batch.id)
        let boxes = try BoxedResponses(bytes: answer).boxes
        try require(boxes.count == batch.content.orders.count, .format, "an answer to another batch")
        try self.desk.books.keep(boxes, of: batch)
        self.logger.info(
            "certificates issued",
            metadata: ["count": "\(boxes.count)", "epoch": "\(batch.content.epoch)"]
        )
    }
}
