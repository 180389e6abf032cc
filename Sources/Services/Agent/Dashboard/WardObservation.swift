internal import Foundation
internal import Normalization
internal import Records

/// The parts of an Observation that the dashboard shows.
struct WardObservation: Decodable {
    struct Identifier: Decodable {
        let system: String?
        let value: String?
    }

    struct Reference: Decodable {
        let identifier: Identifier?
        let display: String?
    }

    struct Code: Decodable {
        struct Coding: Decodable {
            let code: String?
            let display: String?
        }

        let coding: [Coding]?
        let text: String?

        var name: String? { self.text ?? self.coding?.lazy.compactMap { $0.display ?? $0.code }.first }

        func has(_ code: String) -> Bool { self.coding?.contains { $0.code == code } ?? false }
    }

    struct Quantity: Decodable {
        let value: Double?
        let unit: String?
    }

    struct Component: Decodable {
        let code: Code?
        let valueQuantity: Quantity?
        let valueCodeableConcept: Code?
        let valueString: String?
    }

    struct Sampled: Decodable {
        let origin: Quantity?
        let period: Double?
        let factor: Double?
        let data: String?
    }

    struct Extension: Decodable {
        let url: String
        let valueString: String?
        let valueCode: String?
        let valueDateTime: String?
        let valueDecimal: Double?
        let `extension`: [Extension]?
    }

    let id: String
    let `extension`: [Extension]?
    let subject: Reference?
    let device: Reference?
    let code: Code?
    let effectiveDateTime: String?
    let issued: String?
    let valueQuantity: Quantity?
    let valueCodeableConcept: Code?
    let valueString: String?
    let valueBoolean: Bool?
    let valueSampledData: Sampled?
    let dataAbsentReason: Code?
    let component: [Component]?
}

extension WardObservation {
    /// Column heads by LOINC code.
    private static let shorts: [String: String] = [
        "8867-4": "HR", "2708-6": "SpO2", "59408-5": "SpO2", "9279-1": "RR", "8310-5": "Temp", "85354-9": "NIBP",
    ]

    /// The patient's pseudonym, if the Observation has one.
    var patient: String? {
        guard let identifier = self.subject?.identifier, identifier.system == FHIRNames.patient else { return nil }
        return identifier.value
    }

    /// Effective time, ms since 1970; 0 when it cannot be read.
    var time: Int64 {
        self.effectiveDateTime.flatMap { DateTime(rfc3339: Array($0.utf8)) }?.millisecondsSinceEpoch ?? 0
    }

    /// What was measured, with the channel where a device has several.
    var name: String {
        let name = self.code?.name ?? "Unnamed"
        let channel = self.extension?.first { $0.url == FHIRNames.channel }?.valueString
        return channel.map { "\(name) (\($0))" } ?? name
    }

    var short: String? { self.code?.coding?.lazy.compactMap { $0.code.flatMap { Self.shorts[$0] } }.first }

    var flags: [String] { self.extension?.filter { $0.url == FHIRNames.quality }.compactMap(\.valueCode) ?? [] }

    /// `id@version` of the profile that read it.
    var profile: String? {
        self.extension?.first { $0.url == FHIRNames.provenance }?.extension?.first { $0.url == "profile" }?.valueString
    }

    /// MDC_ATTR_VAL_BATT_CHARGE of IEEE 11073-10101.
    var isBatteryCharge: Bool { self.code?.has("67996") ?? false }

    /// The value as text, its unit, and the number that a trend is made of.
    var value: (text: String, unit: String, number: Double?) {
        if let quantity = self.valueQuantity {
            return (Self.text(quantity.value), quantity.unit ?? "", quantity.value)
        }
        if let text = self.valueCodeableConcept?.name ?? self.valueString { return (text, "", nil) }
        if let flag = self.valueBoolean { return (flag ? "yes" : "no", "", nil) }
        if let component = self.component, !component.isEmpty { return Self.panel(component) }
        return ("(\(self.dataAbsentReason?.name ?? "no value"))", "", nil)
    }

    /// `120/80` for pressures, otherwise the components' values one after the other.
    private static func panel(_ components: [Component]) -> (String, String, Double?) {
        let pressures = ["8480-6", "8462-4"].map { code in
            components.first { $0.code?.has(code) ?? false }?.valueQuantity
        }
        if pressures.contains(where: { $0 != nil }) {
            let text = pressures.map { self.text($0?.value) }.joined(separator: "/")
            return (text, pressures.lazy.compactMap { $0?.unit }.first ?? "", pressures[0]?.value)
        }
        let texts = components.map { component in
            component.valueQuantity.map { "\(self.text($0.value)) \($0.unit ?? "")" }
                ?? component.valueCodeableConcept?.name ?? component.valueString ?? "-"
        }
        return (texts.joined(separator: ", "), "", nil)
    }

    /// Two decimals below ten, one above, none for whole numbers.
    private static func text(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return String(format: abs(value) < 10 ? "%.2f" : abs(value) < 1e6 ? "%.1f" : "%.4g", value)
    }

    /// The samples of a waveform; nil for another value.
    var block: WaveTail.Block? {
        guard let sampled = self.valueSampledData, let data = sampled.data, let period = sampled.period,
            (0.01...60_000).contains(period)
        else { return nil }
        let (origin, factor) = (sampled.origin?.value ?? 0, sampled.factor ?? 1)
        // `E`, `U` and `L` are no samples (FHIR R4 SampledData).
        let samples = data.split(separator: " ").map { Double($0).map { origin + factor * $0 } }
        guard !samples.isEmpty else { return nil }
        return WaveTail.Block(
            samples: samples.suffix(WaveTail.samplesMax),
            period: period,
            unit: sampled.origin?.unit ?? ""
        )
    }
}
