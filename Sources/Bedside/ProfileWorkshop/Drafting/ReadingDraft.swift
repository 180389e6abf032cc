/// One entry under `readings`, or one component of a panel.
package struct ReadingDraft: Sendable, Equatable {
    /// What is measured.
    package enum Code: Sendable, Equatable {
        /// A key of the catalogue.
        case catalogue(String)
        /// A concept of the profile's own: key and text, then one code, and the unit.
        case own(key: String, text: String, system: System, unit: String?, category: String?)
    }

    /// The code of a concept of the profile's own.
    package enum System: Sendable, Equatable {
        case loinc(String)
        case mdc(String)
        case other(system: String, code: String)
    }

    /// A value out of a fixed set.
    package struct Case: Sendable, Equatable {
        var name: String
        var system: String
        var code: String
        var display: String?
    }

    package var code: Code
    package var each: String?
    package var when: String?
    /// nil for panels.
    package var value: String?
    /// `text`, `boolean`, `coded`; nil is a quantity.
    package var shape: String?
    package var cases: [Case] = []
    package var unit: String?
    package var sentinels: [String] = []
    package var required = false
    package var channel: String?
    /// Only what differs from the profile's time.
    package var time: ProfileDraft.Time?
    package var components: [ReadingDraft] = []

    package init(code: Code, value: String?) {
        self.code = code
        self.value = value
    }

    /// A block of the file, indented as an element of `readings`.
    var text: String { self.lines(indent: "  ", first: "  - ") }

    private func lines(indent: String, first: String) -> String {
        let inner = indent + "  "
        var out = first + String(self.codeLines(indent: inner).dropFirst(inner.count))
        func add(_ key: String, _ value: String?) {
            if let value { out += "\(inner)\(key): \(YAMLText.scalar(value))\n" }
        }
        add("each", self.each)
        add("when", self.when)
        add("value", self.value)
        add("as", self.shape)
        if !self.cases.isEmpty { out += self.caseLines(indent: inner) }
        add("unit", self.unit)
        if !self.sentinels.isEmpty {
            out +=
                "\(inner)sentinels:\n"
                + self.sentinels.map { "\(inner)  - \(YAMLText.scalar($0))\n" }.joined()
        }
        if self.required { add("required", "true") }
        add("channel", self.channel)
        if let time = self.time { out += ProfileDraft.lines(time, indent: inner) }
        guard !self.components.isEmpty else { return out }
        out += "\(inner)components:\n"
        for component in self.components { out += component.lines(indent: inner + "  ", first: inner + "  - ") }
        return out
    }

    private func codeLines(indent: String) -> String {
        switch self.code {
        case .catalogue(let key): return "\(indent)code: \(key)\n"
        case .own(let key, let text, let system, let unit, let category):
            var out = "\(indent)code:\n\(indent)  key: \(YAMLText.scalar(key))\n"
            switch system {
            case .loinc(let code): out += "\(indent)  loinc: \(code)\n"
            case .mdc(let number): out += "\(indent)  mdc: \(number)\n"
            case .other(let system, let code):
                out += "\(indent)  system: \(YAMLText.scalar(system))\n\(indent)  code: \(YAMLText.scalar(code))\n"
            }
            out += "\(indent)  text: \(YAMLText.scalar(text))\n"
            if let unit { out += "\(indent)  unit: \(YAMLText.scalar(unit))\n" }
            if let category { out += "\(indent)  category: \(category)\n" }
            return out
        }
    }

    private func caseLines(indent: String) -> String {
        var out = "\(indent)values:\n"
        for value in self.cases {
            out += "\(indent)  \(YAMLText.scalar(value.name)):\n"
            out += "\(indent)    system: \(YAMLText.scalar(value.system))\n"
            out += "\(indent)    code: \(YAMLText.scalar(value.code))\n"
            if let display = value.display { out += "\(indent)    display: \(YAMLText.scalar(display))\n" }
        }
        return out
    }
}
