internal import Foundation
internal import Records

/// The last vital signs of every bed, from Observations as they lie in the spool.
///
/// A bed is known by its patient's association; where there is none, the device stands for it. No patient is named.
package struct BedBoard: Sendable {
    /// The columns.
    package enum Vital: String, Sendable, CaseIterable {
        case heartRate = "HR"
        case saturation = "SpO2"
        case respiration = "RR"
        case temperature = "Temp"
        case pressure = "NIBP"
    }

    /// What stands in one cell.
    package struct Cell: Sendable, Equatable {
        /// As in the Observation; `120/80` for pressures, `-` for a value that is absent with a reason.
        package var text: String
        /// The last values, oldest first, at most ``BedBoard/trendMax``.
        package var trend: [Double] = []
        /// Effective time, ms since 1970.
        package var time: Int64
    }

    /// One line of the board.
    package struct Row: Sendable, Equatable {
        package let name: String
        package var cells: [Vital: Cell] = [:]
        /// The newest effective time, ms since 1970.
        package var newest: Int64 = 0
        /// Observations seen of it, of any kind.
        package var observations = 0
    }

    /// Values kept for a trend.
    package static let trendMax = 8
    /// Beds and devices beyond this many are not followed.
    package static let rowsMax = 2_000

    private var rowsByName: [String: Row] = [:]
    private var bedsByPatient: [String: String] = [:]

    package init() {}

    /// Sorted by name.
    package var rows: [Row] { self.rowsByName.values.sorted { $0.name < $1.name } }

    /// Takes the beds of patients: pseudonym and bed of every association that holds.
    package mutating func use(beds: [(patient: String, bed: String)]) {
        self.bedsByPatient = Dictionary(beds.map { ($0.patient, $0.bed) }) { _, later in later }
    }

    /// Takes Observations, oldest first, one a line.
    package mutating func take(_ lines: [UInt8]) {
        let decoder = JSONDecoder()
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let seen = try? decoder.decode(SpooledObservation.self, from: Data(line)) else { continue }
            self.take(seen)
        }
    }

    private mutating func take(_ seen: SpooledObservation) {
        let patient = seen.subject?.identifier
        let bed = patient?.system == "urn:wardline:patient" ? patient?.value.flatMap { self.bedsByPatient[$0] } : nil
        let device = seen.device?.identifier?.value ?? "unnamed"
        let name = bed ?? "(\(device))"
        guard self.rowsByName[name] != nil || self.rowsByName.count < Self.rowsMax else { return }
        var row = self.rowsByName[name] ?? Row(name: name)
        row.observations += 1
        let time = seen.effectiveDateTime.flatMap { DateTime(rfc3339: Array($0.utf8)) }?.millisecondsSinceEpoch ?? 0
        row.newest = max(row.newest, time)
        if let (vital, text, number) = seen.vital {
            var cell = row.cells[vital] ?? Cell(text: text, time: time)
            // What comes late is part of no trend.
            if time >= cell.time {
                cell.text = text
                cell.time = time
                if let number { cell.trend = (cell.trend + [number]).suffix(Self.trendMax) }
            }
            row.cells[vital] = cell
        }
        self.rowsByName[name] = row
    }

    /// Eight heights for the lowest to the highest of some values.
    package static func sparkline(_ values: [Double]) -> String {
        guard let low = values.min(), let high = values.max() else { return "" }
        let blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        guard high > low else { return String(repeating: "▄", count: values.count) }
        return values.map { blocks[min(7, Int(($0 - low) / (high - low) * 8))] }.joined()
    }
}

/// The parts of an Observation that a board shows.
private struct SpooledObservation: Decodable {
    struct Identifier: Decodable {
        let system: String?
        let value: String?
    }

    struct Reference: Decodable { let identifier: Identifier? }

    struct Code: Decodable {
        struct Coding: Decodable {
            let system: String?
            let code: String?
        }

        let coding: [Coding]?
    }

    struct Quantity: Decodable { let value: Double? }

    struct Component: Decodable {
        let code: Code?
        let valueQuantity: Quantity?
    }

    let subject: Reference?
    let device: Reference?
    let code: Code?
    let effectiveDateTime: String?
    let valueQuantity: Quantity?
    let component: [Component]?

    private static let codes: [String: BedBoard.Vital] = [
        "8867-4": .heartRate, "2708-6": .saturation, "59408-5": .saturation, "9279-1": .respiration,
        "8310-5": .temperature, "85354-9": .pressure,
    ]

    /// The column, its text, and the number for the trend.
    var vital: (BedBoard.Vital, String, Double?)? {
        let codes = self.code?.coding?.compactMap(\.code) ?? []
        guard let vital = codes.lazy.compactMap({ Self.codes[$0] }).first else { return nil }
        if vital == .pressure {
            func pressure(_ code: String) -> Double? {
                self.component?.first { $0.code?.coding?.contains { $0.code == code } ?? false }?.valueQuantity?.value
            }
            let (systolic, diastolic) = (pressure("8480-6"), pressure("8462-4"))
            return (vital, "\(Self.text(systolic))/\(Self.text(diastolic))", systolic)
        }
        return (vital, Self.text(self.valueQuantity?.value), self.valueQuantity?.value)
    }

    private static func text(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value == value.rounded() ? String(Int(exactly: value) ?? 0) : String(format: "%.1f", value)
    }
}
