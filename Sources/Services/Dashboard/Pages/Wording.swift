internal import Foundation
internal import Records

/// Times, counts and sizes as people read them.
enum Wording {
    /// `12 s`, `3 min`, `5 h`, `2 days`.
    static func age(seconds: Int64) -> String {
        switch max(0, seconds) {
        case ..<120: "\(max(0, seconds)) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }

    /// The age of a moment; a dash for one that never was.
    static func age(of moment: Int64?, at now: Int64) -> String {
        guard let moment, moment > 0 else { return "–" }
        return self.age(seconds: (now - moment) / 1_000)
    }

    /// `2026-11-22 16:04:05 UTC` out of ms since 1970.
    static func moment(_ milliseconds: Int64?) -> String {
        // A device may say any year: nanoseconds end in 2262.
        guard let milliseconds, (1..<9_000_000_000_000).contains(milliseconds) else { return "–" }
        let text = DateTime(nanosecondsSinceEpoch: milliseconds / 1_000 * 1_000_000_000).description
        return text.prefix(19).replacingOccurrences(of: "T", with: " ") + " UTC"
    }

    /// Digits in groups of three, set apart by narrow spaces.
    static func count(_ number: Int64) -> String {
        let digits = Array("\(number.magnitude)")
        var out = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out.append("\u{202F}") }
            out.append(digit)
        }
        return out
    }

    static func size(_ bytes: Int64) -> String {
        for (unit, scale) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= Int64(scale) {
            return "\(Sparkline.tenths(Double(bytes) / Double(scale))) \(unit)"
        }
        return "\(bytes) B"
    }

    /// `12.5/s`; a dash while unknown.
    static func rate(_ perSecond: Double?) -> String { perSecond.map { "\(Sparkline.tenths($0))/s" } ?? "–" }

    /// `one letter`, `3 letters`.
    static func counted(_ number: Int64, _ one: String, _ many: String) -> String {
        number == 1 ? "one \(one)" : "\(self.count(number)) \(many)"
    }
}

/// Pieces that many pages have.
enum Piece {
    /// A number with its name.
    static func figure(_ name: String, _ value: String, note: String? = nil, isBad: Bool = false) -> HTMLNode {
        HTMLTag.div(.class(isBad ? "figure bad" : "figure")) {
            HTMLTag.dt { name }
            HTMLTag.dd {
                HTMLTag.span(.class("value")) { value }
                if let note { HTMLTag.span(.class("note")) { " \(note)" } }
            }
        }
    }

    /// Figures side by side.
    static func figures(@HTMLBuilder _ content: () -> [HTMLNode]) -> HTMLNode {
        HTMLTag.dl(.class("figures"), content: content)
    }

    /// A table that scrolls by itself where the window is narrow.
    static func table(
        _ caption: String,
        columns: [String],
        @HTMLBuilder rows: () -> [HTMLNode]
    ) -> HTMLNode {
        HTMLTag.div(.class("scroll"), .scrolls, HTMLAttribute("role", "region"), .aria(caption)) {
            HTMLTag.table {
                HTMLTag.caption { caption }
                HTMLTag.thead { HTMLTag.tr { for column in columns { HTMLTag.th(.column) { column } } } }
                HTMLTag.tbody { rows() }
            }
        }
    }

    /// A word in a frame whose colour repeats what it says.
    static func badge(_ text: String, _ kind: BadgeKind) -> HTMLNode {
        HTMLTag.span(.class("badge \(kind.rawValue)")) { text }
    }

    enum BadgeKind: String {
        case good
        case plain
        case warn
        case bad
    }

    /// A form with one button.
    static func button(
        _ text: String,
        to path: String,
        _ request: PageRequest,
        fields: [(String, String)],
        label: String? = nil
    ) -> HTMLNode {
        HTMLTag.form(HTMLAttribute("method", "post"), .action(path), .class("inline")) {
            request.formToken
            for (name, value) in fields {
                HTMLTag.input(
                    HTMLAttribute("type", "hidden"),
                    HTMLAttribute("name", name),
                    HTMLAttribute("value", value)
                )
            }
            HTMLTag.button.with([HTMLAttribute("type", "submit")] + (label.map { [.aria($0)] } ?? [])) { text }
        }
    }
}
