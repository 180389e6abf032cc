/// The health characteristics of Bluetooth GATT that Wardline reads.
///
/// The raw values are the 16-bit numbers that the Bluetooth SIG assigned (Assigned Numbers §3.8), in lower case.
package enum GATTCharacteristic: String, CaseIterable, Sendable {
    case glucoseMeasurement = "2a18"
    case temperatureMeasurement = "2a1c"
    case intermediateTemperature = "2a1e"
    case bloodPressureMeasurement = "2a35"
    case intermediateCuffPressure = "2a36"
    case heartRateMeasurement = "2a37"
    case plxSpotCheckMeasurement = "2a5e"
    case plxContinuousMeasurement = "2a5f"
    case weightMeasurement = "2a9d"

    /// The name in words, as in the `characteristic` member of a decoded tree.
    package var name: StaticString {
        switch self {
        case .glucoseMeasurement: "glucose_measurement"
        case .temperatureMeasurement: "temperature_measurement"
        case .intermediateTemperature: "intermediate_temperature"
        case .bloodPressureMeasurement: "blood_pressure_measurement"
        case .intermediateCuffPressure: "intermediate_cuff_pressure"
        case .heartRateMeasurement: "heart_rate_measurement"
        case .plxSpotCheckMeasurement: "plx_spot_check_measurement"
        case .plxContinuousMeasurement: "plx_continuous_measurement"
        case .weightMeasurement: "weight_measurement"
        }
    }

    /// Recognises what bridges and profiles write: "2A37", "0x2a37", "00002a37-0000-1000-8000-00805f9b34fb" (with or
    /// without dashes) or the name in words ("heart_rate_measurement", "Heart Rate Measurement").
    package init?(_ text: String) {
        let wanted = text.utf8.map { Self.folded($0) }
        if let named = Self.allCases.first(where: { $0.name.description.utf8.elementsEqual(wanted) }) {
            self = named
            return
        }
        var digits = wanted.filter { $0 != UInt8(ascii: "_") }
        if digits.starts(with: "0x".utf8) {
            digits.removeFirst(2)
        } else if digits.count == 32, digits.starts(with: "0000".utf8), digits.dropFirst(8).elementsEqual(Self.base) {
            digits = Array(digits[4..<8])
        }
        guard digits.count == 4 else { return nil }
        self.init(rawValue: String(decoding: digits, as: UTF8.self))
    }

    /// The Bluetooth Base UUID after its first 32 bits (Core Specification volume 3, part B, §2.5.1).
    private static let base = "00001000800000805f9b34fb".utf8

    /// Lower case, with spaces and dashes as underscores.
    private static func folded(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: " "), UInt8(ascii: "-"): UInt8(ascii: "_")
        default: byte
        }
    }
}
