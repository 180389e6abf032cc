internal import Consensus
internal import Ledger

/// A proposed block whose transactions' signatures are being checked.
struct BlockCheck {
    let block: Block
    let content: LedgerBlock
    /// By place; nil where it is not known to hold.
    private(set) var verified: [VerifiedTransaction?]
    /// Places whose check has not come back yet.
    private var open: Int

    init(_ block: Block, _ content: LedgerBlock, verified: [VerifiedTransaction?]) {
        self.block = block
        self.content = content
        self.verified = verified
        self.open = verified.count { $0 == nil }
    }

    /// Whether everything has come back.
    var isComplete: Bool { self.open == 0 }

    /// Places of transactions that are to be checked, in runs.
    func openRuns(of length: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (place, verified) in self.verified.enumerated() where verified == nil {
            if let last = runs.last, last.upperBound == place, last.count < length {
                runs[runs.count - 1] = last.lowerBound..<place + 1
            } else {
                runs.append(place..<place + 1)
            }
        }
        return runs
    }

    mutating func fill(from place: Int, _ results: [VerifiedTransaction?]) {
        for (offset, result) in results.enumerated() where self.verified.indices.contains(place + offset) {
            self.verified[place + offset] = result
        }
        self.open -= results.count
    }
}
