internal import Consensus
@preconcurrency internal import Glibc
internal import Ledger
internal import LedgerStore
internal import Logging
internal import Synchronization

/// Keeps a channel's index of subjects up with the final blocks, on a thread of its own that yields to everything else.
///
/// It reads blocks as any client does, so that the core does nothing for it but to say that there is one. What a crash
/// loses, an older directory never had, or other rules made is added from the blocks while the validator serves.
final class SubjectIndexer: Sendable {
    /// To be raised when events get other subjects than before: the index is then made anew.
    static let rules: UInt32 = 2
    /// Milliseconds after which rows are written at the latest.
    private static let flushMilliseconds: UInt64 = 5_000
    /// Milliseconds until something is tried again that did not work.
    private static let retryMilliseconds: UInt64 = 1_000
    /// Others on the machine go first.
    private static let niceness: Int32 = 10

    private struct Signals {
        var isNews = true
        var isStopping = false
        /// Whether what waits in memory is written at the end.
        var isOrderly = true
    }

    private enum Step {
        case added
        /// There is no block that it does not have.
        case waiting
        case failed
    }

    let index: SubjectIndex
    /// How far the index is.
    let progress: TipBoard
    let reader: ChannelReader
    private let subjects: @Sendable (ContractEvent) -> [[UInt8]]
    private let logger: Logger
    private let signals = Monitor(Signals())
    private let failure = Mutex<String?>(nil)

    /// - Parameters:
    ///   - index: of the channel; it holds nothing above the reader's tip.
    ///   - reader: of the blocks.
    ///   - subjects: under which an event is found.
    ///   - logger: for what keeps it from going on.
    init(
        _ index: SubjectIndex,
        reader: ChannelReader,
        subjects: @escaping @Sendable (ContractEvent) -> [[UInt8]],
        logger: Logger
    ) {
        self.index = index
        self.progress = TipBoard(height: index.height ?? 0)
        self.reader = reader
        self.subjects = subjects
        self.logger = logger
        let signals = self.signals
        reader.tip.observe {
            signals.change { state in
                state.isNews = true
                return true
            }
        }
    }

    /// Why questions cannot be answered; nil while they can.
    var obstacle: String? { self.failure.withLock { $0 } }

    // MARK: - Running

    /// Works until ``stop(isOrderly:)``.
    func run() async {
        await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start {
                // Of this thread alone, on Linux.
                setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness)
                self.work()
                continuation.resume()
            }
            if !isStarted {
                self.note("the system gives no thread")
                continuation.resume()
            }
        }
        self.progress.close()
    }

    /// Lets ``run()`` end.
    ///
    /// - Parameter isOrderly: whether what waits in memory is written first; a crash does not.
    func stop(isOrderly: Bool) {
        self.signals.changeForAll { state in
            state.isStopping = true
            state.isOrderly = isOrderly
        }
    }

    private func work() {
        var flushAt = Instant.now.advanced(milliseconds: Self.flushMilliseconds)
        while !self.isStopping {
            if flushAt <= .now {
                // Nothing is added until there is room: what waits in memory has a bound.
                guard self.flush() else {
                    self.pause()
                    continue
                }
                flushAt = Instant.now.advanced(milliseconds: Self.flushMilliseconds)
            }
            switch self.step() {
            case .added: continue
            case .waiting: self.waitForNews(until: flushAt)
            case .failed:
                flushAt = .now
                self.pause()
            }
        }
        if self.signals.read({ $0.isOrderly }) { _ = self.flush() }
    }

    private func flush() -> Bool { self.settle { () throws(LedgerStoreFailure) in try self.index.flush() } }

    private var isStopping: Bool { self.signals.read { $0.isStopping } }

    private func waitForNews(until deadline: Instant) {
        _ = self.signals.wait(until: deadline) { state -> Bool? in
            guard state.isNews || state.isStopping else { return nil }
            state.isNews = false
            return true
        }
    }

    /// Waits a while before another attempt.
    private func pause() {
        let deadline = Instant.now.advanced(milliseconds: Self.retryMilliseconds)
        _ = self.signals.wait(until: deadline) { state -> Bool? in state.isStopping ? true : nil }
    }

    // MARK: - Adding

    /// Adds the next block.
    private func step() -> Step {
        let next = self.index.height.map { $0 + 1 } ?? max(1, self.reader.earliest)
        guard next <= self.reader.tip.height else {
            self.progress.show(next - 1)
            return .waiting
        }
        do throws(QueryFailure) {
            // A block that a snapshot is just replacing is neither there nor pruned.
            guard let block = try self.reader.block(at: next) else { return .failed }
            return self.add(block)
        } catch {
            switch error {
            // What is known of the blocks before has a gap behind it; it goes on where the blocks begin.
            case .pruned:
                return self.settle { () throws(LedgerStoreFailure) in try self.index.removeAll() } ? .added : .failed
            case .notReady, .noBlock, .damaged:
                self.note(error.description)
                return .failed
            }
        }
    }

    private func add(_ block: FinalBlock) -> Step {
        var events: [(event: SubjectEvent, subjects: [[UInt8]])] = []
        for found in ChainEvent.all(of: block) {
            guard case .contract(let transaction, let event) = found.content else { continue }
            let subjects = self.subjects(event)
            guard !subjects.isEmpty else { continue }
            let place = EventPlace(height: found.cursor.height, index: found.cursor.index)
            events.append((SubjectEvent(place: place, transaction: transaction, topic: event.topic), subjects))
        }
        let height = block.block.header.height
        let isDone = self.settle { () throws(LedgerStoreFailure) in try self.index.add(height: height, events) }
        self.progress.show(height)
        return isDone ? .added : .failed
    }

    // MARK: - Failures

    /// - Returns: whether it worked.
    private func settle(_ body: () throws(LedgerStoreFailure) -> Void) -> Bool {
        do throws(LedgerStoreFailure) {
            try body()
            self.failure.withLock { $0 = nil }
            return true
        } catch {
            self.note("\(error)")
            return false
        }
    }

    /// Says once that something is wrong.
    private func note(_ text: String) {
        let isNew = self.failure.withLock { known in
            defer { known = text }
            return known != text
        }
        guard isNew else { return }
        self.logger.error(
            "the index of subjects cannot go on",
            metadata: ["channel": "\(self.reader.channel.name)", "reason": "\(text)"]
        )
    }
}
