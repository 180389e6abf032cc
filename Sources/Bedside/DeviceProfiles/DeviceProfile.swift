package import Expressions
internal import Payloads
internal import Records
internal import Units

/// One device profile, compiled: everything the agent knows about a kind of device.
///
/// The language is described in `docs/profiles.md`; `profile.yaml` is parsed by ``ProfileParser``.
package struct DeviceProfile: Sendable {
    /// Stable name, for example `nonin-3230`; lower-case letters, digits and hyphens.
    package let id: String
    /// SemVer of the profile itself; recorded in every Observation.
    package let version: String
    /// What people read: manufacturer and model.
    package let name: String
    package let topics: [TopicTemplate]
    package let payload: PayloadSource
    package let clock: ClockTreatment
    package let warnings: [String]

    /// A topic that the profile reads, with the name of every capture in its place.
    package var exampleTopic: String {
        var topic = self.topics[0].description
        for name in self.captures {
            topic = topic.replacing("{\(name)...}", with: name).replacing("{\(name)}", with: name)
        }
        return topic
    }

    let captures: [String]
    let ignore: [MessageRule]
    let refuse: [MessageRule]
    let device: TextTemplate
    let bed: TextTemplate?
    let patient: PatientRule?
    let time: TimeRule?
    let messageTime: TimeRule?
    let sequence: Expression?
    let historical: Expression?
    let flags: [FlagRule]
    let rules: [ReadingRule]
}

/// How far a device's clock is believed.
package enum ClockTreatment: String, Sendable, CaseIterable {
    /// Estimate the offset and correct what is off, with a mark. The default.
    case correct
    /// The device's time is right by other means (NTP and supervised).
    case trust
    /// The device has no useful clock: the gateway's receive time is the effective time.
    case receiveTime = "receive-time"
}

/// A condition on the whole message, and what it means: nothing for us to read, or nothing to be trusted.
struct MessageRule: Sendable {
    let when: Expression
    let reason: String
}

/// Where a message names its patient.
struct PatientRule: Sendable {
    let number: Expression
    let assigner: Expression?
}

/// A quality flag that the device itself raises.
struct FlagRule: Sendable {
    let flag: QualityFlag
    let when: Expression
}

/// One reading of a message, or one per element of `each`.
struct ReadingRule: Sendable {
    /// What errors call it: the concept's key and the place in the file.
    let label: String
    let each: JSONPath?
    let when: Expression?
    let value: ValueRule
    let components: [ValueRule]
    let time: TimeRule?
    /// The rule has no time of its own: one reading of the profile's time serves all such rules.
    let timeIsShared: Bool
    let sequence: Expression?
    let channel: TextTemplate?
    let site: Expression?
    let historical: Expression?
    let flags: [FlagRule]
}

/// How one value is found, checked and converted.
struct ValueRule: Sendable {
    enum Shape: Sendable {
        /// A number with a unit.
        case quantity
        case text
        case boolean
        case coded(CodedRule)
        case sampled(SampledRule)
        /// The value is the components'.
        case panel
    }

    let label: String
    let concept: ConceptRule
    let shape: Shape
    let value: Expression?
    let unit: UnitRule?
    let sentinels: [Sentinel]
    let rescale: [RescaleRule]
    let plausible: ClosedRange<ExactDecimal>?
    let flags: [FlagRule]
    /// A missing value is a failure of the message, not silence.
    let required: Bool
}

/// Which concept a value belongs to.
enum ConceptRule: Sendable {
    case fixed(ConceptCatalogue.Entry)
    /// Chosen per element by a code in the message.
    case mapped(ConceptMap)
}

/// Chooses a concept by the code that the device sends, and settles contradictions.
struct ConceptMap: Sendable {
    enum Conflict: String, Sendable, CaseIterable {
        /// Believe the number.
        case number
        /// Believe the name.
        case name
        /// Refuse the reading.
        case refuse
    }

    enum Otherwise: String, Sendable, CaseIterable {
        case ignore
        case refuse
    }

    let code: Expression
    let name: Expression?
    let cases: [String: ConceptCatalogue.Entry]
    let usesCatalogue: Bool
    let conflict: Conflict
    let otherwise: Otherwise
}

/// The unit in which the device gives a value.
struct UnitRule: Sendable {
    enum Source: Sendable {
        case fixed(UnitConversion, MeasuredUnit)
        /// Named by the message itself.
        case stated(Expression)
    }

    let source: Source
    /// The unit in which the reading is given; nil means the concept's.
    let target: String?
}

/// A value that means "no value".
struct Sentinel: Sendable {
    enum Match: Sendable {
        case number(ExactDecimal)
        case text(String)
        /// Something else in the message says so, such as HL7's OBX-11 status `X`.
        case condition(Expression)
    }

    let match: Match
    let reason: AbsentReason
    let flag: QualityFlag
}

/// Undoes a device's known scaling mistake (temperature times ten) within stated bounds.
struct RescaleRule: Sendable {
    /// Applies to values strictly above this.
    let above: ExactDecimal
    let factor: ExactDecimal
}

/// Values out of a fixed set.
struct CodedRule: Sendable {
    let cases: [String: Coding]
    /// For codes that the message itself carries: their code system.
    let system: String?
    let display: Expression?
}

/// Samples at a fixed rate.
struct SampledRule: Sendable {
    let periodMilliseconds: Expression
    let factor: Expression
    let origin: Expression
    let gaps: [ExactDecimal]
}
