internal import Units

/// Reads units as people write them, and finds the UCUM code that they mean.
enum UnitNames {
    /// What a unit's text turned out to be.
    enum Reading: Equatable {
        /// UCUM, and it measures what is expected.
        case valid(String)
        /// No UCUM, or UCUM for something else, but known to mean this.
        case meant(String)
        /// UCUM, but it measures something else.
        case wrong(String)
        case unknown
    }

    /// Reads a unit.
    ///
    /// - Parameters:
    ///   - text: as written; not empty.
    ///   - expected: a UCUM unit of what is measured, when that is known.
    /// - Returns: what it means.
    static func read(_ text: String, expected: String?) -> Reading {
        let isUCUM = self.isUCUM(text)
        if isUCUM, self.measuresSame(text, expected) { return .valid(text) }
        // `C` is coulomb and `F` farad to UCUM: a name is believed before them.
        if let code = self.names[self.key(text)], self.measuresSame(code, expected) { return .meant(code) }
        return isUCUM ? .wrong(text) : .unknown
    }

    static func isUCUM(_ text: String) -> Bool { (try? UCUMUnit(text)) != nil }

    /// The UCUM code that a name means, whatever is measured.
    static func code(named text: String) -> String? { self.names[self.key(text)] }

    /// Whether a value in one unit can be given in the other; with nothing expected, always.
    static func measuresSame(_ code: String, _ expected: String?) -> Bool {
        guard let expected else { return true }
        guard let from = try? UCUMUnit(code), let to = try? UCUMUnit(expected) else { return false }
        if (try? UnitConversion(from: from, to: to, molarMass: nil)) != nil { return true }
        // Glucose: mass and amount of substance.
        return (try? UnitConversion(from: from, to: to, molarMass: ExactDecimal("180.156"))) != nil
            && expected.contains("mol") != code.contains("mol")
    }

    private static func key(_ text: String) -> String {
        String(text.lowercased().filter { !$0.isWhitespace && $0 != "°" && $0 != "º" && $0 != "." })
    }

    private static let names: [String: String] = {
        var table: [String: String] = [:]
        for (code, names) in Self.rows {
            for name in names.split(separator: " ") { table[String(name)] = code }
        }
        return table
    }()

    private static let rows: [(String, String)] = [
        (
            "/min",
            "bpm beats/min beat/min beats/minute beatsperminute 1/min count/min counts/min min-1 permin /minute rpm "
                + "breaths/min breaths/minute breath/min brpm br/min resp/min per_min beats_per_minute breaths_per_minute"
        ),
        ("%", "% percent pct prozent %spo2 percentage"),
        ("Cel", "c degc celsius degcelsius deg_c cel degreescelsius degree_celsius"),
        ("[degF]", "f degf fahrenheit degfahrenheit deg_f degreesfahrenheit"),
        ("mm[Hg]", "mmhg mm_hg torr mm[hg]"),
        ("kPa", "kpa"),
        ("cm[H2O]", "cmh2o"),
        ("kg", "kg kgs kilogram kilograms"),
        ("g", "g gram grams"),
        ("[lb_av]", "lb lbs pound pounds"),
        ("cm", "cm centimeter centimetre centimeters centimetres"),
        ("m", "m meter metre meters metres"),
        ("[in_i]", "in inch inches"),
        ("kg/m2", "kg/m2 kg/m^2 kg/m²"),
        ("mmol/L", "mmol/l mmoll"),
        ("mg/dL", "mg/dl mgdl"),
        ("L/min", "l/min lpm"),
        ("{steps}", "count counts steps step {steps}"),
        ("kcal", "kcal cal kilocalories"),
        ("kJ", "kj"),
        ("mV", "mv"),
        ("V", "v volt"),
        ("ms", "ms msec millisecond milliseconds"),
        ("s", "s sec second seconds"),
        ("dB[SPL]", "db(spl) dbspl dbaspl"),
        ("1", "ratio unitless none"),
    ]
}
