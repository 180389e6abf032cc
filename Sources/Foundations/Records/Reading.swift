package import Units

/// One measured value with its meaning, as a device profile found it in a message.
package struct Reading: Sendable {
    package var concept: Concept
    package var value: ReadingValue
    /// The parts of a panel (systolic, diastolic, …); empty otherwise.
    package var components: [ReadingComponent]
    /// When the device says it was measured, in the device's own clock; nil when it gives no usable time.
    package var deviceTime: DateTime?
    /// Tells two sources of one code in one device apart (ECG or pleth pulse, two temperature probes).
    package var channel: String?
    /// The device's own number of this measurement, when it has one.
    package var sequence: String?
    /// What a clinician must know about the value; empty for a plain good reading.
    package var flags: [QualityFlag]
    /// Where on the body, when the device says so.
    package var bodySite: Coding?
    /// True for values that the device stored earlier and reports late; they never raise a live alarm.
    package var historical: Bool
    /// Where the samples stand in their series; nil when the profile does not say how to tell.
    package var block: SampleBlock?
    /// What decides whether an alarm is to be raised now; nil leaves it to category and delivery.
    package var alarm: AlarmLiveness?

    package init(
        concept: Concept,
        value: ReadingValue,
        components: [ReadingComponent] = [],
        deviceTime: DateTime? = nil,
        channel: String? = nil,
        sequence: String? = nil,
        flags: [QualityFlag] = [],
        bodySite: Coding? = nil,
        historical: Bool = false,
        block: SampleBlock? = nil,
        alarm: AlarmLiveness? = nil
    ) {
        self.concept = concept
        self.value = value
        self.components = components
        self.deviceTime = deviceTime
        self.channel = channel
        self.sequence = sequence
        self.flags = flags
        self.bodySite = bodySite
        self.historical = historical
        self.block = block
        self.alarm = alarm
    }
}

/// Whether an alarm is to be raised when it arrives.
package struct AlarmLiveness: Sendable, Equatable {
    /// The condition has ended, or somebody has switched the alarm off.
    package var isOver: Bool
    /// How long after its effective time it is still news, nanoseconds.
    package var freshNs: Int64

    package init(isOver: Bool, freshNs: Int64) {
        self.isOver = isOver
        self.freshNs = freshNs
    }
}

/// A value, or the reason why there is none.
package enum ReadingValue: Sendable, Equatable {
    case quantity(ExactDecimal, MeasuredUnit)
    case coded(Coding)
    case text(String)
    case boolean(Bool)
    case sampled(SampledSeries)
    case absent(AbsentReason)
    /// A panel's own value: its components carry the values.
    case panel
}

/// FHIR data-absent-reason codes that monitors give cause for.
package enum AbsentReason: String, Sendable, CaseIterable {
    case unknown
    case error
    case notANumber = "not-a-number"
    case positiveInfinity = "positive-infinity"
    case negativeInfinity = "negative-infinity"
    case notPerformed = "not-performed"
    case tempUnknown = "temp-unknown"
    case unsupported
}

/// One part of a panel.
package struct ReadingComponent: Sendable {
    package var concept: Concept
    package var value: ReadingValue
    package var flags: [QualityFlag]

    package init(concept: Concept, value: ReadingValue, flags: [QualityFlag] = []) {
        self.concept = concept
        self.value = value
        self.flags = flags
    }
}

/// A mark on a reading: ours (static members) or the device's (named by its profile).
package struct QualityFlag: Sendable, Hashable {
    /// Lower-case words joined by hyphens.
    package let code: String

    package init(_ code: String) { self.code = code }

    package static let implausibleHigh = QualityFlag("implausible-high")
    package static let implausibleLow = QualityFlag("implausible-low")
    /// The device's sentinel for "no value" was replaced by a data-absent reason.
    package static let sentinel = QualityFlag("sentinel")
    /// Code and name in the message contradict each other; the profile says which one was believed.
    package static let codeConflict = QualityFlag("code-conflict")
    /// The value was ten times the physical one and has been scaled by the profile's rule.
    package static let rescaled = QualityFlag("rescaled")
    /// The device's time was unusable; the effective time is the gateway's receive time.
    package static let receiveTime = QualityFlag("receive-time")
    /// The device's clock was off; the effective time has been corrected by the estimated offset.
    package static let clockCorrected = QualityFlag("clock-corrected")
    /// Stored earlier by the device or the broker and delivered late.
    package static let historical = QualityFlag("historical")
    /// Delivered by the broker as a retained message.
    package static let retained = QualityFlag("retained")
    /// The local time falls into the hour that the end of daylight saving repeats.
    package static let ambiguousTime = QualityFlag("ambiguous-time")
    /// Samples are missing between this block and the one before it.
    package static let samplesLost = QualityFlag("samples-lost")
    /// The block repeats or fills in what is older than the newest one.
    package static let lateBlock = QualityFlag("late-block")
    /// The block begins before the one before it has ended.
    package static let samplesOverlap = QualityFlag("samples-overlap")
    /// The device's counter began anew.
    package static let counterRestarted = QualityFlag("counter-restarted")
    /// The blocks' times have run away from the sampling rate, so a new run of samples begins.
    package static let sampleClockDrift = QualityFlag("sample-clock-drift")
    /// Rate or gain have no exact decimal quotient; they stand beside the rounded one.
    package static let inexactScale = QualityFlag("inexact-scale")
}

/// What one message yields, before patient association and clock correction.
package struct MessageReadings: Sendable {
    /// The device's identifier as its profile reads it.
    package var deviceID: String
    /// Ward and bed as the topic or payload gives them, for the bed map; joined by `/`.
    package var bed: String?
    /// The patient as the payload names her; becomes a pseudonym before it leaves the agent.
    package var patient: PatientIdentifier?
    /// When the device sent the message, by its own clock: the sample for its clock-offset estimate.
    package var messageTime: DateTime?
    package var readings: [Reading]

    package init(
        deviceID: String,
        bed: String? = nil,
        patient: PatientIdentifier? = nil,
        messageTime: DateTime? = nil,
        readings: [Reading] = []
    ) {
        self.deviceID = deviceID
        self.bed = bed
        self.patient = patient
        self.messageTime = messageTime
        self.readings = readings
    }
}

/// A record number and who assigned it (HL7 v2 PID-3).
package struct PatientIdentifier: Sendable, Hashable {
    package let assigner: String
    package let recordNumber: String

    package init(assigner: String, recordNumber: String) {
        self.assigner = assigner
        self.recordNumber = recordNumber
    }
}
