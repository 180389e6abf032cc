import CanonicalBytes
import Consensus
import Foundation
import Synchronization

/// A clock that never goes back, ns.
enum MonotonicTime {
    static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }
}

/// One transaction's fate.
struct LoadEntry: Sendable {
    enum Fate: Hashable, Sendable {
        case open
        case final(height: Height)
        /// No validator will ever take it.
        case refused(code: String)
    }

    let transaction: LoadTransaction
    /// ms since 1970.
    let handedIn: UInt64
    let begin: UInt64
    var fate = Fate.open
    var end: UInt64 = 0
    var sends = 0
    /// When it is handed in again.
    var due: UInt64 = 0
    /// Milliseconds that a single hand-in waited for the block.
    var probe: Double?

    /// From the first hand-in to the sight of its block, ms.
    var latency: Double? {
        guard case .final = self.fate else { return nil }
        return Double(self.end - self.begin) / 1e6
    }

    var json: String {
        var text = #"{"id":"\#(self.transaction.id.hex)","signer":\#(self.transaction.signer)"#
        text += #","nonce":\#(self.transaction.nonce),"bytes":\#(self.transaction.bytes.count)"#
        text += #","submitted_ms":\#(self.handedIn),"sends":\#(self.sends)"#
        switch self.fate {
        case .open: text += #","outcome":"open"}"#
        case .refused(let code): text += #","outcome":"refused","code":"\#(code)"}"#
        case .final(let height):
            let committed = self.handedIn + (self.end - self.begin) / 1_000_000
            text += #","outcome":"final","height":\#(height),"committed_ms":\#(committed)"#
            text += #","latency_ms":\#(LoadSummary.rounded(self.latency ?? 0))}"#
        }
        return text
    }
}

/// All transactions of a run: which are on their way, which have to be handed in again, what became of the others.
final class LoadBook: Sendable {
    /// Codes that pass, or that say that a block holds it already: the follower will see.
    private static let passing: Set<String> = [
        "", "already-waiting", "already-committed", "nonce-used", "quota-exceeded", "pool-full", "not-ready", "busy",
        "too-many-requests", "valid-until-too-far-ahead",
    ]

    private struct State: Sendable {
        var open: [[UInt8]: LoadEntry] = [:]
        var done: [LoadEntry] = []
        /// In the order in which they came, so that the oldest is handed in first.
        var waiting: [[UInt8]] = []
    }

    private let retry: UInt64
    private let state = Mutex(State())

    init(retryNanoseconds: UInt64) { self.retry = retryNanoseconds }

    var openCount: Int { self.state.withLock { $0.open.count } }

    /// Everything, also what is open.
    var all: [LoadEntry] {
        self.state.withLock { $0.done + $0.open.values.sorted { $0.begin < $1.begin } }
    }

    /// Takes a new transaction, due at once; a probe is handed in by the caller, and is due only when that brought
    /// nothing.
    func begin(_ transaction: LoadTransaction, isProbe: Bool = false) {
        let now = MonotonicTime.now
        var entry = LoadEntry(
            transaction: transaction,
            handedIn: UInt64(Date().timeIntervalSince1970 * 1_000),
            begin: now
        )
        if isProbe {
            entry.due = now + self.retry
            entry.sends = 1
        }
        self.state.withLock { state in
            state.open[transaction.id] = entry
            if !isProbe { state.waiting.append(transaction.id) }
        }
    }

    /// Transactions that are to be handed in now, counted as handed in.
    ///
    /// - Returns: bytes and how often they were handed in before.
    func take(max count: Int) -> [(id: [UInt8], bytes: [UInt8], sends: Int)] {
        self.state.withLock { state in
            let now = MonotonicTime.now
            let ids = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(ids.count)
            return ids.compactMap { id in
                guard var entry = state.open[id] else { return nil }
                entry.due = now + self.retry << UInt64(min(entry.sends, 4))
                entry.sends += 1
                state.open[id] = entry
                return (id, entry.transaction.bytes, entry.sends - 1)
            }
        }
    }

    /// Puts what was handed in too long ago at the end of the queue; to be called now and then.
    func wake() {
        self.state.withLock { state in
            let now = MonotonicTime.now
            let late = state.open.values.filter { $0.due > 0 && $0.due <= now }.sorted { $0.begin < $1.begin }
            for entry in late {
                state.open[entry.transaction.id]?.due = 0
                state.waiting.append(entry.transaction.id)
            }
        }
    }

    /// A request with these brought nothing: another validator gets them soon.
    func failed(_ ids: [[UInt8]]) {
        self.state.withLock { state in
            let soon = MonotonicTime.now + 100_000_000
            for id in ids { state.open[id]?.due = soon }
        }
    }

    /// A validator's answer about one.
    ///
    /// - Returns: the entry when that ends it.
    func answered(_ id: [UInt8], code: String) -> LoadEntry? {
        guard !Self.passing.contains(code) else { return nil }
        return self.end(id, .refused(code: code))
    }

    /// A block holds it.
    ///
    /// - Returns: the entry, unless it is none of this run or known to be final.
    func committed(_ id: [UInt8], height: Height) -> LoadEntry? { self.end(id, .final(height: height)) }

    func probed(_ id: [UInt8], milliseconds: Double) {
        self.state.withLock { state in
            if state.open[id] != nil {
                state.open[id]?.probe = milliseconds
            } else if let place = state.done.lastIndex(where: { $0.transaction.id == id }) {
                state.done[place].probe = milliseconds
            }
        }
    }

    private func end(_ id: [UInt8], _ fate: LoadEntry.Fate) -> LoadEntry? {
        self.state.withLock { state in
            guard var entry = state.open.removeValue(forKey: id) else { return nil }
            entry.fate = fate
            entry.end = MonotonicTime.now
            state.done.append(entry)
            return entry
        }
    }
}
