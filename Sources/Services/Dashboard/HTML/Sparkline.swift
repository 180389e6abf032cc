/// Small curves of numbers as SVG; their form comes from the style sheet alone.
package enum Sparkline {
    private static let width = 120.0
    private static let height = 28.0

    /// A curve of some values, oldest first.
    ///
    /// It is hidden from screen readers: the value itself stands beside it.
    package static func node(_ values: [Double]) -> HTMLNode {
        HTMLTag.svg(
            HTMLAttribute("class", "spark"),
            HTMLAttribute("viewBox", "0 0 120 28"),
            HTMLAttribute("preserveAspectRatio", "none"),
            HTMLAttribute("aria-hidden", "true"),
            HTMLAttribute("focusable", "false")
        ) {
            HTMLTag.path(HTMLAttribute("d", Self.path(values.map { $0 }, width: Self.width, height: Self.height)))
        }
    }

    /// The path's commands; the curve breaks where there is no value.
    ///
    /// - Parameters:
    ///   - values: evenly spaced.
    ///   - width: of the drawing, in user units.
    ///   - height: of the drawing; the curve keeps two units off its edges.
    /// - Returns: nothing when there is no value.
    static func path(_ values: [Double?], width: Double, height: Double) -> String {
        let known = values.compactMap { $0 }.filter(\.isFinite)
        guard let low = known.min(), let high = known.max() else { return "" }
        let span = high - low
        var out = ""
        var isDrawing = false
        for (index, value) in values.enumerated() {
            guard let value, value.isFinite else {
                isDrawing = false
                continue
            }
            let x = values.count > 1 ? width * Double(index) / Double(values.count - 1) : width / 2
            let share = span > 0 ? (value - low) / span : 0.5
            let y = height - 2 - share * (height - 4)
            out += "\(isDrawing ? "L" : "M")\(Self.tenths(x)) \(Self.tenths(y))"
            isDrawing = true
        }
        return out
    }

    /// One decimal, without a locale.
    static func tenths(_ value: Double) -> String {
        guard abs(value) < 1e15 else { return "0" }
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}
