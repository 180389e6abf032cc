internal import Records

/// What of the record of sharing is asked for; what is empty is not asked about.
///
/// It travels in forms only: a scope is somebody's, and addresses are kept by browsers.
package struct ChainFilter: Sendable, Equatable {
    /// Hexadecimal digits of a scope at least, so that somebody's scope is meant and not a third of all.
    static let scopeDigitsMin = 8
    /// The last page that can be asked for.
    static let pageMax = 100_000
    private static let dayMilliseconds: UInt64 = 86_400_000

    /// The first digits of a scope's digest: 8 to 64, an even number, lower case; or empty.
    package private(set) var scope = ""
    /// An organization's word, or empty.
    package private(set) var institution = ""
    /// Days as people write them, `2026-11-23`; or empty.
    package private(set) var firstDay = ""
    package private(set) var lastDay = ""
    /// Of the first day's beginning, milliseconds since 1970.
    package private(set) var from: UInt64 = 0
    /// Of the last day's end.
    package private(set) var to: UInt64 = .max
    /// Deliveries alone; of consents those alone that stand.
    package private(set) var isNarrow = false
    /// 0: the first.
    package private(set) var page = 0

    /// Everything, from its first page.
    package init() {}

    /// As a form asks.
    ///
    /// - Throws: ``Mistake``.
    package init(_ fields: FormFields) throws(Mistake) {
        self.scope = try Self.scope(fields["scope"] ?? "")
        self.institution = try Self.institution(fields["institution"] ?? "")
        (self.firstDay, self.lastDay) = (fields["from"] ?? "", fields["to"] ?? "")
        if !self.firstDay.isEmpty { self.from = try Self.start(ofDay: self.firstDay) }
        if !self.lastDay.isEmpty { self.to = try Self.start(ofDay: self.lastDay) + Self.dayMilliseconds - 1 }
        guard self.from <= self.to else { throw Mistake(text: "The first day is after the last one.") }
        self.isNarrow = fields["narrow"] == "yes"
        self.page = min(Self.pageMax, max(0, fields["page"].flatMap { Int($0) } ?? 0))
    }

    /// What a form asked that nobody can answer, as a sentence.
    package struct Mistake: Error, Equatable {
        package let text: String
    }

    /// The same of another page.
    func turned(to page: Int) -> ChainFilter {
        var filter = self
        filter.page = page
        return filter
    }

    /// Names and values for a form that asks the same.
    var fields: [(String, String)] {
        [
            ("scope", self.scope), ("institution", self.institution), ("from", self.firstDay), ("to", self.lastDay),
            ("narrow", self.isNarrow ? "yes" : ""), ("page", "\(self.page)"),
        ]
    }

    private static func scope(_ text: String) throws(Mistake) -> String {
        let digits = text.lowercased().filter { !$0.isWhitespace && $0 != "…" }
        guard !digits.isEmpty else { return "" }
        let isHex = digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isHex, digits.utf8.count.isMultiple(of: 2), (self.scopeDigitsMin...64).contains(digits.utf8.count) else {
            throw Mistake(
                text: "A scope is given by its first hexadecimal digits: \(self.scopeDigitsMin) to 64, an even number."
            )
        }
        return digits
    }

    private static func institution(_ text: String) throws(Mistake) -> String {
        let word = text.filter { !$0.isWhitespace }
        let isWord = word.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || [0x5F, 0x2E, 0x2D].contains($0)
        }
        guard isWord, word.utf8.count <= 63 else {
            throw Mistake(text: "An institution is a word of at most 63 characters A-Z a-z 0-9 _ . -")
        }
        return word
    }

    private static func start(ofDay text: String) throws(Mistake) -> UInt64 {
        guard text.utf8.count == 10, let time = DateTime(rfc3339: Array("\(text)T00:00:00Z".utf8)),
            time.millisecondsSinceEpoch >= 0
        else { throw Mistake(text: "A day is written as 2026-11-23, from 1970 on.") }
        return UInt64(time.millisecondsSinceEpoch)
    }
}

extension ChainFilter {
    /// The form that asks for a selection.
    ///
    /// - Parameters:
    ///   - path: of the action.
    ///   - narrow: the words beside the box for ``isNarrow``.
    ///   - request: for the session's secret.
    /// - Returns: the form; it stands outside of live regions, so that nothing is taken from under somebody's hands.
    func form(to path: String, narrow: String, _ request: PageRequest) -> HTMLNode {
        HTMLTag.form(
            HTMLAttribute("method", "post"),
            .action(path),
            .class("card filter"),
            HTMLAttribute("role", "search"),
            .aria("Selection")
        ) {
            request.formToken
            Self.field("scope", "Scope, its first digits", self.scope, type: "text", lengthMax: 80)
            Self.field("institution", "Institution", self.institution, type: "text", lengthMax: 63)
            Self.field("from", "From the day (UTC)", self.firstDay, type: "date", lengthMax: 10)
            Self.field("to", "To the day (UTC)", self.lastDay, type: "date", lengthMax: 10)
            HTMLTag.label(.class("tick")) {
                HTMLTag.input.with(
                    [
                        HTMLAttribute("type", "checkbox"), HTMLAttribute("name", "narrow"),
                        HTMLAttribute("value", "yes"),
                    ] + (self.isNarrow ? [HTMLAttribute("checked", "checked")] : [])
                )
                narrow
            }
            HTMLTag.button(HTMLAttribute("type", "submit")) { "Show" }
        }
    }

    private static func field(
        _ name: StaticString,
        _ label: String,
        _ value: String,
        type: StaticString,
        lengthMax: Int
    ) -> HTMLNode {
        HTMLTag.div {
            HTMLTag.label(HTMLAttribute("for", "filter-\(name)")) { label }
            HTMLTag.input(
                .id("filter-\(name)"),
                HTMLAttribute("name", "\(name)"),
                HTMLAttribute("type", "\(type)"),
                HTMLAttribute("value", value),
                HTMLAttribute("autocomplete", "off"),
                HTMLAttribute("spellcheck", "false"),
                HTMLAttribute("maxlength", "\(lengthMax)")
            )
        }
    }

    /// Buttons to the pages before and after this one; nothing where all stands on one page.
    ///
    /// - Parameters:
    ///   - path: of the action.
    ///   - pages: how many there are.
    ///   - words: what the earlier and the later page have, `Newer` and `Older`.
    ///   - request: for the session's secret.
    /// - Returns: the buttons with the place between them.
    func turning(_ path: String, pages: Int, words: (String, String), _ request: PageRequest) -> [HTMLNode] {
        guard pages > 1 else { return [] }
        let button = { (text: String, page: Int) in
            Piece.button(text, to: path, request, fields: self.turned(to: page).fields)
        }
        return [
            HTMLTag.nav(.aria("Pages of this list")) {
                if self.page > 0 { button(words.0, self.page - 1) }
                HTMLTag.span(.class("soft")) { "Page \(self.page + 1) of \(pages) " }
                if self.page + 1 < pages { button(words.1, self.page + 1) }
            }
        ]
    }
}
