internal import Units

/// Finds out how a sample writes a time.
enum TimeGuess {
    private static let names: Set<String> = [
        "time", "timestamp", "ts", "t", "date", "datetime", "at", "measuredat", "observedat", "recordedat", "createdat",
        "enddate", "startdate", "measurementdatetime", "eventtime", "devicetime", "utc", "epoch", "unixtime",
        "grouptime",
        "messagetime", "sampledat", "measuretime", "measurementtime", "lastupdate", "timestampms",
    ]

    /// The time rule for a value; nil when it is none.
    static func rule(_ leaf: SampleLeaf) -> ProfileDraft.Time? {
        guard let name = leaf.names.last, self.names.contains(Words.joined(name)) else { return nil }
        switch leaf.value {
        case .number(let number): return self.unix(number).map { ProfileDraft.Time(value: leaf.path, format: $0) }
        case .text(let text):
            if let number = ExactDecimal(text), let unit = self.unix(number), text.utf8.count != 14 {
                return ProfileDraft.Time(value: leaf.path, format: unit)
            }
            return self.written(text).map { format, hasZone in
                ProfileDraft.Time(value: leaf.path, format: format, zone: hasZone ? nil : "gateway")
            }
        case .truth: return nil
        }
    }

    /// Numbers of this century tell their unit by their size.
    private static func unix(_ number: ExactDecimal) -> String? {
        let units: [(String, Int)] = [
            ("unix-s", 1), ("unix-ms", 1_000), ("unix-us", 1_000_000), ("unix-ns", 1_000_000_000),
        ]
        for (name, scale) in units {
            let first = ExactDecimal(978_307_200) * ExactDecimal(scale)
            let last = ExactDecimal(4_102_444_800) * ExactDecimal(scale)
            if number >= first, number <= last { return name }
        }
        return nil
    }

    /// A format by the shape of the text: each digit, letter and sign where it stands.
    private static func written(_ text: String) -> (format: String?, hasZone: Bool)? {
        let shape = String(text.map { $0.isNumber ? "0" : $0 })
        let fraction = shape.split(separator: ".", maxSplits: 1)
        let hasZone = shape.hasSuffix("Z") || shape.dropFirst(10).contains { $0 == "+" || $0 == "-" }
        if shape.hasPrefix("0000-00-00T00:00:00") { return (nil, hasZone) }
        if shape.hasPrefix("0000-00-00 00:00:00") {
            let digits = fraction.count == 2 ? fraction[1].prefix { $0 == "0" }.count : 0
            let tail = digits > 0 ? "." + String(repeating: "S", count: min(digits, 9)) : ""
            guard !hasZone else { return nil }
            return ("pattern:yyyy-MM-dd HH:mm:ss" + tail, false)
        }
        if shape.hasPrefix("00000000000000") { return ("hl7", hasZone) }
        if shape == "00.00.0000 00:00:00" { return ("pattern:dd.MM.yyyy HH:mm:ss", false) }
        if shape == "00/00/0000 00:00:00" { return ("pattern:dd/MM/yyyy HH:mm:ss", false) }
        return nil
    }
}
