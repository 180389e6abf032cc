/// The README beside a profile, in the form that `wardline device docs` reads.
package struct ReadMeDraft: Sendable {
    /// One test case.
    package struct Case: Sendable {
        package let name: String
        package let shows: String

        package init(name: String, shows: String) {
            self.name = name
            self.shows = shows
        }
    }

    package var title: String
    /// `device`, `bridge`, `recording`, `pattern` or `simulator`.
    package var kind: String
    package var about: String
    package var source: String
    package var topics: [String]
    package var cases: [Case]
    /// `recorded`, `documented` or `constructed`, for every case.
    package var origin: String

    package init(
        title: String,
        kind: String,
        about: String,
        source: String,
        topics: [String],
        cases: [Case],
        origin: String
    ) {
        self.title = title
        self.kind = kind
        self.about = about
        self.source = source
        self.topics = topics
        self.cases = cases
        self.origin = origin
    }

    /// The file, Markdown.
    package var text: String {
        let topics = self.topics.map { "`\($0)`" }.joined(separator: ", ")
        var out = """
            # \(Self.line(self.title))

            Kind: \(self.kind)

            \(Self.line(self.about))

            ## Source

            \(Self.line(self.source))

            ## Attach it

            Publish to \(topics).

            ## Test cases

            | case | what it shows | origin | licence |
            |---|---|---|---|

            """
        for example in self.cases {
            out += "| `\(example.name)` | \(Self.line(example.shows)) | \(self.origin) | not stated |\n"
        }
        return out
    }

    /// One line without what would end a cell.
    private static func line(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 == "|" ? "/" : $0 })
    }
}
