/// All beds with their last vital signs.
enum WardPage {
    /// A value this old is shown as such.
    static let staleMilliseconds: Int64 = 120_000
    /// Points of a strip on a card: many beds are sent every two seconds.
    private static let wavePoints = 300
    private static let vitals = ["HR", "SpO2", "RR", "NIBP", "Temp"]

    static func content(_ ward: WardView) -> PageContent {
        PageContent("Ward") {
            HTMLTag.h1 { "Ward" }
            HTMLTag.p(.class("soft"), .live("summary")) { Self.summary(ward) }
            if ward.beds.isEmpty {
                HTMLTag.p(.class("notice warn")) { "No Observations yet." }
            }
            HTMLTag.ul(.class("beds")) {
                for bed in ward.beds { Self.card(bed, at: ward.now) }
            }
        }
    }

    private static func summary(_ ward: WardView) -> String {
        let beds = ward.beds.count { $0.isBed }
        let devices = ward.beds.count - beds
        let silent = ward.beds.count { ward.now - $0.newest > Self.staleMilliseconds }
        var parts = [Wording.counted(Int64(beds), "bed", "beds")]
        if devices > 0 { parts.append("\(Wording.counted(Int64(devices), "device", "devices")) without a bed") }
        if silent > 0 { parts.append("\(silent) silent for more than two minutes") }
        if ward.left > 0 { parts.append("\(ward.left) more are not followed") }
        return parts.joined(separator: ", ") + ". Last look \(Wording.moment(ward.now))."
    }

    private static func card(_ bed: BedView, at now: Int64) -> HTMLNode {
        HTMLTag.li {
            HTMLTag.div(.class("bed-head")) {
                HTMLTag.h2 { HTMLTag.a(.href("/beds/\(bed.handle)")) { Self.name(of: bed) } }
                HTMLTag.span(.live("\(bed.handle)-age")) { Self.age(of: bed, at: now) }
            }
            HTMLTag.div(.live("\(bed.handle)-vitals")) {
                HTMLTag.dl(.class("vitals")) {
                    for reading in Self.shown(of: bed) { Self.vital(reading, at: now) }
                }
                if let wave = bed.waves.first {
                    WaveStrip.node(wave.samples, label: Self.label(of: wave), points: Self.wavePoints)
                }
            }
        }
    }

    static func name(of bed: BedView) -> String { bed.isBed ? "Bed \(bed.name)" : "Device \(bed.name)" }

    static func age(of bed: BedView, at now: Int64) -> HTMLNode {
        let isOld = now - bed.newest > Self.staleMilliseconds
        return Piece.badge("\(Wording.age(of: bed.newest, at: now)) ago", isOld ? .warn : .plain)
    }

    /// The vital signs in an order that stays, at most six.
    static func shown(of bed: BedView) -> [ReadingView] {
        Self.vitals.compactMap { short in bed.readings.first { $0.short == short } }
    }

    private static func vital(_ reading: ReadingView, at now: Int64) -> HTMLNode {
        HTMLTag.div(.class(now - reading.time > Self.staleMilliseconds ? "old" : "new")) {
            HTMLTag.dt { reading.short ?? reading.name }
            HTMLTag.dd {
                HTMLTag.span(.class(reading.hasValue ? "value" : "reason")) { reading.text }
                HTMLTag.span(.class("note")) { " \(reading.unit)" }
                if reading.trend.count > 1 { Sparkline.node(reading.trend) }
            }
        }
    }

    static func label(of wave: WaveView) -> String {
        "\(wave.name), the last \(Sparkline.tenths(wave.seconds)) seconds until \(Wording.moment(wave.until))"
    }
}

/// One bed with all that is measured there.
enum BedPage {
    static func content(_ bed: BedView, at now: Int64, _ request: PageRequest) -> PageContent {
        PageContent(WardPage.name(of: bed)) {
            HTMLTag.p { HTMLTag.a(.href("/ward")) { "All beds" } }
            HTMLTag.h1 { WardPage.name(of: bed) }
            HTMLTag.p(.class("soft"), .live("age")) {
                "Last reading "
                WardPage.age(of: bed, at: now)
                " \(Wording.counted(Int64(bed.observations), "Observation", "Observations")) seen since somebody looks."
            }
            for (index, wave) in bed.waves.enumerated() {
                HTMLTag.section {
                    HTMLTag.h2 { wave.name }
                    HTMLTag.div(.live("wave-\(index)")) {
                        WaveStrip.node(wave.samples, label: WardPage.label(of: wave))
                        HTMLTag.p(.class("soft")) { Self.scale(of: wave) }
                    }
                }
            }
            HTMLTag.h2 { "Readings" }
            Piece.table(
                "The last value of each kind",
                columns: ["Reading", "Value", "Course", "Measured", "Device", "Quality", "Way"]
            ) {
                for (index, reading) in bed.readings.enumerated() { Self.row(reading, index, at: now, request) }
            }
        }
    }

    private static func scale(of wave: WaveView) -> String {
        let known = wave.samples.compactMap { $0 }
        guard let low = known.min(), let high = known.max() else { return "no samples" }
        return "\(Sparkline.tenths(wave.seconds)) s, from \(Self.text(low)) to \(Self.text(high)) \(wave.unit)"
    }

    private static func text(_ value: Double) -> String {
        guard abs(value) < 1e12 else { return "\(value)" }
        let hundredths = (value * 100).rounded() / 100
        return hundredths == hundredths.rounded() ? Wording.count(Int64(hundredths)) : "\(hundredths)"
    }

    private static func row(_ reading: ReadingView, _ index: Int, at now: Int64, _ request: PageRequest) -> HTMLNode {
        HTMLTag.tr {
            HTMLTag.th(.row) { reading.name }
            HTMLTag.td(.class("number"), .live("value-\(index)")) { "\(reading.text) \(reading.unit)" }
            HTMLTag.td(.live("course-\(index)")) {
                if reading.trend.count > 1 { Sparkline.node(reading.trend) }
            }
            HTMLTag.td(.live("time-\(index)")) { "\(Wording.age(of: reading.time, at: now)) ago" }
            HTMLTag.td { reading.device }
            HTMLTag.td(.live("flags-\(index)")) {
                for flag in reading.flags { Piece.badge(flag, .warn) }
                if reading.flags.isEmpty { "as sent" }
            }
            HTMLTag.td(.live("way-\(index)")) {
                Piece.button(
                    "Trace",
                    to: "/trace",
                    request,
                    fields: [("subject", reading.observation)],
                    label: "Trace \(reading.name)"
                )
            }
        }
    }
}
