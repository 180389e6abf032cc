/// Gathers how templates find device and patient: a profile has one rule for both.
struct TemplateIdentity {
    private let capture: String?
    private var devices: [String] = []
    private var patients: [String] = []

    /// - Parameter capture: the topic's capture that names the device when the message does not.
    init(capture: String?) { self.capture = capture }

    /// Adds a template's expressions.
    ///
    /// - Returns: what must be said about them.
    mutating func add(_ part: ImportedTemplate) -> [Finding] {
        var findings: [Finding] = []
        let template = part.template
        switch template.kind {
        case .hub: self.note("$.SystemProperties['iothub-connection-device-id']", in: \.devices)
        case .central: self.note("$.deviceId", in: \.devices)
        case .jsonPath, .calculated:
            if let device = part.device {
                for text in Self.texts(device, part) { self.note(text, in: \.devices) }
            }
        }
        if let patient = part.patient {
            let texts = Self.texts(patient, part)
            if texts.allSatisfy(self.devices.contains) {
                findings.append(
                    (template.patient?.field ?? template.field).finding(
                        .warning,
                        "the patient's number is the device's",
                        "it is left out: patients come from associations of the bed or device"
                    )
                )
            } else {
                for text in texts { self.note(text, in: \.patients) }
            }
        }
        for field in template.unread {
            findings.append(field.finding(.note, "encounters and correlation ids are not kept", "it is left out"))
        }
        return findings
    }

    private mutating func note(_ text: String, in list: WritableKeyPath<TemplateIdentity, [String]>) {
        if !self[keyPath: list].contains(text) { self[keyPath: list].append(text) }
    }

    /// An expression from the message's root, and looked for at any depth where measurements may lie deeper.
    private static func texts(_ expression: TemplateExpression, _ part: ImportedTemplate) -> [String] {
        let root = TemplateMatch.Way(
            each: nil,
            when: nil,
            relative: { TemplateMatch.alternatives($0, from: "$") }
        )
        var texts = [part.text(expression, root)]
        guard let path = expression.asPath else { return texts }
        let relative = part.template.kind == .calculated ? path.dropping("matchedToken") : path
        let isDeeper = part.match.descends || part.match.ways.contains { $0.each != nil }
        if isDeeper, let relative, !relative.steps.isEmpty {
            texts.append(TemplatePath(steps: [.descend] + relative.steps).text(from: "$"))
        }
        return texts
    }

    /// The template of `device`.
    var device: String {
        let parts = self.devices + (self.capture.map { [$0] } ?? [])
        return parts.count == 1 && parts[0] == self.capture ? parts[0] : "{\(Self.first(parts))}"
    }

    /// The expression of `patient.id`.
    var patient: String? { self.patients.isEmpty ? nil : Self.first(self.patients) }

    private static func first(_ parts: [String]) -> String {
        parts.count == 1 ? parts[0] : "coalesce(\(parts.joined(separator: ", ")))"
    }
}
