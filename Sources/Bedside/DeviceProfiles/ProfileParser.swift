internal import Expressions
internal import Payloads
internal import Records
package import StrictYAML
internal import Units

/// Reads a `profile.yaml` and compiles it; every mistake is refused with file, line, field and reason.
package enum ProfileParser {
    /// Compiles a profile.
    ///
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: its name for error messages.
    /// - Returns: The compiled profile.
    /// - Throws: ``YAMLProblem``.
    package static func parse(_ text: String, file: String) throws(YAMLProblem) -> DeviceProfile {
        let root = try YAMLField(parsing: text, file: file).mapping([
            "wardline", "id", "version", "name", "source", "topics", "payload", "ignore", "refuse", "device", "bed",
            "patient",
            "time", "message_time", "clock", "lane", "sequence", "historical", "flags", "units", "readings",
        ])
        let marker = try root.required("wardline")
        guard try marker.text() == "device-profile/1" else {
            throw marker.problem("must be device-profile/1, the version of this profile language")
        }
        let topics = try Self.topics(root.required("topics"))
        let captures = topics[0].captureNames
        let context = try RuleContext(captures: captures, units: Self.aliases(root["units"]))
        let time = try root["time"].map { field throws(YAMLProblem) in try context.time(field, inherited: nil) }
        let readings = try root.required("readings").elements()
        guard !readings.isEmpty else { throw root.field.problem("'readings' is empty: the profile reads nothing") }
        var rules: [ReadingRule] = []
        for field in readings { rules.append(try ReadingParser(context: context, time: time).reading(field)) }
        let clock =
            try root["clock"].map { field throws(YAMLProblem) in try field.choice(ClockTreatment.self) } ?? .correct
        let sequence = try context.optional(root["sequence"])
        let lane = try Self.lane(root["lane"], rules: rules)
        return DeviceProfile(
            id: try Self.identifier(root.required("id")),
            version: try Self.version(root.required("version")),
            name: try root.required("name").word(),
            topics: topics,
            payload: try PayloadParser(context: context).source(root.required("payload")),
            clock: clock,
            lane: lane,
            warnings: ProfileLint.warnings(rules: rules, clock: clock, isSequenced: sequence != nil)
                + SampleLint.warnings(rules: rules, clock: clock, lane: lane),
            captures: captures,
            ignore: try Self.messageRules(root["ignore"], context: context),
            refuse: try Self.messageRules(root["refuse"], context: context),
            device: try context.template(root.required("device")),
            bed: try root["bed"].map { field throws(YAMLProblem) in try context.template(field) },
            patient: try Self.patient(root["patient"], context: context),
            time: time,
            messageTime: try root["message_time"].map { field throws(YAMLProblem) in
                try context.time(field, inherited: time)
            },
            sequence: sequence,
            historical: try context.optional(root["historical"]),
            flags: try context.flags(root["flags"]),
            rules: rules
        )
    }

    private static func topics(_ field: YAMLField) throws(YAMLProblem) -> [TopicTemplate] {
        var topics: [TopicTemplate] = []
        for element in try field.elementsOrSelf() {
            do throws(ExpressionError) {
                topics.append(try TopicTemplate(element.wordOrEmpty()))
            } catch {
                throw element.problem(error.description)
            }
        }
        guard let first = topics.first else { throw field.problem("at least one topic is needed") }
        for (index, topic) in topics.enumerated() where topic.captureNames != first.captureNames {
            throw field.problem(
                "topic \(index + 1) must have the same {captures} in the same order as the first, "
                    + "because the rules below use them by name"
            )
        }
        return topics
    }

    /// The lane of waveforms is behind the other one: nothing that somebody waits for may take it.
    private static func lane(_ field: YAMLField?, rules: [ReadingRule]) throws(YAMLProblem) -> ProfileLane {
        guard let field else { return .numerics }
        let lane = try field.choice(ProfileLane.self)
        if lane == .waves, let index = rules.firstIndex(where: { !$0.isSeries }) {
            throw field.problem("readings[\(index)] is no series of samples, and must not wait behind waveforms")
        }
        return lane
    }

    private static func identifier(_ field: YAMLField) throws(YAMLProblem) -> String {
        let text = try field.word()
        let allowed = text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        guard allowed, text.utf8.count <= 64 else {
            throw field.problem("must be lower-case letters, digits and hyphens, at most 64")
        }
        return text
    }

    private static func version(_ field: YAMLField) throws(YAMLProblem) -> String {
        let text = try field.word()
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ UInt32($0) != nil }) else {
            throw field.problem("must be three numbers such as 1.0.0")
        }
        return text
    }

    private static func aliases(_ field: YAMLField?) throws(YAMLProblem) -> [String: String] {
        var aliases: [String: String] = [:]
        for (name, value) in try field?.members() ?? [] {
            let code = try value.word()
            do throws(UnitError) { _ = try UnitCatalogue.measuredUnit(code) } catch {
                throw value.problem(error.description)
            }
            aliases[name] = code
        }
        return aliases
    }

    private static func messageRules(
        _ field: YAMLField?,
        context: RuleContext
    ) throws(YAMLProblem) -> [MessageRule] {
        var rules: [MessageRule] = []
        for element in try field?.elements() ?? [] {
            let map = try element.mapping(["when", "reason"])
            let reason = try map.required("reason").word()
            rules.append(MessageRule(when: try context.expression(map.required("when")), reason: reason))
        }
        return rules
    }

    private static func patient(_ field: YAMLField?, context: RuleContext) throws(YAMLProblem) -> PatientRule? {
        guard let field else { return nil }
        let map = try field.mapping(["id", "assigner"])
        return PatientRule(
            number: try context.expression(map.required("id")),
            assigner: try context.optional(map["assigner"])
        )
    }
}

extension YAMLField {
    /// The text for a sub-parser whose errors are mapped by the caller; an empty text is its problem.
    func wordOrEmpty() -> String { (try? self.text()) ?? "" }
}
