/// A character class of an I-Regexp: `[a-z]`, `[^\p{Lu}]`, `\p{Nd}`.
struct IRegexpSet: Sendable {
    enum Item: Sendable {
        case range(ClosedRange<UInt32>)
        /// A Unicode general category by its one or two letters.
        case category(String, isNegated: Bool)
    }

    let isNegated: Bool
    let items: [Item]

    /// The categories that RFC 9485 §4 allows.
    static let categoryNames: Set<String> = [
        "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No",
        "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Z", "Zl", "Zp", "Zs",
        "S", "Sc", "Sk", "Sm", "So", "C", "Cc", "Cf", "Cn", "Co",
    ]

    func contains(_ value: UInt32) -> Bool {
        self.items.contains { Self.matches($0, value) } != self.isNegated
    }

    private static func matches(_ item: Item, _ value: UInt32) -> Bool {
        switch item {
        case .range(let range): return range.contains(value)
        case .category(let name, let isNegated):
            guard let scalar = Unicode.Scalar(value) else { return false }
            return self.name(of: scalar.properties.generalCategory).hasPrefix(name) != isNegated
        }
    }

    private static func name(of category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
