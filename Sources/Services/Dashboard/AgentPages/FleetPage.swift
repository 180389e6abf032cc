/// The devices: when each was heard, how its clock goes, and what reads it.
enum FleetPage {
    /// A clock this far off is worth a look, seconds.
    private static let skewSecondsMax = 2.0
    private static let silentMilliseconds: Int64 = 600_000
    private static let batteryPercentMin = 20.0

    static func content(_ fleet: FleetView) -> PageContent {
        PageContent("Devices") {
            HTMLTag.h1 { "Devices" }
            HTMLTag.p(.class("soft"), .live("summary")) {
                "\(Wording.counted(Int64(fleet.devices.count), "device", "devices")) heard. "
                    + "The clock column says how much the device is behind the gateway (or ahead of it, with a minus)."
            }
            Piece.table(
                "Devices by name",
                columns: ["Device", "Kind", "Bed", "Profile", "Last seen", "Clock", "Drift", "Clock set", "Battery"]
            ) {
                for (index, device) in fleet.devices.enumerated() { Self.row(device, index, at: fleet.now) }
            }
        }
    }

    private static func row(_ device: DeviceView, _ index: Int, at now: Int64) -> HTMLNode {
        HTMLTag.tr {
            HTMLTag.th(.row) { device.name }
            HTMLTag.td { device.kind.isEmpty ? "–" : device.kind }
            HTMLTag.td { device.bed.isEmpty ? "–" : device.bed }
            HTMLTag.td { HTMLTag.code { device.profile.isEmpty ? "–" : device.profile } }
            HTMLTag.td(.live("seen-\(index)")) { Self.seen(device, at: now) }
            HTMLTag.td(.class("number"), .live("clock-\(index)")) { Self.clock(device) }
            HTMLTag.td(.class("number"), .live("drift-\(index)")) {
                device.driftPartsPerMillion.map { "\($0) ppm" } ?? "–"
            }
            HTMLTag.td(.class("number"), .live("jumps-\(index)")) {
                device.jumps == 0 ? "never" : Wording.counted(device.jumps, "time", "times")
            }
            HTMLTag.td(.class("number"), .live("battery-\(index)")) { Self.battery(device) }
        }
    }

    private static func seen(_ device: DeviceView, at now: Int64) -> HTMLNode {
        guard let seen = device.lastSeen else { return .text("–") }
        let age = "\(Wording.age(of: seen, at: now)) ago"
        return now - seen > Self.silentMilliseconds ? Piece.badge(age, .warn) : .text(age)
    }

    private static func clock(_ device: DeviceView) -> HTMLNode {
        guard let offset = device.offsetSeconds else { return .text("no clock") }
        let thousandths = (offset * 1_000).rounded() / 1_000
        let text = abs(thousandths) < 120 ? "\(thousandths) s" : Wording.age(seconds: Int64(abs(thousandths)))
        return abs(offset) > Self.skewSecondsMax ? Piece.badge(text, .warn) : .text(text)
    }

    private static func battery(_ device: DeviceView) -> HTMLNode {
        guard let percent = device.batteryPercent else { return .text("–") }
        let text = "\(Sparkline.tenths(percent)) %"
        return percent < Self.batteryPercentMin ? Piece.badge(text, .bad) : .text(text)
    }
}
