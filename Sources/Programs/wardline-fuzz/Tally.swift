/// What became of the payloads of each target.
struct Tally: Sendable {
    struct Row: Sendable {
        var accepted = 0
        var refused: [String: Int] = [:]
        var broken = 0
        /// The slowest payload and its index.
        var slowest: (nanoseconds: UInt64, index: UInt64) = (0, 0)

        var count: Int { self.accepted + self.broken + self.refused.values.reduce(0, +) }
    }

    private(set) var rows: [Row]

    init(targets: Int) { self.rows = Array(repeating: Row(), count: targets) }

    mutating func add(_ verdict: Verdict, target: Int, index: UInt64, nanoseconds: UInt64) {
        switch verdict {
        case .accepted: self.rows[target].accepted += 1
        case .refused(let reason): self.rows[target].refused[reason, default: 0] += 1
        case .broken: self.rows[target].broken += 1
        }
        if nanoseconds > self.rows[target].slowest.nanoseconds { self.rows[target].slowest = (nanoseconds, index) }
    }

    mutating func merge(_ other: Tally) {
        for (number, row) in other.rows.enumerated() {
            self.rows[number].accepted += row.accepted
            self.rows[number].refused.merge(row.refused, uniquingKeysWith: +)
            self.rows[number].broken += row.broken
            if row.slowest.nanoseconds > self.rows[number].slowest.nanoseconds {
                self.rows[number].slowest = row.slowest
            }
        }
    }

    /// One line for each target that ran.
    func table(names: [String]) -> String {
        let head = Self.line("target", "payloads", "accepted", "slowest", "at index", "refused")
        let body = zip(names, self.rows).filter { $0.1.count > 0 }.map { name, row in
            let refused = row.refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let tenths = row.slowest.nanoseconds / 100_000
            return Self.line(
                name,
                "\(row.count)",
                "\(row.accepted)",
                "\(tenths / 10).\(tenths % 10) ms",
                "\(row.slowest.index)",
                (refused.map { "\($0.key) \($0.value)" } + (row.broken > 0 ? ["BROKEN \(row.broken)"] : [])).joined(
                    separator: ", "
                )
            )
        }
        return ([head] + body).joined()
    }

    private static func line(_ cells: String...) -> String {
        let widths = [18, 10, 10, 10, 12]
        let padded = zip(cells, widths).enumerated().map { position, cell in
            let blanks = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return position == 0 ? cell.0 + blanks : blanks + cell.0
        }
        return padded.joined() + "  " + (cells.last ?? "") + "\n"
    }
}
