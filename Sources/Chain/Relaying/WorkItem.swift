internal import IBTP

/// One leaf on its way.
struct WorkItem: Hashable, Sendable {
    /// How far it is.
    enum Stage: UInt8, Hashable, Sendable {
        /// It may have been taken long ago.
        case unchecked
        /// It is still to be taken, as far as one knows.
        case wanted
        case proven
        /// Everything is there to hand it in.
        case certified
        /// Its chain has to say it again.
        case outdated
    }

    let parcel: Parcel
    var stage: Stage
    /// Came since the start, and found room at once.
    let isFresh: Bool
    /// Whether an action of it is under way.
    var isUnderWay = false
    /// Whether that action is a submission.
    var isSubmitting = false
    /// Failures in a row.
    var attempts = 0
    /// Refusals by the contract.
    var refusals = 0
    /// Not before this tick.
    var notBefore: UInt64 = 0
    /// Waits for those before it, and is tried as soon as they are through.
    var waitsForGap = false
    /// When it came, in ticks.
    let seen: UInt64

    init(_ parcel: Parcel, isFresh: Bool, stage: Stage, seen: UInt64) {
        self.parcel = parcel
        self.isFresh = isFresh
        self.stage = stage
        self.seen = seen
    }

    /// In the order of their indices; of one message in the order of the chain.
    func isBefore(_ other: WorkItem) -> Bool {
        if self.parcel.message.index != other.parcel.message.index {
            return self.parcel.message.index < other.parcel.message.index
        }
        return self.parcel.place < other.parcel.place
    }
}
