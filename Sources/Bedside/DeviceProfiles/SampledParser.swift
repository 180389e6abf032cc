internal import Expressions
internal import Payloads
internal import StrictYAML
internal import Units

/// Compiles what `as: sampled` needs.
struct SampledParser {
    let context: RuleContext

    /// The keys of a value that only samples have.
    static let keys = [
        "period_ms", "rate", "factor", "gain", "origin", "gaps", "above", "below", "lower_limit", "upper_limit",
        "encoding", "wrapping", "separator", "skip", "count", "interleaved", "stamp", "continuity",
    ]
    /// Those of them that a value of another kind may carry without being refused: they were there before.
    private static let tolerated = ["period_ms", "factor", "origin", "gaps"]

    /// Refuses keys that mean nothing for a value that is no series.
    static func refuse(_ map: YAMLMapping) throws(YAMLProblem) {
        for key in self.keys where !self.tolerated.contains(key) {
            if let field = map[key] { throw field.problem("belongs to as: sampled only") }
        }
    }

    func rule(_ map: YAMLMapping) throws(YAMLProblem) -> SampledRule {
        let period = try self.period(map)
        let scale = try self.scale(map)
        let (above, below) = (try self.decimals(map["above"]), try self.decimals(map["below"]))
        if !above.isEmpty { _ = try map.required("upper_limit") }
        if !below.isEmpty { _ = try map.required("lower_limit") }
        return SampledRule(
            source: try self.source(map),
            period: period,
            scale: scale,
            origin: try self.context.expression(map.required("origin")),
            gaps: try self.decimals(map["gaps"]),
            above: above,
            below: below,
            lowerLimit: try self.context.optional(map["lower_limit"]),
            upperLimit: try self.context.optional(map["upper_limit"]),
            count: try self.context.optional(map["count"]),
            interleaved: try map["interleaved"].map { field throws(YAMLProblem) in try self.interleaved(field) },
            stamp: try map["stamp"]?.choice(SampledRule.Stamp.self) ?? .first,
            continuity: try map["continuity"].map { field throws(YAMLProblem) in try self.continuity(field) }
        )
    }

    private func period(_ map: YAMLMapping) throws(YAMLProblem) -> SampledRule.Period {
        guard let rate = map["rate"] else {
            return .milliseconds(try self.context.expression(map.required("period_ms")))
        }
        if let period = map["period_ms"] { throw period.problem("stands beside rate: one of both is enough") }
        return .rate(try self.context.expression(rate))
    }

    private func scale(_ map: YAMLMapping) throws(YAMLProblem) -> SampledRule.Scale {
        guard let gain = map["gain"] else { return .factor(try self.context.expression(map.required("factor"))) }
        if let factor = map["factor"] { throw factor.problem("stands beside gain: one of both is enough") }
        return .gain(try self.context.expression(gain))
    }

    private func source(_ map: YAMLMapping) throws(YAMLProblem) -> SampledRule.Source {
        let word = try map["encoding"]?.word() ?? "numbers"
        if word != "text", let field = map["separator"] { throw field.problem("belongs to encoding: text only") }
        guard let encoding = SampleEncoding(rawValue: word) else {
            for key in ["wrapping", "skip"] {
                if let field = map[key] { throw field.problem("belongs to encodings of bytes only") }
            }
            switch word {
            case "numbers": return .numbers
            case "text": return .text(separator: try self.separator(map["separator"]))
            default:
                let words = SampleEncoding.allCases.map(\.rawValue).joined(separator: ", ")
                throw (map["encoding"] ?? map.field).problem("must be numbers, text, \(words)")
            }
        }
        var wrapping: [Wrapping] = []
        for element in try map["wrapping"]?.elementsOrSelf() ?? [] {
            wrapping.append(try element.choice(Wrapping.self))
        }
        guard wrapping.count <= 3 else { throw map.field.problem("at most three wrappings") }
        return .bytes(encoding, wrapping: wrapping, skip: try self.context.optional(map["skip"]))
    }

    private func separator(_ field: YAMLField?) throws(YAMLProblem) -> UInt8 {
        guard let field else { return UInt8(ascii: ",") }
        let text = try field.text()
        switch text {
        case "tab": return UInt8(ascii: "\t")
        case "blank": return UInt8(ascii: " ")
        default: break
        }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard text.utf8.count == 1, let byte = text.utf8.first, byte < 128, !digits.contains(byte),
            !"+-.eELU".utf8.contains(byte)
        else { throw field.problem("must be tab, blank, or one ASCII character that no number has") }
        return byte
    }

    private func interleaved(
        _ field: YAMLField
    ) throws(YAMLProblem) -> (series: Expression, index: Expression) {
        let map = try field.mapping(["series", "index"])
        return (
            try self.context.expression(map.required("series")), try self.context.expression(map.required("index"))
        )
    }

    /// `time`, or a mapping.
    private func continuity(_ field: YAMLField) throws(YAMLProblem) -> ContinuityRule {
        guard field.isMapping else {
            guard try field.word() == "time" else { throw field.problem("must be time, or a mapping with counter") }
            return ContinuityRule(counter: nil, countsPackets: false, counterBits: nil, toleranceMilliseconds: nil)
        }
        let map = try field.mapping(["counter", "counts", "bits", "jitter_ms"])
        for key in ["counts", "bits"] where map["counter"] == nil {
            if let field = map[key] { throw field.problem("needs counter") }
        }
        let tolerance = try map["jitter_ms"].map { field throws(YAMLProblem) in try self.context.decimal(field) }
        if let tolerance, tolerance < .zero || tolerance > ExactDecimal(3_600_000) {
            throw (map["jitter_ms"] ?? field).problem("must be 0 to 3600000")
        }
        return ContinuityRule(
            counter: try self.context.optional(map["counter"]),
            countsPackets: try map["counts"]?.choice(Counts.self) == .packets,
            counterBits: try map["bits"]?.integer(in: 4...63),
            toleranceMilliseconds: tolerance
        )
    }

    private enum Counts: String, CaseIterable {
        case samples, packets
    }

    private func decimals(_ field: YAMLField?) throws(YAMLProblem) -> [ExactDecimal] {
        var decimals: [ExactDecimal] = []
        for element in try field?.elementsOrSelf() ?? [] { decimals.append(try self.context.decimal(element)) }
        return decimals
    }
}
