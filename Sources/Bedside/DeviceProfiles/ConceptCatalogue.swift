package import Records
package import Units

/// The measurements that Wardline knows: their LOINC and IEEE 11073-10101 codes, units and usual ranges.
///
/// Facts only: LOINC codes and names © Regenstrief Institute (see NOTICE), MDC numbers and RefIDs from
/// IEEE 11073-10101 as published by HL7 PHD and IHE PCD. A profile may define concepts of its own.
package struct ConceptCatalogue: Sendable {
    /// A measurement with what its readings are checked against.
    package struct Entry: Sendable {
        package let concept: Concept
        /// In the concept's unit; outside of it a reading is flagged, never dropped.
        package let plausible: ClosedRange<ExactDecimal>?
        /// In g/mol, where mass and amount of substance must be converted into each other.
        package let molarMass: ExactDecimal?
        /// The concept's name among MDC RefIDs, when its coding holds an MDC number.
        package let refID: String?
        /// Components that the FHIR profile of a panel demands (by catalogue key).
        package let requiredComponents: [String]
    }

    package static let standard = ConceptCatalogue()

    private let byKey: [String: Entry]
    private let byNumber: [String: Entry]
    private let byRefID: [String: Entry]

    private init() {
        var byKey: [String: Entry] = [:]
        var byNumber: [String: Entry] = [:]
        var byRefID: [String: Entry] = [:]
        for row in ConceptRow.all { byKey[row.key] = row.entry(mdc: nil) }
        for term in MDCTerm.all {
            guard let row = ConceptRow.all.first(where: { $0.key == term.concept }) else { continue }
            let entry = row.entry(mdc: term)
            byNumber[String(term.number)] = entry
            byRefID[term.refID] = entry
        }
        self.byKey = byKey
        self.byNumber = byNumber
        self.byRefID = byRefID
    }

    /// Finds an entry by catalogue key, MDC number or MDC RefID.
    package func entry(_ name: String) -> Entry? { self.byKey[name] ?? self.byNumber[name] ?? self.byRefID[name] }

    /// The entry of an MDC number.
    package func entry(mdc number: String) -> Entry? { self.byNumber[number] }

    /// The entry that a RefID names; vendors leave out its leading parts (`NONINV_SYS`).
    package func entry(refID name: String) -> Entry? {
        for prefix in ["", "MDC_", "MDC_PRESS_BLD_", "MDC_PRESS_"] {
            if let entry = self.byRefID[prefix + name] { return entry }
        }
        return nil
    }

    /// Every catalogue key, sorted.
    package var keys: [String] { self.byKey.keys.sorted() }

    /// The MDC numbers known, sorted.
    package var numbers: [String] { self.byNumber.keys.sorted() }
}

/// Whether a LOINC code's check digit is right (mod 10, LOINC Users' Guide appendix).
package func isLOINC(_ code: String) -> Bool {
    let parts = code.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...7).contains(parts[0].count), parts[1].count == 1 else { return false }
    let digits = (Array(parts[0]) + Array(parts[1])).map { Int($0) - 48 }
    guard digits.allSatisfy({ (0...9).contains($0) }) else { return false }
    var sum = 0
    for (position, digit) in digits.dropLast().reversed().enumerated() {
        let weighted = position.isMultiple(of: 2) ? digit * 2 : digit
        sum += weighted > 9 ? weighted - 9 : weighted
    }
    return (10 - sum % 10) % 10 == digits[digits.count - 1]
}

/// One row of the catalogue.
struct ConceptRow {
    let key: String
    let text: String
    let loinc: [(code: String, display: String)]
    var unit: String?
    var category = Concept.Category.vitalSigns
    var profile: String?
    var plausible: (low: Int, high: Int)?
    var molarMass: String?
    var requiredComponents: [String] = []

