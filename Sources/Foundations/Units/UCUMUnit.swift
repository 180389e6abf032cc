/// A unit of measurement in the case-sensitive code of the Unified Code for Units of Measure (UCUM 2.2).
///
/// Two units are equal when their codes are: `L` and `l` convert by the factor 1 but are written differently.
package struct UCUMUnit: Sendable {
    /// Most bytes that a code has.
    package static let longestCode = 256
    /// Most levels of parentheses.
    package static let deepestNesting = 16

    /// The code as given.
    package let code: String
    /// The code as people write it at the bedside: `mmHg`, `°C`, `µV`, `10³/µL`.
    package let display: String

    /// What is measured, and how a reading relates to base units.
    let meaning: UnitMeaning

    /// Parses a code and looks all its units up.
    ///
    /// - Throws: ``UnitError`` when the code is not UCUM.
    package init(_ code: String) throws(UnitError) {
        let expression = try UCUMGrammar.parse(code)
        self.code = code
        self.meaning = try UnitMeaning(expression, code: code)
        self.display = try UnitDisplay.text(expression, code: code)
    }

    /// What the unit measures, in words where there is one: `a pressure`, `g.m-1.s-1`.
    package var dimension: String { self.meaning.dimension.description }

    /// Whether values convert between the two without a molar mass.
    package func isCommensurable(with other: UCUMUnit) -> Bool {
        self.meaning.dimension == other.meaning.dimension
    }
}

extension UCUMUnit: Hashable, CustomStringConvertible {
    package static func == (left: UCUMUnit, right: UCUMUnit) -> Bool { left.code == right.code }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.code) }

    package var description: String { self.code }
}
