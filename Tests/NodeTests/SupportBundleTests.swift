import Foundation
import StrictYAML
import Testing

@testable import Node

@Suite struct SupportBundleTests {
    /// What must not get out, wherever it stands.
    private static let secrets = [
        "9f86d081884c7d659a2feaa0c55ad015", "MRN-0048213", "0048213", "4711", "Müller", "Anna", "Mueller", "mueller",
        "icu-7", "bed-12", "WSM-0001", "hospital-a:steward:carla", "hospital-a", "carla", "broker.clinic.example",
        "10.20.30.40",
        "dGhpcyBpcyBhIHNlY3JldCBrZXk", "hunter2", "2026-11-20", "vitals@clinic.example", "1987", "pseudo-id",
    ]

    private static let configuration = """
        version: 1
        agent: {id: icu-7}
        state_directory: /srv/mueller/state
        spool: {master_key_file: credential:spool.key, bytes_max: 10GiB}
        devices: [/etc/wardline/WSM-0001]
        brokers:
          - host: broker.clinic.example
            port: 8883
            username: carla
            password_file: /etc/hunter2
            subscriptions: [{filter: "ward/icu-7/bed-12/#", qos: 1}]
        sinks: [{type: ndjson, name: Mueller, path: "/srv/Müller, Anna/MRN-0048213"}]
        9f86d081884c7d659a2feaa0c55ad015: 0048213
        log: {level: debug, format: json}
        """

    private static let metrics = """
        # HELP wardline_messages_total Anna Mueller
        wardline_messages_total{disposition="dead_letter"} 3
        wardline_device_clock_offset_seconds{device="WSM-0001",bed="bed-12"} 1.5
        wardline_sink_lag_observations{sink="observations of \\"Anna\\", MRN-0048213"} 4
        wardline_http_requests_total{route="/v1/envelopes",method="GET",status="MRN-0048213"} 12
        wardline_mueller{patient="4711"} 1
        Anna Mueller 4711
        wardline_broker_connected{broker="broker.clinic.example:8883"} 0
        """

    private static let log = """
        2026-11-23T01:02:03+0000 warning wardline: broker=broker.clinic.example:8883 why=connection refused [Agent] the broker is away
        2026-11-23T01:02:04+0000 error wardline: patient=9f86d081884c7d659a2feaa0c55ad015 [Agent] Anna Mueller, born 1987, MRN-0048213
        {"time":"2026-11-23T01:02:05.123Z","level":"info","message":"resuming with messages","messages":"17","who":"carla","why":"Müller 4711"}
        {"time":"MRN-0048213","level":"hunter2","message":"token dGhpcyBpcyBhIHNlY3JldCBrZXk=","count":"4711 at 10.20.30.40"}
        born 2026-11-20 vitals@clinic.example hospital-a:steward:carla\u{1B}[31m ward/icu-7/bed-12/monitor/WSM-0001 pseudo-id-0048213
        """

    private static func redacted() throws -> (configuration: String, metrics: String, log: String) {
        var redactor = Redactor()
        let configuration = redactor.configuration(try YAMLField(parsing: Self.configuration, file: "agent.yaml"))
        let metrics = redactor.metrics(Self.metrics)
        var log: [String] = []
        for line in Self.log.split(separator: "\n") { log.append(redactor.logLine(line)) }
        return (configuration, metrics, log.joined(separator: "\n"))
    }

    @Test("No pseudonym, record number, name, address or secret of its input stands in a bundle", arguments: secrets)
    func secrecy(_ secret: String) throws {
        let texts = try Self.redacted()
        for text in [texts.configuration, texts.metrics, texts.log] {
            // A count may hold the digits of a number by chance; this input's counts do not.
            #expect(!text.contains(secret), "\(text)")
        }
        #expect((Self.configuration + Self.metrics + Self.log).contains(secret))
    }

    @Test("What helps is left: keys, sizes, choices, counts, times and the program's own words")
    func usefulness() throws {
        let texts = try Self.redacted()
        for line in ["version: 1", "  bytes_max: 10GiB", "    port: 8883", "  level: debug", "  format: json"] {
            #expect(texts.configuration.split(separator: "\n").contains(Substring(line)), "\(line)")
        }
        for line in [
            "wardline_messages_total{disposition=\"dead_letter\"} 3"
        ] { #expect(texts.metrics.split(separator: "\n").contains(Substring(line)), "\(texts.metrics)") }
        #expect(texts.metrics.contains("route=\"/v1/envelopes\",method=\"GET\""))
        #expect(!texts.metrics.contains("wardline_mueller") && !texts.metrics.contains("#"))
        let lines = texts.log.split(separator: "\n")
        #expect(lines.first?.hasPrefix("2026-11-23T01:02:03+0000 warning wardline: broker=text-") == true)
        #expect(lines.first?.contains("why=connection refused") == true)
        #expect(lines.first?.hasSuffix("the broker is away") == true)
        #expect(lines[2].hasPrefix("2026-11-23T01:02:05.123Z info resuming with messages messages=17 who=text-"))
    }

    @Test("Equal texts have one number in configuration, metrics and log")
    func correlation() throws {
        var redactor = Redactor()
        let outline = redactor.configuration(try YAMLField(parsing: "host: broker.clinic.example", file: "f"))
        #expect(outline == "host: text-1\n")
        #expect(redactor.logLine("host=broker.clinic.example refused") == "host=text-1 refused")
        #expect(
            redactor.metrics("wardline_messages_total{broker=\"broker.clinic.example\"} 1")
                == "wardline_messages_total{broker=\"text-1\"} 1\n"
        )
        #expect(redactor.hidden == 1)
    }

    @Test("A count is shown where counts stand, and nowhere else")
    func counts() {
        var redactor = Redactor()
        #expect(redactor.value("12", of: "messages") == "12")
        #expect(redactor.value("12", of: "why") == "text-1")
        #expect(redactor.value("open", of: "name") == "text-2")
        #expect(redactor.prose("the file has 12 lines") == "the file has text-1 lines")
        #expect(redactor.value("dead_letter") == "dead_letter")
        #expect(redactor.value("dead_letter1") == "text-3")
    }

    @Test("The file is of mode 0600, holds what was added, and is not written over")
    func file() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "support-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = "\(directory)/bundle.tar.gz"
        var bundle = SupportBundle()
        bundle.add("one.txt", "first\n")
        bundle.add("two.txt", "second\n")
        try bundle.write(to: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let text = SystemProgram.text("tar", ["-xzOf", path, "wardline-support/one.txt", "wardline-support/two.txt"])
        #expect(text == "first\nsecond\n")
        let listing = try #require(SystemProgram.text("tar", ["--numeric-owner", "-tvzf", path]))
        #expect(listing.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("-rw------- 0/0") })
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(throws: SupportBundle.Failure.self) { try bundle.write(to: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(throws: SupportBundle.Failure.self) { try bundle.write(to: "\(directory)/missing/bundle.tar.gz") }
    }
}
