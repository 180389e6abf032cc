internal import Consensus
internal import Ledger
internal import LedgerStore

/// Something for the core's thread.
enum CoreEvent: Sendable {
    /// A peer's message whose signatures hold; `cost` is to be released when it is dealt with.
    case message(Channel, VerifiedMessage, peer: UInt16, cost: Int, contents: [CheckedBlock])
    /// Transactions that a peer passed on.
    case passedOn([VerifiedTransaction], peer: UInt16, cost: Int)
    /// A client's transaction.
    case submitted(VerifiedTransaction, Submission)
    /// Transactions that a client does not wait for.
    case offered(OfferedRun)
    /// Some transactions of a block that is judged, by their places; nil where the signature does not hold.
    case checked(Channel, BlockHash, at: Int, [VerifiedTransaction?])
    /// A peer has come or gone.
    case networkChanged
    /// A question about a channel.
    case query(Channel, @Sendable (ChannelHost) -> Void)
    /// A snapshot's message of a peer.
    case snapshot(SnapshotMessage, peer: UInt16, cost: Int)
    /// An index of transactions was written, or was not.
    case indexWritten(Channel, LedgerStoreFailure?)
    /// A snapshot of this height is on the disk, or is not.
    case snapshotWritten(Channel, height: Height, LedgerStoreFailure?)
}

extension CoreEvent {
    /// Transactions of clients in it.
    fileprivate var submissions: Int {
        switch self {
        case .submitted: 1
        case .offered(let run): run.count
        default: 0
        }
    }
}

/// A block of a peer's answer, decoded, with its transactions as far as their signatures hold.
struct CheckedBlock: Sendable {
    let hash: BlockHash
    let content: LedgerBlock
    let verified: [VerifiedTransaction?]
}

/// What waits for the core's thread.
///
/// Messages and passed-on transactions are bounded by the credit of the peers that sent them, the rest by counts.
final class Inbox: Sendable {
    /// How the thread ends.
    enum Stop { case orderly, abandoned }

    struct Batch {
        let events: [CoreEvent]
        let stop: Stop?
    }

    private struct State {
        var events = Queue<CoreEvent>()
        var submissions = 0
        var queries = 0
        var stop: Stop?
        var isClosed = false
    }

    private let submissionsMax: Int
    private let queriesMax: Int
    private let monitor = Monitor(State())

    init(submissionsMax: Int, queriesMax: Int) {
        self.submissionsMax = submissionsMax
        self.queriesMax = queriesMax
    }

    var count: Int { self.monitor.read { $0.events.count } }

    /// - Returns: false when there is no room, or the core has ended; the event is then dropped.
    @discardableResult
    func push(_ event: CoreEvent) -> Bool {
        var isTaken = false
        self.monitor.change { state in
            guard !state.isClosed else { return false }
            switch event {
            case .submitted, .offered:
                let submissions = state.submissions + event.submissions
                guard submissions <= self.submissionsMax else { return false }
                state.submissions = submissions
            case .query:
                guard state.queries < self.queriesMax else { return false }
                state.queries += 1
            default: break
            }
            isTaken = true
            state.events.append(event)
            return state.events.count == 1
        }
        return isTaken
    }

    func stop(_ stop: Stop) {
        self.monitor.changeForAll { state in state.stop = state.stop == .abandoned ? .abandoned : stop }
    }

    /// Takes events, after waiting for the first one.
    ///
    /// - Parameters:
    ///   - max: events at most.
    ///   - deadline: when to come back without any.
    /// - Returns: the events in their order, and whether the thread is to end behind them.
    func take(max: Int, until deadline: Instant) -> Batch {
        let batch = self.monitor.wait(until: deadline) { state -> Batch? in
            guard !state.events.isEmpty || state.stop != nil else { return nil }
            var events: [CoreEvent] = []
            while events.count < max, let event = state.events.removeFirst() {
                switch event {
                case .submitted, .offered: state.submissions -= event.submissions
                case .query: state.queries -= 1
                default: break
                }
                events.append(event)
            }
            return Batch(events: events, stop: state.stop)
        }
        return batch ?? Batch(events: [], stop: nil)
    }

    /// Takes nothing any more.
    ///
    /// - Returns: what still waited.
    func close() -> [CoreEvent] {
        var rest: [CoreEvent] = []
        self.monitor.change { state in
            state.isClosed = true
            rest = state.events.removeAll()
            return false
        }
        return rest
    }
}
