package import Expressions
internal import Payloads
internal import Records
internal import Units

/// One device profile, compiled: everything the agent knows about a kind of device.
///
/// The language is described in `docs/profiles.md`; `profile.yaml` is parsed by ``ProfileParser``.
///
/// A class, like its rules: they are handed around once per message, and a struct of so many fields costs a retain each.
package final class DeviceProfile: Sendable {
    /// Stable name, for example `nonin-3230`; lower-case letters, digits and hyphens.
    package let id: String
    /// SemVer of the profile itself; recorded in every Observation.
    package let version: String
    /// What people read: manufacturer and model.
    package let name: String
    package let topics: [TopicTemplate]
    package let payload: PayloadSource
    package let clock: ClockTreatment
    /// Which lane its messages take.
    package let lane: ProfileLane
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

    init(
        id: String,
        version: String,
        name: String,
        topics: [TopicTemplate],
        payload: PayloadSource,
        clock: ClockTreatment,
        lane: ProfileLane = .numerics,
        warnings: [String],
        captures: [String],
        ignore: [MessageRule],
        refuse: [MessageRule],
        device: TextTemplate,
        bed: TextTemplate?,
        patient: PatientRule?,
        time: TimeRule?,
        messageTime: TimeRule?,
        sequence: Expression?,
        historical: Expression?,
        flags: [FlagRule],
        rules: [ReadingRule]
    ) {
        self.id = id
        self.version = version
        self.name = name
        self.topics = topics
        self.payload = payload
        self.clock = clock
        self.lane = lane
        self.warnings = warnings
        self.captures = captures
        self.ignore = ignore
        self.refuse = refuse
        self.device = device
        self.bed = bed
        self.patient = patient
        self.time = time
        self.messageTime = messageTime
        self.sequence = sequence
        self.historical = historical
        self.flags = flags
        self.rules = rules
    }
}

/// Which way messages take through the agent.
package enum ProfileLane: String, Sendable, CaseIterable {
    /// Numbers, alarms, events: never behind a waveform. The default.
    case numerics
    /// Blocks of samples: a connection, an inbox and a thread of their own.
    case waves
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
///
/// A class; see ``DeviceProfile``.
final class ReadingRule: Sendable {
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
    /// Set for alarms and device events that tell more than that they happened.
    let alarm: AlarmRule?

    init(
        label: String,
        each: JSONPath?,
        when: Expression?,
        value: ValueRule,
        components: [ValueRule],
        time: TimeRule?,
        timeIsShared: Bool,
        sequence: Expression?,
        channel: TextTemplate?,
        site: Expression?,
        historical: Expression?,
        flags: [FlagRule],
        alarm: AlarmRule? = nil
    ) {
        self.label = label
        self.alarm = alarm
        self.each = each
        self.when = when
        self.value = value
        self.components = components
        self.time = time
        self.timeIsShared = timeIsShared
        self.sequence = sequence
        self.channel = channel
        self.site = site
        self.historical = historical
        self.flags = flags
    }
}

/// How one value is found, checked and converted.
///
/// A class; see ``DeviceProfile``.
final class ValueRule: Sendable {
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

    init(
        label: String,
        concept: ConceptRule,
        shape: Shape,
        value: Expression?,
        unit: UnitRule?,
        sentinels: [Sentinel],
        rescale: [RescaleRule],
        plausible: ClosedRange<ExactDecimal>?,
        flags: [FlagRule],
        required: Bool
    ) {
        self.label = label
        self.concept = concept
        self.shape = shape
        self.value = value
        self.unit = unit
        self.sentinels = sentinels
        self.rescale = rescale
        self.plausible = plausible
        self.flags = flags
        self.required = required
    }
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
        /// Named by the message itself, in UCUM, as an MDC dimension or by one of the profile's names.
        case stated(Expression, aliases: [String: String])
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
