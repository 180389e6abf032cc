/// Columns of numbers, for a terminal.
enum RelayTable {
    /// At most six digits after the point, without needless zeros; rounded to four above ten.
    static func number(_ value: Double) -> String {
        let scale = abs(value) >= 10 ? 1_000.0 : 1_000_000.0
        let rounded = (value * scale).rounded()
        let (whole, rest) = Int64(abs(rounded)).quotientAndRemainder(dividingBy: Int64(scale))
        var digits = String(Int64(scale) + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        let sign = rounded < 0 ? "-" : ""
        return digits.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(digits)"
    }

    /// The first cell from the left, the others from the right.
    static func row(_ cells: [String], widths: [Int]) -> String {
        var line = ""
        for (place, (cell, width)) in zip(cells, widths).enumerated() {
            let blanks = String(repeating: " ", count: max(0, width - cell.count))
            line += place == 0 ? cell + blanks : "  " + blanks + cell
        }
        return line
    }
}