    func entry(mdc term: MDCTerm?) -> ConceptCatalogue.Entry {
        var codings = self.loinc.map { Coding(system: Coding.loinc, code: $0.code, display: $0.display) }
        if let term {
            codings.append(Coding(system: Coding.mdc, code: String(term.number), display: term.refID))
        }
        let concept = Concept(
            key: self.key,
            codings: codings,
            text: self.text,
            category: self.category,
            profileURL: self.profile.map { "http://hl7.org/fhir/StructureDefinition/\($0)" },
            unit: self.unit.flatMap { try? UnitCatalogue.measuredUnit($0) }
        )
        return ConceptCatalogue.Entry(
            concept: concept,
            plausible: self.plausible.map { ExactDecimal($0.low)...ExactDecimal($0.high) },
            molarMass: self.molarMass.flatMap { ExactDecimal($0) },
            refID: term?.refID,
            requiredComponents: self.requiredComponents
        )
    }
}

extension ConceptRow {
    /// Ranges are wide on purpose: a flag must mean that a person should look.
    static let all: [ConceptRow] = [
        ConceptRow(
            key: "heart-rate",
            text: "Heart rate",
            loinc: [("8867-4", "Heart rate")],
            unit: "/min",
            profile: "heartrate",
            plausible: (20, 300)
        ),
        ConceptRow(
            key: "pulse-rate-oximetry",
            text: "Pulse rate by oximetry",
            loinc: [("8867-4", "Heart rate"), ("8889-8", "Heart rate by Pulse oximetry")],
            unit: "/min",
            profile: "heartrate",
            plausible: (20, 300)
        ),
        ConceptRow(
            key: "respiratory-rate",
            text: "Respiratory rate",
            loinc: [("9279-1", "Respiratory rate")],
            unit: "/min",
            profile: "resprate",
            plausible: (3, 120)
        ),
        ConceptRow(
            key: "oxygen-saturation",
            text: "Oxygen saturation",
            loinc: [
                ("2708-6", "Oxygen saturation in Arterial blood"),
                ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
            ],
            unit: "%",
            profile: "oxygensat",
            plausible: (40, 100)
        ),
        ConceptRow(
            key: "body-temperature",
            text: "Body temperature",
            loinc: [("8310-5", "Body temperature")],
            unit: "Cel",
            profile: "bodytemp",
            plausible: (25, 45)
        ),
        ConceptRow(
            key: "blood-pressure",
            text: "Blood pressure",
            loinc: [("85354-9", "Blood pressure panel with all children optional")],
            profile: "bp",
            requiredComponents: ["systolic-blood-pressure", "diastolic-blood-pressure"]
        ),
        ConceptRow(
            key: "systolic-blood-pressure",
            text: "Systolic blood pressure",
            loinc: [("8480-6", "Systolic blood pressure")],
            unit: "mm[Hg]",
            plausible: (30, 300)
        ),
        ConceptRow(
            key: "diastolic-blood-pressure",
            text: "Diastolic blood pressure",
            loinc: [("8462-4", "Diastolic blood pressure")],
            unit: "mm[Hg]",
            plausible: (10, 200)
        ),
        ConceptRow(
            key: "mean-blood-pressure",
            text: "Mean blood pressure",
            loinc: [("8478-0", "Mean blood pressure")],
            unit: "mm[Hg]",
            plausible: (20, 250)
        ),
        ConceptRow(
            key: "arterial-systolic-pressure",
            text: "Invasive systolic arterial pressure",
            loinc: [("76215-3", "Invasive Systolic blood pressure")],
            unit: "mm[Hg]",
            plausible: (30, 300)
        ),
        ConceptRow(
            key: "arterial-diastolic-pressure",
            text: "Invasive diastolic arterial pressure",
            loinc: [("76213-8", "Invasive Diastolic blood pressure")],
            unit: "mm[Hg]",
            plausible: (10, 200)
        ),
        ConceptRow(
            key: "arterial-mean-pressure",
            text: "Invasive mean arterial pressure",
            loinc: [("76214-6", "Invasive Mean blood pressure")],
            unit: "mm[Hg]",
            plausible: (20, 250)
        ),
        ConceptRow(
            key: "invasive-pulse-rate",
            text: "Pulse rate from invasive pressure",
            loinc: [("8867-4", "Heart rate")],
            unit: "/min",
            profile: "heartrate",
            plausible: (20, 300)
        ),
        ConceptRow(
            key: "body-weight",
            text: "Body weight",
            loinc: [("29463-7", "Body weight")],
            unit: "kg",
            profile: "bodyweight",
            plausible: (0, 400)
        ),
        ConceptRow(
            key: "body-height",
            text: "Body height",
            loinc: [("8302-2", "Body height")],
            unit: "cm",
            profile: "bodyheight",
            plausible: (20, 260)
        ),
        ConceptRow(
            key: "body-mass-index",
            text: "Body mass index",
            loinc: [("39156-5", "Body mass index (BMI) [Ratio]")],
            unit: "kg/m2",
            profile: "bmi",
            plausible: (8, 100)
        ),
        ConceptRow(
            key: "head-circumference",
            text: "Head circumference",
            loinc: [("9843-4", "Head Occipital-frontal circumference")],
            unit: "cm",
            profile: "headcircum",
            plausible: (15, 80)
        ),
        ConceptRow(
            key: "blood-glucose",
            text: "Glucose in blood",
            loinc: [("15074-8", "Glucose [Moles/volume] in Blood")],
            unit: "mmol/L",
            category: .measurement,
            plausible: (1, 50),
            molarMass: "180.156"
        ),
        ConceptRow(
            key: "blood-glucose-mass",
            text: "Glucose in blood",
            loinc: [("2339-0", "Glucose [Mass/volume] in Blood")],
            unit: "mg/dL",
            category: .measurement,
            plausible: (18, 900),
            molarMass: "180.156"
        ),
        ConceptRow(
            key: "perfusion-index",
            text: "Perfusion index",
            loinc: [],
            unit: "%",
            category: .measurement,
            plausible: (0, 30)
        ),
        ConceptRow(
            key: "end-tidal-co2",
            text: "End-tidal carbon dioxide",
            loinc: [("19891-1", "Carbon dioxide [Partial pressure] in Exhaled gas --at end expiration")],
            unit: "mm[Hg]",
            category: .measurement,
            plausible: (0, 120)
        ),
        ConceptRow(
            key: "oxygen-flow",
            text: "Inhaled oxygen flow rate",
            loinc: [("3151-8", "Inhaled oxygen flow rate")],
            unit: "L/min",
            category: .measurement,
            plausible: (0, 80)
        ),
        ConceptRow(
            key: "ventricular-premature-beats",
            text: "Ventricular premature beats",
            loinc: [],
            unit: "/min",
            category: .measurement,
            plausible: (0, 200)
        ),
        ConceptRow(
            key: "step-count",
            text: "Step count",
            loinc: [("55423-8", "Number of steps in unspecified time Pedometer")],
            unit: "{steps}",
            category: .measurement
        ),
        ConceptRow(
            key: "energy-expended",
            text: "Energy expended",
            loinc: [],
            unit: "kJ",
            category: .measurement
        ),
        ConceptRow(
            key: "battery-level",
            text: "Battery charge",
            loinc: [],
            unit: "%",
            category: .deviceEvent,
            plausible: (0, 100)
        ),
        ConceptRow(key: "pleth-waveform", text: "Plethysmogram", loinc: [], unit: "1", category: .measurement),
        ConceptRow(key: "ecg-lead-i", text: "ECG lead I", loinc: [], unit: "mV", category: .measurement),
        ConceptRow(
            key: "arterial-pressure-waveform",
            text: "Arterial blood pressure waveform",
            loinc: [],
            unit: "mm[Hg]",
            category: .measurement
        ),
        ConceptRow(key: "alarm", text: "Alarm", loinc: [], category: .alarm),
        ConceptRow(key: "device-event", text: "Device event", loinc: [], category: .deviceEvent),
    ]
}

