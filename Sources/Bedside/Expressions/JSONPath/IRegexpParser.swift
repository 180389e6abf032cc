/// The parts of an I-Regexp.
indirect enum IRegexpNode {
    case scalar(UInt32)
    case any
    case textStart
    case textEnd
    case set(IRegexpSet)
    case sequence([IRegexpNode])
    case choice(IRegexpNode, IRegexpNode)
    case repeated(IRegexpNode, least: Int, most: Int?)
}

/// Reads the grammar of RFC 9485 §4; every function returns nil on what it does not allow.
struct IRegexpParser {
    /// Largest count in `{n,m}`.
    private static let countMax = 1_000

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var nesting = 0

    init(_ pattern: ArraySlice<UInt8>) {
        self.scalars = Array(String(decoding: pattern, as: UTF8.self).unicodeScalars)
    }

    mutating func parse() -> IRegexpNode? {
        guard let tree = self.alternatives(), self.position == self.scalars.count else { return nil }
        return tree
    }

    private var current: Unicode.Scalar? {
        self.position < self.scalars.count ? self.scalars[self.position] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard self.current == scalar else { return false }
        self.position += 1
        return true
    }

    private mutating func next() -> Unicode.Scalar? {
        guard let scalar = self.current else { return nil }
        self.position += 1
        return scalar
    }

    private mutating func alternatives() -> IRegexpNode? {
        self.nesting += 1
        defer { self.nesting -= 1 }
        guard self.nesting <= ExpressionBounds.nestingMax, let first = self.branch() else { return nil }
        var branches = [first]
        while self.take("|") {
            guard let branch = self.branch() else { return nil }
            branches.append(branch)
        }
        return Self.balanced(branches[...])
    }

    /// A tree of choices whose depth grows with the logarithm of their number.
    private static func balanced(_ branches: ArraySlice<IRegexpNode>) -> IRegexpNode {
        if branches.count == 1 { return branches[branches.startIndex] }
        let middle = branches.startIndex + branches.count / 2
        return .choice(self.balanced(branches[..<middle]), self.balanced(branches[middle...]))
    }

    private mutating func branch() -> IRegexpNode? {
        var pieces: [IRegexpNode] = []
        while let scalar = self.current, scalar != "|", scalar != ")" {
            guard let atom = self.atom(), let piece = self.quantified(atom) else { return nil }
            pieces.append(piece)
        }
        return .sequence(pieces)
    }

    private mutating func atom() -> IRegexpNode? {
        guard let scalar = self.next() else { return nil }
        switch scalar {
        case "(":
            guard let inner = self.alternatives(), self.take(")") else { return nil }
            return inner
        case ".": return .any
        case "^": return .textStart
        case "$": return .textEnd
        case "[": return self.characterClass()
        case "\\": return self.escape()
        case "*", "+", "?", "]", "{", "}": return nil
        default: return .scalar(scalar.value)
        }
    }

    private mutating func quantified(_ atom: IRegexpNode) -> IRegexpNode? {
        if self.take("*") { return .repeated(atom, least: 0, most: nil) }
        if self.take("+") { return .repeated(atom, least: 1, most: nil) }
        if self.take("?") { return .repeated(atom, least: 0, most: 1) }
        guard self.take("{") else { return atom }
        guard let least = self.count() else { return nil }
        if self.take("}") { return .repeated(atom, least: least, most: least) }
        guard self.take(",") else { return nil }
        if self.take("}") { return .repeated(atom, least: least, most: nil) }
        guard let most = self.count(), most >= least, self.take("}") else { return nil }
        return .repeated(atom, least: least, most: most)
    }

    private mutating func count() -> Int? {
        var value: Int?
        while let scalar = self.current, "0"..."9" ~= scalar {
            let digits = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            guard digits <= Self.countMax else { return nil }
            value = digits
            self.position += 1
        }
        return value
    }

    private mutating func escape() -> IRegexpNode? {
        if let category = self.category() { return .set(IRegexpSet(isNegated: false, items: [category])) }
        return self.singleEscape().map { .scalar($0.value) }
    }

    /// The character behind a backslash.
    private mutating func singleEscape() -> Unicode.Scalar? {
        switch self.next() {
        case "n": "\n"
        case "r": "\r"
        case "t": "\t"
        case let scalar? where "()*+-.?[\\]^{|}".unicodeScalars.contains(scalar): scalar
        default: nil
        }
    }

    /// `p{…}` or `P{…}` behind a backslash.
    private mutating func category() -> IRegexpSet.Item? {
        guard let letter = self.current, letter == "p" || letter == "P" else { return nil }
        let start = self.position
        self.position += 1
        var name = ""
        if self.take("{") {
            while let scalar = self.current, scalar != "}", name.utf8.count < 3 {
                name.unicodeScalars.append(scalar)
                self.position += 1
            }
            if self.take("}"), IRegexpSet.categoryNames.contains(name) {
                return .category(name, isNegated: letter == "P")
            }
        }
        self.position = start
        return nil
    }

    private mutating func characterClass() -> IRegexpNode? {
        let isNegated = self.take("^")
        var items: [IRegexpSet.Item] = []
        if self.take("-") { items.append(.range(0x2D...0x2D)) }
        while let scalar = self.current, scalar != "]" {
            if scalar == "-" {
                // A hyphen stands for itself only at the end.
                self.position += 1
                guard self.current == "]" else { return nil }
                items.append(.range(0x2D...0x2D))
            } else {
                guard let item = self.classItem() else { return nil }
                items.append(item)
            }
        }
        guard self.take("]"), !items.isEmpty else { return nil }
        return .set(IRegexpSet(isNegated: isNegated, items: items))
    }

    private mutating func classItem() -> IRegexpSet.Item? {
        if self.current == "\\", self.position + 1 < self.scalars.count {
            self.position += 1
            if let category = self.category() { return category }
            self.position -= 1
        }
        guard let low = self.classCharacter() else { return nil }
        guard self.current == "-", self.position + 1 < self.scalars.count, self.scalars[self.position + 1] != "]" else {
            return .range(low.value...low.value)
        }
        self.position += 1
        guard let high = self.classCharacter(), high.value >= low.value else { return nil }
        return .range(low.value...high.value)
    }

    private mutating func classCharacter() -> Unicode.Scalar? {
        switch self.next() {
        case "\\": self.singleEscape()
        case "[", "]", "-", nil: nil
        case let scalar: scalar
        }
    }
}
