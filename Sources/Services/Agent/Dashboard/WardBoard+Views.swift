internal import CanonicalBytes
internal import Dashboard
internal import Normalization
internal import Records

extension WardBoard {
    /// The order of what everybody looks for first.
    private static let first = ["HR", "SpO2", "RR", "NIBP", "Temp"]

    /// All beds, then devices without one, by name.
    ///
    /// - Parameters:
    ///   - salt: of the handles.
    ///   - now: ms since 1970.
    /// - Returns: the ward.
    func ward(salt: [UInt8], at now: Int64) -> WardView {
        let rows = self.rows.values.sorted { left, right in
            (left.isBed ? 0 : 1, left.name.count, left.name) < (right.isBed ? 0 : 1, right.name.count, right.name)
        }
        return WardView(now: now, beds: rows.map { Self.view(of: $0, salt: salt) }, left: self.left)
    }

    private static func view(of row: Row, salt: [UInt8]) -> BedView {
        BedView(
            handle: self.handle(of: row, salt: salt),
            name: row.name,
            isBed: row.isBed,
            newest: row.newest,
            observations: row.observations,
            readings: row.readings.values.sorted { (self.rank(of: $0), $0.name) < (self.rank(of: $1), $1.name) },
            waves: row.waves.sorted { $0.key < $1.key }.map(\.value.view)
        )
    }

    private static func rank(of reading: ReadingView) -> Int {
        reading.short.flatMap { self.first.firstIndex(of: $0) } ?? self.first.count
    }

    /// Names a bed for as long as the agent runs, and tells nothing of it.
    private static func handle(of row: Row, salt: [UInt8]) -> String {
        let text = Array((row.isBed ? "bed " : "device ").utf8) + Array(row.name.utf8)
        return Array(Digest.sha256(of: salt + text).bytes.prefix(8)).hex
    }

    /// The devices that were heard, or that Observations name.
    ///
    /// - Parameters:
    ///   - clocks: what is known of their clocks.
    ///   - now: ms since 1970.
    /// - Returns: the fleet, by name.
    func fleet(clocks: [ClockReport], at now: Int64) -> FleetView {
        let clocks = Dictionary(clocks.map { ($0.deviceID, $0) }) { first, _ in first }
        let names = Set(self.devices.keys).union(clocks.keys).sorted()
        return FleetView(
            now: now,
            devices: names.map { name in
                let device = self.devices[name] ?? Device()
                let clock = clocks[name]
                return DeviceView(
                    name: name,
                    kind: device.kind,
                    profile: device.profile,
                    bed: device.bed,
                    lastSeen: clock.map { $0.lastReceivedAt / 1_000_000 },
                    offsetSeconds: clock?.offsetNs.map { Double($0) / 1e9 },
                    driftPartsPerMillion: clock?.driftPartsPerMillion,
                    jumps: Int64(clock?.jumps ?? 0),
                    corrections: Int64(clamping: clock?.corrections ?? 0),
                    batteryPercent: device.batteryPercent
                )
            }
        )
    }
}
