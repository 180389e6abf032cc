/// A profile that is still to be written: what an import or a proposal found out, in the order of the file.
package struct ProfileDraft: Sendable, Equatable {
    /// How a time is found and written.
    package struct Time: Sendable, Equatable {
        package var value: String
        /// A word of the profile language; nil is `rfc3339`.
        package var format: String?
        package var zone: String?

        package init(value: String, format: String? = nil, zone: String? = nil) {
            self.value = value
            self.format = format
            self.zone = zone
        }
    }

    package var id: String
    package var version = "1.0.0"
    package var name: String
    package var source: String
    /// Comment lines at the top of the file, without `#`.
    package var remarks: [String] = []
    package var topics: [String]
    /// Key and text of `payload`; the first is the format.
    package var payload: [(key: String, value: String)]
    package var device: String
    package var bed: String?
    package var patient: String?
    package var time: Time?
    package var clock: String?
    /// The device's unit names, each with its UCUM code.
    package var units: [(name: String, code: String)] = []
    package var readings: [ReadingDraft] = []

    package init(
        id: String,
        name: String,
        source: String,
        topics: [String],
        payload: [(key: String, value: String)],
        device: String
    ) {
        self.id = id
        self.name = name
        self.source = source
        self.topics = topics
        self.payload = payload
        self.device = device
    }

    package static func == (left: ProfileDraft, right: ProfileDraft) -> Bool { left.text == right.text }

    /// The file.
    package var text: String {
        var out = self.remarks.map { "# \($0)\n" }.joined()
        out += "wardline: device-profile/1\n"
        for (key, value) in [
            ("id", self.id), ("version", self.version), ("name", self.name), ("source", self.source),
        ] { out += "\(key): \(YAMLText.scalar(value))\n" }
        out += "topics:\n" + self.topics.map { "  - \(YAMLText.scalar($0))\n" }.joined()
        out += "payload:\n" + self.payload.map { "  \($0.key): \(YAMLText.scalar($0.value))\n" }.joined()
        out += "device: \(YAMLText.scalar(self.device))\n"
        if let bed = self.bed { out += "bed: \(YAMLText.scalar(bed))\n" }
        if let patient = self.patient { out += "patient:\n  id: \(YAMLText.scalar(patient))\n" }
        if let time = self.time { out += Self.lines(time, indent: "") }
        if let clock = self.clock { out += "clock: \(clock)\n" }
        if !self.units.isEmpty {
            out += "units:\n"
            out += self.units.map { "  \(YAMLText.scalar($0.name)): \(YAMLText.scalar($0.code))\n" }.joined()
        }
        out += "readings:\n"
        for reading in self.readings { out += reading.text }
        return out
    }

    /// `time`, alone or as a mapping.
    static func lines(_ time: Time, indent: String) -> String {
        guard time.format != nil || time.zone != nil else {
            return "\(indent)time: \(YAMLText.scalar(time.value))\n"
        }
        var out = "\(indent)time:\n\(indent)  value: \(YAMLText.scalar(time.value))\n"
        if let format = time.format { out += "\(indent)  format: \(YAMLText.scalar(format))\n" }
        if let zone = time.zone { out += "\(indent)  zone: \(YAMLText.scalar(zone))\n" }
        return out
    }
}
