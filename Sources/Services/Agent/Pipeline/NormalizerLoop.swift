internal import DeviceProfiles
internal import Logging
internal import Normalization
internal import Records
internal import Spool
internal import Synchronization

/// Takes stored batches one after the other through the processor into the spool.
///
/// The output of some batches and the cursor behind them are one transaction: a crash repeats them or does not.
final class NormalizerLoop: Sendable {
    private struct Shared {
        var stopping = false
        var pendingLibrary: ProfileLibrary?
        var heartbeat: UInt64 = 0
        var clocks: [ClockReport] = []
        var patients: PatientStatus?
        var failure: String?
    }

    private static let clocksSaveIntervalNs: UInt64 = 10_000_000_000

    private let inbox: Inbox
    /// Takes turns with the loop of the other lane.
    private let turn: LaneTurn
    private let spool: Spool
    /// What the numerics' loop says of beds to the waveforms', where there are movements of patients.
    private let sharedBeds: SharedBeds?
    private let logger: Logger
    private let shared = Mutex(Shared())

    /// - Parameters:
    ///   - inbox: of the lane that the loop serves.
    ///   - spool: of both lanes.
    ///   - turn: shared by the loops of both lanes.
    ///   - sharedBeds: where the bed map is handed from lane to lane.
    ///   - logger: receives what keeps the loop from going on.
    init(
        inbox: Inbox,
        spool: Spool,
        turn: LaneTurn = LaneTurn(),
        sharedBeds: SharedBeds? = nil,
        logger: Logger
    ) {
        self.sharedBeds = sharedBeds
        self.inbox = inbox
        self.turn = turn
        self.spool = spool
        self.logger = logger
    }

    /// Puts new profiles in force from the next batch on.
    func use(_ library: ProfileLibrary) { self.shared.withLock { $0.pendingLibrary = library } }

    /// Ends ``run(_:)`` after the batch in work.
    func requestStop() {
        self.shared.withLock { $0.stopping = true }
        self.inbox.wakeUp()
    }

    /// Monotonic ns when the loop last showed that it is alive.
    var heartbeat: UInt64 { self.shared.withLock { $0.heartbeat } }

    /// Why the spool refuses results at the moment, if it does.
    var failure: String? { self.shared.withLock { $0.failure } }

    var clocks: [ClockReport] { self.shared.withLock { $0.clocks } }

    /// nil where no message moves patients.
    var patients: PatientStatus? { self.shared.withLock { $0.patients } }

    /// Works until ``requestStop()``; blocks its thread.
    func run(_ start: consuming MessageProcessor) {
        var processor = start
        var output = NormalizedBatch()
        output.lines = Self.freshLines()
        var lineBytesUsed = 0
        var beds = BedUpkeep(self.sharedBeds, lane: self.inbox.lane)
        self.note(processor)
        var clocksSavedAt: UInt64 = 0
        var cursor: Int64?
        var held: InboxBatch?
        while self.beat() {
            if let library = self.shared.withLock({ $0.pendingLibrary.take() }) { processor.library = library }
            do {
                let last = try cursor ?? self.spool.cursor(of: self.inbox.lane)
                cursor = last
                guard let batch = try held.take() ?? self.inbox.nextBatch(after: last) else {
                    if lineBytesUsed > Self.lineBytesKept {
                        output.lines = Self.freshLines()
                        lineBytesUsed = 0
                    }
                    self.rest()
                    try beds.refresh(&processor, from: self.spool)
                    _ = self.inbox.waitForBatch(after: last, timeout: 1)
                    continue
                }
                self.takeTurn()
                try beds.refresh(&processor, from: self.spool)
                output.removeAll()
                processor.process(batch.burst, batch: batch.id, into: &output)
                held = try self.processFollowing(batch.id, &processor, into: &output)
                lineBytesUsed = max(lineBytesUsed, output.lines.count)
                let now = monotonicNanoseconds()
                let clocksAreDue = now - clocksSavedAt >= Self.clocksSaveIntervalNs
                beds.forget(&processor, now: batch.burst)
                output.state = processor.takeChangedState(includingClocks: clocksAreDue)
                output.clockNotes = processor.takeClockNotes()
                processor.writeMovements(to: &output)
                guard self.commit(output) else { return }
                if output.movements != MovementChange() {
                    processor.movementsAreSaved()
                    beds.publish(processor)
                    self.note(processor)
                }
                self.endTurn()
                cursor = output.sourceBatch
                guard clocksAreDue else { continue }
                clocksSavedAt = now
                self.shared.withLock { $0.clocks = processor.clockReports }
            } catch {
                // Nothing is lost: the batch stays in the inbox. An operator must see it, and it is tried again.
                self.note(failure: "\(error)")
                _ = self.inbox.waitForBatch(after: .max, timeout: 1)
            }
        }
    }

