internal import FiniteFields
internal import Transcripts

/// Random-looking weights by which many equations are checked as one.
///
/// They follow from the digest of a contribution, hence of all points in it and before it: its author had to choose
/// the points before the weights, and one wrong point passes with probability 2^-128 an attempt.
struct Weights {
    private let seed: [UInt8]
    private var counter: UInt64 = 0

    init(_ digest: [UInt8]) { self.seed = digest }

    /// The next weights, of 128 bits.
    mutating func next(_ count: Int) -> [Fr] {
        var weights: [Fr] = []
        weights.reserveCapacity(count + 1)
        while weights.count < count {
            let hash = TaggedHash.digest(
                "CEREMONY-WEIGHTS",
                self.seed,
                withUnsafeBytes(of: self.counter.bigEndian) { Array($0) }
            )
            self.counter += 1
            weights.append(Fr(reducing: Array(hash[..<16])))
            weights.append(Fr(reducing: Array(hash[16...])))
        }
        return Array(weights[..<count])
    }
}
