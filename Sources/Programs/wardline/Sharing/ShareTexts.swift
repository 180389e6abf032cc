import ArgumentParser
import Foundation
import Requesting

/// Shares in words.
enum ShareTexts {
    /// What came of asking; exit code 1 when a request was refused.
    static func report(
        _ troubles: [(scope: ShareRecord.Scope, trouble: ShareTrouble)],
        _ folder: ShareFolder
    ) throws {
        let record = try folder.record()
        for (scope, trouble) in troubles { StandardError.write("\(scope.scope): \(Self.text(trouble))") }
        for scope in record.scopes where !troubles.contains(where: { $0.scope == scope }) {
            try StandardOutput.write("\(scope.request)\n")
        }
        guard !troubles.isEmpty else { return }
        let isUnderway = troubles.allSatisfy { $0.trouble.code == "exchange-underway" }
        throw isUnderway ? ExitCode(3) : ExitCode.failure
    }

    static func text(_ trouble: ShareTrouble) -> String {
        "\(trouble.description)\n    \(trouble.advice)\n"
    }

    static func text(_ scope: ShareStatus.Scope) -> String {
        var lines = "scope       \(scope.scope)\nof          \(scope.organization)\nrequest     \(scope.request)\n"
        if let permission = scope.permission {
            lines += "permission  \(permission)"
            lines += scope.validUntil.map { ", until \(ExplorerText.time($0))\n" } ?? "\n"
        }
        if let exchange = scope.exchange {
            lines += "exchange    \(exchange.id ?? "none yet"), to \(exchange.destination): \(exchange.text)\n"
            if !exchange.advice.isEmpty { lines += "            -> \(exchange.advice)\n" }
        }
        lines += "envelopes   \(scope.envelopes)\n"
        for step in scope.steps {
            let name = step.step.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0)
            lines += "  \(name) \(step.state.rawValue)"
            if !step.why.isEmpty { lines += ": \(step.why)" }
            if !step.code.isEmpty { lines += " (\(step.code))" }
            lines += "\n"
            if !step.advice.isEmpty { lines += "                   -> \(step.advice)\n" }
        }
        for refusal in scope.refusals {
            lines +=
                "  \(refusal.party) refused \(refusal.step) at \(ExplorerText.time(refusal.time)): \(refusal.code)\n"
            lines += "                   -> \(refusal.advice)\n"
        }
        return lines
    }

    static func text(_ report: ShareReport) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
        }
        var lines = ""
        for part in report.parts {
            if let scope = part.scope { lines += "scope \(scope)\n" }
            for step in part.steps {
                lines += "\(padded(step.name, 12)) \(padded(step.state.rawValue, 9)) \(step.text)\n"
                let facts = step.facts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                lines += facts.map { "             \(padded($0.key, 20)) \($0.value)\n" }.joined()
            }
        }
        return lines
    }

    static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(value)) + [UInt8(ascii: "\n")]
    }
}
