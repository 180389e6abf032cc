internal import Expressions
internal import Payloads
internal import Records
internal import Units

/// Gathers the samples of one block.
struct BlockReader {
    private let rule: SampledRule
    private(set) var samples: [ExactDecimal?] = []
    private(set) var outside: [OutsideSample] = []

    init(_ rule: SampledRule) { self.rule = rule }

    var count: Int { self.samples.count }

    mutating func reserve(_ count: Int) { self.samples.reserveCapacity(count) }

    /// Adds a number as the device sends it, which may be one of those that mean something else; nil is a gap.
    mutating func add(_ sample: ExactDecimal?) {
        guard let sample else { return self.add(.gap) }
        if self.rule.gaps.contains(sample) { return self.add(.gap) }
        if self.rule.above.contains(sample) { return self.add(.above) }
        if self.rule.below.contains(sample) { return self.add(.below) }
        self.samples.append(sample)
    }

    mutating func add(_ sample: BlockSample) {
        switch sample {
        case .value(let number):
            self.add(number)
            return
        case .gap: break
        case .above: self.outside.append(OutsideSample(position: self.samples.count, isAbove: true))
        case .below: self.outside.append(OutsideSample(position: self.samples.count, isAbove: false))
        }
        self.samples.append(nil)
    }

    /// Keeps every `series`th sample, from the one at `index` on.
    mutating func take(_ index: Int, of series: Int) {
        self.outside = self.outside.filter { $0.position % series == index }.map {
            OutsideSample(position: $0.position / series, isAbove: $0.isAbove)
        }
        self.samples = stride(from: index, to: self.samples.count, by: series).map { self.samples[$0] }
    }

    /// Drops what stands behind the first `count` samples.
    mutating func cut(to count: Int) {
        self.samples.removeLast(self.samples.count - count)
        self.outside.removeAll { $0.position >= count }
    }
}

/// Period, factor and origin of a block, as its message gives them.
struct SeriesScale {
    let period: ExactDecimal
    let factor: ExactDecimal
    let origin: ExactDecimal
    /// Set when the quotient of 1000 and it is not exact.
    let exactRate: ExactDecimal?
    /// Set when the quotient of 1 and it is not exact.
    let exactGain: ExactDecimal?

    /// nil when one of them is missing, and for a period or rate that is not positive.
    init?(_ rule: SampledRule, _ scope: EvaluationScope) {
        guard let origin = rule.origin.evaluateNumber(scope) else { return nil }
        self.origin = origin
        switch rule.period {
        case .milliseconds(let expression):
            guard let period = expression.evaluateNumber(scope), period > .zero else { return nil }
            self.period = period
            self.exactRate = nil
        case .rate(let expression):
            guard let rate = expression.evaluateNumber(scope), rate > .zero,
                let period = ExactDecimal(1_000).dividing(by: rate), period > .zero
            else { return nil }
            self.period = Self.shortened(period)
            self.exactRate = self.period * rate == ExactDecimal(1_000) ? nil : rate
        }
        switch rule.scale {
        case .factor(let expression):
            guard let factor = expression.evaluateNumber(scope) else { return nil }
            self.factor = factor
            self.exactGain = nil
        case .gain(let expression):
            guard let gain = expression.evaluateNumber(scope), let factor = ExactDecimal.one.dividing(by: gain) else {
                return nil
            }
            self.factor = Self.shortened(factor)
            self.exactGain = self.factor * gain == .one ? nil : gain
        }
    }

    /// Digits of a quotient: what a FHIR server that computes in binary64 can tell apart.
    ///
    /// So few that their product with
    /// what the device states is computed without rounding, and says whether the quotient is exact.
    private static let digitsOfQuotient = 18

    private static func shortened(_ quotient: ExactDecimal) -> ExactDecimal {
        quotient.rounded(toExponent: quotient.exponent + max(0, quotient.digitCount - self.digitsOfQuotient))
    }
}

extension SampledRule.Stamp {
    /// When the first sample was taken, for a block of this time.
    func firstSample(of series: SampledSeries, at time: DateTime) -> DateTime {
        let count: Int
        switch self {
        case .first: return time
        case .last: count = max(0, series.samples.count - 1)
        case .end: count = series.samples.count
        }
        let moved = time.adding(nanoseconds: 0 - series.nanoseconds(ofSamples: Int64(count)))
        // Shown as finely as it needs to be.
        let digits: UInt8 =
            [0, 3, 6].first { digits in
                let unit: Int64 = digits == 0 ? 1_000_000_000 : digits == 3 ? 1_000_000 : 1_000
                return moved.nanosecondsSinceEpoch.isMultiple(of: unit)
            } ?? 9
        return moved.shown(fractionDigits: max(digits, time.fractionDigits))
    }
}

extension ContinuityRule {
    /// What the message says of its place.
    func block(_ label: String, _ scope: EvaluationScope) throws(ReadingProblem) -> SampleBlock {
        var block = SampleBlock(
            counts: self.countsPackets ? .packets : .samples,
            counterBits: self.counterBits,
            toleranceNs: self.toleranceMilliseconds.flatMap {
                ($0 * ExactDecimal(1_000_000)).rounded(toExponent: 0).integer.map(Int64.init)
            }
        )
        guard let counter = self.counter else { return block }
        guard let value = counter.evaluateNumber(scope)?.integer, value >= 0,
            self.counterBits.map({ UInt64(value) < 1 << UInt64($0) }) ?? true
        else {
            throw ReadingProblem(
                reason: .badSamples,
                rule: label,
                detail: "the block's counter is missing or no counter"
            )
        }
        block.counter = UInt64(value)
        return block
    }
}
