import Agent
import Custodian
import DeviceProfiles
import Node
import StrictYAML

/// Files that operators, stewards and vendors write, in YAML and Markdown.
enum ConfigurationTargets {
    static let all: [Target] = [
        Self.yaml("node-file", weight: 8, .nodeFiles) { (text, file) throws(YAMLProblem) in
            _ = try NodeConfiguration(parsing: text, file: file)
        },
        Self.yaml("agent-file", weight: 8, .agentFiles) { (text, file) throws(YAMLProblem) in
            _ = try AgentConfiguration(parsing: text, file: file, credentials: "/run/credentials/wardline")
        },
        Self.yaml("evm-account-file", weight: 2, .accountFiles) { (text, file) throws(YAMLProblem) in
            _ = try EVMAccountConfiguration.parse(text, file: file)
        },
        Self.yaml("rules-file", weight: 5, .ruleFiles) { (text, file) throws(YAMLProblem) in
            let rules = try SharingRules(parsing: text, file: file)
            // The worst that a label can do to a pattern.
            let label = String(repeating: "ab", count: 128)
            for kind in ShareKind.allCases { _ = rules.decision(label: label, purpose: label, kind: kind) }
        },
        Self.yaml("device-readme", weight: 2, .readMes) { (text, file) throws(YAMLProblem) in
            _ = try DeviceReadMe(text, file: file)
        },
    ]

    private static let file = "fuzzed.yaml"

    private static func yaml(
        _ name: String,
        weight: Int,
        _ family: SeedFamily,
        _ read: @escaping @Sendable (_ text: String, _ file: String) throws(YAMLProblem) -> Void
    ) -> Target {
        Target(name: name, weight: weight, family: family) { _, payload, _ in
            do throws(YAMLProblem) {
                try read(String(decoding: payload, as: UTF8.self), Self.file)
                return .accepted
            } catch { return Self.verdict(error) }
        }
    }

    /// A refusal names the file, a place in it and what to do.
    private static func verdict(_ problem: YAMLProblem) -> Verdict {
        if problem.reason.isEmpty { return .broken("a refusal without words") }
        return problem.file == Self.file && problem.line >= 0
            ? .refused("problem") : .broken("a refusal of \(problem.file):\(problem.line)")
    }

    /// Bytes of a line of which every reader of YAML takes a key.
    private static let keyBytesMax = 1_000

    /// Whether what was written for people is YAML at least: a profile may still want another word in a place.
    static func isReadable(_ profile: String) -> Verdict {
        do throws(YAMLProblem) {
            _ = try ProfileParser.parse(profile, file: Self.file)
            return .accepted
        } catch {
            return error.reason.hasPrefix("not YAML")
                ? .broken("wrote what is not YAML: \(error)") : .refused("profile")
        }
    }
}
