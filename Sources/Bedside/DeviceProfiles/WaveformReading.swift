internal import Expressions
internal import Payloads
internal import Records
internal import Units

extension ValueReader {
    /// More samples than this in one message are refused.
    private static let samplesMax = 65_536

    /// Samples at a fixed rate, gaps kept as gaps.
    func series(
        _ rule: SampledRule,
        _ entry: ConceptCatalogue.Entry,
        _ scope: EvaluationScope
    ) throws(ReadingProblem) -> SampledSeries {
        guard case .node(let list)? = self.rule.value?.evaluate(scope), scope.tree.kind(list) == .array,
            scope.tree.childCount(list) <= Self.samplesMax
        else { throw self.wrongType("a list of at most \(Self.samplesMax) samples") }
        guard let period = rule.periodMilliseconds.evaluateNumber(scope), period > ExactDecimal(0),
            let factor = rule.factor.evaluateNumber(scope), let origin = rule.origin.evaluateNumber(scope),
            let unit = entry.concept.unit
        else { throw self.problem(.missingValue, "period, factor, origin or unit of the samples is missing") }
        var samples: [ExactDecimal?] = []
        samples.reserveCapacity(scope.tree.childCount(list))
        var child = scope.tree.firstChild(list)
        while let node = child {
            switch scope.tree.kind(node) {
            case .number:
                let sample = scope.tree.number(node)
                samples.append(sample.flatMap { rule.gaps.contains($0) ? nil : $0 })
            case .null, .absent: samples.append(nil)
            default: throw self.wrongType("a list of numbers")
            }
            child = scope.tree.nextSibling(node)
        }
        return SampledSeries(
            origin: origin,
            unit: unit,
            periodMilliseconds: period,
            factor: factor,
            samples: samples
        )
    }
}
