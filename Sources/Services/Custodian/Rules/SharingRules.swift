package import StrictYAML

/// An institution's rules about grants: `rules.yaml`, checked.
///
/// The first rule that matches counts; without one, a steward decides.
package struct SharingRules: Sendable, Equatable {
    package static let rulesMax = 256
    static let patternsMax = 64

    package let rules: [SharingRule]

    package init(rules: [SharingRule]) { self.rules = rules }

    /// Reads and checks rules.
    ///
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: the name for error messages.
    /// - Throws: `YAMLProblem` with file, line, field and reason.
    package init(parsing text: String, file: String) throws(YAMLProblem) {
        let root = try YAMLField(parsing: text, file: file).mapping(["version", "rules"])
        let version = try root.required("version")
        guard try version.text() == "1" else { throw version.problem("must be 1") }
        let list = try root.required("rules")
        var rules: [SharingRule] = []
        for element in try list.elements() {
            let rule = try SharingRule(parsing: element)
            guard !rules.contains(where: { $0.name.utf8.elementsEqual(rule.name.utf8) }) else {
                throw element.problem("the name '\(rule.name)' is given to two rules")
            }
            rules.append(rule)
        }
        guard rules.count <= Self.rulesMax else { throw list.problem("has more than \(Self.rulesMax) rules") }
        self.rules = rules
    }

    /// What is done with a permission, or with a request that nobody has decided.
    package func decision(label: String, purpose: String, kind: ShareKind) -> RuleDecision {
        // What a patient gives of her own is not an institution's to stop.
        if kind == .offered {
            return RuleDecision(rule: "patient's-offer", action: .grant, approvals: 1, daysMax: nil)
        }
        if let rule = self.rules.first(where: { $0.matches(label: label, purpose: purpose, kind: kind) }) {
            return RuleDecision(
                rule: rule.name,
                action: rule.action,
                approvals: rule.approvals,
                daysMax: rule.daysMax
            )
        }
        let action: SharingAction = kind == .emergency ? .grant : .queue
        return RuleDecision(rule: "default", action: action, approvals: 1, daysMax: nil)
    }
}

extension SharingRule {
    fileprivate init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(["name", "scopes", "purposes", "kinds", "action", "approvals", "days_max"])
        let name = try map.required("name")
        guard try (1...64).contains(name.word().utf8.count) else { throw name.problem("has 1 to 64 characters") }
        self.name = try name.word()
        self.scopes = try Self.patterns(map["scopes"], "a scope's label")
        self.purposes = try Self.patterns(map["purposes"], "a purpose")
        self.action = try map.required("action").choice(SharingAction.self)
        self.kinds = try Self.kinds(map["kinds"], self.action)
        if let approvals = map["approvals"] {
            guard self.action == .queue else { throw approvals.problem("is for the action queue only") }
            self.approvals = try approvals.integer(in: 1...2)
        } else {
            self.approvals = 1
        }
        if let days = map["days_max"] {
            guard self.action != .refuse else { throw days.problem("is not for the action refuse") }
            self.daysMax = UInt64(try days.integer(in: 1...36_500))
        } else {
            self.daysMax = nil
        }
    }

    private static func patterns(_ field: YAMLField?, _ what: String) throws(YAMLProblem) -> [WildcardPattern] {
        guard let field else { return [] }
        var patterns: [WildcardPattern] = []
        for element in try field.elements() {
            let text = try element.word()
            guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy(Self.isPatternCharacter) else {
                throw element.problem("\(what) is matched by 1 to 128 of the characters a-z A-Z 0-9 . _ - and *")
            }
            patterns.append(WildcardPattern(text: text))
        }
        // An empty list would read as "none" and mean "any".
        guard !patterns.isEmpty else { throw field.problem("names none; leave the key out for any") }
        guard patterns.count <= SharingRules.patternsMax else {
            throw field.problem("has more than \(SharingRules.patternsMax) patterns")
        }
        return patterns
    }

    private static func kinds(_ field: YAMLField?, _ action: SharingAction) throws(YAMLProblem) -> [ShareKind] {
        guard let field else { return [] }
        var kinds: [ShareKind] = []
        for element in try field.elements() {
            let kind = try element.choice(ShareKind.self)
            guard kind != .offered else {
                throw element.problem("no rule applies to what a patient offers of her own: it is granted")
            }
            guard kind != .emergency || action != .queue else {
                throw element.problem("an emergency cannot wait for a steward; the action must be grant or refuse")
            }
            kinds.append(kind)
        }
        guard !kinds.isEmpty else { throw field.problem("names none; leave the key out for any") }
        return kinds
    }

    private static func isPatternCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "*"):
            true
        default: false
        }
    }
}
