internal import Records
internal import Units

/// Writes `value[x]` or `dataAbsentReason`, with a comma before it.
enum ValueWriter {
    static func write(_ value: ReadingValue, concept: ConceptFragments, to output: inout [UInt8]) {
        switch value {
        case .quantity(let number, let unit):
            output.append(#","valueQuantity":{"value":"#)
            self.writeQuantity(number, unit, concept: concept, to: &output)
        case .coded(let coding):
            output.append(#","valueCodeableConcept":{"coding":["#)
            ConceptFragments.append(coding, to: &output)
            output.append("]}")
        case .text(let text) where !text.isEmpty:
            output.append(#","valueString":"#)
            JSONText.appendQuoted(text, to: &output)
        case .boolean(let flag):
            output.append(flag ? #","valueBoolean":true"# : #","valueBoolean":false"#)
        case .sampled(let series) where !series.samples.isEmpty:
            self.writeSampled(series, concept: concept, to: &output)
        case .absent(let reason):
            self.writeAbsent(reason, to: &output)
        case .text, .sampled, .panel:
            // FHIR has no empty strings or series, and an Observation without any value needs a reason.
            self.writeAbsent(.unknown, to: &output)
        }
    }

    /// The number and the rest of the Quantity, its brace included.
    private static func writeQuantity(
        _ number: ExactDecimal,
        _ unit: MeasuredUnit,
        concept: ConceptFragments,
        to output: inout [UInt8]
    ) {
        number.write(to: &output)
        if unit == concept.concept.unit {
            output.append(contentsOf: concept.unit)
        } else {
            output.append(contentsOf: ConceptFragments.unit(unit))
        }
    }

    /// FHIR R4 SampledData: one dimension, samples divided by spaces, `E` where there is none, `U` and `L` beyond the
    /// limits.
    private static func writeSampled(
        _ series: SampledSeries,
        concept: ConceptFragments,
        to output: inout [UInt8]
    ) {
        output.append(#","valueSampledData":{"origin":{"value":"#)
        self.writeQuantity(series.origin, series.unit, concept: concept, to: &output)
        output.append(#","period":"#)
        series.periodMilliseconds.write(to: &output)
        output.append(#","factor":"#)
        series.factor.write(to: &output)
        if let limit = series.lowerLimit { self.writeLimit(#","lowerLimit":"#, limit, to: &output) }
        if let limit = series.upperLimit { self.writeLimit(#","upperLimit":"#, limit, to: &output) }
        output.append(#","dimensions":1,"data":""#)
        var outside = series.outside[...]
        for (index, sample) in series.samples.enumerated() {
            if index > 0 { output.append(" ") }
            if let sample {
                sample.write(to: &output)
            } else if let first = outside.first, first.position == index {
                output.append(first.isAbove ? "U" : "L")
                outside.removeFirst()
            } else {
                output.append("E")
            }
        }
        output.append(#""}"#)
    }

    private static func writeLimit(_ key: StaticString, _ limit: ExactDecimal, to output: inout [UInt8]) {
        output.append(key)
        limit.write(to: &output)
    }

    private static func writeAbsent(_ reason: AbsentReason, to output: inout [UInt8]) {
        output.append(#","dataAbsentReason":{"coding":[{"#)
        output.append(#""system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"#)
        JSONText.appendQuoted(reason.rawValue, to: &output)
        output.append("}]}")
    }
}
