/// What the grammar allows at a place.
enum Expectation {
    case operand, operatorOrEnd, opening
    /// `)` for the parenthesis at a byte.
    case closing(Int)
    /// `,` or `)` for the parenthesis at a byte.
    case commaOrClosing(Int)
    case number(name: String, PolicyComparison, PolicyParser.Numbers)

    var words: String {
        switch self {
        case .operand: "expected a condition (`name:value`, `name >= 18`, `(...)` or `2 of (...)`)"
        case .operatorOrEnd: "expected `and`, `or` or the end of the policy"
        case .opening: "expected `(` after `of`"
        case .closing: "expected `and`, `or` or `)`"
        case .commaOrClosing: "expected `and`, `or`, `,` or `)`"
        case .number(_, _, .integers): "expected a number from 0 to 65535"
        case .number(_, _, .integersAndDates): "expected a number from 0 to 65535 or a date such as 2026-11-21"
        }
    }
}

/// A token that the grammar does not allow where it stands, and what its writer may have meant.
struct UnexpectedToken {
    let source: PolicySource
    let previous: PlacedToken?
    /// Nil at the end of the text.
    let found: PlacedToken?
    let follower: PlacedToken?

    func mistake(_ expected: Expectation) -> PolicyRemark {
        guard let found else { return self.end(expected) }
        return PolicyRemark(
            self.source,
            found.range,
            "\(expected.words), found `\(self.source.quotation(found.range))`",
            hint: self.hint(expected, found)
        )
    }

    private func end(_ expected: Expectation) -> PolicyRemark {
        // Behind the last token rather than behind blanks and newlines at the end.
        let end = self.previous?.range.upperBound ?? 0
        return PolicyRemark(
            self.source,
            end..<end,
            "\(expected.words), but the policy ends",
            hint: self.openParenthesis(expected)
        )
    }

    private func openParenthesis(_ expected: Expectation) -> String? {
        switch expected {
        case .closing(let offset), .commaOrClosing(let offset):
            let place = self.source.place(of: offset)
            return "the parenthesis of line \(place.line), column \(place.column) is not closed"
        default: return nil
        }
    }

    private func hint(_ expected: Expectation, _ found: PlacedToken) -> String? {
        if let keyword = Self.keyword(found.token) { return keyword }
        switch expected {
        case .operand: return self.missingOperand(found.token)
        case .opening: return "the branches stand in parentheses: `2 of (a:b, c:d, e:f)`"
        case .number(let name, let comparison, _): return self.badNumber(name, comparison, found)
        case .operatorOrEnd, .closing, .commaOrClosing: return self.missingOperator(expected, found.token)
        }
    }

    /// `AND`, `Not` and the like.
    private static func keyword(_ token: PolicyToken) -> String? {
        guard case .word(let word) = token else { return nil }
        switch word.lowercased() {
        case "and": return "operators are in lower case: `and`"
        case "or": return "operators are in lower case: `or`"
        case "of": return "write `of` in lower case"
        case "not", "except", "without": return "a policy cannot negate; name the attributes that may read"
        default: return nil
        }
    }

    private func missingOperand(_ found: PolicyToken) -> String? {
        switch found {
        case .and, .or: return self.previous == nil ? "a policy begins with a condition" : "a condition is missing here"
        case .of: return "the number of branches comes first: `2 of (...)`"
        case .comparison: return "a name comes first: `age >= 18`"
        case .close: return "the parentheses have nothing in them"
        case .comma: return "a branch is missing before the comma"
        case .word(let word):
            if PolicyWord.number(word.utf8, digitsMax: 3) != nil, self.follower?.token == .open {
                return "`of` is missing: `\(word) of (...)`"
            }
            if case .word(let second)? = self.follower?.token, second.lowercased() == "of" {
                return "write `of` in lower case"
            }
            return "a name alone says nothing: `\(word):value` or `\(word) >= 18`"
        case .attribute, .open: return nil
        }
    }

    private func missingOperator(_ expected: Expectation, _ found: PolicyToken) -> String? {
        switch found {
        case .word, .attribute, .open: return "`and` or `or` is missing between two conditions"
        case .comparison: return "only a name is compared with a number: `age >= 18`"
        case .close: return "this parenthesis closes none"
        case .comma: return "commas stand only between the branches of `k of (...)`"
        case .of: return "the number of branches comes first: `2 of (...)`"
        case .and, .or: return nil
        }
    }

    private func badNumber(_ name: String, _ comparison: PolicyComparison, _ found: PlacedToken) -> String? {
        switch found.token {
        case .comparison(let second):
            let touches = self.previous?.range.upperBound == found.range.lowerBound
            switch (comparison, second) {
            case (.equal, .equal) where touches: return "equality is written `=`"
            case (.equal, .greater) where touches: return "write `>=`"
            case (.equal, .less) where touches: return "write `<=`"
            case (.less, .greater) where touches:
                return "a policy cannot exclude a number; name the ranges below and above it"
            case (.greater, .equal), (.less, .equal): return "write `\(comparison.rawValue)=` without a space"
            default: return nil
            }
        case .attribute(let text): return self.attributeInsteadOfNumber(text)
        case .word(let word): return self.word(word, name, comparison)
        default: return nil
        }
    }

    private func attributeInsteadOfNumber(_ text: String) -> String? {
        PolicyDate.hasForm(text.utf8.prefix(10)) ? "a date has no time of day" : nil
    }

    private func word(_ word: String, _ name: String, _ comparison: PolicyComparison) -> String? {
        if PolicyDate.hasForm(word.utf8) {
            guard let days = PolicyDate.days(word.utf8) else { return "no date from \(PolicyDate.range)" }
            return "canonical text has days since 1970-01-01: \(days)"
        }
        if PolicyWord.number(name.utf8, digitsMax: 6) != nil, comparison != .equal {
            return "the name comes first: `\(word) \(comparison.mirrored.rawValue) \(name)`"
        }
        if word.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return word.utf8.first == UInt8(ascii: "0") && word.utf8.count > 1
                ? "numbers have no leading zeros" : "numbers end at 65535"
        }
        if word.utf8.first == UInt8(ascii: "-") { return "there are no negative numbers" }
        let isDecimal = word.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
        }
        if isDecimal { return "only whole numbers are compared" }
        return comparison == .equal ? "an attribute with a text is written `\(name):\(word)`" : nil
    }
}

extension PolicyComparison {
    /// The comparison with its sides exchanged.
    fileprivate var mirrored: PolicyComparison {
        switch self {
        case .atLeast: .atMost
        case .atMost: .atLeast
        case .greater: .less
        case .less: .greater
        case .equal: .equal
        }
    }
}
