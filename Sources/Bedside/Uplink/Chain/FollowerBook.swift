internal import Synchronization

/// What a follower knows of the validators that it follows.
final class FollowerBook: Sendable {
    /// Events that are remembered, so that each is handed on once.
    static let seenMax = 100_000

    private struct State {
        /// Up to where each validator has told everything that it tells.
        var places: [SubjectPlace]
        /// Up to where `f + 1` of them have.
        var place: SubjectPlace
        var isBusy: [Bool]
        var isPruned: [Bool]
        var next = 0
        var seen: Set<EventHint> = []
        /// Events after which those that everybody has told are forgotten.
        var sweepAt = 1_000
    }

    private let oneCorrect: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - count: how many there are, at least 1.
    ///   - oneCorrect: of so many one at least is correct.
    ///   - start: everything up to here is known.
    init(validators count: Int, oneCorrect: Int, start: SubjectPlace) {
        self.oneCorrect = oneCorrect
        self.state = Mutex(
            State(
                places: [SubjectPlace](repeating: start, count: count),
                place: start,
                isBusy: [Bool](repeating: false, count: count),
                isPruned: [Bool](repeating: false, count: count)
            )
        )
    }

    /// Up to where everything was told by `f + 1` validators: at most `f` of their places are lies.
    var place: SubjectPlace { self.state.withLock { $0.place } }

    /// The next validator that nobody follows; there are never as many followers as to leave none.
    func take() -> Int {
        self.state.withLock { state in
            var found = state.next
            while state.isBusy[found], (found + 1) % state.isBusy.count != state.next {
                found = (found + 1) % state.isBusy.count
            }
            state.isBusy[found] = true
            state.next = (found + 1) % state.isBusy.count
            return found
        }
    }

    func giveBack(_ validator: Int) { self.state.withLock { $0.isBusy[validator] = false } }

    /// Where a validator's stream begins.
    func begin(_ validator: Int) -> SubjectPlace {
        self.state.withLock { state in
            state.places[validator] = max(state.places[validator], state.place)
            return state.places[validator]
        }
    }

    /// Notes that a validator has told everything up to a place, and that it was handed on.
    func advance(_ validator: Int, to place: SubjectPlace) {
        self.state.withLock { state in
            state.places[validator] = max(state.places[validator], place)
            state.isPruned[validator] = false
            let told = state.places.sorted(by: >)[self.oneCorrect - 1]
            state.place = max(state.place, told)
        }
    }

    /// - Returns: whether all validators have pruned what comes next.
    func notePruned(_ validator: Int) -> Bool {
        self.state.withLock { state in
            state.isPruned[validator] = true
            return state.isPruned.allSatisfy { $0 }
        }
    }

    /// Whether an event was not handed on before.
    func isNew(_ hint: EventHint) -> Bool {
        self.state.withLock { state in
            if state.seen.count >= state.sweepAt {
                let slowest = state.places.indices.filter { state.isBusy[$0] }.map { state.places[$0] }.min()
                let told = min(slowest ?? state.place, state.place)
                state.seen = state.seen.filter { $0.place > told }
                if state.seen.count >= Self.seenMax { state.seen = [] }
                state.sweepAt = max(1_000, 2 * state.seen.count)
            }
            return state.seen.insert(hint).inserted
        }
    }

    /// An event was not taken after all.
    func forget(_ hint: EventHint) { self.state.withLock { _ = $0.seen.remove(hint) } }
}
