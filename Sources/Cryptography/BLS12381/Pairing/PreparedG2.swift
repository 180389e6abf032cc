internal import CFieldKernels
internal import FiniteFields

/// A point of G2 with the lines of its Miller loop computed; about 20 KB.
package struct PreparedG2: Sendable {
    /// In the order in which the loop uses them; none for the identity.
    let lines: [wl_line]

    /// Computes the lines, a third of the work of a Miller loop.
    package init(_ point: G2Point) {
        guard !point.isIdentity else {
            self.lines = []
            return
        }
        let (x, y) = point.coordinates
        let affine = G2Point.affine(x, y)
        var lines: [wl_line] = []
        lines.reserveCapacity(MillerLoop.lineCount)
        var current = G2Point(x: x, y: y, z: .one).value
        for bit in MillerLoop.bits {
            var line = wl_line()
            wl_line_double(&line, &current)
            lines.append(line)
            if bit {
                withUnsafePointer(to: affine) { wl_line_add(&line, &current, $0) }
                lines.append(line)
            }
        }
        self.lines = lines
    }
}
