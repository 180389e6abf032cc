import DeviceProfiles
import Foundation
import MLLPIngest
import MQTTIngest
import PatientMovements
import Records
import StrictYAML
import Testing

@testable import Agent

@Suite("adt and mllp in agent.yaml")
struct PatientConfigurationTests {
    private static func document(_ rest: String, brokers: String = "brokers: [{host: broker}]") -> String {
        """
        version: 1
        agent: {id: gw-1}
        state_directory: /state
        spool: {master_key_file: /key}
        devices: [/a]
        \(brokers)
        \(rest)
        """
    }

    private static let patients = "patients: {pseudonym_key_file: /pseudonym.key}\n"

    @Test("both sections with all their keys")
    func complete() throws {
        let configuration = try AgentConfiguration(
            parsing: Self.document(
                """
                patients: {pseudonym_key_file: /pseudonym.key}
                adt:
                  topics: ["hl7/adt/#", his]
                  time_zone: Europe/Berlin
                  bed: "{facility}/{room}-{bed}"
                  identifier_type: MR
                  identifier_assigner: HOSP
                  assigner_default: HOSP
                  retention_days: 7
                mllp:
                  - name: monitors
                    listen: "[::]:2575"
                    topic: hl7/mindray/gateway-1
                    accept: ORU
                    processing_ids: [P, T]
                    tls: {certificate_file: /a, key_file: credential:mllp, client_ca_file: /c}
                    connections_max: 5
                    frame_bytes_max: 64KiB
                    idle_seconds: 60
                  - {name: his, listen: "127.0.0.1:2576"}
                """,
                brokers: "brokers: [{host: broker}]"
            ),
            file: "agent.yaml",
            credentials: "/run/c"
        )
        let adt = try #require(configuration.adt)
        #expect(adt.topics == ["hl7/adt/#", "his"] && adt.retentionDays == 7)
        #expect(adt.rules.zone.name == "Europe/Berlin" && adt.rules.identifierType == "MR")
        #expect(adt.rules.bed == BedTemplate("{facility}/{room}-{bed}"))
        let (first, second) = (configuration.listeners[0], configuration.listeners[1])
        #expect(first.host == "::" && first.port == 2575 && first.topic == "hl7/mindray/gateway-1")
        #expect(first.admission.messageTypes == ["ORU"] && first.admission.processingIDs == ["P", "T"])
        #expect(first.tls?.keyFile == "/run/c/mllp" && first.limits.frameBytesMax == 65_536)
        #expect(first.limits.connectionsMax == 5 && first.limits.idleSeconds == 60)
        #expect(second.admission.messageTypes == ["ORU", "ADT"] && second.topic == "mllp/his" && second.tls == nil)
    }

    @Test("where monitors come by MLLP no broker is needed")
    func withoutBroker() throws {
        let configuration = try AgentConfiguration(
            parsing: Self.document("mllp: [{name: a, listen: \"127.0.0.1:2575\"}]", brokers: ""),
            file: "agent.yaml"
        )
        #expect(configuration.brokers.isEmpty && configuration.listeners[0].admission.messageTypes == ["ORU"])
    }

    @Test("topics of movements are subscribed to beside the profiles'")
    func subscriptions() throws {
        let site = try MovementSite()
        let broker = try #require(site.configuration.brokers.first)
        let subscriptions = try broker.topicSubscriptions(
            profiles: .load(directories: site.configuration.deviceDirectories).library,
            movementTopics: site.configuration.adt?.topics ?? []
        )
        #expect(subscriptions.map(\.filter).contains("hl7/adt/#"))
        #expect(AgentCheck.problems(of: site.configuration).isEmpty)
    }

    @Test("an agent of a group takes its part of the readings, and every movement of patients")
    func group() throws {
        let filters = "[{filter: \"ward/7/#\"}, {filter: his}]"
        let configuration = try AgentConfiguration(
            parsing: Self.document(
                Self.patients + "adt: {time_zone: utc, topics: [\"hl7/adt/#\", his]}",
                brokers: "brokers: [{host: broker, shared_group: g, subscriptions: \(filters)}]"
            ),
            file: "agent.yaml"
        )
        let broker = try #require(configuration.brokers.first)
        let subscriptions = try broker.topicSubscriptions(
            profiles: ProfileLibrary(profiles: []),
            movementTopics: configuration.adt?.topics ?? []
        )
        #expect(subscriptions.map(\.filter) == ["$share/g/ward/7/#", "his", "hl7/adt/#"])
    }

