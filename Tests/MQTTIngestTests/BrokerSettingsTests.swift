import Foundation
import MQTTIngest
import Testing

@Suite
struct BrokerSettingsTests {
    @Test(
        "accepted topic filters",
        arguments: [
            "#", "+", "/", "ward/+/bed/+/monitor/#", "/finance", "$share/agents/ward/#", "$share/agents//", "$SYS/#",
            "$shared/x",
        ]
    )
    func acceptedFilter(_ filter: String) throws {
        #expect(try Subscription(filter: filter).filter == filter)
    }

    @Test(
        "refused topic filters, with the reason",
        arguments: [
            ("", "it is empty"),
            ("ward/#/bed", "# may only be the last level"),
            ("ward/bed+", "a wildcard must fill its level"),
            ("ward/bed#", "a wildcard must fill its level"),
            ("ward\u{0}", "it contains a NUL character"),
            ("$share/agents", "a shared subscription needs a filter after its group: $share/group/filter"),
            ("$share//ward", "a shared subscription needs a group name without wildcards: $share/group/filter"),
            ("$share/a+/ward", "a shared subscription needs a group name without wildcards: $share/group/filter"),
        ]
    )
    func refusedFilter(_ filter: String, _ reason: String) {
        #expect(throws: BrokerSettingsError.malformedFilter(filter, reason: reason)) {
            try Subscription(filter: filter)
        }
    }

    @Test("a filter longer than MQTT can carry is refused")
    func longFilter() throws {
        #expect(try Subscription(filter: String(repeating: "a", count: 65_535)).qos == 1)
        #expect(throws: BrokerSettingsError.self) { try Subscription(filter: String(repeating: "a", count: 65_536)) }
    }

    @Test("qos 2 is refused with the reason")
    func exactlyOnceIsRefused() {
        #expect(throws: BrokerSettingsError.exactlyOnceRefused(filter: "ward/#")) {
            try Subscription(filter: "ward/#", qos: 2)
        }
        let sentence = BrokerSettingsError.exactlyOnceRefused(filter: "ward/#").description
        #expect(sentence.contains("PUBREC") && sentence.contains("use qos 1"))
    }

    @Test("qos 0 needs the consent to lose messages")
    func atMostOnceNeedsConsent() throws {
        #expect(throws: BrokerSettingsError.lossNotAllowed(filter: "a")) { try Subscription(filter: "a", qos: 0) }
        #expect(try Subscription(filter: "a", qos: 0, allowLoss: true).qos == 0)
        #expect(throws: BrokerSettingsError.qosOutOfRange(filter: "a", qos: 3)) {
            try Subscription(filter: "a", qos: 3, allowLoss: true)
        }
    }

    @Test("a filter listed twice is refused")
    func duplicateFilter() {
        #expect(throws: BrokerSettingsError.duplicateFilter("a/b")) {
            try loopbackSettings(port: 1_883, filters: ["a/b", "c", "a/b"])
        }
    }

    @Test("endpoints out of range are refused")
    func endpoints() {
        typealias Endpoint = BrokerSettings.Endpoint
        #expect(throws: BrokerSettingsError.emptyHost) {
            try Endpoint(host: "", port: 1_883, clientID: "c", agentID: "a")
        }
        #expect(throws: BrokerSettingsError.outOfRange(field: "port", value: 0, allowed: 1...65_535)) {
            try Endpoint(host: "h", port: 0, clientID: "c", agentID: "a")
        }
        #expect(throws: BrokerSettingsError.malformedClientID("")) {
            try Endpoint(host: "h", port: 1, clientID: "", agentID: "a")
        }
        for identifier in ["", "a/b", "a+", "#", "Zürich", String(repeating: "a", count: 65), "a\"b"] {
            #expect(throws: BrokerSettingsError.malformedAgentID(identifier)) {
                try Endpoint(host: "h", port: 1, clientID: "c", agentID: identifier)
            }
        }
    }

    @Test("limits out of range are refused", arguments: [0, 4, 65_536])
    func keepAlive(_ seconds: Int) {
        #expect(
            throws: BrokerSettingsError.outOfRange(field: "keep_alive_seconds", value: seconds, allowed: 5...65_535)
        ) {
            try SessionLimits(keepAliveSeconds: seconds)
        }
    }

    @Test("the standard limits are what the checked initialisers make of their defaults")
    func standardLimits() throws {
        #expect(try SessionLimits() == .standard)
        #expect(try BurstLimits() == .standard)
        #expect(SessionLimits.standard.sessionExpirySeconds == 604_800)
    }

    @Test("a client certificate without its key is refused")
    func incompleteCertificate() {
        #expect(throws: BrokerSettingsError.incompleteClientCertificate) {
            try TLSSettings(caFile: "ca.pem", certificateFile: "client.pem")
        }
        #expect(throws: BrokerSettingsError.missingCAFile) { try TLSSettings(caFile: "") }
    }

    @Test("a password file others can read is refused", arguments: [0o644, 0o640, 0o604])
    func exposedPasswordFile(_ mode: Int) throws {
        let path = try Self.passwordFile("secret\n", mode: mode)
        let settings = try loopbackSettings(port: 1, login: Login(username: "icu", passwordFile: path))
        #expect(throws: BrokerSettingsError.exposedPasswordFile(path: path, mode: UInt32(mode))) {
            try settings.checkFiles()
        }
    }

    @Test("password files without a usable password are refused", arguments: ["", "\n", "a\u{0}b"])
    func unusablePassword(_ content: String) throws {
        let path = try Self.passwordFile(content, mode: 0o600)
        let settings = try loopbackSettings(port: 1, login: Login(username: "icu", passwordFile: path))
        #expect(throws: BrokerSettingsError.self) { try settings.checkFiles() }
    }

    @Test("a private password file and present TLS files are accepted, a missing one is named")
    func files() throws {
        let path = try Self.passwordFile("secret\n", mode: 0o600)
        let login = try Login(username: "icu", passwordFile: path)
        try loopbackSettings(port: 1, tls: TLSSettings(caFile: path), login: login).checkFiles()
        let settings = try loopbackSettings(port: 1, tls: TLSSettings(caFile: "/nowhere/ca.pem"))
        #expect(
            throws: BrokerSettingsError.unreadableFile(path: "/nowhere/ca.pem", reason: "No such file or directory")
        ) {
            try settings.checkFiles()
        }
    }

    @Test("the status topic names the agent")
    func statusTopic() throws {
        #expect(try loopbackSettings(port: 1).statusTopic == "wardline/agent/icu-agent/status")
    }

    @Test(
        "reconnect delays: attempt, random fraction, milliseconds",
        arguments: [
            (0, 0.0, 0), (0, 0.5, 250), (1, 0.5, 500), (2, 0.5, 1_000), (5, 0.5, 8_000), (6, 0.5, 15_000),
            (1_000, 0.5, 15_000), (1_000, 0.999, 29_970), (-1, 0.5, 250),
        ]
    )
    func backoff(_ attempt: Int, _ fraction: Double, _ milliseconds: Int) {
        #expect(ReconnectBackoff.standard.delayMilliseconds(attempt: attempt, fraction: fraction) == milliseconds)
    }

    @Test("a reconnect delay that begins above its maximum is refused")
    func reversedBackoff() {
        #expect(throws: BrokerSettingsError.backoffReversed(minimumMilliseconds: 20, maximumMilliseconds: 10)) {
            try ReconnectBackoff(minimumMilliseconds: 20, maximumMilliseconds: 10)
        }
    }

    private static func passwordFile(_ content: String, mode: Int) throws -> String {
        let path = "\(try TestFolder.make("password"))/password"
        try TestFolder.write(content, to: path, mode: mode)
        return path
    }
}
