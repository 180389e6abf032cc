internal import Expressions
internal import Payloads
internal import Records
internal import Units

extension ValueReader {
    /// More samples than this in one message are refused.
    static let samplesMax = 65_536

    /// Samples at a fixed rate: exactly as the device gives them, gaps kept as gaps.
    mutating func fillSeries(
        _ found: inout FoundValue,
        _ rule: SampledRule,
        _ value: Value,
        _ entry: ConceptCatalogue.Entry,
        _ scope: EvaluationScope
    ) throws(ReadingProblem) {
        var block = BlockReader(rule)
        switch rule.source {
        case .numbers: try self.readNumbers(value, scope, into: &block)
        case .text(let separator): try self.readText(separator, value, scope, into: &block)
        case .bytes(let encoding, let wrapping, let skip):
            try self.readBytes(encoding, wrapping, skip: skip, value, scope, into: &block)
        }
        try self.choose(rule, scope, from: &block)
        found.value = .sampled(try self.scaled(block, rule, entry, scope, flags: &found.flags))
    }

    private func readNumbers(
        _ value: Value,
        _ scope: EvaluationScope,
        into block: inout BlockReader
    ) throws(ReadingProblem) {
        let tree = scope.tree
        guard case .node(let list) = value, tree.kind(list) == .array, tree.childCount(list) <= Self.samplesMax else {
            throw self.wrongType("a list of at most \(Self.samplesMax) samples")
        }
        block.reserve(tree.childCount(list))
        var child = tree.firstChild(list)
        while let node = child {
            switch tree.kind(node) {
            case .number: block.add(tree.number(node))
            case .null, .absent: block.add(nil)
            default: throw self.wrongType("a list of numbers")
            }
            child = tree.nextSibling(node)
        }
    }

    private func readText(
        _ separator: UInt8,
        _ value: Value,
        _ scope: EvaluationScope,
        into block: inout BlockReader
    ) throws(ReadingProblem) {
        let samples: [BlockSample]
        do throws(DecodeFailure) {
            samples = try SampleText.decode(
                self.content(value, scope),
                separator: separator,
                samplesMax: Self.samplesMax
            )
        } catch {
            throw self.problem(.badSamples, error.explanation)
        }
        for sample in samples { block.add(sample) }
    }

    private func readBytes(
        _ encoding: SampleEncoding,
        _ wrapping: [Wrapping],
        skip: Expression?,
        _ value: Value,
        _ scope: EvaluationScope,
        into block: inout BlockReader
    ) throws(ReadingProblem) {
        guard !wrapping.isEmpty || self.isBytes(value, scope) else {
            throw self.wrongType("a byte string; text needs 'wrapping'")
        }
        var header = 0
        if let skip {
            guard let count = skip.evaluateNumber(scope)?.integer, count >= 0 else {
                throw self.problem(.badSamples, "'skip' is no number of bytes")
            }
            header = count
        }
        let samples: [Int64]
        do throws(DecodeFailure) {
            var bytes = try self.content(value, scope)
            for step in wrapping { bytes = try step.unwrap(bytes)[...] }
            guard header <= bytes.count else { throw DecodeFailure(.truncated, "'skip' goes beyond the block") }
            samples = try encoding.decode(bytes.dropFirst(header), samplesMax: Self.samplesMax)
        } catch {
            throw self.problem(.badSamples, error.explanation)
        }
        block.reserve(samples.count)
        for sample in samples { block.add(ExactDecimal(Int(sample))) }
    }

    private func isBytes(_ value: Value, _ scope: EvaluationScope) -> Bool {
        if case .node(let node) = value { scope.tree.kind(node) == .bytes } else { false }
    }

    /// The bytes of a text or byte string.
    private func content(_ value: Value, _ scope: EvaluationScope) throws(DecodeFailure) -> ArraySlice<UInt8> {
        switch value {
        case .text(let text): return Array(text.utf8)[...]
        case .number(let number): return Array(number.description.utf8)[...]
        case .node(let node):
            if let bytes = scope.tree.bytes(node) { return bytes }
        default: break
        }
        throw DecodeFailure(.malformed, "the samples are neither text nor bytes")
    }

    /// Takes one of several interleaved series, and as many samples as the message says.
    private func choose(
        _ rule: SampledRule,
        _ scope: EvaluationScope,
        from block: inout BlockReader
    ) throws(ReadingProblem) {
        if let interleaved = rule.interleaved {
            guard let series = interleaved.series.evaluateNumber(scope)?.integer, series >= 1,
                let index = interleaved.index.evaluateNumber(scope)?.integer, (0..<series).contains(index)
            else { throw self.problem(.badSamples, "'interleaved' names no series of the block") }
            guard block.count.isMultiple(of: series) else {
                throw self.problem(.badSamples, "the block does not hold whole rounds of \(series) series")
            }
            block.take(index, of: series)
        }
        guard let count = rule.count else { return }
        guard let wanted = count.evaluateNumber(scope)?.integer, wanted >= 0, wanted <= block.count else {
            throw self.problem(.badSamples, "the block holds fewer samples than it says")
        }
        block.cut(to: wanted)
    }

    /// The series with its scale, in the concept's unit.
    private mutating func scaled(
        _ block: BlockReader,
        _ rule: SampledRule,
        _ entry: ConceptCatalogue.Entry,
        _ scope: EvaluationScope,
        flags: inout [QualityFlag]
    ) throws(ReadingProblem) -> SampledSeries {
        guard let scale = SeriesScale(rule, scope), entry.concept.unit != nil || self.rule.unit != nil else {
            throw self.problem(.missingValue, "period, factor, origin or unit of the samples is missing")
        }
        // A conversion is a straight line, so two of its points say what becomes of origin and factor.
        var (origin, next) = (scale.origin, scale.origin + scale.factor)
        let unit = try self.convert(&origin, entry, scope)
        _ = try self.convert(&next, entry, scope)
        let isConverted = origin != scale.origin || next != scale.origin + scale.factor
        var series = SampledSeries(
            origin: isConverted && !origin.isZero ? origin : isConverted ? .zero : scale.origin,
            unit: unit,
            periodMilliseconds: scale.period,
            factor: isConverted ? next - origin : scale.factor,
            samples: block.samples,
            outside: block.outside,
            exactRate: scale.exactRate,
            exactGain: isConverted ? nil : scale.exactGain
        )
        if let limit = rule.lowerLimit { series.lowerLimit = limit.evaluateNumber(scope) }
        if let limit = rule.upperLimit { series.upperLimit = limit.evaluateNumber(scope) }
        for outside in block.outside where (outside.isAbove ? series.upperLimit : series.lowerLimit) == nil {
            throw self.problem(.badSamples, "a sample beyond the limits needs lower_limit and upper_limit")
        }
        if series.exactRate != nil || scale.exactGain != nil { flags.append(.inexactScale) }
        return series
    }
}

extension Wrapping {
    fileprivate func unwrap(_ bytes: ArraySlice<UInt8>) throws(DecodeFailure) -> [UInt8] {
        let result: Result<[UInt8], DecodeFailure> = bytes.withUnsafeBytes { buffer in
            do throws(DecodeFailure) { return .success(try self.unwrap(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
