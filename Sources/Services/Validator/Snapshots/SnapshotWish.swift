/// What a new validator wishes: another one's state instead of all blocks since the genesis.
///
/// Until it is fulfilled or given up nothing is asked about blocks. It is given up when everybody in reach says twice that
/// there is no snapshot, or after ``questionsMax`` questions: then the blocks are taken.
struct SnapshotWish {
    /// Each of them waits half as long as ``ValidatorLimits/snapshotPatience`` for the next.
    static let questionsMax = 20
    private var questions = 0
    private var refusals = 0
    private(set) var isGivenUp = false

    /// Notes that everybody in reach is asked.
    mutating func ask() {
        self.questions += 1
        self.isGivenUp = self.questions > Self.questionsMax
    }

    /// Everybody who was asked has answered that there is none.
    mutating func refuse() {
        self.refusals += 1
        // At the first question not everybody may have been in reach.
        if self.refusals >= 2 { self.isGivenUp = true }
    }
}
