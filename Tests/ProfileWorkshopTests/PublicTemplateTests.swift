import DeviceProfiles
import ProfileWorkshop
import Records
import Testing

/// The templates that microsoft/iomt-fhir publishes: they import and run, and what is wrong in them is said.
struct PublicTemplateTests {
    private static let body = """
        {"deviceid": "d1", "patientid": "p7", "measurementdatetime": "2026-11-20T10:00:00Z",
         "heartrate": "78", "steps": 12, "systolic": 121, "diastolic": 82, "hrv": 40, "deviceWorn": true}
        """

    @Test(arguments: ["basic", "sandbox", "healthkit"])
    func everyPublicPairGivesAProfileThatCompilesWithoutWarnings(folder: String) throws {
        let draft = try #require(Workshop.sample(folder).draft)
        let profile = try ProfileParser.parse(draft.text, file: "profile.yaml")
        #expect(profile.warnings == [])
    }

    @Test func theBasicTemplatesReadABodyAsTheDeviceSendsIt() throws {
        let draft = try #require(try Workshop.sample("basic").draft)
        let readings = try Workshop.readings(draft, Self.body)
        #expect(
            readings == [
                "heart-rate 78 /min", "step-count 12 {steps}", "diastolic-blood-pressure 82 mm[Hg]",
                "systolic-blood-pressure 121 mm[Hg]", "hrv 40 ms", "device-worn deviceWorn",
            ]
        )
        let message = try Workshop.message(draft, Self.body)
        #expect(message.deviceID == "d1")
        #expect(message.patient?.recordNumber == "p7")
        #expect(message.readings.allSatisfy { $0.deviceTime != nil })
    }

    @Test func theHubsEnvelopeGivesTheSameReadings() throws {
        let draft = try #require(try Workshop.sample("basic").draft)
        let envelope = #"{"Body": \#(Self.body), "Properties": {}, "SystemProperties": {}}"#
        #expect(try Workshop.readings(draft, envelope) == Workshop.readings(draft, Self.body))
        #expect(try Workshop.message(draft, envelope).deviceID == "d1")
    }

    @Test func theSandboxTemplatesReadThePublishedExport() throws {
        let draft = try #require(try Workshop.sample("sandbox").draft)
        let payload = try Workshop.fixture("iomt-fhir/payloads/iot-central.json")
        #expect(
            try Workshop.readings(draft, payload) == [
                "respiratory-rate 13 /min", "diastolic-blood-pressure 7 mm[Hg]", "systolic-blood-pressure 71 mm[Hg]",
            ]
        )
        #expect(try Workshop.message(draft, payload).deviceID == "1vzb5ghlsg1")
    }

    @Test func theLegacySandboxTemplatesReadHubBodies() throws {
        let draft = try #require(try Workshop.sample("sandbox-legacy", mapping: "sandbox").draft)
        let envelope = """
            {"Body": {"HeartRate": 61, "BodyTemperature": 36.90},
             "Properties": {"iothub-creation-time-utc": "2026-11-20T10:00:00Z"},
             "SystemProperties": {"iothub-connection-device-id": "ev-1"}}
            """
        #expect(try Workshop.readings(draft, envelope) == ["heart-rate 61 /min", "body-temperature 36.90 Cel"])
        #expect(try Workshop.message(draft, envelope).deviceID == "ev-1")
        #expect(try Workshop.message(draft, #"{"HeartRate": 61}"#).deviceID == "d9")
    }

    /// The published finding: diastolic pressure with the code of heart rate.
    @Test(arguments: [("basic", 80), ("sandbox", 100), ("healthkit", 240)])
    func theWrongDiastolicCodeIsFoundAtItsLine(folder: String, line: Int) throws {
        let findings = try Workshop.sample(folder).findings
        let finding = try #require(findings.first { $0.what.contains("8867-4") })
        #expect(finding.line == line)
        #expect(finding.weight == .error)
        #expect(finding.place.hasSuffix(".components[0].codes[0].code"))
        #expect(finding.instead == "written as diastolic-blood-pressure (LOINC 8462-4)")
    }

    @Test(arguments: [
        ("basic", "'count/min' is no UCUM code", "written as /min"),
        ("basic", "'mmHg' is no UCUM code", "written as mm[Hg]"),
        ("basic", "'count' is no UCUM code", "written as {steps}"),
        ("sandbox", "'breaths/minute' is no UCUM code", "written as /min"),
        ("sandbox", "no unit", "values are taken to be in Cel: check that"),
        ("healthkit", "'degC' is no UCUM code", "written as Cel"),
        ("healthkit", "'dB(SPL)' is no UCUM code", "written as dB[SPL]"),
        (
            "healthkit", "its system 'com.apple.health' is no absolute URI",
            "written as urn:wardline:system:com.apple.health"
        ),
    ])
    func wrongUnitsAndSystemsAreReported(folder: String, what: String, instead: String) throws {
        let findings = try Workshop.sample(folder).findings
        #expect(findings.contains { $0.what == what && $0.instead == instead && $0.line > 0 })
    }

    @Test func everyMappedTypeOfTheHealthKitSampleIsRead() throws {
        let draft = try #require(try Workshop.sample("healthkit").draft)
        let payload = """
            {"deviceId": "w1", "endDate": "2026-11-20T10:00:00Z", "measurementdatetime": "2026-11-20T10:00:00Z",
             "heartRate": 60, "stepCount": 3, "systolic": 120, "diastolic": 80, "bloodGlucose": 99, "height": 180,
             "bodyMass": 71.5, "bodyTemperature": 36.6, "oxygenSaturation": 97, "respiratoryRate": 14,
             "activeEnergyBurned": 10, "appleExerciseTime": 11, "appleStandTime": 12, "dietaryEnergyConsumed": 13,
             "environmentalAudioExposure": 60, "heartRateVariability": 41, "restingHeartRate": 55,
             "walkingHeartRateAverage": 90}
            """
        let readings = try Workshop.readings(draft, payload)
        #expect(readings.count == 18)
        #expect(!readings.contains { $0.hasPrefix("!") })
        #expect(readings.contains("body-weight 71.5 kg"))
        #expect(readings.contains("glucose 99 mg/dL"))
    }
}
