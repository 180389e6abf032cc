/// A gate in a policy table: holds when enough of its children do.
package struct TableGate: Sendable, Equatable {
    package let threshold: Int
    /// Numbers of leaves among the children, ascending.
    package internal(set) var leaves: [Int]
    /// Numbers of gates among the children, ascending and below the gate's own.
    package internal(set) var gates: [Int]

    init(threshold: Int, leaves: [Int], gates: [Int]) {
        self.threshold = threshold
        self.leaves = leaves
        self.gates = gates
    }

    /// Has no children, so it never holds.
    static let unused = TableGate(threshold: 1, leaves: [], gates: [])

    /// The gate when gates are put before all.
    func shifted(by offset: Int) -> TableGate {
        TableGate(threshold: self.threshold, leaves: self.leaves, gates: self.gates.map { $0 + offset })
    }

    /// One bit for each leaf and for each gate before this one, set for children; then the threshold, least
    /// significant bit first.
    func bits(number: Int) -> [Bool] {
        (0..<PolicyTable.leafCount).map(self.leaves.contains)
            + (0..<number).map(self.gates.contains)
            + (0..<PolicyTable.thresholdBits).map { self.threshold >> $0 & 1 == 1 }
    }
}
