internal import Records

/// One thing that a profile reads, with the codes and the unit that its readings carry.
struct DeviceMeasurement: Equatable {
    let text: String
    let loinc: [String]
    let mdc: [String]
    /// UCUM; nil for values without a unit.
    let unit: String?

    /// Everything that a profile reads, each once, in the order of its rules.
    static func all(of profile: DeviceProfile) -> [DeviceMeasurement] {
        var measurements: [DeviceMeasurement] = []
        for value in profile.rules.flatMap({ [$0.value] + $0.components }) {
            for measurement in self.measurements(of: value) where !measurements.contains(measurement) {
                measurements.append(measurement)
            }
        }
        return measurements
    }

    private static func measurements(of value: ValueRule) -> [DeviceMeasurement] {
        switch value.concept {
        case .fixed(let entry): return [DeviceMeasurement(entry.concept, unit: value.unit?.target)]
        case .mapped(let map):
            var named = map.cases.sorted { $0.key < $1.key }
                .map { DeviceMeasurement($0.value.concept, unit: value.unit?.target) }
            if map.usesCatalogue {
                named.append(DeviceMeasurement(text: "any MDC term of the catalogue", loinc: [], mdc: [], unit: nil))
            }
            return named
        }
    }

    private init(_ concept: Concept, unit: String?) {
        self.init(
            text: concept.text,
            loinc: concept.codings.filter { $0.system == Coding.loinc }.map(\.code),
            mdc: concept.codings.filter { $0.system == Coding.mdc }.map(\.code),
            unit: unit ?? concept.unit?.code
        )
    }

    init(text: String, loinc: [String], mdc: [String], unit: String?) {
        self.text = text
        self.loinc = loinc
        self.mdc = mdc
        self.unit = unit
    }
}