/// One IEEE 11073-10101 term; the number is partition × 65536 + term.
struct MDCTerm: Sendable {
    let number: Int
    let refID: String
    let concept: String

    init(_ number: Int, _ refID: String, _ concept: String) {
        self.number = number
        self.refID = refID
        self.concept = concept
    }

    static let all: [MDCTerm] = [
        MDCTerm(147842, "MDC_ECG_HEART_RATE", "heart-rate"),
        MDCTerm(149514, "MDC_PULS_RATE", "heart-rate"),
        MDCTerm(149522, "MDC_BLD_PULS_RATE_INV", "invasive-pulse-rate"),
        MDCTerm(149530, "MDC_PULS_OXIM_PULS_RATE", "pulse-rate-oximetry"),
        MDCTerm(149546, "MDC_PULS_RATE_NON_INV", "heart-rate"),
        MDCTerm(148066, "MDC_ECG_V_P_C_RATE", "ventricular-premature-beats"),
        MDCTerm(150456, "MDC_PULS_OXIM_SAT_O2", "oxygen-saturation"),
        MDCTerm(150488, "MDC_BLD_PERF_INDEX", "perfusion-index"),
        MDCTerm(151562, "MDC_RESP_RATE", "respiratory-rate"),
        MDCTerm(151578, "MDC_TTHOR_RESP_RATE", "respiratory-rate"),
        MDCTerm(151594, "MDC_CO2_RESP_RATE", "respiratory-rate"),
        MDCTerm(151712, "MDC_CONC_AWAY_CO2_EXP", "end-tidal-co2"),
        MDCTerm(150344, "MDC_TEMP", "body-temperature"),
        MDCTerm(150364, "MDC_TEMP_BODY", "body-temperature"),
        MDCTerm(188496, "MDC_TEMP_AXIL", "body-temperature"),
        MDCTerm(150020, "MDC_PRESS_BLD_NONINV", "blood-pressure"),
        MDCTerm(150021, "MDC_PRESS_BLD_NONINV_SYS", "systolic-blood-pressure"),
        MDCTerm(150022, "MDC_PRESS_BLD_NONINV_DIA", "diastolic-blood-pressure"),
        MDCTerm(150023, "MDC_PRESS_BLD_NONINV_MEAN", "mean-blood-pressure"),
        MDCTerm(150301, "MDC_PRESS_CUFF_SYS", "systolic-blood-pressure"),
        MDCTerm(150302, "MDC_PRESS_CUFF_DIA", "diastolic-blood-pressure"),
        MDCTerm(150303, "MDC_PRESS_CUFF_MEAN", "mean-blood-pressure"),
        MDCTerm(150033, "MDC_PRESS_BLD_ART_SYS", "arterial-systolic-pressure"),
        MDCTerm(150034, "MDC_PRESS_BLD_ART_DIA", "arterial-diastolic-pressure"),
        MDCTerm(150035, "MDC_PRESS_BLD_ART_MEAN", "arterial-mean-pressure"),
        MDCTerm(150037, "MDC_PRESS_BLD_ART_ABP_SYS", "arterial-systolic-pressure"),
        MDCTerm(150038, "MDC_PRESS_BLD_ART_ABP_DIA", "arterial-diastolic-pressure"),
        MDCTerm(150039, "MDC_PRESS_BLD_ART_ABP_MEAN", "arterial-mean-pressure"),
        MDCTerm(188736, "MDC_MASS_BODY_ACTUAL", "body-weight"),
        MDCTerm(188740, "MDC_LEN_BODY_ACTUAL", "body-height"),
        MDCTerm(188752, "MDC_RATIO_MASS_BODY_LEN_SQ", "body-mass-index"),
        MDCTerm(160184, "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD", "blood-glucose"),
        MDCTerm(160368, "MDC_CONC_GLU_UNDETERMINED_PLASMA", "blood-glucose"),
        MDCTerm(67996, "MDC_ATTR_VAL_BATT_CHARGE", "battery-level"),
        MDCTerm(150452, "MDC_PULS_OXIM_PLETH", "pleth-waveform"),
        MDCTerm(131329, "MDC_ECG_ELEC_POTL_I", "ecg-lead-i"),
        MDCTerm(196616, "MDC_EVT_ALARM", "alarm"),
    ]
}
