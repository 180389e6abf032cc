internal import Expressions
internal import Payloads
internal import Units

/// Samples at a fixed rate: where they are, what they mean, and when they were taken.
struct SampledRule: Sendable {
    /// How the device states the time between samples.
    enum Period: Sendable {
        case milliseconds(Expression)
        /// Samples a second.
        case rate(Expression)
    }

    /// How the device states the size of one step.
    enum Scale: Sendable {
        /// Units per step.
        case factor(Expression)
        /// Steps per unit.
        case gain(Expression)
    }

    /// What the rule's value is.
    enum Source: Sendable {
        /// A list of numbers.
        case numbers
        /// Text with one character between samples.
        case text(separator: UInt8)
        /// Bytes, or text that wraps them, and how many bytes stand before the samples.
        case bytes(SampleEncoding, wrapping: [Wrapping], skip: Expression?)
    }

    /// What the time of a block is the time of.
    enum Stamp: String, Sendable, CaseIterable {
        /// Its first sample.
        case first
        /// Its last sample.
        case last
        /// The moment at which the next sample would have followed.
        case end
    }

    let source: Source
    let period: Period
    let scale: Scale
    let origin: Expression
    /// Samples that mean "none".
    let gaps: [ExactDecimal]
    /// Samples that mean "above what can be measured".
    let above: [ExactDecimal]
    /// Samples that mean "below what can be measured".
    let below: [ExactDecimal]
    let lowerLimit: Expression?
    let upperLimit: Expression?
    /// How many samples to take; all when absent.
    let count: Expression?
    /// Of several interleaved series: how many there are, and which this is, from 0.
    let interleaved: (series: Expression, index: Expression)?
    let stamp: Stamp
    let continuity: ContinuityRule?
}

/// How a block says where it stands in its series.
struct ContinuityRule: Sendable {
    /// nil when only the time can tell.
    let counter: Expression?
    let countsPackets: Bool
    let counterBits: Int?
    let toleranceMilliseconds: ExactDecimal?
}
