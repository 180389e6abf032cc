/// The latest view change of every replica: one each, so that nobody can fill the memory.
struct ViewChangeTable: Sendable {
    /// Ascending by replica.
    private(set) var latest: [ViewChange] = []

    enum Outcome: Equatable {
        case recorded
        case old
        case contradicts(ViewChange)
    }

    mutating func record(_ viewChange: ViewChange) -> Outcome {
        let place = self.latest.firstIndex { $0.replica >= viewChange.replica } ?? self.latest.count
        guard place < self.latest.count, self.latest[place].replica == viewChange.replica else {
            self.latest.insert(viewChange, at: place)
            return .recorded
        }
        let known = self.latest[place]
        if viewChange.view > known.view {
            self.latest[place] = viewChange
            return .recorded
        }
        return viewChange.view == known.view && viewChange.body != known.body ? .contradicts(known) : .old
    }

    /// View changes for exactly this view, ascending by replica.
    func votes(for view: View) -> [ViewChange] { self.latest.filter { $0.view == view } }

    /// Replicas that want this view or a later one.
    func count(atLeast view: View) -> Int { self.latest.count { $0.view >= view } }

    /// The view to join: the highest one that `needed` replicas want at least, when it is above `view`.
    ///
    /// With `needed = f + 1` one of them is correct, so that no coalition of faulty ones drags others upward
    /// (FISCO-BCOS issue 2211).
    func viewToJoin(above view: View, needed: Int) -> View? {
        let wanted = self.latest.map(\.view).filter { $0 > view }.sorted(by: >)
        return wanted.count >= needed ? wanted[needed - 1] : nil
    }

    mutating func clear() { self.latest = [] }
}
