internal import Certificates
internal import ChainReading
internal import Contracts
internal import Logging
internal import ServiceLifecycle

/// Tells the chain which pseudonyms are revoked, list by list, until it has taken the newest.
struct RevocationPublisher: Service {
    private static let idle = Duration.seconds(300)
    private static let retry = Duration.seconds(5)

    let desk: PseudonymDesk
    let writer: any ChainWriting
    /// Epochs of which certificates are kept for a trace.
    let traceEpochs: UInt64
    let alarm: Alarm
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var pause = Self.idle
                do { try await self.publish() } catch {
                    self.logger.warning("the chain has not taken the revocation list", metadata: ["why": "\(error)"])
                    pause = Self.retry
                }
                await self.alarm.wait(for: pause)
            }
        }
    }

    /// Publishes the newest list unless the chain has it, or it names nothing.
    func publish() async throws {
        try self.forget()
        let newest = try self.desk.revocations()
        guard !newest.isPublished else { return }
        let list = try RevocationList(bytes: newest.bytes)
        guard list.count > 0 else { return }
        // Registered parties alone bring lists; most often it is registered already.
        try await self.writer.submit(Register(), needless: [.registeredAlready])
        try await self.writer.submit(Revoke(list: list), needless: [.listOutdated])
        try self.desk.books.setPublished(newest.number)
        self.logger.info("revoked pseudonyms are on the chain", metadata: ["count": "\(list.count)"])
    }

    /// Drops what is too old.
    private func forget() throws {
        let current = self.desk.epochs.epoch(at: self.desk.now())
        let oldest = current > self.traceEpochs ? current - self.traceEpochs : 0
        try self.desk.books.forget(answersBefore: current, allBefore: oldest)
        try self.desk.keys.destroy(before: oldest)
    }
}

/// Drops what is too old, where there is no chain to publish to.
struct PseudonymUpkeep: Service {
    let desk: PseudonymDesk
    let traceEpochs: UInt64
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let current = self.desk.epochs.epoch(at: self.desk.now())
                let oldest = current > self.traceEpochs ? current - self.traceEpochs : 0
                do {
                    try self.desk.books.forget(answersBefore: current, allBefore: oldest)
                    try self.desk.keys.destroy(before: oldest)
                } catch { self.logger.error("old books cannot be dropped", metadata: ["why": "\(error)"]) }
                do { try await Task.sleep(for: .seconds(3_600)) } catch { return }
            }
        }
    }
}
