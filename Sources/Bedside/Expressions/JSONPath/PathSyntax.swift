internal import Units

/// A parsed query of RFC 9535: where it starts and its segments.
struct PathQuery: Sendable {
    /// True for `@`, false for `$`.
    let startsAtCurrent: Bool
    let segments: [PathSegment]
    /// The same query as plain steps when it selects at most one node (RFC 9535 §2.3.5.1), else nil.
    let steps: [PathStep]?

    init(startsAtCurrent: Bool, segments: [PathSegment]) {
        self.startsAtCurrent = startsAtCurrent
        self.segments = segments
        let steps = segments.compactMap(\.step)
        self.steps = steps.count == segments.count ? steps : nil
    }
}

/// One step of a singular query.
enum PathStep: Sendable {
    case name([UInt8])
    case index(Int)
}

/// A child or descendant segment (RFC 9535 §2.5).
struct PathSegment: Sendable {
    let isDescendant: Bool
    let selectors: [PathSelector]

    /// The segment as a step, when it is a single name or index.
    var step: PathStep? {
        guard !self.isDescendant, self.selectors.count == 1 else { return nil }
        switch self.selectors[0] {
        case .name(let name): return .name(name)
        case .index(let index): return .index(index)
        default: return nil
        }
    }
}

/// A selector (RFC 9535 §2.3).
enum PathSelector: Sendable {
    case name([UInt8])
    case wildcard
    case index(Int)
    case slice(PathSlice)
    case filter(PathCondition)
}

/// An array slice (RFC 9535 §2.3.4).
struct PathSlice: Sendable {
    let start: Int?
    let end: Int?
    let step: Int

    /// The positions it selects among `count` elements: first, bound (excluded) and step; nil when there are none.
    func positions(count: Int) -> StrideTo<Int>? {
        guard self.step != 0, count > 0 else { return nil }
        let first = Self.normalized(self.start ?? (self.step > 0 ? 0 : count - 1), count)
        let last = self.end.map { Self.normalized($0, count) } ?? (self.step > 0 ? count : -1)
        if self.step > 0 {
            return stride(from: min(max(first, 0), count), to: min(max(last, 0), count), by: self.step)
        }
        return stride(
            from: min(max(first, -1), count - 1),
            to: min(max(last, -1), count - 1),
            by: self.step
        )
    }

    private static func normalized(_ position: Int, _ count: Int) -> Int { position >= 0 ? position : count + position }
}

/// A logical expression of a filter (RFC 9535 §2.3.5).
indirect enum PathCondition: Sendable {
    case any([PathCondition])
    case all([PathCondition])
    case not(PathCondition)
    case exists(PathQuery)
    case compare(PathOperand, Comparison, PathOperand)
    /// `match()` when `isWhole`, else `search()`.
    case matches(PathOperand, PathPattern, isWhole: Bool)
}

/// What is compared or handed to a function that takes a value.
indirect enum PathOperand: Sendable {
    case literal(PathLiteral)
    case query(PathQuery)
    case length(PathOperand)
    case count(PathQuery)
    case value(PathQuery)
}

enum PathLiteral: Sendable {
    case null
    case bool(Bool)
    case number(ExactDecimal)
    case text([UInt8])
}

/// The second argument of `match()` and `search()`.
enum PathPattern: Sendable {
    /// Compiled when the path was parsed; nil when the literal is no I-Regexp, which then matches nothing.
    case compiled(IRegexp?)
    case computed(PathOperand)
}

/// A comparison operator of filters and expressions.
enum Comparison: Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

extension TextCursor {
    /// Takes a comparison operator if one stands here.
    mutating func takeComparison() -> Comparison? {
        if self.take("==") { return .equal }
        if self.take("!=") { return .notEqual }
        if self.take("<=") { return .lessOrEqual }
        if self.take(">=") { return .greaterOrEqual }
        if self.take("<") { return .less }
        return self.take(">") ? .greater : nil
    }
}
