import Records
import Units

@testable import Normalization

/// Inputs that several suites share.
enum Samples {
    /// 2026-11-21T06:00:00Z, nanoseconds since 1970.
    static let start: Int64 = 1_795_240_800_000_000_000
    static let second: Int64 = 1_000_000_000

    static let perMinute = MeasuredUnit(code: "/min", display: "beats/minute")
    static let mmHg = MeasuredUnit(code: "mm[Hg]", display: "mmHg")
    static let celsius = MeasuredUnit(code: "Cel", display: "°C")

    static let heartRate = Concept(
        key: "heart-rate",
        codings: [
            Coding(system: Coding.loinc, code: "8867-4", display: "Heart rate"),
            Coding(system: Coding.mdc, code: "147842"),
        ],
        text: "Heart rate",
        category: .vitalSigns,
        profileURL: "http://hl7.org/fhir/StructureDefinition/heartrate",
        unit: perMinute
    )

    static let temperature = Concept(
        key: "body-temperature",
        codings: [Coding(system: Coding.loinc, code: "8310-5")],
        text: "Body temperature",
        category: .vitalSigns,
        profileURL: "http://hl7.org/fhir/StructureDefinition/bodytemp",
        unit: celsius
    )

    static let bloodPressure = Concept(
        key: "blood-pressure",
        codings: [Coding(system: Coding.loinc, code: "85354-9")],
        text: "Blood pressure",
        category: .vitalSigns,
        profileURL: "http://hl7.org/fhir/StructureDefinition/bp"
    )

    static let systolic = Concept(
        key: "systolic",
        codings: [Coding(system: Coding.loinc, code: "8480-6")],
        text: "Systolic",
        category: .vitalSigns,
        unit: mmHg
    )

    static let diastolic = Concept(
        key: "diastolic",
        codings: [Coding(system: Coding.loinc, code: "8462-4")],
        text: "Diastolic",
        category: .vitalSigns,
        unit: mmHg
    )

    static let spo2 = Concept(
        key: "oxygen-saturation",
        codings: [
            Coding(system: Coding.loinc, code: "2708-6"), Coding(system: Coding.loinc, code: "59408-5"),
            Coding(system: Coding.mdc, code: "150456"),
        ],
        text: "Oxygen saturation",
        category: .vitalSigns,
        profileURL: "http://hl7.org/fhir/StructureDefinition/oxygensat",
        unit: MeasuredUnit(code: "%", display: "%")
    )

    static let apnoea = Concept(
        key: "apnoea",
        codings: [Coding(system: Coding.mdc, code: "196680")],
        text: "Apnoea",
        category: .alarm
    )

    static let wave = Concept(
        key: "ecg-lead-ii",
        codings: [Coding(system: Coding.mdc, code: "131330")],
        text: "ECG lead II",
        category: .measurement,
        unit: MeasuredUnit(code: "mV", display: "mV")
    )

    static let probe = Concept(key: "probe-state", codings: [], text: "", category: .deviceEvent)

    static let secret = DedupSecret(key0: 0x0706_0504_0302_0100, key1: 0x0f0e_0d0c_0b0a_0908)

    /// A device time in UTC with milliseconds, some seconds after ``start``.
    static func time(_ seconds: Int64 = 0) -> DateTime {
        DateTime(nanosecondsSinceEpoch: self.start + seconds * self.second, offsetMinutes: 0, fractionDigits: 3)
    }

    static func rate(
        _ value: Int = 72,
        at time: DateTime? = Samples.time(),
        channel: String? = nil,
        sequence: String? = nil,
        historical: Bool = false
    ) -> Reading {
        Reading(
            concept: self.heartRate,
            value: .quantity(ExactDecimal(value), self.perMinute),
            deviceTime: time,
            channel: channel,
            sequence: sequence,
            historical: historical
        )
    }

    static func alarm(historical: Bool = false) -> Reading {
        Reading(
            concept: self.apnoea,
            value: .coded(Coding(system: "urn:example:alarm", code: "start")),
            deviceTime: self.time(),
            historical: historical
        )
    }

    /// Raw hash: SHA-256 of the empty string.
    static func context(
        receivedAt: Int64 = start + 250_000_000,
        number: UInt64 = 1,
        retained: Bool = false,
        policy: ClockPolicy = ClockPolicy()
    ) -> MessageContext {
        MessageContext(
            receivedAt: receivedAt,
            messageNumber: number,
            retained: retained,
            rawHash: Digest.sha256(of: []),
            profileID: "acme-monitor",
            profileVersion: "1.2.0",
            deviceDisplay: "Acme 3000",
            clockPolicy: policy
        )
    }

    static func normalizer(_ beds: BedMap = BedMap(), naming: PatientNaming = .dryRun) -> Normalizer {
        Normalizer(beds: beds, naming: naming, secret: self.secret)
    }

    /// What one message of device `M-1` gives.
    static func normalize(
        _ readings: [Reading],
        context: MessageContext = context(),
        bed: String? = nil,
        patient: PatientIdentifier? = nil,
        beds: BedMap = BedMap(),
        naming: PatientNaming = .dryRun
    ) -> [NormalizedReading] {
        var normalizer = self.normalizer(beds, naming: naming)
        var output: [NormalizedReading] = []
        let message = MessageReadings(deviceID: "M-1", bed: bed, patient: patient, readings: readings)
        normalizer.normalize(message, context: context, into: &output)
        return output
    }

    static func line(_ observation: Observation) -> String {
        var writer = ObservationWriter()
        var bytes: [UInt8] = []
        writer.write(observation, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
