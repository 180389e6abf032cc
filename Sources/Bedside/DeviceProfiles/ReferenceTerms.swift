/// Codes that profiles use beyond the catalogue, so that what a profile says of them can be held against what they mean.
///
/// Facts only: LOINC codes and names © Regenstrief Institute (see NOTICE); MDC numbers and RefIDs from IEEE 11073-10101 as
/// published by HL7 PHD, IHE PCD and in manufacturers' interface documents. A code that is not here is not judged.
enum ReferenceTerms {
    /// One LOINC code.
    struct LOINC: Sendable {
        let code: String
        /// The long common name.
        let display: String
        /// A UCUM unit of what the code measures; others must be convertible into it without a molar mass.
        let unit: String
    }

    /// One IEEE 11073-10101 term.
    struct MDC: Sendable {
        let number: Int
        let refID: String
        /// A UCUM unit of what the term measures; nil when it has none or several.
        let unit: String?
    }

    static let loinc: [LOINC] = [
        LOINC(code: "14743-9", display: "Glucose [Moles/volume] in Capillary blood by Glucometer", unit: "mmol/L"),
        LOINC(code: "14749-6", display: "Glucose [Moles/volume] in Serum or Plasma", unit: "mmol/L"),
        LOINC(code: "1554-5", display: "Glucose [Mass/volume] in Serum or Plasma --12 hours fasting", unit: "mg/dL"),
        LOINC(code: "20570-8", display: "Hematocrit [Volume Fraction] of Blood", unit: "%"),
        LOINC(code: "2345-7", display: "Glucose [Mass/volume] in Serum or Plasma", unit: "mg/dL"),
        LOINC(code: "39106-0", display: "Temperature of Skin", unit: "Cel"),
        LOINC(code: "40443-4", display: "Heart rate --resting", unit: "/min"),
        LOINC(code: "41653-7", display: "Glucose [Mass/volume] in Capillary blood by Glucometer", unit: "mg/dL"),
        LOINC(code: "41981-2", display: "Calories burned", unit: "kcal"),
        LOINC(code: "60832-3", display: "Room temperature", unit: "Cel"),
        LOINC(code: "76259-1", display: "Pressure.plateau Respiratory system airway --on ventilator", unit: "cm[H2O]"),
        LOINC(code: "76530-5", display: "Mean pressure Respiratory system airway --on ventilator", unit: "cm[H2O]"),
        LOINC(code: "76531-3", display: "Pressure.max Respiratory system airway --on ventilator", unit: "cm[H2O]"),
        LOINC(
            code: "80404-7",
            display: "R-R interval.standard deviation (Heart rate variability)",
            unit: "ms"
        ),
    ]

    static let mdc: [MDC] = [
        MDC(number: 68_481, refID: "MDC_ATTR_EVENT_PHASE", unit: nil),
        MDC(number: 68_482, refID: "MDC_ATTR_ALARM_STATE", unit: nil),
        MDC(number: 68_484, refID: "MDC_ATTR_ALARM_PRIORITY", unit: nil),
        MDC(number: 157_760, refID: "MDC_CONC_DRUG", unit: nil),
        MDC(number: 157_784, refID: "MDC_FLOW_FLUID_PUMP", unit: "mL/h"),
        MDC(number: 157_864, refID: "MDC_VOL_FLUID_DELIV", unit: "mL"),
        MDC(number: 157_872, refID: "MDC_VOL_FLUID_TBI_REMAIN", unit: "mL"),
        MDC(number: 157_884, refID: "MDC_VOL_FLUID_TBI", unit: "mL"),
        MDC(number: 157_924, refID: "MDC_RATE_DOSE", unit: nil),
        MDC(number: 160_188, refID: "MDC_CONC_GLU_CAPILLARY_PLASMA", unit: nil),
        MDC(number: 160_192, refID: "MDC_CONC_GLU_VENOUS_WHOLEBLOOD", unit: nil),
        MDC(number: 160_196, refID: "MDC_CONC_GLU_VENOUS_PLASMA", unit: nil),
        MDC(number: 160_200, refID: "MDC_CONC_GLU_ARTERIAL_WHOLEBLOOD", unit: nil),
        MDC(number: 160_204, refID: "MDC_CONC_GLU_ARTERIAL_PLASMA", unit: nil),
        MDC(number: 160_208, refID: "MDC_CONC_GLU_CONTROL", unit: nil),
        MDC(number: 160_212, refID: "MDC_CONC_GLU_ISF", unit: nil),
        MDC(number: 160_364, refID: "MDC_CONC_GLU_UNDETERMINED_WHOLEBLOOD", unit: nil),
        MDC(number: 184_330, refID: "MDC_DRUG_NAME_TYPE", unit: nil),
        MDC(number: 184_504, refID: "MDC_PUMP_MODE", unit: nil),
        MDC(number: 184_508, refID: "MDC_PUMP_STAT", unit: nil),
    ]

    private static let loincByCode = Dictionary(uniqueKeysWithValues: Self.loinc.map { ($0.code, $0) })
    private static let mdcByNumber = Dictionary(uniqueKeysWithValues: Self.mdc.map { (String($0.number), $0) })
    private static let numberByRefID = Dictionary(uniqueKeysWithValues: Self.mdc.map { ($0.refID, String($0.number)) })

    static func loinc(_ code: String) -> LOINC? { self.loincByCode[code] }

    static func mdc(_ number: String) -> MDC? { self.mdcByNumber[number] }

    /// The RefID of a number, by the catalogue or by this table.
    static func refID(_ number: String) -> String? {
        ConceptCatalogue.standard.entry(mdc: number)?.refID ?? self.mdcByNumber[number]?.refID
    }

    /// The number of a RefID, by the catalogue or by this table.
    static func number(refID: String) -> String? {
        self.numberByRefID[refID] ?? MDCTerm.all.first { $0.refID == refID }.map { String($0.number) }
    }
}
