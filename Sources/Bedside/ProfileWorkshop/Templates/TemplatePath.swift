/// A path as these templates write it, in the dialect of JSONPath that came before RFC 9535: `$..[?(@heartrate)]`,
/// `$.SystemProperties.iothub-connection-device-id`.
struct TemplatePath: Equatable {
    enum Step: Equatable {
        case member(String)
        case index(Int)
        case wildcard
        /// `..`: the step behind it is looked for at every depth.
        case descend
        case filter(TemplateFilter)
    }

    var steps: [Step] = []

    /// Names that a path may write behind a dot.
    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isNameFirst else { return false }
        return name.utf8.allSatisfy { $0.isNameFirst || (48...57).contains($0) }
    }

    /// The path in RFC 9535.
    ///
    /// - Parameter root: `$` or `@`.
    /// - Returns: the path's text.
    func text(from root: String) -> String {
        var text = root
        var descends = false
        for step in self.steps {
            switch step {
            case .descend:
                descends = true
                continue
            case .member(let name) where Self.isPlain(name): text += (descends ? ".." : ".") + name
            case .member(let name):
                let escaped = name.flatMap { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }
                text += (descends ? ".." : "") + "['\(String(escaped))']"
            case .index(let index): text += (descends ? ".." : "") + "[\(index)]"
            case .wildcard: text += (descends ? ".." : "") + "[*]"
            case .filter(let filter):
                text += (descends ? ".." : "") + "[?" + filter.text { path in path.text(from: "@") } + "]"
            }
            descends = false
        }
        return text
    }

    /// The path behind a first member of this name; nil when it begins otherwise.
    func dropping(_ name: String) -> TemplatePath? {
        guard case .member(name) = self.steps.first else { return nil }
        return TemplatePath(steps: Array(self.steps.dropFirst()))
    }
}

extension UInt8 {
    var isNameFirst: Bool { (97...122).contains(self) || (65...90).contains(self) || self == 95 }
}

/// A condition in a path: `@systolic && @unit == 'mmHg'`.
indirect enum TemplateFilter: Equatable {
    enum Operand: Equatable {
        case path(TemplatePath)
        /// A number, a quoted text, `true`, `false` or `null`, as RFC 9535 writes it.
        case literal(String)
    }

    case exists(TemplatePath)
    case compare(Operand, String, Operand)
    case all([TemplateFilter])
    case any([TemplateFilter])
    case not(TemplateFilter)

    /// The filter as RFC 9535 writes it.
    func text(_ path: (TemplatePath) -> String) -> String {
        self.text(path, exists: path)
    }

    /// The filter as a condition of the profile language.
    ///
    /// - Parameter path: writes a path as an expression.
    /// - Returns: the condition's text.
    func condition(_ path: (TemplatePath) -> String) -> String {
        self.text(path) { "exists(\(path($0)))" }
    }

    private func text(_ path: (TemplatePath) -> String, exists: (TemplatePath) -> String) -> String {
        func operand(_ operand: Operand) -> String {
            switch operand {
            case .path(let value): path(value)
            case .literal(let text): text
            }
        }
        func part(_ filter: TemplateFilter) -> String {
            let text = filter.text(path, exists: exists)
            switch filter {
            case .all, .any: return "(\(text))"
            default: return text
            }
        }
        switch self {
        case .exists(let value): return exists(value)
        case .compare(let left, let sign, let right): return "\(operand(left)) \(sign) \(operand(right))"
        case .all(let parts): return parts.map(part).joined(separator: " && ")
        case .any(let parts): return parts.map(part).joined(separator: " || ")
        case .not(let inner): return "!(\(inner.text(path, exists: exists)))"
        }
    }

    /// The paths that must be there for the filter to hold.
    var guaranteed: [TemplatePath] {
        switch self {
        case .exists(let path): [path]
        case .compare(.path(let path), "==", .literal(let text)) where text != "null": [path]
        case .all(let parts): parts.flatMap(\.guaranteed)
        case .compare, .any, .not: []
        }
    }

    /// Every path.
    var paths: [TemplatePath] {
        switch self {
        case .exists(let path): [path]
        case .compare(let left, _, let right):
            [left, right].compactMap { operand in if case .path(let path) = operand { path } else { nil } }
        case .all(let parts), .any(let parts): parts.flatMap(\.paths)
        case .not(let inner): inner.paths
        }
    }
}
