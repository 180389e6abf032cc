internal import Records
internal import Units

/// How units reach us: UCUM codes, IEEE 11073 dimension codes, and the profile's own aliases.
enum UnitCatalogue {
    /// IEEE 11073-10101 dimensions (partition 4) by number and by RefID.
    private static let dimensions: [(number: String, refID: String, ucum: String)] = [
        ("262656", "MDC_DIM_DIMLESS", "1"),
        ("262688", "MDC_DIM_PERCENT", "%"),
        ("263441", "MDC_DIM_CENTI_M", "cm"),
        ("263520", "MDC_DIM_INCH", "[in_i]"),
        ("263875", "MDC_DIM_KILO_G", "kg"),
        ("263904", "MDC_DIM_LB", "[lb_av]"),
        ("264096", "MDC_DIM_KG_PER_M_SQ", "kg/m2"),
        ("264274", "MDC_DIM_MILLI_G_PER_DL", "mg/dL"),
        ("264640", "MDC_DIM_HZ", "Hz"),
        ("264864", "MDC_DIM_BEAT_PER_MIN", "/min"),
        ("264928", "MDC_DIM_RESP_PER_MIN", "/min"),
        ("265987", "MDC_DIM_KILO_PASCAL", "kPa"),
        ("266016", "MDC_DIM_MMHG", "mm[Hg]"),
        ("266418", "MDC_DIM_MILLI_VOLT", "mV"),
        ("266560", "MDC_DIM_FAHR", "[degF]"),
        ("266866", "MDC_DIM_MILLI_MOLE_PER_L", "mmol/L"),
        ("268192", "MDC_DIM_DEGC", "Cel"),
    ]

    private static let byName: [String: String] = {
        var table: [String: String] = [:]
        for dimension in Self.dimensions {
            table[dimension.number] = dimension.ucum
            table[dimension.refID] = dimension.ucum
        }
        return table
    }()

    /// The UCUM code of an MDC dimension, or the text itself.
    static func ucumCode(_ text: String) -> String { Self.byName[text] ?? text }

    /// A checked unit with the text that people read.
    static func measuredUnit(_ code: String) throws(UnitError) -> MeasuredUnit {
        let unit = try UCUMUnit(code)
        return MeasuredUnit(code: unit.code, display: unit.display)
    }
}
