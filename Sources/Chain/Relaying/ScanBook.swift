/// Which blocks of one chain have still to be looked at.
struct ScanBook: Hashable, Sendable {
    /// Blocks `after + 1 ... through`.
    struct Stretch: Hashable, Sendable {
        var after: UInt64
        var through: UInt64
    }

    /// The chain's height as far as it is known.
    private(set) var height: UInt64 = 0
    /// What came since the start and was not read yet.
    private(set) var fresh: Stretch?
    /// From before the start, and what found no room: ascending, apart from each other.
    private(set) var backlog: [Stretch] = []
    /// The stretch of the slice under way.
    private(set) var reading: Stretch?
    private(set) var isReadingFresh = false
    var attempts = 0
    /// No slice before this tick, apart from fresh ones after a success.
    var notBefore: UInt64 = 0

    /// Everything above the cursor has to be looked at, behind what comes from now on.
    mutating func start(cursor: UInt64, height: UInt64) {
        self.height = max(self.height, height)
        if cursor < height { self.backlog = [Stretch(after: cursor, through: height)] }
    }

    mutating func grow(to height: UInt64) {
        guard height > self.height else { return }
        self.fresh = Stretch(after: self.fresh?.after ?? self.height, through: height)
        self.height = height
    }

    /// Whether nothing is left to look at.
    var isQuiet: Bool { self.fresh == nil && self.backlog.isEmpty && self.reading == nil }

    /// All blocks up to here have been looked at.
    var readThrough: UInt64 {
        let starts = [self.fresh?.after, self.backlog.first?.after, self.reading?.after].compactMap { $0 }
        return starts.min() ?? self.height
    }

    /// Takes the next slice.
    ///
    /// - Parameters:
    ///   - blocks: that it may cover.
    ///   - hasRoom: whether there is room for what is not fresh.
    /// - Returns: nil when there is none, or one is under way.
    mutating func take(blocks: UInt64, hasRoom: Bool) -> Stretch? {
        guard self.reading == nil else { return nil }
        if let stretch = self.fresh {
            let slice = Stretch(after: stretch.after, through: min(stretch.through, stretch.after + blocks))
            self.fresh = slice.through < stretch.through ? Stretch(after: slice.through, through: stretch.through) : nil
            (self.reading, self.isReadingFresh) = (slice, true)
            return slice
        }
        guard hasRoom, let stretch = self.backlog.first else { return nil }
        let slice = Stretch(after: stretch.after, through: min(stretch.through, stretch.after + blocks))
        self.backlog.removeFirst()
        if slice.through < stretch.through {
            self.backlog.insert(Stretch(after: slice.through, through: stretch.through), at: 0)
        }
        (self.reading, self.isReadingFresh) = (slice, false)
        return slice
    }

    /// There is no room for what is fresh: it has to wait with the rest.
    mutating func demote(rangesMax: Int) {
        guard let stretch = self.fresh else { return }
        self.fresh = nil
        self.add(stretch, rangesMax: rangesMax)
    }

    /// The slice was read up to a height; what is behind it comes again.
    ///
    /// - Returns: whether the slice was fresh; nil when none was under way.
    mutating func finish(through height: UInt64) -> Bool? {
        guard let slice = self.reading else { return nil }
        self.reading = nil
        if height < slice.through {
            let rest = Stretch(after: max(height, slice.after), through: slice.through)
            if self.isReadingFresh {
                self.fresh = Stretch(after: rest.after, through: self.fresh?.through ?? rest.through)
            } else {
                self.add(rest, rangesMax: .max)
            }
        }
        return self.isReadingFresh
    }

    /// Has blocks read once more, when there is room.
    mutating func add(_ stretch: Stretch, rangesMax: Int) {
        guard stretch.after < stretch.through else { return }
        var merged: [Stretch] = []
        var new = stretch
        for known in self.backlog {
            if known.through < new.after || new.through < known.after {
                merged.append(known)
            } else {
                new = Stretch(after: min(known.after, new.after), through: max(known.through, new.through))
            }
        }
        let place = merged.firstIndex { $0.after > new.after } ?? merged.count
        merged.insert(new, at: place)
        while merged.count > max(rangesMax, 1) { Self.joinNearest(&merged) }
        self.backlog = merged
    }

    /// Joins the two neighbours with the fewest blocks between them.
    private static func joinNearest(_ stretches: inout [Stretch]) {
        var best = 0
        for place in 1..<(stretches.count - 1) {
            let gap = stretches[place + 1].after - stretches[place].through
            if gap < stretches[best + 1].after - stretches[best].through { best = place }
        }
        stretches[best].through = stretches[best + 1].through
        stretches.remove(at: best + 1)
    }
}
