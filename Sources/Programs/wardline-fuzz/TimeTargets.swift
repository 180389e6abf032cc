import Expressions
import Records
import Units

/// Times in the spellings of devices, and decimals.
enum TimeTargets {
    static let all: [Target] = [
        Target(name: "time", weight: 30, family: .time) { _, payload, random in Self.time(payload, &random) },
        Target(name: "time-pattern", weight: 20, family: .timePattern) { bench, payload, random in
            var time = bench.corpus.pick(.time, &random)
            if random.once(in: 2) { Mutator.mutate(&time, with: payload, &random) }
            return Self.pattern(payload, time)
        },
        Target(name: "decimal", weight: 30, family: .decimal) { bench, payload, random in
            Self.decimal(payload, random.pick(bench.corpus.seeds(.decimal)), &random)
        },
    ]

    private static func time(_ text: [UInt8], _ random: inout Randomness) -> Verdict {
        let offset = random.below(4_000) - 2_000
        var instants: [DateTime?] = [DateTime(rfc3339: text)]
        instants.append(CivilDateTime(rfc3339OrLocal: text)?.resolved(offsetMinutes: offset))
        instants.append(CivilDateTime(hl7: text)?.resolved(offsetMinutes: offset))
        if let count = ExactDecimal(parsing: text) {
            instants += DateTime.UnixUnit.allCases.map { DateTime(unix: count, unit: $0) }
        }
        let found = instants.compactMap { $0 }
        for instant in found {
            if let fault = Self.fault(of: instant) { return .broken(fault) }
        }
        return found.isEmpty ? .refused("not-a-time") : .accepted
    }

    private static func fault(of instant: DateTime) -> String? {
        var text: [UInt8] = []
        instant.shown(fractionDigits: 9).write(to: &text)
        guard let again = DateTime(rfc3339: text) else {
            return "a time that is not read back from its own text \(String(decoding: text, as: UTF8.self))"
        }
        return again == instant ? nil : "another time is read from \(String(decoding: text, as: UTF8.self))"
    }

    private static func pattern(_ payload: [UInt8], _ time: [UInt8]) -> Verdict {
        do throws(DateTimePatternError) {
            let pattern = try DateTimePattern(GrammarTargets.text(payload))
            guard let instant = CivilDateTime(pattern: pattern, text: time)?.resolved(offsetMinutes: 60) else {
                return .accepted
            }
            return Self.fault(of: instant).map(Verdict.broken) ?? .accepted
        } catch {
            return error.description.isEmpty ? .broken("no words") : .refused("pattern")
        }
    }

    private static func decimal(_ text: [UInt8], _ other: [UInt8], _ random: inout Randomness) -> Verdict {
        _ = DecimalText.number(GrammarTargets.text(text))
        guard let left = ExactDecimal(parsing: text) else { return .refused("not-a-number") }
        guard let right = ExactDecimal(parsing: other) else { return .broken("a seed that is no number") }
        var results = [left, left + right, left - right, left * right, -left]
        results.append(left.rounded(toExponent: random.below(14_000) - 7_000))
        if let quotient = left.dividing(by: right) { results.append(quotient) }
        for result in results {
            if let fault = TreeAudit.fault(of: result) { return .broken(fault) }
        }
        return left - left == ExactDecimal(0) ? .accepted : .broken("a number less itself is not 0")
    }
}
