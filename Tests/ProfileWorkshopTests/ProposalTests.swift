import DeviceProfiles
import ProfileWorkshop
import Records
import Testing

/// Samples of one device give a profile that reads them.
struct ProposalTests {
    struct Sample: Sendable, CustomStringConvertible {
        let description: String
        let format: String
        let topic: String
        let payload: String
        let readings: [String]
    }

    private static let samples = [
        Sample(
            description: "flat JSON with a nested pressure",
            format: "json",
            topic: "ward/3/bed/12/acme/A17",
            payload: """
                {"serial": "A17", "ts": "2026-11-20T10:00:00Z", "hr": 71, "spo2": 97, "temp_f": 98.6,
                 "nibp": {"sys": 121, "dia": 80, "map": 94}, "battery": 80, "firmware": 7}
                """,
            readings: [
                "heart-rate 71 /min", "oxygen-saturation 97 %", "body-temperature 37.0 Cel",
                "systolic-blood-pressure 121 mm[Hg]", "diastolic-blood-pressure 80 mm[Hg]",
                "mean-blood-pressure 94 mm[Hg]", "battery-level 80 %",
            ]
        ),
        Sample(
            description: "values with units beside them",
            format: "json",
            topic: "devices/x-1/data",
            payload: """
                {"deviceId": "x-1", "timestamp": 1763632800, "heart_rate": {"value": 64, "unit": "bpm"},
                 "body_temperature": {"value": 36.70, "unit": "C"}}
                """,
            readings: ["heart-rate 64 /min", "body-temperature 36.70 Cel"]
        ),
        Sample(
            description: "a list of readings that name themselves",
            format: "json",
            topic: "gw/1/up",
            payload: """
                {"mac": "aa:bb", "readings": [{"name": "HR", "value": 64, "unit": "bpm", "time": 1763632800123},
                 {"name": "SpO2", "value": 98, "unit": "%", "time": 1763632800123},
                 {"name": "SYS", "value": 118, "unit": "mmHg", "time": 1763632800123},
                 {"name": "DIA", "value": 76, "unit": "mmHg", "time": 1763632800123}]}
                """,
            readings: [
                "heart-rate 64 /min", "oxygen-saturation 98 %", "systolic-blood-pressure 118 mm[Hg]",
                "diastolic-blood-pressure 76 mm[Hg]",
            ]
        ),
        Sample(
            description: "rows under a header, decimal comma",
            format: "csv",
            topic: "export/m4",
            payload:
                "time;device;HR;SpO2;Temp\n2026-11-20T10:00:00Z;m4;71;97;36,6\n2026-11-20T10:01:00Z;m4;72;96;36,7\n",
            readings: [
                "heart-rate 71 /min", "heart-rate 72 /min", "oxygen-saturation 97 %", "oxygen-saturation 96 %",
                "body-temperature 36.6 Cel", "body-temperature 36.7 Cel",
            ]
        ),
        Sample(
            description: "SenML",
            format: "senml+json",
            topic: "senml/gw/p1",
            payload: """
                [{"bn": "p1:", "bt": 1763632800, "n": "hr", "u": "1/min", "v": 61}, {"n": "temp", "u": "Cel", "v": 36.5}]
                """,
            readings: ["heart-rate 61 /min", "body-temperature 36.5 Cel"]
        ),
        Sample(
            description: "one number",
            format: "scalar",
            topic: "ward/2/bed/4/temperature",
            payload: "36.6",
            readings: ["body-temperature 36.6 Cel"]
        ),
        Sample(
            description: "line protocol",
            format: "line-protocol",
            topic: "influx/w",
            payload: "vitals,device=b7 hr=66,spo2=95 1763632800000000000\n",
            readings: ["heart-rate 66 /min", "oxygen-saturation 95 %"]
        ),
        Sample(
            description: "HL7 v2 with MDC codes",
            format: "hl7v2",
            topic: "ward/1/bed/2/hl7/S9",
            payload: "MSH|^~\\&|MON1|ICU|||20261120100000+0000||ORU^R01^ORU_R01|1|P|2.6\rPID|||7788^^^HOSP^MR\r"
                + "OBR|1|||x\r"
                + "OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.147842|72|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F|||20261120100000+0000\r"
                + "OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.7.4.150456|97|262688^MDC_DIM_PERCENT^MDC|||||F|||20261120100000+0000\r",
            readings: ["heart-rate 72 /min", "oxygen-saturation 97 %"]
        ),
    ]

