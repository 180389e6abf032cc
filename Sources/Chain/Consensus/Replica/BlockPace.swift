/// How soon a replica that is behind asks again for blocks that do not come.
///
/// The first questions follow one another by a tick: a message may be lost, and who claims to be ahead may lie. When all
/// who claim it were asked, the pause doubles with every round, up to ``pauseMax`` ticks. A server that is slow, or an answer
/// that is still being checked, would otherwise cost the reading and sending of the same blocks anew with every tick.
struct BlockPace: Sendable, Hashable {
    /// Questions a tick apart, also when there is one server alone.
    static let few = 3
    /// The longest pause, ticks.
    static let pauseMax = 8

    /// Earlier questions since the last block came that a server left without one, although it spoke.
    private(set) var unanswered = 0
    /// Ticks since the last question, up to ``pauseMax``; nil before the first one.
    private(set) var ticks: Int?

    /// Notes a tick.
    mutating func tick() {
        guard let ticks = self.ticks else { return }
        self.ticks = min(ticks + 1, Self.pauseMax)
    }

    /// Notes a question.
    ///
    /// `isUnanswered`: the one before it went to a server that has spoken since, but sent no block.
    mutating func ask(isUnanswered: Bool) {
        // Beyond what the longest pause needs the number says nothing more.
        if isUnanswered, self.ticks != nil, self.unanswered < 1 << 16 { self.unanswered += 1 }
        self.ticks = 0
    }

    /// Whether so many ticks have gone by since the last question as one more of these servers is worth.
    func isOver(servers: Int) -> Bool {
        guard let ticks = self.ticks else { return true }
        return ticks >= Self.pause(after: self.unanswered + 1, servers: servers)
    }

    /// The pause after a number of questions without a block.
    ///
    /// - Parameters:
    ///   - questions: 1 or more.
    ///   - servers: peers that claim to be ahead.
    /// - Returns: ticks, 1 to ``pauseMax``.
    static func pause(after questions: Int, servers: Int) -> Int {
        let servers = max(servers, 1)
        let free = max(Self.few, servers)
        guard questions > free else { return 1 }
        // Four rounds of doubling are more than the bound needs; the shift stays small.
        return min(2 << min((questions - free - 1) / servers, 4), Self.pauseMax)
    }
}
