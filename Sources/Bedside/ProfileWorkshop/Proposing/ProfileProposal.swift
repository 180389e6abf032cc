internal import DeviceProfiles

/// A profile proposed for sample payloads: a person may change its fields before it is written.
package struct ProfileProposal: Sendable {
    /// What the format was taken for, and why.
    package let format: String
    package let why: String
    /// Values that are numbers, read or not.
    package var fields: [ProposedField]
    /// The message's time; nil when none was found.
    package var time: ProfileDraft.Time?
    package var topics: [String]
    /// Lists of numbers: waveforms, which a person must describe.
    package let series: [String]
    private let payload: [(key: String, value: String)]
    private let leaves: [SampleLeaf]
    private let roles: SampleRoles

    /// Looks at samples; nil when the format is not one that names its parts.
    ///
    /// - Parameters:
    ///   - samples: payloads of one device as it publishes them; those of another format than the first are passed over.
    ///   - topic: the topic of the first; nil for a topic of the profile's own.
    ///   - id: the profile's id.
    package init?(samples: [[UInt8]], topic: String?, id: String) {
        let guesses = samples.compactMap { PayloadGuess($0) }
        guard let first = guesses.first else { return nil }
        var leaves: [SampleLeaf] = []
        var series: [String] = []
        for guess in guesses where guess.format == first.format {
            let found = SampleLeaves(guess.tree)
            for leaf in found.leaves where !leaves.contains(where: { $0.each == leaf.each && $0.names == leaf.names }) {
                leaves.append(leaf)
            }
            for path in found.series where !series.contains(path) { series.append(path) }
        }
        self.format = first.format
        self.why = first.why
        self.payload = first.payload
        self.leaves = leaves
        self.series = series
        let roles = SampleRoles(leaves, format: first.format)
        self.roles = roles
        self.topics = [
            topic.map { TopicGuess.template($0, device: roles.deviceText) } ?? "\(id)/{device}/telemetry"
        ]
        self.time = Self.time(leaves, format: first.format)
        self.fields = Self.fields(leaves, format: first.format, topic: topic)
    }

    private static func time(_ leaves: [SampleLeaf], format: String) -> ProfileDraft.Time? {
        if format == "hl7v2" {
            return ProfileDraft.Time(
                value: "coalesce(@.time, @.group_time, $.message_time)",
                format: "hl7",
                zone: "gateway"
            )
        }
        return leaves.first { $0.each == nil && TimeGuess.rule($0) != nil }.flatMap(TimeGuess.rule)
    }

    private static func fields(_ leaves: [SampleLeaf], format: String, topic: String?) -> [ProposedField] {
        let guess = FieldGuess(leaves: leaves)
        var fields: [ProposedField] = []
        for leaf in leaves where TimeGuess.rule(leaf) == nil {
            if format == "hl7v2", leaf.each == nil || leaf.names != ["value"] { continue }
            if format.hasPrefix("senml"), leaf.names != ["v"] { continue }
            if format == "scalar" {
                if leaf.names == ["value"] { fields.append(Self.scalar(leaf, leaves, topic: topic)) }
                continue
            }
            guard let field = guess.field(leaf, format: format) else { continue }
            if field.meaning == nil, SampleRoles([leaf], format: format).device != nil { continue }
            fields.append(field)
        }
        return fields
    }

    /// A lone number: the topic says what it is.
    private static func scalar(_ leaf: SampleLeaf, _ leaves: [SampleLeaf], topic: String?) -> ProposedField {
        let unit = leaves.first { $0.names == ["unit"] }
        let stated: (leaf: SampleLeaf, text: String)? = unit.flatMap { leaf in
            if case .text(let text) = leaf.value { (leaf, text) } else { nil }
        }
        var field = ProposedField(leaf: leaf, statedUnit: stated)
        let levels = (topic ?? "").split(separator: "/").reversed()
        field.meaning = levels.lazy.compactMap { ConceptNames.meaning(of: String($0)) }.first
        if stated == nil, let expected = field.meaning?.unit {
            field.unit = expected
            field.doubt = "no unit in the sample: taken to be in \(expected)"
        }
        return field
    }

    /// Whether the message's time is written without a zone, so that one must be chosen.
    package var needsZone: Bool { self.time?.zone != nil }

    /// Values that are numbers and that nothing reads.
    package var unread: [String] { self.fields.filter { $0.meaning == nil }.map(\.place) }

    // MARK: The profile

    /// Writes the profile.
    ///
    /// - Parameters:
    ///   - id: lower-case letters, digits and hyphens.
    ///   - name: manufacturer and model.
    ///   - source: where the samples come from.
    /// - Returns: nil when no field is read.
    package func draft(id: String, name: String, source: String) -> ProfileDraft? {
        var draft = ProfileDraft(
            id: id,
            name: name,
            source: source,
            topics: self.topics,
            payload: self.payload,
            device: self.device
        )
        draft.bed = self.roles.bed ?? self.topicBed
        draft.patient = self.roles.patient
        draft.time = self.time
        var writer = ReadingWriter(fields: self.fields, leaves: self.leaves, format: self.format, time: self.time)
        draft.readings = writer.readings()
        draft.units = writer.aliases
        if draft.time == nil {
            // Readings with times of their own need none above them.
            if draft.readings.allSatisfy({ $0.time != nil }) { draft.time = nil } else { draft.clock = "receive-time" }
        }
        return draft.readings.isEmpty ? nil : draft
    }

    private var device: String {
        let capture = self.topics.allSatisfy { $0.contains("{device}") } ? "{device}" : nil
        switch (self.roles.device, capture) {
        case (let path?, let capture?): return "{coalesce(\(path), \(capture))}"
        case (let path?, nil): return "{\(path)}"
        case (nil, let capture?): return capture
        case (nil, nil): return "unnamed-device"
        }
    }

    private var topicBed: String? {
        let captures = ["{ward}", "{bed}"]
        return self.topics.allSatisfy { topic in captures.allSatisfy(topic.contains) } ? "{ward}/{bed}" : nil
    }
}
