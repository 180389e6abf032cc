package import Dashboard
package import MLLPIngest
package import Spool
package import StrictYAML

/// `agent.yaml`, checked: everything the agent is told by its operator.
package struct AgentConfiguration: Sendable {
    /// One MQTT broker.
    package struct Broker: Sendable {
        package enum ProtocolVersion: String, Sendable, CaseIterable {
            case v5 = "5"
            case v311 = "3.1.1"
        }

        package struct TLS: Sendable {
            package let caFile: String
            package let certificateFile: String?
            package let keyFile: String?
        }

        package struct Subscription: Sendable {
            package let filter: String
            package let qos: Int
            package let allowLoss: Bool
            /// Which of the agent's connections makes it.
            package let lane: SpoolLane
        }

        package let host: String
        package let port: Int
        package let protocolVersion: ProtocolVersion
        package let clientID: String
        package let tls: TLS?
        package let username: String?
        package let passwordFile: String?
        /// Empty: the filters of all loaded profiles.
        package let subscriptions: [Subscription]
        package let sharedGroup: String?
        package let receiveMaximum: Int
        package let keepAliveSeconds: Int
        package let sessionExpirySeconds: Int
        package let burstMessagesMax: Int
        package let payloadBytesMax: Int
    }

    package struct Storage: Sendable {
        package let masterKeyFile: String
        package let bytesMax: Int
        package let freeBytesMin: Int
        package let retentionSeconds: Int
        package let dedupSeconds: Int
        package let keyEpochSeconds: Int
    }

    package enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }

    package enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    package let agentID: String
    package let stateDirectory: String
    package let storage: Storage
    package let deviceDirectories: [String]
    package let brokers: [Broker]
    package let sinks: [Sink]
    /// File with the institution's key for patient pseudonyms; without it payload record numbers are not used.
    package let pseudonymKeyFile: String?
    /// nil: no message says where patients are.
    package let adt: ADT?
    /// TCP ports for HL7 v2 messages.
    package let listeners: [ListenerSettings]
    /// nil: Observations stay in the ward.
    package let uplink: Uplink?
    /// nil: delivered envelopes are not anchored.
    package let chain: Chain?
    /// nil: the agent hands in nothing for others.
    package let share: Share?
    /// nil: no dashboard.
    package let dashboard: DashboardSettings?
    package let httpHost: String
    /// nil: no HTTP listener.
    package let httpPort: Int?
    package let logLevel: LogLevel
    package let logFormat: LogFormat
}

extension AgentConfiguration {
    /// Reads and checks a configuration.
    ///
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: its path; relative paths in it are relative to the working directory.
    ///   - credentials: the systemd credentials directory, which `credential:NAME` paths refer to.
    /// - Throws: ``YAMLProblem`` with file, line, field and reason.
    package init(parsing text: String, file: String, credentials: String? = nil) throws(YAMLProblem) {
        let root = try YAMLField(parsing: text, file: file).mapping([
            "version", "agent", "state_directory", "spool", "devices", "brokers", "mllp", "sinks", "patients",
            "adt", "uplink", "chain", "share", "dashboard", "http", "log",
        ])
        let version = try root.required("version")
        guard try version.text() == "1" else { throw version.problem("must be 1") }
        let paths = CredentialPaths(directory: credentials)
        self.agentID = try Self.agentID(root.required("agent"))
        self.stateDirectory = try root.required("state_directory").word()
        self.storage = try Self.storage(root.required("spool"), paths)
        self.deviceDirectories = try root.required("devices").elementsOrSelf().words()
        let agentID = self.agentID
        // Where all monitors come by MLLP, there is no broker.
        let brokers = try root["mllp"] == nil ? root.required("brokers") : root["brokers"]
        self.brokers =
            try brokers.map { field throws(YAMLProblem) in try Self.brokers(field, agentID: agentID, paths) } ?? []
        self.sinks = try Self.sinks(root["sinks"], paths)
        let patients = try root["patients"]?.mapping(["pseudonym_key_file"])
        self.pseudonymKeyFile = try patients.map { map throws(YAMLProblem) in
            try paths.path(map.required("pseudonym_key_file"))
        }
        self.adt = try root["adt"].map { field throws(YAMLProblem) in try Self.adt(field) }
        if patients == nil, let adt = root["adt"] {
            throw adt.problem("needs patients.pseudonym_key_file: patients are kept as pseudonyms")
        }
        let takesADT = self.adt != nil
        self.listeners =
            try root["mllp"].map { field throws(YAMLProblem) in
                try Self.listeners(field, takesADT: takesADT, paths)
            } ?? []
        if let adt = root["adt"], let section = self.adt {
            guard !section.topics.isEmpty || self.listeners.contains(where: { $0.admission.takesMovements }) else {
                throw adt.problem("needs topics, or a listener under mllp that accepts ADT")
            }
            guard section.topics.isEmpty || !self.brokers.isEmpty else {
                throw adt.problem("topics need a broker")
            }
        }
        self.uplink = try root["uplink"].map { field throws(YAMLProblem) in try Self.uplink(field) }
        if self.uplink != nil, self.sinks.contains(where: { $0.name == Spool.sealer }) {
            throw root.field.problem("a sink cannot be called \(Spool.sealer): the uplink stands under that name")
        }
        self.chain = try root["chain"].map { field throws(YAMLProblem) in try Self.chain(field) }
        if self.uplink == nil, let chain = root["chain"] {
            throw chain.problem("needs the section uplink: what is not delivered cannot be anchored")
        }
        let identity = self.uplink?.identityDirectory
        self.share = try root["share"].map { field throws(YAMLProblem) in
            try Self.share(field, uplinkIdentity: identity)
        }
        if self.chain == nil, let share = root["share"] {
            throw share.problem("needs the section chain, which says where requests are handed in")
        }
        let state = self.stateDirectory
        self.dashboard = try root["dashboard"].map { field throws(YAMLProblem) in
            try DashboardSettings(parsing: field, identity: identity, tokens: "\(state)/dashboard-tokens")
        }
        let listen = try root["http"]?.mapping(["listen"]).required("listen")
        (self.httpHost, self.httpPort) =
            try listen.map { field throws(YAMLProblem) in try Self.address(field) }
            ?? ("127.0.0.1", nil)
        if let port = self.share?.listen?.port, port == self.httpPort, let share = root["share"] {
            throw share.problem("listen must have another port than http.listen")
        }
        if let port = self.dashboard?.port, [self.httpPort, self.share?.listen?.port].contains(port),
            let dashboard = root["dashboard"]
        {
            throw dashboard.problem("listen must have another port than http.listen and share.listen")
        }
        let log = try root["log"]?.mapping(["level", "format"])
        self.logLevel = try log?["level"]?.choice(LogLevel.self) ?? .info
        self.logFormat = try log?["format"]?.choice(LogFormat.self) ?? .text
    }

