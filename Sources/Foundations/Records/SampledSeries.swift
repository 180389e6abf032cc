package import Units

/// Samples at a fixed rate (FHIR SampledData): physical value = `origin` + sample × `factor`.
package struct SampledSeries: Sendable, Equatable {
    package var origin: ExactDecimal
    package var unit: MeasuredUnit
    /// Between samples, in milliseconds; greater than 0.
    package var periodMilliseconds: ExactDecimal
    package var factor: ExactDecimal
    /// nil is a gap ("E" in FHIR) unless ``outside`` says otherwise; gaps are never padded.
    package var samples: [ExactDecimal?]
    /// The nil samples that are beyond what the device can measure ("U", "L"), in ascending order of their places.
    package var outside: [OutsideSample]
    /// The limits of detection, in the samples' own numbers.
    package var lowerLimit: ExactDecimal?
    package var upperLimit: ExactDecimal?
    /// Samples a second, when ``periodMilliseconds`` is only a rounded quotient of it.
    package var exactRate: ExactDecimal?
    /// Samples' numbers per unit, when ``factor`` is only a rounded quotient of it.
    package var exactGain: ExactDecimal?

    package init(
        origin: ExactDecimal,
        unit: MeasuredUnit,
        periodMilliseconds: ExactDecimal,
        factor: ExactDecimal,
        samples: [ExactDecimal?],
        outside: [OutsideSample] = [],
        lowerLimit: ExactDecimal? = nil,
        upperLimit: ExactDecimal? = nil,
        exactRate: ExactDecimal? = nil,
        exactGain: ExactDecimal? = nil
    ) {
        self.origin = origin
        self.unit = unit
        self.periodMilliseconds = periodMilliseconds
        self.factor = factor
        self.samples = samples
        self.outside = outside
        self.lowerLimit = lowerLimit
        self.upperLimit = upperLimit
        self.exactRate = exactRate
        self.exactGain = exactGain
    }

    /// How long a number of samples takes, in nanoseconds; held at the end of the range.
    package func nanoseconds(ofSamples count: Int64) -> Int64 {
        let exact = ExactDecimal(Int(count)) * self.periodMilliseconds * ExactDecimal(1_000_000)
        let whole = exact.rounded(toExponent: 0)
        return whole.integer.map(Int64.init) ?? (whole.isNegative ? .min : .max)
    }
}

/// A sample beyond the limits of detection.
package struct OutsideSample: Sendable, Hashable {
    /// Its place in the series, from 0.
    package let position: Int
    /// Above the upper limit; otherwise below the lower one.
    package let isAbove: Bool

    package init(position: Int, isAbove: Bool) {
        self.position = position
        self.isAbove = isAbove
    }
}

/// How a block of samples says where it stands in its series.
package struct SampleBlock: Sendable, Equatable {
    /// What the device counts.
    package enum Counts: String, Sendable, CaseIterable {
        /// The counter is the number of the block's first sample.
        case samples
        /// The counter is the number of the block.
        case packets
    }

    /// The device's running number; nil when only the time can tell.
    package var counter: UInt64?
    package var counts: Counts
    /// Bits after which the counter begins anew, 1 to 63; nil for a counter that does not.
    package var counterBits: Int?
    /// How far a block's time may be off without meaning anything, nanoseconds; nil for half of the block.
    package var toleranceNs: Int64?

    package init(
        counter: UInt64? = nil,
        counts: Counts = .samples,
        counterBits: Int? = nil,
        toleranceNs: Int64? = nil
    ) {
        self.counter = counter
        self.counts = counts
        self.counterBits = counterBits
        self.toleranceNs = toleranceNs
    }
}
