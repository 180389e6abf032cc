internal import ConsensusSimulation
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Runs numbered simulations on several threads.
///
/// Every run is of its number alone, so the threads change nothing in what is found.
struct ParallelRun: Sendable {
    let numbers: Range<UInt64>
    let threads: Int

    /// Processors that are online.
    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// What the threads share.
    private final class Board: Sendable {
        struct State: Sendable {
            var next: UInt64
            var summary = Fuzzing.Summary()
        }

        let state: Mutex<State>

        init(first: UInt64) { self.state = Mutex(State(next: first)) }

        func take(below end: UInt64) -> UInt64? {
            self.state.withLock { state in
                guard state.next < end else { return nil }
                state.next += 1
                return state.next - 1
            }
        }
    }

    /// Runs every number.
    ///
    /// `each` gets every outcome and `progress` the summary so far, from one thread at a time, in the order in which
    /// runs end.
    func run(
        _ body: @escaping @Sendable (UInt64) -> Outcome?,
        each: @escaping @Sendable (UInt64, Outcome) -> Void,
        progress: @escaping @Sendable (Fuzzing.Summary) -> Void = { _ in }
    ) -> Fuzzing.Summary {
        let board = Board(first: self.numbers.lowerBound)
        let end = self.numbers.upperBound
        DispatchQueue.concurrentPerform(iterations: self.threads) { _ in
            while let number = board.take(below: end) {
                guard let outcome = body(number) else { continue }
                board.state.withLock { state in
                    state.summary.add(outcome)
                    each(number, outcome)
                    progress(state.summary)
                }
            }
        }
        var sorted = Fuzzing.Summary()
        sorted.merge(board.state.withLock(\.summary))
        return sorted
    }
}
