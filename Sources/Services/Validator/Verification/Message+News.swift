internal import Consensus

extension Message {
    /// What of a message is of use to a replica that has committed everything up to a height.
    ///
    /// Answers to questions about blocks may come many times: whoever catches up slowly asks again before it has checked what came.
    /// What it has by then must not cost it another check, or it would never be through.
    ///
    /// - Parameter height: committed here.
    /// - Returns: nil for votes on blocks that are final already, and for such blocks alone.
    func news(above height: Height) -> Message? {
        switch self {
        case .prePrepare(let proposal): return proposal.slot.height <= height ? nil : self
        case .prepare(let vote): return vote.slot.height <= height ? nil : self
        case .commit(let vote): return vote.slot.height <= height ? nil : self
        case .blocks(let blocks):
            let rest = blocks.drop { $0.block.height <= height }
            return rest.isEmpty ? nil : .blocks(Array(rest))
        default: return self
        }
    }
}
