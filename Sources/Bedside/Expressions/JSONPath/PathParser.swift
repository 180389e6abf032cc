/// Reads the segments and selectors of RFC 9535 §2.1; ``PathParser+Filter`` reads the filters.
struct PathParser {
    /// Numbers of paths stay within the interoperable integers of I-JSON (RFC 9535 §2.1).
    private static let integerMax = 9_007_199_254_740_991

    var cursor: TextCursor
    var nesting = 0
    var filterNesting = 0

    init(_ cursor: TextCursor) { self.cursor = cursor }

    /// Reads a query and stops behind its last segment.
    mutating func query() throws(ExpressionError) -> PathQuery {
        let startsAtCurrent = self.cursor.take(UInt8(ascii: "@"))
        if !startsAtCurrent { try self.cursor.expect(UInt8(ascii: "$"), "or @ at the start of a path") }
        var segments: [PathSegment] = []
        while let segment = try self.segment() { segments.append(segment) }
        return PathQuery(startsAtCurrent: startsAtCurrent, segments: segments)
    }

    private mutating func segment() throws(ExpressionError) -> PathSegment? {
        let start = self.cursor.position
        self.cursor.skipBlanks()
        switch self.cursor.current {
        case UInt8(ascii: "["): return PathSegment(isDescendant: false, selectors: try self.bracketed())
        case UInt8(ascii: "."): break
        default:
            self.cursor.position = start
            return nil
        }
        self.cursor.position += 1
        let isDescendant = self.cursor.take(UInt8(ascii: "."))
        if isDescendant, self.cursor.current == UInt8(ascii: "[") {
            return PathSegment(isDescendant: true, selectors: try self.bracketed())
        }
        return PathSegment(isDescendant: isDescendant, selectors: [try self.shorthand()])
    }

    /// A wildcard or member name after a dot.
    private mutating func shorthand() throws(ExpressionError) -> PathSelector {
        if self.cursor.take(UInt8(ascii: "*")) { return .wildcard }
        guard let first = self.cursor.current, first.isNameFirst else {
            throw self.cursor.failure("expected a member name or * after the dot")
        }
        return .name(Array(self.cursor.takeWhile { $0.isNameFirst || $0.isDigit }))
    }

    private mutating func bracketed() throws(ExpressionError) -> [PathSelector] {
        try self.cursor.expect(UInt8(ascii: "["), "before a selector")
        var selectors: [PathSelector] = []
        repeat {
            self.cursor.skipBlanks()
            selectors.append(try self.selector())
            self.cursor.skipBlanks()
        } while self.cursor.take(UInt8(ascii: ","))
        try self.cursor.expect(UInt8(ascii: "]"), "or , after a selector")
        return selectors
    }

    private mutating func selector() throws(ExpressionError) -> PathSelector {
        guard let byte = self.cursor.current else { throw self.cursor.failure("expected a selector") }
        if byte.isQuote { return .name(try self.cursor.takeQuoted()) }
        if self.cursor.take(UInt8(ascii: "*")) { return .wildcard }
        if self.cursor.take(UInt8(ascii: "?")) { return .filter(try self.filter()) }
        return try self.indexOrSlice()
    }

    private mutating func indexOrSlice() throws(ExpressionError) -> PathSelector {
        let start = try self.integer()
        let afterNumber = self.cursor.position
        self.cursor.skipBlanks()
        guard self.cursor.take(UInt8(ascii: ":")) else {
            guard let start else { throw self.cursor.failure("expected a name, index, slice, * or ? as selector") }
            self.cursor.position = afterNumber
            return .index(start)
        }
        self.cursor.skipBlanks()
        let end = try self.integer()
        self.cursor.skipBlanks()
        guard self.cursor.take(UInt8(ascii: ":")) else {
            return .slice(PathSlice(start: start, end: end, step: 1))
        }
        self.cursor.skipBlanks()
        return .slice(PathSlice(start: start, end: end, step: try self.integer() ?? 1))
    }

    /// An integer without leading zeros or minus zero, or nil when none stands here.
    private mutating func integer() throws(ExpressionError) -> Int? {
        let start = self.cursor.position
        let isNegative = self.cursor.take(UInt8(ascii: "-"))
        let digits = self.cursor.takeWhile(\.isDigit)
        guard let first = digits.first else {
            if isNegative { throw self.cursor.failure("expected digits after -") }
            return nil
        }
        if first == UInt8(ascii: "0"), digits.count > 1 || isNegative {
            throw self.cursor.failure("an index has no leading zero", at: start)
        }
        guard digits.count <= 16 else { throw self.cursor.failure("the index is out of range", at: start) }
        let magnitude = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard magnitude <= Self.integerMax else { throw self.cursor.failure("the index is out of range", at: start) }
        return isNegative ? -magnitude : magnitude
    }

    mutating func enter() throws(ExpressionError) {
        self.nesting += 1
        guard self.nesting <= ExpressionBounds.nestingMax else {
            throw self.cursor.failure("nesting is deeper than \(ExpressionBounds.nestingMax) levels")
        }
    }
}

extension UInt8 {
    /// A letter, `_` or a byte of a character beyond ASCII (`name-first` of RFC 9535).
    var isNameFirst: Bool { self.isLetter || self == UInt8(ascii: "_") || self >= 0x80 }
}
