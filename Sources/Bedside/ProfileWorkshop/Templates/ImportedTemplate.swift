/// A device template whose expressions are understood.
struct ImportedTemplate {
    let template: DeviceTemplate
    let match: TemplateMatch
    let device: TemplateExpression?
    let time: TemplateExpression?
    let patient: TemplateExpression?
    /// In the order of the template.
    let values: [(value: DeviceTemplate.Value, expression: TemplateExpression)]

    init(_ template: DeviceTemplate) throws(Finding) {
        self.template = template
        self.match = TemplateMatch(try Self.selection(template.match), kind: template.kind)
        self.device = try Self.expression(template.device)
        self.time = try Self.expression(template.time)
        self.patient = try Self.expression(template.patient)
        var values: [(value: DeviceTemplate.Value, expression: TemplateExpression)] = []
        for value in template.values {
            if let expression = try Self.expression(value.phrase) { values.append((value, expression)) }
        }
        guard !values.isEmpty else {
            throw template.field.finding(.error, "gives no value", "the template is left out")
        }
        self.values = values
    }

    private static func selection(_ phrase: DeviceTemplate.Phrase) throws(Finding) -> TemplatePath {
        do throws(TemplatePathParser.Failure) {
            return phrase.isJMESPath
                ? try JMESPathParser.selection(phrase.text) : try TemplatePathParser.path(phrase.text)
        } catch {
            throw phrase.field.finding(.error, "the expression \(error.reason)", "the template is left out")
        }
    }

    private static func expression(_ phrase: DeviceTemplate.Phrase?) throws(Finding) -> TemplateExpression? {
        guard let phrase else { return nil }
        do throws(TemplatePathParser.Failure) {
            return try TemplateExpression.read(phrase)
        } catch {
            throw phrase.field.finding(.error, "the expression \(error.reason)", "the template is left out")
        }
    }

    /// An expression as a reading found this way writes it.
    func text(_ expression: TemplateExpression, _ way: TemplateMatch.Way) -> String {
        expression.text { self.text($0, way) }
    }

    /// A path of the template: relative to the measurement, or from the message's root.
    func text(_ path: TemplatePath, _ way: TemplateMatch.Way) -> String {
        guard self.template.kind == .calculated else { return way.relative(path) }
        if let inner = path.dropping("matchedToken") { return way.relative(inner) }
        return TemplateMatch.alternatives(path, from: "$")
    }

    /// Whether a value must be there when the measurement is.
    func isGuaranteed(_ expression: TemplateExpression) -> Bool {
        guard let path = expression.asPath else { return false }
        let relative = self.template.kind == .calculated ? path.dropping("matchedToken") : path
        return relative.map(self.match.guaranteed.contains) ?? false
    }

    /// The time of readings found this way.
    func time(_ way: TemplateMatch.Way) -> ProfileDraft.Time? {
        switch self.template.kind {
        case .hub:
            return ProfileDraft.Time(
                value: "coalesce($.Properties['iothub-creation-time-utc'], $.SystemProperties['iothub-enqueuedtime'])",
                zone: "utc"
            )
        case .central: return ProfileDraft.Time(value: "$.enqueuedTime", zone: "utc")
        case .jsonPath, .calculated:
            guard let time = self.time else { return nil }
            if case .unixTime(_, let format) = time {
                return ProfileDraft.Time(value: self.text(time, way), format: format)
            }
            // Times without a zone are UTC to them.
            return ProfileDraft.Time(value: self.text(time, way), zone: "utc")
        }
    }
}
