internal import DeviceProfiles
internal import Records

/// What devices and people call the measurements that Wardline knows.
enum ConceptNames {
    /// A measurement that a name may mean: one of the catalogue, or a LOINC code beside it.
    enum Meaning: Sendable, Equatable {
        case catalogue(String)
        case loinc(String)
    }

    /// Finds a name's measurement.
    ///
    /// - Parameter name: a field's name or a display, in any case and with any separators.
    /// - Returns: nil when the name is not known; a longer name is tried without its first and its last words.
    static func meaning(of name: String) -> Meaning? {
        let words = Words.split(name)
        if let meaning = self.table[words.joined()] { return meaning }
        // `NIBP Systolic mmHg`, `vitals.heart_rate.value`: one or two words around the name.
        for dropped in [1, 2] where words.count > dropped {
            for front in stride(from: dropped, through: 0, by: -1) {
                let part = words.dropFirst(front).dropLast(dropped - front).joined()
                if part.count >= 2, let meaning = self.table[part] { return meaning }
            }
        }
        return nil
    }

    private static let table: [String: Meaning] = {
        var table: [String: Meaning] = [:]
        for (meaning, names) in Self.rows {
            for name in names.split(separator: " ") { table[String(name)] = meaning }
        }
        let catalogue = ConceptCatalogue.standard
        for key in catalogue.keys {
            guard let concept = catalogue.entry(key)?.concept else { continue }
            for name in [key, concept.text] + concept.codings.compactMap(\.display) {
                let joined = Words.joined(name)
                // Several concepts share a LOINC name: the rows above, then the first key, have it.
                if table[joined] == nil { table[joined] = .catalogue(key) }
            }
        }
        return table
    }()

    private static let rows: [(Meaning, String)] = [
        (.catalogue("heart-rate"), "hr heartrate heartbeat bpm ecghr hrecg beatsperminute pulse pulserate pr puls"),
        (.catalogue("pulse-rate-oximetry"), "spo2pr prspo2 pulserateoximetry oximetrypulse plethrate prpleth"),
        (.catalogue("respiratory-rate"), "rr resp resprate respiratoryrate respirationrate breathingrate brpm breaths"),
        (.catalogue("oxygen-saturation"), "spo2 sao2 o2sat oxygensaturation oxygen saturation bloodoxygen oxy sat"),
        (.catalogue("body-temperature"), "temp temperature bodytemp bodytemperature tcore t tempc tempf tmp"),
        (.catalogue("blood-pressure"), "bp nibp bloodpressure bloodpressurepanel"),
        (
            .catalogue("systolic-blood-pressure"),
            "sys systolic sbp nibpsys nibpsystolic bpsys systolicbp systolicpressure systolicbloodpressure nibps"
        ),
        (
            .catalogue("diastolic-blood-pressure"),
            "dia diastolic dbp nibpdia nibpdiastolic bpdia diastolicbp diastolicpressure diastolicbloodpressure nibpd"
        ),
        (.catalogue("mean-blood-pressure"), "map nibpmean meanbp meanarterialpressure nibpmap mbp nibpm"),
        (.catalogue("arterial-systolic-pressure"), "abpsys artsys ibpsys abps"),
        (.catalogue("arterial-diastolic-pressure"), "abpdia artdia ibpdia abpd"),
        (.catalogue("arterial-mean-pressure"), "abpmean artmean ibpmean abpm"),
        (.catalogue("body-weight"), "weight bodyweight bodymass mass wt"),
        (.catalogue("body-height"), "height bodyheight stature ht"),
        (.catalogue("body-mass-index"), "bmi bodymassindex"),
        (.catalogue("blood-glucose"), "glucose bloodglucose bg glu glucosemmol"),
        (.catalogue("blood-glucose-mass"), "glucosemgdl"),
        (.catalogue("perfusion-index"), "pi perf perfusion perfusionindex"),
        (.catalogue("end-tidal-co2"), "etco2 co2et endtidalco2"),
        (.catalogue("oxygen-flow"), "o2flow oxygenflow"),
        (.catalogue("ventricular-premature-beats"), "pvc vpc"),
        (.catalogue("step-count"), "steps stepcount numberofsteps stepscount"),
        (.catalogue("energy-expended"), "energyexpended"),
        (.catalogue("battery-level"), "bat batt battery batterylevel batterypercent soc"),
        (.loinc("80404-7"), "hrv heartratevariability sdnn rrintervalstandarddeviationheartratevariability"),
        (.loinc("40443-4"), "restingheartrate heartrateresting restinghr"),
        (.loinc("41981-2"), "caloriesburned activeenergyburned kcal calories"),
        (.loinc("39106-0"), "skintemp skintemperature temperatureofskin tskin"),
        (.loinc("60832-3"), "roomtemp roomtemperature ambienttemp ambienttemperature"),
    ]
}

extension ConceptNames.Meaning {
    /// A UCUM unit of the measurement.
    var unit: String? {
        switch self {
        case .catalogue(let key): ConceptCatalogue.standard.entry(key)?.concept.unit?.code
        case .loinc(let code): KnownCodes.loinc(code)?.unit
        }
    }

    /// What to call it in a sentence: a catalogue key with its LOINC code, or a LOINC code with its name.
    var spoken: String {
        switch self {
        case .catalogue(let key):
            let codings = ConceptCatalogue.standard.entry(key)?.concept.codings ?? []
            return codings.first.map { "\(key) (LOINC \($0.code))" } ?? key
        case .loinc(let code): return "LOINC \(code) (\(KnownCodes.loinc(code)?.name ?? "unknown"))"
        }
    }
}
