internal import Dashboard
internal import Foundation
internal import Records

/// What the dashboard knows of beds and devices, from Observations as they lie in the spool.
///
/// A bed is known by its patient's association; where there is none, the device stands for it. No patient is named. It is
/// bounded in all directions: rows, readings of a row, values of a trend, seconds of a waveform.
struct WardBoard: Sendable {
    /// A bed, or a device without one.
    struct Row: Sendable {
        let name: String
        let isBed: Bool
        var newest: Int64 = 0
        var observations = 0
        var readings: [String: ReadingView] = [:]
        var waves: [String: WaveTail] = [:]
    }

    /// What a device's Observations say of it.
    struct Device: Sendable {
        var kind = ""
        var profile = ""
        var bed = ""
        var batteryPercent: Double?
    }

    static let rowsMax = 1_000
    static let readingsMax = 48
    static let trendMax = 40
    static let wavesMax = 6

    private(set) var rows: [String: Row] = [:]
    private(set) var devices: [String: Device] = [:]
    /// Rows that there was no room for.
    private(set) var left = 0
    private var bedsByPatient: [String: String] = [:]

    /// Takes the beds of patients: pseudonym and bed of every association that holds.
    mutating func use(beds: [(patient: String, bed: String)]) {
        self.bedsByPatient = Dictionary(beds.map { ($0.patient, $0.bed) }) { _, later in later }
    }

    /// Takes Observations, oldest first, one a line.
    mutating func take(_ lines: [UInt8]) {
        let decoder = JSONDecoder()
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let seen = try? decoder.decode(WardObservation.self, from: Data(line)) else { continue }
            self.take(seen)
        }
    }

    private mutating func take(_ seen: WardObservation) {
        let device = seen.device?.identifier?.value ?? "unnamed"
        let bed = seen.patient.flatMap { self.bedsByPatient[$0] }
        self.note(seen, of: device, at: bed)
        let key = bed.map { "bed \($0)" } ?? "device \(device)"
        guard self.rows[key] != nil || self.rows.count < Self.rowsMax else {
            self.left += 1
            return
        }
        var row = self.rows.removeValue(forKey: key) ?? Row(name: bed ?? device, isBed: bed != nil)
        row.observations += 1
        row.newest = max(row.newest, seen.time)
        row.take(seen, from: device)
        self.rows[key] = row
    }

    private mutating func note(_ seen: WardObservation, of name: String, at bed: String?) {
        guard self.devices[name] != nil || self.devices.count < Self.rowsMax else { return }
        var device = self.devices[name] ?? Device()
        device.kind = seen.device?.display ?? device.kind
        device.profile = seen.profile ?? device.profile
        device.bed = bed ?? ""
        if seen.isBatteryCharge { device.batteryPercent = seen.valueQuantity?.value ?? device.batteryPercent }
        self.devices[name] = device
    }
}

extension WardBoard.Row {
    fileprivate mutating func take(_ seen: WardObservation, from device: String) {
        let key = seen.name
        if let block = seen.block {
            guard self.waves[key] != nil || self.waves.count < WardBoard.wavesMax else { return }
            var tail = self.waves[key] ?? WaveTail(name: seen.name, unit: block.unit)
            tail.take(block, from: seen.time, observation: seen.id)
            self.waves[key] = tail
            return
        }
        guard self.readings[key] != nil || self.readings.count < WardBoard.readingsMax else { return }
        let before = self.readings[key]
        // What comes late is part of no trend.
        if let before, before.time > seen.time { return }
        let value = seen.value
        let trend = (before?.trend ?? []) + (value.number.map { [$0] } ?? [])
        self.readings[key] = ReadingView(
            name: seen.name,
            short: seen.short,
            text: value.text,
            unit: value.unit,
            trend: trend.suffix(WardBoard.trendMax),
            time: seen.time,
            observation: seen.id,
            device: device,
            profile: seen.profile ?? "",
            flags: seen.flags
        )
    }
}