    private static func agentID(_ field: YAMLField) throws(YAMLProblem) -> String {
        let id = try field.mapping(["id"]).required("id")
        let text = try id.word()
        let allowed = text.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || byte == 45
                || byte == 95
        }
        guard allowed, text.utf8.count <= 64 else {
            throw id.problem("must be letters, digits, - and _, at most 64: it becomes part of an MQTT topic")
        }
        return text
    }

    private static func storage(_ field: YAMLField, _ paths: CredentialPaths) throws(YAMLProblem) -> Storage {
        let map = try field.mapping([
            "master_key_file", "bytes_max", "free_bytes_min", "retention_hours", "dedup_days", "key_epoch_hours",
        ])
        return Storage(
            masterKeyFile: try paths.path(map.required("master_key_file")),
            bytesMax: try map["bytes_max"].map { field throws(YAMLProblem) in try field.byteCount() } ?? 10 << 30,
            freeBytesMin: try map["free_bytes_min"].map { field throws(YAMLProblem) in try field.byteCount() }
                ?? 64 << 20,
            retentionSeconds: 3600 * (try map["retention_hours"]?.integer(in: 0...87_600) ?? 72),
            dedupSeconds: 86_400 * (try map["dedup_days"]?.integer(in: 1...3_650) ?? 7),
            keyEpochSeconds: 3600 * (try map["key_epoch_hours"]?.integer(in: 1...8_760) ?? 24)
        )
    }

    static func address(_ field: YAMLField) throws(YAMLProblem) -> (String, Int) {
        let text = try field.word()
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw field.problem("must be host:port") }
        let host = String(text[..<colon])
        // /metrics names devices, and share requests are for programs of this machine: nobody else is served.
        guard ["127.0.0.1", "localhost", "::1"].contains(host) else {
            throw field.problem("must be a loopback address: the agent serves its own machine only")
        }
        return (host, port)
    }
}

/// Resolves `credential:NAME` to a file that systemd's LoadCredential provides.
struct CredentialPaths {
    let directory: String?

    func path(_ field: YAMLField) throws(YAMLProblem) -> String {
        let text = try field.word()
        guard text.hasPrefix("credential:") else { return text }
        guard let directory else {
            throw field.problem("credential: needs systemd (LoadCredential); use a file path when started by hand")
        }
        let name = text.dropFirst("credential:".count)
        guard !name.isEmpty, !name.contains("/") else { throw field.problem("credential: needs a plain name") }
        return "\(directory)/\(name)"
    }
}

extension YAMLField {
    /// A size such as `512MiB`, in bytes.
    func byteCount() throws(YAMLProblem) -> Int {
        let text = try self.word()
        for (suffix, shift) in [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("B", 0)]
        where text.hasSuffix(suffix) {
            let digits = text.dropLast(suffix.count)
            guard let count = Int(digits), count > 0, count <= Int.max >> (shift + 1) else { break }
            return count << shift
        }
        throw self.problem("must be a size such as 512MiB or 10GiB")
    }
}

extension [YAMLField] {
    func words() throws(YAMLProblem) -> [String] {
        var words: [String] = []
        for field in self { words.append(try field.word()) }
        return words
    }
}
