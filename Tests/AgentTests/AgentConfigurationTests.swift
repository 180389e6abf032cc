import Foundation
import MQTTIngest
import Records
import Spool
import StrictYAML
import Testing

@testable import Agent

@Suite("agent.yaml")
struct AgentConfigurationTests {
    /// A document whose parts a test replaces.
    struct Document: Sendable {
        var version = "version: 1"
        var agent = "agent: {id: gw-1}"
        var state = "state_directory: /state"
        var spool = "spool: {master_key_file: /key}"
        var devices = "devices: [/a, /b]"
        var brokers = "brokers: [{host: broker}]"
        var rest = ""

        var text: String {
            [self.version, self.agent, self.state, self.spool, self.devices, self.brokers, self.rest]
                .joined(separator: "\n")
        }

        func parsed(credentials: String? = nil) throws(YAMLProblem) -> AgentConfiguration {
            try AgentConfiguration(parsing: self.text, file: "agent.yaml", credentials: credentials)
        }
    }

    /// A document that is refused, and the message: line, field, and words of the reason.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let document: Document
        let place: String
        let reason: String
        var testDescription: String { "\(self.place): \(self.reason)" }

        init(_ place: String, _ reason: String, _ change: (inout Document) -> Void) {
            var document = Document()
            change(&document)
            self.document = document
            self.place = place
            self.reason = reason
        }
    }

    private static func sub(_ settings: String) -> String {
        "brokers: [{host: broker, subscriptions: [{filter: \"ward/#\", \(settings)}]}]"
    }

    private static let general: [Refusal] = [
        Refusal("agent.yaml:1: version", "must be 1") { $0.version = "version: 2" },
        Refusal("agent.yaml:2: brockers", "unknown key 'brockers'") { $0.version += "\nbrockers: []" },
        Refusal("agent.yaml:1: ", "'brokers' is missing") { $0.brokers = "" },
        Refusal("agent.yaml:2: agent.id", "it becomes part of an MQTT topic") { $0.agent = "agent: {id: a/b}" },
        Refusal("agent.yaml:2: agent.id", "it becomes part of an MQTT topic") { $0.agent = "agent: {id: \"a+\"}" },
        Refusal("agent.yaml:2: agent.id", "must not be empty") { $0.agent = "agent: {id: \"\"}" },
        Refusal("agent.yaml:4: spool", "'master_key_file' is missing") { $0.spool = "spool: {dedup_days: 3}" },
        Refusal("agent.yaml:4: spool.dedup_days", "from 1 to 3650") {
            $0.spool = "spool: {master_key_file: /key, dedup_days: 0}"
        },
        Refusal("agent.yaml:7: http.listen", "must be a loopback address") {
            $0.rest = "http: {listen: \"0.0.0.0:7407\"}"
        },
        Refusal("agent.yaml:7: http.listen", "must be host:port") { $0.rest = "http: {listen: \"127.0.0.1:0\"}" },
        Refusal("agent.yaml:7: http.listen", "must be host:port") { $0.rest = "http: {listen: localhost}" },
        Refusal("agent.yaml:7: log.level", "'loud' is not one of") { $0.rest = "log: {level: loud}" },
        Refusal("agent.yaml:8: sinks[1].name", "the name is taken") {
            $0.rest = "sinks: [{type: ndjson, name: a, path: /1},\n  {type: ndjson, name: a, path: /2}]"
        },
        Refusal("agent.yaml:7: sinks[0].type", "must be ndjson or fhir") {
            $0.rest = "sinks: [{type: kafka, name: a, path: /1}]"
        },
    ]

    private static let broken: [Refusal] = [
        Refusal("agent.yaml:6: brokers", "needs 1 to 255 brokers") { $0.brokers = "brokers: []" },
        Refusal("agent.yaml:6: brokers[0].subscriptions[0].qos", "qos 2 is refused: between PUBREC and PUBREL") {
            $0.brokers = sub("qos: 2")
        },
        Refusal("agent.yaml:6: brokers[0].subscriptions[0].qos", "qos 2 is refused") {
            $0.brokers = sub("qos: 2, allow_loss: true")
        },
        Refusal("agent.yaml:6: brokers[0].subscriptions[0].qos", "add allow_loss: true") { $0.brokers = sub("qos: 0") },
        Refusal("agent.yaml:6: brokers[0].subscriptions[0].qos", "from 0 to 2") { $0.brokers = sub("qos: 3") },
        Refusal("agent.yaml:6: brokers[0].subscriptions[0].allow_loss", "must be true or false") {
            $0.brokers = sub("allow_loss: yes")
        },
        Refusal("agent.yaml:6: brokers[0].prot", "unknown key 'prot'") { $0.brokers = "brokers: [{host: b, prot: 5}]" },
        Refusal("agent.yaml:6: brokers[0].protocol", "'4' is not one of: 5, 3.1.1") {
            $0.brokers = "brokers: [{host: b, protocol: 4}]"
        },
        Refusal("agent.yaml:6: brokers[0].port", "from 1 to 65535") { $0.brokers = "brokers: [{host: b, port: 0}]" },
        Refusal("agent.yaml:6: brokers[0]", "password_file needs username") {
            $0.brokers = "brokers: [{host: b, password_file: /p}]"
        },
        Refusal("agent.yaml:6: brokers[0].tls", "certificate_file and key_file go together") {
            $0.brokers = "brokers: [{host: b, tls: {ca_file: /ca, key_file: /k}}]"
        },
        Refusal("agent.yaml:6: brokers[0].receive_maximum", "from 1 to 65535") {
            $0.brokers = "brokers: [{host: b, receive_maximum: 65536}]"
        },
    ]

    private static let badSizes: [Refusal] = ["10", "10 GiB", "0MiB", "-1MiB", "10GB", "9999999999TiB", "GiB", "\"\""]
        .map { size in
            Refusal("agent.yaml:4: spool.bytes_max", size == "\"\"" ? "must not be empty" : "must be a size such as") {
                $0.spool = "spool: {master_key_file: /key, bytes_max: \(size)}"
            }
        }

    @Test("what is wrong is refused with line, field and reason", arguments: general + broken + badSizes)
    func refused(_ refusal: Refusal) {
        let problem = #expect(throws: YAMLProblem.self) { try refusal.document.parsed() }
        let text = problem?.description ?? ""
        #expect(text.hasPrefix(refusal.place) && text.contains(refusal.reason), "\(text)")
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let configuration = try Document().parsed()
        #expect(configuration.deviceDirectories == ["/a", "/b"])
        #expect(configuration.storage.bytesMax == 10 << 30)
        #expect(configuration.storage.freeBytesMin == 64 << 20)
        #expect(configuration.storage.retentionSeconds == 72 * 3_600)
        #expect(configuration.storage.dedupSeconds == 7 * 86_400)
        #expect(configuration.storage.keyEpochSeconds == 86_400)
        #expect(configuration.sinks.isEmpty)
        #expect(configuration.httpPort == nil)
        #expect(configuration.pseudonymKeyFile == nil)
        #expect(configuration.logLevel == .info)
        #expect(configuration.logFormat == .text)
        let broker = try #require(configuration.brokers.first)
        #expect((broker.port, broker.protocolVersion, broker.clientID) == (1883, .v5, "wardline-gw-1"))
        #expect((broker.receiveMaximum, broker.keepAliveSeconds, broker.sessionExpirySeconds) == (1_024, 30, 604_800))
        #expect((broker.burstMessagesMax, broker.payloadBytesMax) == (1_024, 1_048_576))
        #expect(broker.subscriptions.isEmpty)
    }

    @Test("TLS moves the default port, a second broker gets a client id of its own")
    func brokerDefaults() throws {
        var document = Document()
        document.brokers = "brokers: [{host: a}, {host: b, tls: {ca_file: /ca}}]"
        let brokers = try document.parsed().brokers
        #expect(brokers.map(\.port) == [1883, 8883])
        #expect(brokers.map(\.clientID) == ["wardline-gw-1", "wardline-gw-1-1"])
    }

    @Test("qos 0 is allowed when loss is")
    func allowedLoss() throws {
        var document = Document()
        document.brokers = Self.sub("qos: 0, allow_loss: true")
        let subscription = try #require(try document.parsed().brokers.first?.subscriptions.first)
        #expect((subscription.filter, subscription.qos, subscription.allowLoss) == ("ward/#", 0, true))
    }

    @Test(
        "sizes are read exactly",
        arguments: [("1B", 1), ("3KiB", 3_072), ("512MiB", 536_870_912), ("10GiB", 10_737_418_240), ("1TiB", 1 << 40)]
    )
    func exactSizes(_ text: String, _ bytes: Int) throws {
        var document = Document()
        document.spool = "spool: {master_key_file: /key, bytes_max: \(text)}"
        #expect(try document.parsed().storage.bytesMax == bytes)
    }

    @Test("a credential is a file that systemd provides")
    func credential() throws {
        var document = Document()
        document.spool = "spool: {master_key_file: \"credential:spool.key\"}"
        #expect(try document.parsed(credentials: "/run/c").storage.masterKeyFile == "/run/c/spool.key")
        #expect(throws: YAMLProblem.self) { try document.parsed() }
        for name in ["credential:", "credential:../shadow", "credential:a/b"] {
            document.spool = "spool: {master_key_file: \"\(name)\"}"
            #expect(throws: YAMLProblem.self) { try document.parsed(credentials: "/run/c") }
        }
    }

    @Test("the shipped example is valid and keeps the metrics on loopback")
    func example() throws {
        let file = "\(ProfileCaseTests.root)/systemd/agent.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let configuration = try AgentConfiguration(parsing: text, file: file, credentials: "/run/credentials")
        #expect(configuration.brokers.allSatisfy { $0.tls != nil })
        #expect(configuration.httpHost == "127.0.0.1")
        #expect(throws: YAMLProblem.self) { try AgentConfiguration(parsing: text, file: file) }
    }

    @Test("subscriptions come from the profiles, or from the configuration, behind the shared group")
    func subscriptions() throws {
        let library = try TestSite().library
        func filters(_ brokers: String) throws -> [String] {
            var document = Document()
            document.brokers = "brokers: [\(brokers)]"
            let broker = try #require(try document.parsed().brokers.first)
            return try broker.topicSubscriptions(profiles: library).map(\.filter)
        }
        #expect(try filters("{host: b}") == ["ward/+/bed/+/thermometer/+"])
        #expect(try filters("{host: b, shared_group: g}") == ["$share/g/ward/+/bed/+/thermometer/+"])
        #expect(
            try filters("{host: b, shared_group: g, subscriptions: [{filter: a/#}, {filter: $share/h/b}]}")
                == ["$share/g/a/#", "$share/h/b"]
        )
    }

    @Test("a check names everything that would keep the agent from starting")
    func check() throws {
        let site = try TestSite()
        #expect(AgentCheck.problems(of: site.configuration) == [])
        try site.write(profile: "id: [", name: "broken.yaml")
        try FileManager.default.removeItem(atPath: "\(site.folder)/devices/thermometer.yaml")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(site.folder)/spool.key")
        let problems = AgentCheck.problems(of: site.configuration)
        #expect(problems.count == 3)
        for words in ["broken.yaml:", "no profile is in force", "chmod 600"] {
            #expect(problems.contains { $0.contains(words) }, "\(problems)")
        }
    }

    @Test("pseudonyms are HMAC-SHA-256 of length-prefixed fields, so none runs into the next")
    func pseudonyms() throws {
        let file = "\(try TestSite().folder)-pseudonym.key"
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(FileManager.default.createFile(atPath: file, contents: Data(repeating: 42, count: 32)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let pseudonyms = try PatientPseudonyms(keyFile: file)
        func of(_ assigner: String, _ number: String) -> String {
            pseudonyms.pseudonym(of: PatientIdentifier(assigner: assigner, recordNumber: number))
        }
        // Computed with Python's hmac module.
        #expect(of("HOSP", "4711") == "d570c2409965007803d7627f2e13823c")
        #expect(of("HOSP4", "711") != of("HOSP", "4711"))
    }
}
