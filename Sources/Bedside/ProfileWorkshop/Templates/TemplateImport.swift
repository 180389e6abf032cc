/// Makes one profile of a set of templates.
package struct TemplateImport {
    /// What the profile is called and where it listens.
    package struct Naming: Sendable {
        package let id: String
        package let name: String
        package let source: String
        package let topics: [String]

        package init(id: String, name: String, source: String, topics: [String]) {
            self.id = id
            self.name = name
            self.source = source
            self.topics = topics
        }
    }

    /// The profile; nil when nothing could be used.
    package private(set) var draft: ProfileDraft?
    /// In the order of file and line.
    package private(set) var findings: [Finding]

    /// Readings and components of a profile beyond this many are left out: each template with each component would be
    /// far too many.
    private static let readingsMax = 4_096

    private let set: TemplateSet
    /// By their types in small letters; only looked up.
    private let mappings: [String: [MappingTemplate]]

    /// Imports templates.
    ///
    /// - Parameters:
    ///   - set: the templates; without FHIR mappings, measurements are told by their names.
    ///   - naming: `topics` may capture `{device}`, which is the device when messages do not name it.
    package init(_ set: TemplateSet, naming: Naming) {
        self.set = set
        self.mappings = Dictionary(grouping: set.mappings) { $0.typeName.lowercased() }
        self.findings = set.findings
        var draft = ProfileDraft(
            id: naming.id,
            name: naming.name,
            source: naming.source,
            topics: naming.topics,
            payload: [("format", "json")],
            device: ""
        )
        var identity = TemplateIdentity(
            capture: naming.topics.allSatisfy { $0.contains("{device}") } ? "{device}" : nil
        )
        var readings: [(reading: ReadingDraft, time: ProfileDraft.Time?)] = []
        var written = 0
        for template in set.devices {
            guard written <= Self.readingsMax else {
                let what = "more than \(Self.readingsMax) readings in one profile"
                self.findings.append(template.field.finding(.error, what, "this template and the rest are left out"))
                break
            }
            do throws(Finding) {
                let part = try ImportedTemplate(template)
                let found = self.readings(of: part)
                written += found.reduce(0) { $0 + 1 + $1.reading.components.count }
                readings += found
                self.findings += identity.add(part)
            } catch {
                self.findings.append(error)
            }
        }
        self.noteUnused()
        self.findings.sort { ($0.file, $0.line, $0.weight) < ($1.file, $1.line, $1.weight) }
        guard !readings.isEmpty else { return }
        draft.device = identity.device
        draft.patient = identity.patient
        draft.time = Self.commonTime(readings.filter { $0.reading.each == nil }.map(\.time)) ?? readings[0].time
        draft.readings = readings.map { reading, time in
            var reading = reading
            reading.time = Self.difference(time, from: draft.time)
            return reading
        }
        self.draft = draft
    }

    /// What a reading must say of its time when the profile says the rest.
    private static func difference(_ time: ProfileDraft.Time?, from shared: ProfileDraft.Time?) -> ProfileDraft.Time? {
        guard let time, time != shared else { return nil }
        if time.format == shared?.format, time.zone == shared?.zone { return ProfileDraft.Time(value: time.value) }
        return ProfileDraft.Time(value: time.value, format: time.format ?? "rfc3339", zone: time.zone)
    }

    /// The time that most readings share stands at the top.
    private static func commonTime(_ times: [ProfileDraft.Time?]) -> ProfileDraft.Time? {
        var counts: [String: Int] = [:]
        for time in times { if let value = time?.value { counts[value, default: 0] += 1 } }
        let best = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        return times.compactMap { $0 }.first { $0.value == best }
    }

    private mutating func noteUnused() {
        let types = Set(self.set.devices.map { $0.typeName.lowercased() })
        for mapping in self.set.mappings where !types.contains(mapping.typeName.lowercased()) {
            self.findings.append(
                mapping.field.finding(
                    .warning,
                    "no device template gives the type '\(mapping.typeName)'",
                    "the mapping is not used"
                )
            )
        }
    }

    // MARK: Readings

    private mutating func readings(of part: ImportedTemplate) -> [(reading: ReadingDraft, time: ProfileDraft.Time?)] {
        let template = part.template
        let mappings = self.mappings[template.typeName.lowercased()] ?? []
        var forms: [MappedReading] = []
        if let mapping = mappings.first {
            if mappings.count > 1 {
                self.findings.append(
                    mappings[1].field.finding(
                        .warning,
                        "a second mapping of the type '\(template.typeName)'",
                        "the first is used"
                    )
                )
            }
            var mapper = ReadingMapper(template: part)
            forms = mapper.readings(by: mapping)
            self.findings += mapper.findings
        } else if self.set.mappings.isEmpty {
            var mapper = ReadingMapper(template: part)
            forms = mapper.readingsByName()
            self.findings += mapper.findings
        } else {
            self.findings.append(
                template.field.finding(
                    .error,
                    "no FHIR mapping has the type '\(template.typeName)'",
                    "its readings are left out"
                )
            )
        }
        return part.match.ways.flatMap { way in
            forms.map { ($0.draft(way, of: part), part.time(way)) }
        }
    }
}
