package import StrictYAML

/// What the README beside a profile says, as far as the list of devices needs it.
///
/// Its form is fixed: a title, a line `Kind: …`, and one row of the table of test cases for each case, whose third column
/// begins with the example's origin.
package struct DeviceReadMe: Sendable, Equatable {
    /// What a folder under `Devices/` stands for.
    package enum Kind: String, Sendable, CaseIterable {
        /// A product, or a family of products.
        case device
        /// A program or gateway that speaks for devices of several makers.
        case bridge
        /// A published data set.
        case recording
        /// No product: it shows how a form of message is read.
        case pattern
        /// A simulator of this repository.
        case simulator
    }

    /// Where an example payload comes from.
    package enum Origin: String, Sendable, CaseIterable {
        /// Taken from a device or a published recording.
        case recorded
        /// Stands in a public document.
        case documented
        /// Made up, by a document or by nothing but the format.
        case constructed
    }

    /// One row of the table of test cases.
    package struct Example: Sendable, Equatable {
        package let name: String
        package let origin: Origin
    }

    package let title: String
    package let kind: Kind
    /// In the order of the table.
    package let examples: [Example]

    /// Reads a README.
    ///
    /// - Parameters:
    ///   - text: the file.
    ///   - file: its name for error messages.
    /// - Throws: ``YAMLProblem`` with the line of what is missing or not one of the words above.
    package init(_ text: String, file: String) throws(YAMLProblem) {
        var title: String?
        var kind: Kind?
        var examples: [Example] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if title == nil, line.hasPrefix("# ") { title = String(line.dropFirst(2)) }
            if line.hasPrefix("Kind: ") { kind = try Self.word(line.dropFirst(6), "Kind", file, index + 1) }
            if line.hasPrefix("| `") { examples.append(try Self.example(line, file, index + 1)) }
        }
        guard let title else { throw YAMLProblem(file: file, line: 1, field: "title", reason: "no line '# …'") }
        guard let kind else {
            let words = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw YAMLProblem(file: file, line: 1, field: "Kind", reason: "no line 'Kind: …' with one of: \(words)")
        }
        guard lines.contains("## Source") else {
            throw YAMLProblem(file: file, line: 1, field: "Source", reason: "no section '## Source'")
        }
        self.title = title
        self.kind = kind
        self.examples = examples
    }

    private static func example(_ line: Substring, _ file: String, _ number: Int) throws(YAMLProblem) -> Example {
        let cells = line.split(separator: "|").map { $0.drop { $0 == " " } }
        guard cells.count >= 3, let name = cells[0].split(separator: "`").first else {
            throw YAMLProblem(file: file, line: number, field: "Test cases", reason: "a row needs case, text, origin")
        }
        let word = cells[2].prefix { $0.isLetter }
        return Example(name: String(name), origin: try self.word(word, "origin of \(name)", file, number))
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ text: Substring,
        _ field: String,
        _ file: String,
        _ line: Int
    ) throws(YAMLProblem) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: String(text)) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw YAMLProblem(file: file, line: line, field: field, reason: "'\(text)' is not one of: \(words)")
        }
        return word
    }
}