    private static func draft(_ sample: Sample) throws -> ProfileDraft {
        let proposal = try #require(
            ProfileProposal(samples: [Array(sample.payload.utf8)], topic: sample.topic, id: "proposed")
        )
        #expect(proposal.format == sample.format)
        return try #require(proposal.draft(id: "proposed", name: "Proposed", source: "samples"))
    }

    @Test(arguments: samples)
    func aSampleGivesAProfileThatReadsIt(sample: Sample) throws {
        let draft = try Self.draft(sample)
        let readings = try Workshop.readings(draft, sample.payload, topic: sample.topic)
        #expect(readings == sample.readings)
    }

    @Test(arguments: samples)
    func readingsHaveADeviceAndProposedProfilesHaveNoMistakes(sample: Sample) throws {
        let draft = try Self.draft(sample)
        let message = try Workshop.message(draft, sample.payload, topic: sample.topic)
        #expect(!message.deviceID.isEmpty)
        let profile = try ProfileParser.parse(draft.text, file: "profile.yaml")
        #expect(profile.warnings == [])
    }

    /// Characters that YAML forbids, takes for the end of a line, or for a mark of byte order.
    @Test(arguments: ["\u{0}", "\u{7F}", "\u{85}", "\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "é心🫀"])
    func namesOfAnyCharactersAreReadBackAsTheyWere(odd: String) throws {
        let proposal = try #require(ProfileProposal(samples: [Array(#"{"hr": 60}"#.utf8)], topic: nil, id: "p"))
        let name = "a\(odd)b"
        let draft = try #require(proposal.draft(id: "p", name: name, source: "a test"))
        let profile = try ProfileParser.parse(draft.text, file: "profile.yaml")
        #expect(profile.name.unicodeScalars.elementsEqual(name.unicodeScalars))
    }

    @Test(arguments: [
        ("ward/3/bed/12/acme/A17", "A17", "ward/{ward}/bed/{bed}/acme/{device}"),
        ("monitors/mx-400/vitals", "", "monitors/{device}/vitals"),
        ("a/b", "", "a/b"), ("devices/x/y", "", "devices/{device}/y"),
    ])
    func topicsBecomeTemplates(topic: String, device: String, template: String) throws {
        let payload = device.isEmpty ? #"{"hr": 60}"# : #"{"hr": 60, "serial": "\#(device)"}"#
        let proposal = try #require(ProfileProposal(samples: [Array(payload.utf8)], topic: topic, id: "p"))
        #expect(proposal.topics == [template])
    }

    @Test(
        arguments: [
            (#"{"hr": 60, "time": "2026-11-20 10:00:00"}"#, "pattern:yyyy-MM-dd HH:mm:ss", "gateway"),
            (#"{"hr": 60, "time": "20261120100000"}"#, "hl7", "gateway"),
            (#"{"hr": 60, "ts": 1763632800123}"#, "unix-ms", nil),
            (#"{"hr": 60, "at": "2026-11-20T10:00:00+01:00"}"#, nil, nil),
            (#"{"hr": 60, "time": "2026-11-20T10:00:00"}"#, nil, "gateway"),
        ] as [(String, String?, String?)]
    )
    func timesAreRecognisedByTheirShape(payload: String, format: String?, zone: String?) throws {
        let proposal = try #require(ProfileProposal(samples: [Array(payload.utf8)], topic: nil, id: "p"))
        let time = try #require(proposal.time)
        #expect(time.format == format)
        #expect(time.zone == zone)
    }

    @Test(arguments: [
        (#"{"temp": 98.2}"#, "body-temperature 36.78 Cel"), (#"{"temp": 371}"#, "body-temperature 37.1 Cel"),
        (#"{"spo2": 0.97}"#, "oxygen-saturation 97.00 %"),
        (#"{"sys": "16", "dia": 10.5}"#, "systolic-blood-pressure 120.0 mm[Hg]"),
        (#"{"glucose": 99}"#, "blood-glucose 5.5 mmol/L"), (#"{"weight_lb": 150}"#, "body-weight 68.0 kg"),
    ])
    func unitsAreToldByNameAndSize(payload: String, reading: String) throws {
        let proposal = try #require(ProfileProposal(samples: [Array(payload.utf8)], topic: nil, id: "p"))
        let draft = try #require(proposal.draft(id: "p", name: "P", source: "s"))
        let read = try #require(try Workshop.readings(draft, payload, topic: "p/d/telemetry").first)
        let (wanted, got) = (reading.split(separator: " "), read.split(separator: " "))
        #expect(got.first == wanted.first)
        #expect(got.last == wanted.last)
        let difference = try abs(#require(Double(wanted[1])) - #require(Double(got[1])))
        #expect(difference < 0.06)
    }

    @Test func aPersonMayTakeAFieldForSomethingElse() throws {
        let payload = Array(#"{"x9": 61, "q": 3}"#.utf8)
        var proposal = try #require(ProfileProposal(samples: [payload], topic: nil, id: "p"))
        #expect(proposal.draft(id: "p", name: "P", source: "s") == nil)
        #expect(proposal.unread == ["$.x9", "$.q"])
        let refused = proposal.fields[0].take(as: "no such thing at all")
        #expect(!refused)
        let taken = proposal.fields[0].take(as: "heart-rate")
        #expect(taken)
        let wrongUnit = proposal.fields[0].take(unit: "mmHg")
        #expect(!wrongUnit)
        let unit = proposal.fields[0].take(unit: "bpm")
        #expect(unit)
        let draft = try #require(proposal.draft(id: "p", name: "P", source: "s"))
        #expect(try Workshop.readings(draft, #"{"x9": 61}"#, topic: "p/d/telemetry") == ["heart-rate 61 /min"])
    }

    @Test(arguments: [[], [0x00, 0xFF, 0x10], Array("hello world".utf8), Array("{".utf8), Array("120/80".utf8)])
    func payloadsWithoutNamesGiveNothing(payload: [UInt8]) {
        #expect(ProfileProposal(samples: [payload], topic: nil, id: "p") == nil)
    }

    @Test func listsOfNumbersAreNamedAsWaveforms() throws {
        let payload = #"{"hr": 60, "ecg": [1, 2, 3, 4, 5, 6, 7, 8]}"#
        let proposal = try #require(ProfileProposal(samples: [Array(payload.utf8)], topic: nil, id: "p"))
        #expect(proposal.series == ["$.ecg"])
    }
}