    private func note(_ processor: borrowing MessageProcessor) {
        guard let ledger = processor.patients?.ledger else { return }
        let status = PatientStatus(ledger)
        let isNews = self.shared.withLock { shared in
            defer { shared.patients = status }
            return status.contradictionCount > shared.patients?.contradictionCount ?? 0
        }
        guard isNews else { return }
        self.logger.warning(
            "messages about patients contradict each other; wardline associate contradictions lists them",
            metadata: ["contradictions": "\(status.contradictionCount)"]
        )
    }

    /// Numerics go at once and are noted; a waveform gives way to them.
    private func takeTurn() {
        switch self.inbox.lane {
        case .numerics: self.turn.begin()
        case .waves: self.turn.giveWay()
        }
    }

    private func endTurn() {
        if self.inbox.lane == .numerics { self.turn.committed() }
    }

    private func rest() {
        if self.inbox.lane == .numerics { self.turn.rest() }
    }

    /// Messages that one commit carries at most, unless one batch holds more; while a backlog lasts, its fsync is
    /// shared among so many.
    private static let messagesPerCommit = 2_048
    /// Bytes of Observations, or of raw messages kept with them, after which a commit takes no further batch: they wait
    /// for it in memory.
    private static let lineBytesPerCommit = 8 << 20
    /// The same for waveforms: the database has one writer, so that this is how long numerics may have to wait for one.
    private static let lineBytesPerWaveCommit = 256 << 10
    /// Bytes of memory for Observations that stay while nothing waits: enough for some hundred messages.
    private static let lineBytesKept = 2 << 20

    /// Room for the Observations of a whole commit of the usual kind, so that it never grows by copying.
    ///
    /// Only what is written becomes resident. A buffer that held a large commit is replaced by a new one when nothing
    /// waits, so that the memory of a backlog goes with the backlog.
    private static func freshLines() -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(self.lineBytesPerCommit + self.lineBytesPerCommit / 2)
        return lines
    }

    /// Processes further batches that wait already, as far as they fit into the commit.
    ///
    /// - Returns: the batch that did not fit: the next commit's first.
    private func processFollowing(
        _ first: Int64,
        _ processor: inout MessageProcessor,
        into output: inout NormalizedBatch
    ) throws -> InboxBatch? {
        var last = first
        let lineBytes = self.inbox.lane == .waves ? Self.lineBytesPerWaveCommit : Self.lineBytesPerCommit
        while output.messageCount < Self.messagesPerCommit, output.lines.count < lineBytes,
            output.material?.bytes.count ?? 0 < lineBytes,
            let batch = try self.inbox.nextBatch(after: last)
        {
            guard output.messageCount + batch.burst.count <= Self.messagesPerCommit else { return batch }
            processor.process(batch.burst, batch: batch.id, into: &output)
            last = batch.id
        }
        return nil
    }

    private func beat() -> Bool {
        self.shared.withLock { shared in
            shared.heartbeat = monotonicNanoseconds()
            return !shared.stopping
        }
    }

    /// Commits, and waits out a full disk.
    ///
    /// - Returns: false when the loop was stopped meanwhile.
    private func commit(_ output: NormalizedBatch) -> Bool {
        while true {
            do {
                _ = try self.spool.commit(output)
                self.shared.withLock { $0.failure = nil }
                return true
            } catch {
                self.note(failure: "\(error)")
                _ = self.inbox.waitForBatch(after: .max, timeout: 1)
                guard self.beat() else { return false }
            }
        }
    }

    private func note(failure: String) {
        let isNew = self.shared.withLock { shared in
            defer { shared.failure = failure }
            return shared.failure != failure
        }
        if isNew { self.logger.error("normalization waits", metadata: ["why": "\(failure)"]) }
    }
}

/// Notices when somebody associates patients, in this process or another.
struct AssociationWatch {
    private var version: Int64?

    init() {}

    /// The bed map, when it changed since the last call.
    mutating func changed(in spool: Spool) throws -> BedMap? {
        var beds: BedMap?
        try self.whenChanged(in: spool) { beds = try BedMap(spool.associations().map(PatientAssociation.init)) }
        return beds
    }

    /// Does something when associations or movements changed since it was last done.
    ///
    /// - Throws: what `body` throws; it is then tried again by the next call.
    mutating func whenChanged(in spool: Spool, _ body: () throws -> Void) throws {
        let current = try spool.dataVersion()
        guard current != self.version else { return }
        try body()
        self.version = current
    }
}

extension PatientAssociation {
    /// The spool's row as the bed map wants it.
    init(_ association: Association) {
        let subject: Subject =
            switch association.subject {
            case .bed(let bed): .bed(bed)
            case .device(let device): .device(device)
            }
        self.init(subject: subject, patient: association.patient, from: association.from, to: association.to)
    }
}
