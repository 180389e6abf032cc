internal import Yams

/// One place in a YAML file: its value, and where it stands for error messages.
///
/// Reading is strict: unknown and repeated keys, wrong types and wrong words are refused with file,
/// line and field, because a misspelt key in a device profile would otherwise be silence at a bedside.
package struct YAMLField {
    private let node: Node
    private let file: String
    /// Dotted path from the root, such as `readings[2].unit`; empty for the root.
    package let path: String

    private init(node: Node, file: String, path: String) {
        self.node = node
        self.file = file
        self.path = path
    }

    /// Parses a document.
    ///
    /// - Parameters:
    ///   - text: at most 1 MiB of YAML 1.1 with one document.
    ///   - file: the name for error messages.
    /// - Throws: ``YAMLProblem``.
    package init(parsing text: String, file: String) throws(YAMLProblem) {
        guard text.utf8.count <= 1 << 20 else {
            throw YAMLProblem(file: file, line: 0, field: "", reason: "the file is larger than 1 MiB")
        }
        try YAMLShape.check(text, file: file)
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw YAMLProblem(file: file, line: 1, field: "", reason: "the file is empty")
            }
            self.init(node: node, file: file, path: "")
        } catch let problem as YAMLProblem {
            throw problem
        } catch let error as YamlError {
            throw Self.problem(error, file: file)
        } catch {
            throw YAMLProblem(file: file, line: 1, field: "", reason: "not YAML: \(error)")
        }
        var count = 0
        try self.checkSize(self.node, depth: 0, count: &count)
    }

    /// Counts the tree with its aliases written out: a few lines of aliases can denote an enormous one.
    private func checkSize(_ node: Node, depth: Int, count: inout Int) throws(YAMLProblem) {
        count += 1
        guard depth < 64, count < 100_000 else {
            throw self.problem("too large: deeper than 64 levels or more than 100,000 values, aliases included")
        }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                try self.checkSize(key, depth: depth + 1, count: &count)
                try self.checkSize(value, depth: depth + 1, count: &count)
            }
        case .sequence(let sequence):
            for element in sequence { try self.checkSize(element, depth: depth + 1, count: &count) }
        case .scalar, .alias: break
        }
    }

    private static func problem(_ error: YamlError, file: String) -> YAMLProblem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return YAMLProblem(file: file, line: mark.line, field: "", reason: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "\($0)" }.joined(separator: ", ")
            return YAMLProblem(file: file, line: context.mark.line, field: names, reason: "the key is repeated")
        default:
            return YAMLProblem(file: file, line: 1, field: "", reason: "not YAML: \(error)")
        }
    }

    /// 1-based.
    package var line: Int { self.node.mark?.line ?? 0 }

    /// An error that points at this place.
    package func problem(_ reason: String) -> YAMLProblem {
        YAMLProblem(file: self.file, line: self.line, field: self.path, reason: reason)
    }

    // MARK: Kinds

    package var isMapping: Bool { self.node.mapping != nil }
    package var isSequence: Bool { self.node.sequence != nil }

    /// The scalar's text as written, whatever type YAML would guess (`on`, `1.10` and `2026-11-20` stay text).
    package func text() throws(YAMLProblem) -> String {
        guard let scalar = self.node.scalar else { throw self.problem("must be one value, not a list or a mapping") }
        return scalar.string
    }

    /// A scalar that is not empty.
    package func word() throws(YAMLProblem) -> String {
        let text = try self.text()
        guard !text.isEmpty else { throw self.problem("must not be empty") }
        return text
    }

    package func bool() throws(YAMLProblem) -> Bool {
        switch try self.text() {
        case "true": return true
        case "false": return false
        default: throw self.problem("must be true or false")
        }
    }

    package func integer(in range: ClosedRange<Int>) throws(YAMLProblem) -> Int {
        guard let value = Int(try self.text()), range.contains(value) else {
            throw self.problem("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// One of the raw values of an enumeration.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type
    ) throws(YAMLProblem) -> Choice where Choice.RawValue == String {
        let text = try self.text()
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw self.problem("'\(text)' is not one of: \(words)")
        }
        return choice
    }

    package func elements() throws(YAMLProblem) -> [YAMLField] {
        guard let sequence = self.node.sequence else { throw self.problem("must be a list") }
        return sequence.enumerated().map { index, node in
            YAMLField(node: node, file: self.file, path: "\(self.path)[\(index)]")
        }
    }

    /// The elements of a list, or the value alone as a list of one.
    package func elementsOrSelf() throws(YAMLProblem) -> [YAMLField] {
        self.isSequence ? try self.elements() : [self]
    }

    /// The members of a mapping whose keys are data, in file order.
    package func members() throws(YAMLProblem) -> [(key: String, value: YAMLField)] {
        guard let mapping = self.node.mapping else { throw self.problem("must be a mapping (key: value)") }
        var members: [(key: String, value: YAMLField)] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw self.problem("a key must be one word") }
            members.append((name, YAMLField(node: value, file: self.file, path: self.child(name))))
        }
        return members
    }

    /// The members of a mapping whose keys are fixed words.
    ///
    /// - Throws: ``YAMLProblem`` for a key that is not among `keys`.
    package func mapping(_ keys: [String]) throws(YAMLProblem) -> YAMLMapping {
        let members = try self.members()
        for member in members where !keys.contains(member.key) {
            let known = keys.sorted().joined(separator: ", ")
            throw YAMLProblem(
                file: self.file,
                line: member.value.line,
                field: member.value.path,
                reason: "unknown key '\(member.key)'; known here: \(known)"
            )
        }
        return YAMLMapping(field: self, members: members)
    }

    private func child(_ name: String) -> String { self.path.isEmpty ? name : "\(self.path).\(name)" }
}

/// A mapping with fixed keys.
package struct YAMLMapping {
    package let field: YAMLField
    private let members: [(key: String, value: YAMLField)]

    init(field: YAMLField, members: [(key: String, value: YAMLField)]) {
        self.field = field
        self.members = members
    }

    package subscript(_ key: String) -> YAMLField? { self.members.first { $0.key == key }?.value }

    package func required(_ key: String) throws(YAMLProblem) -> YAMLField {
        guard let field = self[key] else { throw self.field.problem("'\(key)' is missing") }
        return field
    }
}

/// What is wrong with a YAML file, and where.
package struct YAMLProblem: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    /// 1-based; 0 when unknown.
    package let line: Int
    package let field: String
    package let reason: String

    package init(file: String, line: Int, field: String, reason: String) {
        self.file = file
        self.line = line
        self.field = field
        self.reason = reason
    }

    package var description: String {
        let place = self.field.isEmpty ? "" : "\(self.field): "
        return "\(self.file):\(self.line): \(place)\(self.reason)"
    }
}
