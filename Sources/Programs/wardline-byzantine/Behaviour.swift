/// One way in which the program breaks the protocol.
enum Behaviour: String, CaseIterable, Sendable {
    case equivocate
    case doubleVote = "double-vote"
    case invalidBlocks = "invalid-blocks"
    case views
    case withhold
    case mute
    case forgedHistory = "forged-history"
    case replay
    case garbage
    case flood

    /// For `--help`.
    var summary: String {
        switch self {
        case .equivocate: "as leader proposes different valid blocks to different halves, and votes for both"
        case .doubleVote: "prepares and commits every block that it hears of"
        case .invalidBlocks: "as leader proposes blocks with a false root or parent"
        case .views: "view changes for past and far views, without what it prepared, and openings made of copies"
        case .withhold: "drops half of its messages, as leader all proposals, and all transactions"
        case .mute: "sends nothing"
        case .forgedHistory: "answers with wrong snapshot chunks and blocks with false certificates"
        case .replay: "sends old messages of itself and of others again"
        case .garbage: "frames of random, truncated and damaged bytes"
        case .flood: "hundreds of questions and repetitions a second"
        }
    }

    /// Of a thousand draws of a changing agenda, how many contain it.
    ///
    /// What gets the sender shut out for minutes is rare, so that the rest of it reaches somebody.
    var share: Int {
        switch self {
        case .garbage, .flood: 40
        case .mute: 60
        case .withhold, .invalidBlocks: 200
        case .equivocate, .doubleVote, .views, .forgedHistory, .replay: 400
        }
    }
}

/// What is done when.
enum Agenda: Sendable {
    case fixed([Behaviour])
    /// Another random set every few seconds.
    case changing
}

/// SplitMix64: what a seed repeats.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True in so many of a thousand cases.
    mutating func chance(_ share: Int) -> Bool { Int.random(in: 0..<1_000, using: &self) < share }
}
