import Foundation
import Logging
import StrictYAML
import Testing

@testable import Custodian

@Suite struct RulesTests {
    static let text = """
        version: 1
        rules:
          - name: vitals for studies
            scopes: ['*.vitals']
            purposes: [study, research-*]
            kinds: [proven]
            action: grant
            days_max: 30
          - name: psychiatry
            scopes: ['psy-*']
            action: queue
            approvals: 2
          - name: no emergencies on genomes
            scopes: ['*.genome']
            kinds: [emergency]
            action: refuse
          - name: the rest
            purposes: [marketing]
            action: refuse
        """

    @Test(
        arguments: [
            ("a1.vitals", "study", ShareKind.proven, "vitals for studies", SharingAction.grant, 1, 30),
            ("a1.vitals", "research-7", .proven, "vitals for studies", .grant, 1, 30),
            ("a1.vitals", "study", .decided, "default", .queue, 1, nil),
            ("a1.vitals.x", "study", .proven, "default", .queue, 1, nil),
            ("psy-1.vitals", "care", .proven, "psychiatry", .queue, 2, nil),
            ("psy-1.vitals", "study", .proven, "vitals for studies", .grant, 1, 30),
            ("psy-1.notes", "marketing", .decided, "psychiatry", .queue, 2, nil),
            ("a1.vitals", "marketing", .proven, "the rest", .refuse, 1, nil),
            ("a1.vitals", "marketing", .emergency, "default", .grant, 1, nil),
            ("a1.genome", "EMERGENCY", .emergency, "no emergencies on genomes", .refuse, 1, nil),
            ("a1.genome", "marketing", .offered, "patient's-offer", .grant, 1, nil),
            ("psy-1.notes", "study", .offered, "patient's-offer", .grant, 1, nil),
        ] as [(String, String, ShareKind, String, SharingAction, Int, UInt64?)]
    )
    func `the first rule that matches counts`(
        label: String,
        purpose: String,
        kind: ShareKind,
        rule: String,
        action: SharingAction,
        approvals: Int,
        days: UInt64?
    ) throws {
        let rules = try SharingRules(parsing: Self.text, file: "rules.yaml")
        let decision = rules.decision(label: label, purpose: purpose, kind: kind)
        #expect(decision == RuleDecision(rule: rule, action: action, approvals: approvals, daysMax: days))
    }

    @Test(
        arguments: [
            ("  - {name: a, action: permit}", 3, "rules[0].action"),
            ("  - {name: a, action: grant, approvals: 2}", 3, "rules[0].approvals"),
            ("  - {name: a, action: queue, approvals: 3}", 3, "rules[0].approvals"),
            ("  - {name: a, action: refuse, days_max: 3}", 3, "rules[0].days_max"),
            ("  - {name: a, action: grant, kinds: [offered]}", 3, "rules[0].kinds[0]"),
            ("  - {name: a, action: queue, kinds: [proven, emergency]}", 3, "rules[0].kinds[1]"),
            ("  - {name: a, action: grant, scopes: []}", 3, "rules[0].scopes"),
            ("  - {name: a, action: grant, scopes: ['a b']}", 3, "rules[0].scopes[0]"),
            ("  - {name: a, action: grant, scope: [a]}", 3, "rules[0].scope"),
            ("  - {name: a, action: grant}\n  - {name: a, action: refuse}", 4, "rules[1]"),
            ("  - {action: grant}", 3, "rules[0]"),
        ] as [(String, Int, String)]
    )
    func `a mistake is told with its line and field`(rule: String, line: Int, field: String) throws {
        let problem = try #require(throws: YAMLProblem.self) {
            _ = try SharingRules(parsing: "version: 1\nrules:\n\(rule)\n", file: "rules.yaml")
        }
        #expect(problem.line == line)
        #expect(problem.field == field)
        #expect(problem.file == "rules.yaml")
    }

    @Test(
        arguments: [
            ("*", "", true), ("*", "anything", true), ("a*", "b", false), ("a*c", "abc", true), ("a*c", "abd", false),
            ("*.vitals", "x.vitals", true), ("*.vitals", ".vitals", true), ("*.vitals", "vitals", false),
            ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXcYb", false), ("**a", "aa", true), ("ab", "ab", true),
            ("ab", "abc", false), ("", "", true),
        ] as [(String, String, Bool)]
    )
    func `a star stands for any run of characters`(pattern: String, text: String, matches: Bool) {
        #expect(WildcardPattern(text: pattern).matches(text) == matches)
    }

    @Test func `a file that becomes bad is refused and the rules before go on`() throws {
        let path = NSTemporaryDirectory() + "rules-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.write("version: 1\nrules:\n  - {name: all, action: grant}\n", to: path)
        let file = try RulesFile(path: path, logger: Logger(label: "test"))
        #expect(file.current.decision(label: "a", purpose: "b", kind: .proven).rule == "all")
        try Self.write("version: 1\nrules:\n  - {name: none, action: maybe}\n", to: path)
        #expect(file.current.decision(label: "a", purpose: "b", kind: .proven).rule == "all")
        #expect(try #require(file.problem).contains("rules[0].action"))
        try Self.write("version: 1\nrules:\n  - {name: none at all, action: refuse}\n", to: path)
        #expect(file.current.decision(label: "a", purpose: "b", kind: .proven).action == .refuse)
        #expect(file.problem == nil)
        try FileManager.default.removeItem(atPath: path)
        #expect(file.current.decision(label: "a", purpose: "b", kind: .proven).action == .refuse)
        #expect(file.problem != nil)
    }

    @Test func `a bad file at the start is an error`() throws {
        let path = NSTemporaryDirectory() + "rules-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.write("version: 2\nrules: []\n", to: path)
        #expect(throws: YAMLProblem.self) { try RulesFile(path: path, logger: Logger(label: "test")) }
    }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
