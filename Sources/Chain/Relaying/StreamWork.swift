internal import IBTP

/// What is held of one stream.
struct StreamWork: Hashable, Sendable {
    let stream: ParcelStream
    /// Ascending by ``WorkItem/isBefore(_:)``.
    var items: [WorkItem] = []
    /// Whether the receiving chain insists on the order; nil while nobody knows.
    var isOrdered: Bool?
    /// The index that the receiving chain takes next, where it insists on the order.
    var expected: UInt64?
    /// Whether the counter was read since it was last in doubt.
    var isCounted = false
    var isReadingCounter = false
    var isSeeking = false
    /// Failures in a row of reading the counter, and of finding what is missing.
    var attempts = 0
    var notBefore: UInt64 = 0
    /// Submissions that may be under way at once.
    var window = 4
    /// The highest index that was left out for want of room, and the lowest block of such leaves.
    var leftOut: (through: UInt64, height: UInt64)?

    init(_ stream: ParcelStream) { self.stream = stream }

    var submitting: Int { self.items.count { $0.isSubmitting } }
    var submittingFresh: Int { self.items.count { $0.isSubmitting && $0.isFresh } }

    /// Whether the receiving chain is known to take the leaves in their order only.
    var keepsOrder: Bool { self.isOrdered == true && self.stream.lane.isCounted }

    func place(of place: LeafPlace) -> Int? { self.items.firstIndex { $0.parcel.place == place } }

    /// - Returns: whether it was not there.
    mutating func insert(_ item: WorkItem) -> Bool {
        guard self.place(of: item.parcel.place) == nil else { return false }
        let place = self.items.lastIndex { $0.isBefore(item) }.map { $0 + 1 } ?? 0
        self.items.insert(item, at: place)
        return true
    }

    mutating func leaveOut(_ parcel: Parcel) {
        let old = self.leftOut ?? (parcel.message.index, parcel.place.height)
        self.leftOut = (max(old.through, parcel.message.index), min(old.height, parcel.place.height))
    }

    /// The receiving chain has taken everything below an index, and takes things in their order.
    mutating func advance(to index: UInt64, at now: UInt64) {
        self.expected = max(self.expected ?? 0, index)
        if let leftOut, leftOut.through < index { self.leftOut = nil }
        for place in self.items.indices where self.items[place].waitsForGap {
            guard self.items[place].parcel.message.index <= index else { continue }
            self.items[place].waitsForGap = false
            self.items[place].notBefore = min(self.items[place].notBefore, now)
        }
    }

    /// Whether it is the turn of an index by what is known of the receiving chain.
    ///
    /// - Parameters:
    ///   - item: of this stream.
    ///   - submitting: submissions of this stream under way.
    ///   - most: that may be under way where each leaf stands for itself.
    /// - Returns: whether it can be handed in now.
    func isDue(_ item: WorkItem, _ submitting: Int, most: Int) -> Bool {
        guard self.isOrdered != false, self.stream.lane.isCounted else { return submitting < most }
        guard self.keepsOrder, let expected else { return submitting < self.window }
        let index = item.parcel.message.index
        // What undoes a message that was taken has no place in the order.
        if index < expected { return true }
        return index - expected < UInt64(self.window) && submitting < self.window
    }

    /// The indices that are missing before the first that is held; nil when none is.
    func gap(most: UInt64) -> ClosedRange<UInt64>? {
        guard self.keepsOrder, let expected else { return nil }
        // What is held of the next one may be refused for good, and what takes its place left out.
        if let leftOut, self.isStuck(at: expected) { return expected...min(leftOut.through, expected + most - 1) }
        let first = self.items.first { $0.parcel.message.index >= expected }?.parcel.message.index
        guard let end = [first.map { $0 - 1 }, self.leftOut?.through].compactMap({ $0 }).min(), expected <= end
        else { return nil }
        return expected...min(end, expected + most - 1)
    }

    private func isStuck(at expected: UInt64) -> Bool {
        let next = self.items.filter { $0.parcel.message.index == expected }
        return !next.isEmpty && next.allSatisfy { $0.refusals > 0 }
    }

    static func == (left: StreamWork, right: StreamWork) -> Bool {
        left.stream == right.stream && left.items == right.items
    }

    func hash(into hasher: inout Hasher) { hasher.combine(self.stream) }
}