    /// The sections, the place that is named, and words of the reason.
    private static let refusals: [(String, String, String)] = [
        ("adt: {time_zone: utc, topics: [a]}", "agent.yaml:7: adt", "needs patients.pseudonym_key_file"),
        (patients + "adt: {time_zone: utc}", "agent.yaml:8: adt", "needs topics, or a listener"),
        (patients + "adt: {topics: [a]}", "agent.yaml:8: adt", "'time_zone' is missing"),
        (patients + "adt: {time_zone: Mars/Base, topics: [a]}", "agent.yaml:8: adt.time_zone", "not installed"),
        (patients + "adt: {time_zone: utc, topics: [a], bed: \"{ward}\"}", "agent.yaml:8: adt.bed", "{point_of_care}"),
        (patients + "adt: {time_zone: utc, topics: [$share/a/b]}", "agent.yaml:8: adt.topics[0]", "without $share"),
        ("mllp: [{name: a, listen: \"0.0.0.0:2575\"}]", "agent.yaml:7: mllp[0].listen", "in plain text"),
        ("mllp: [{name: a b, listen: \"127.0.0.1:1\"}]", "agent.yaml:7: mllp[0].name", "letters, digits"),
        ("mllp: [{name: a, listen: \"127.0.0.1\"}]", "agent.yaml:7: mllp[0].listen", "host:port"),
        ("mllp: [{name: a, listen: \"127.0.0.1:1\", accept: ADT}]", "agent.yaml:7: mllp[0].accept", "section adt"),
        ("mllp: [{name: a, listen: \"127.0.0.1:1\", accept: ORM}]", "agent.yaml:7: mllp[0].accept", "ORU or ADT"),
        ("mllp: [{name: a, listen: \"127.0.0.1:1\", topic: \"a/#\"}]", "agent.yaml:7: mllp[0].topic", "wildcards"),
        (
            "mllp: [{name: a, listen: \"127.0.0.1:1\", topic: wardline/adt/x}]", "agent.yaml:7: mllp[0].topic",
            "wardline/"
        ),
        (
            "mllp: [{name: a, listen: \"127.0.0.1:1\", tls: {key_file: /a}}]", "agent.yaml:7: mllp[0].tls",
            "'certificate_file' is missing"
        ),
        (
            "mllp: [{name: a, listen: \"127.0.0.1:1\", frame_bytes_max: 2MiB}]",
            "agent.yaml:7: mllp[0].frame_bytes_max",
            "1KiB to 1MiB"
        ),
        (
            "mllp: [{name: a, listen: \"127.0.0.1:1\"}, {name: a, listen: \"127.0.0.1:2\"}]", "agent.yaml:7: mllp[1]",
            "taken"
        ),
        (
            "mllp: [{name: a, listen: \"127.0.0.1:1\"}, {name: b, listen: \"127.0.0.1:1\"}]", "agent.yaml:7: mllp[1]",
            "this address"
        ),
    ]

    @Test("what is wrong is refused with line, field and reason", arguments: refusals)
    func refused(rest: String, place: String, reason: String) {
        let problem = #expect(throws: YAMLProblem.self) {
            try AgentConfiguration(parsing: Self.document(rest), file: "agent.yaml")
        }
        let text = problem?.description ?? ""
        #expect(text.contains(place) && text.contains(reason), "\(text)")
    }

    @Test("TLS files that cannot be used are found by config check")
    func files() throws {
        let site = try MovementSite(
            extra: "mllp: [{name: a, listen: \"127.0.0.1:1\", tls: {certificate_file: /none, key_file: /none, "
                + "client_ca_file: /none}}]"
        )
        let problems = AgentCheck.problems(of: site.configuration)
        #expect(problems.count == 1 && problems[0].contains("mllp a: the TLS files cannot be used"))
    }
}

@Suite("Topic filters")
struct TopicFilterTests {
    @Test(
        "match as in MQTT 5 §4.7",
        arguments: [
            ("a/b", "a/b", true), ("a/b", "a/c", false), ("a/+", "a/b", true), ("a/+", "a/b/c", false),
            ("a/#", "a/b/c", true), ("a/#", "a", true), ("#", "a/b", true), ("#", "$SYS/x", false),
            ("+/x", "$SYS/x", false), ("$SYS/#", "$SYS/x", true), ("a/+/c", "a//c", true), ("a", "a/", false),
            ("$share/g/a/+", "a/b", true),
        ]
    )
    func matches(filter: String, topic: String, expected: Bool) {
        #expect(TopicFilter(filter).matches(Array(topic.utf8)[...]) == expected)
    }
}
