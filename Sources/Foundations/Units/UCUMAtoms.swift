/// A unit symbol that UCUM defines, without a prefix.
struct UCUMAtom: Sendable {
    /// How the symbol relates to other units.
    enum Definition: Sendable {
        /// One of the seven base units.
        case base
        /// `value` times another unit.
        case ratio(value: ExactDecimal, unit: String)
        /// A temperature that counts from its own zero: `(reading + offset) * value * unit` (UCUM §22).
        case scale(offset: ExactDecimal, value: ExactDecimal, unit: String)
        /// Defined by a procedure, comparable only to itself (UCUM §24).
        case arbitrary
        /// A logarithm or another curve, comparable only to itself here (UCUM §21).
        case level
    }

    let definition: Definition
    /// Whether prefixes may stand before it (UCUM §11).
    let isMetric: Bool
    /// How people write it; nil when it is the symbol itself.
    let display: String?

    /// The definition of a symbol; nil when UCUM has none.
    static func named(_ symbol: String) -> UCUMAtom? { self.all[symbol] }

    /// Every symbol of the tables.
    static var symbols: [String] { self.all.keys.sorted() }

    /// The prefixes and their factors (UCUM §§ 27 and 33).
    static let prefixes: [String: ExactDecimal] = {
        var factors: [String: ExactDecimal] = [
            "Ki": ExactDecimal(1 << 10), "Mi": ExactDecimal(1 << 20), "Gi": ExactDecimal(1 << 30),
            "Ti": ExactDecimal(1 << 40),
        ]
        let powers = [
            "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1, "d": -1, "c": -2,
            "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
        ]
        for (prefix, power) in powers { factors[prefix] = ExactDecimal(significand: 1, exponent: power) }
        return factors
    }()

    private static let all: [String: UCUMAtom] = {
        var atoms: [String: UCUMAtom] = [:]
        for symbol in ["m", "s", "g", "rad", "K", "C", "cd"] {
            atoms[symbol] = UCUMAtom(definition: .base, isMetric: true, display: nil)
        }
        for table in [Self.scientific, Self.clinical, Self.customary] {
            for row in table.split(separator: "\n") {
                let columns = row.split(separator: " ").map(String.init)
                if let atom = UCUMAtom(columns: columns) { atoms[columns[0]] = atom }
            }
        }
        return atoms
    }()

    private init(definition: Definition, isMetric: Bool, display: String?) {
        self.definition = definition
        self.isMetric = isMetric
        self.display = display
    }

    /// Reads one row of a table.
    private init?(columns: [String]) {
        guard columns.count >= 4, let value = ExactDecimal(columns[2]) else { return nil }
        let words = columns[1].split(separator: "-")
        guard let kind = words.first else { return nil }
        switch kind {
        case "plain", "metric": self.definition = .ratio(value: value, unit: columns[3])
        case "arbitrary": self.definition = .arbitrary
        case "level": self.definition = .level
        case "scale":
            guard let offset = Self.offsets[columns[0]] else { return nil }
            self.definition = .scale(offset: offset, value: value, unit: columns[3])
        default: return nil
        }
        self.isMetric = words.last == "metric"
        self.display = columns.count > 4 ? columns[4] : nil
    }

    /// What to add to a reading so that it counts from absolute zero, in its own degrees.
    private static let offsets = [
        "Cel": ExactDecimal(significand: 273_15, exponent: -2),
        "[degF]": ExactDecimal(significand: 459_67, exponent: -2),
        "[degRe]": ExactDecimal(significand: 218_52, exponent: -2),
    ]
}

/// A symbol taken apart into a prefix and a unit that UCUM knows.
struct UCUMSymbol {
    let prefix: String
    let name: String
    let atom: UCUMAtom

    /// Looks a symbol up: whole first, then as a prefix with a metric unit.
    init(_ symbol: String, in code: String) throws(UnitError) {
        if let atom = UCUMAtom.named(symbol) {
            (self.prefix, self.name, self.atom) = ("", symbol, atom)
            return
        }
        var refused: UnitError?
        for length in 1...2 where symbol.utf8.count > length {
            let prefix = String(symbol.prefix(length))
            let name = String(symbol.dropFirst(length))
            guard UCUMAtom.prefixes[prefix] != nil, let atom = UCUMAtom.named(name) else { continue }
            if atom.isMetric {
                (self.prefix, self.name, self.atom) = (prefix, name, atom)
                return
            }
            refused = .notMetric(prefix: prefix, unit: name, code: code)
        }
        throw refused ?? .unknownUnit(symbol: symbol, code: code)
    }

    /// The prefix as a factor.
    var factor: ExactDecimal { UCUMAtom.prefixes[self.prefix] ?? .one }
}
