internal import MLLPIngest
package import PatientMovements
internal import Records
internal import StrictYAML

extension AgentConfiguration {
    /// Which messages say where patients are, and how they are read.
    package struct ADT: Sendable {
        /// MQTT filters; empty where ADT comes by MLLP only.
        package let topics: [String]
        package let rules: MovementRules
        /// How long somebody who is gone is remembered.
        package let retentionDays: Int
    }

    private static let adtKeys = [
        "topics", "time_zone", "bed", "identifier_type", "identifier_assigner", "assigner_default", "retention_days",
    ]

    static func adt(_ field: YAMLField) throws(YAMLProblem) -> ADT {
        let map = try field.mapping(Self.adtKeys)
        var topics: [String] = []
        for element in try map["topics"]?.elementsOrSelf() ?? [] {
            let topic = try element.word()
            guard topic.utf8.count <= 1_024, !topic.hasPrefix("$share/") else {
                throw element.problem("must be an MQTT topic filter without $share")
            }
            topics.append(topic)
        }
        let zoneField = try map.required("time_zone")
        let zoneName = try zoneField.word()
        let zone: TimeZoneRules
        do throws(TimeZoneError) { zone = try TimeZoneRules(zoneName) } catch { throw zoneField.problem("\(error)") }
        return ADT(
            topics: topics,
            rules: MovementRules(
                bed: try map["bed"].map { field throws(YAMLProblem) in try Self.bedTemplate(field) } ?? .usual,
                zone: zone,
                identifierType: try map["identifier_type"]?.word(),
                identifierAssigner: try map["identifier_assigner"]?.word(),
                assignerDefault: try map["assigner_default"]?.word() ?? ""
            ),
            retentionDays: try map["retention_days"]?.integer(in: 1...3_650) ?? 30
        )
    }

    private static func bedTemplate(_ field: YAMLField) throws(YAMLProblem) -> BedTemplate {
        guard let template = BedTemplate(try field.word()) else {
            let parts = BedTemplate.Part.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
            throw field.problem("must name {bed} or {room}, and nothing but \(parts) in braces")
        }
        return template
    }
}

// MARK: - Listeners

extension AgentConfiguration {
    private static let mllpKeys = [
        "name", "listen", "topic", "accept", "processing_ids", "tls", "allow_plaintext", "connections_max",
        "frame_bytes_max", "idle_seconds",
    ]

    /// Reads the list of MLLP listeners.
    ///
    /// - Parameters:
    ///   - field: the list.
    ///   - takesADT: whether there is a section `adt`.
    ///   - paths: resolves `credential:`.
    /// - Returns: one to sixteen listeners.
    /// - Throws: ``YAMLProblem``.
    static func listeners(
        _ field: YAMLField,
        takesADT: Bool,
        _ paths: CredentialPaths
    ) throws(YAMLProblem) -> [ListenerSettings] {
        var listeners: [ListenerSettings] = []
        for element in try field.elements() {
            let listener = try Self.listener(element, takesADT: takesADT, paths)
            guard !listeners.contains(where: { $0.name == listener.name }) else {
                throw element.problem("the name \(listener.name) is taken")
            }
            guard !listeners.contains(where: { $0.port == listener.port && $0.host == listener.host }) else {
                throw element.problem("another listener has this address")
            }
            listeners.append(listener)
        }
        guard (1...16).contains(listeners.count) else { throw field.problem("needs 1 to 16 listeners") }
        return listeners
    }

    private static func listener(
        _ field: YAMLField,
        takesADT: Bool,
        _ paths: CredentialPaths
    ) throws(YAMLProblem) -> ListenerSettings {
        let map = try field.mapping(Self.mllpKeys)
        let name = try Self.listenerName(map.required("name"))
        let (host, port) = try Self.listenAddress(map.required("listen"))
        let tls = try map["tls"].map { field throws(YAMLProblem) in try Self.listenerTLS(field, paths) }
        let allowed = try map["allow_plaintext"]?.bool() ?? false
        if tls == nil, !allowed, !Self.isLoopback(host) {
            throw (map["listen"] ?? field).problem(
                "patients' data would cross the network in plain text: add tls, or allow_plaintext: true on a network "
                    + "that nobody else can read"
            )
        }
        var limits = ListenerSettings.Limits()
        limits.connectionsMax = try map["connections_max"]?.integer(in: 1...1_024) ?? limits.connectionsMax
        limits.idleSeconds = try map["idle_seconds"]?.integer(in: 10...604_800) ?? limits.idleSeconds
        if let bytes = map["frame_bytes_max"] {
            limits.frameBytesMax = try bytes.byteCount()
            let allowed = 1 << 10...1 << 20
            guard allowed.contains(limits.frameBytesMax) else { throw bytes.problem("must be 1KiB to 1MiB") }
        }
        let topic = try map["topic"].map { field throws(YAMLProblem) in try Self.listenerTopic(field) }
        return ListenerSettings(
            name: name,
            host: host,
            port: port,
            tls: tls,
            topic: topic ?? "mllp/\(name)",
            admission: Admission(
                messageTypes: try Self.messageTypes(map["accept"], takesADT: takesADT),
                processingIDs: try map["processing_ids"]?.elementsOrSelf().words() ?? ["P"]
            ),
            limits: limits
        )
    }

    private static func listenerName(_ field: YAMLField) throws(YAMLProblem) -> String {
        let name = try field.word()
        let isPlain = name.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || byte == 45
                || byte == 95
        }
        guard isPlain, (1...64).contains(name.utf8.count) else {
            throw field.problem("must be letters, digits, - and _, at most 64: it becomes part of a topic")
        }
        return name
    }

    private static func listenerTopic(_ field: YAMLField) throws(YAMLProblem) -> String {
        let topic = try field.word()
        guard (1...1_024).contains(topic.utf8.count), !topic.contains("#"), !topic.contains("+"),
            !topic.hasPrefix("wardline/")
        else { throw field.problem("must be an MQTT topic without wildcards that does not begin with wardline/") }
        return topic
    }

    private static func messageTypes(_ field: YAMLField?, takesADT: Bool) throws(YAMLProblem) -> [String] {
        guard let field else { return takesADT ? ["ORU", "ADT"] : ["ORU"] }
        var types: [String] = []
        for element in try field.elementsOrSelf() {
            let type = try element.word()
            guard ["ORU", "ADT"].contains(type), !types.contains(type) else {
                throw element.problem("must be ORU or ADT, each once")
            }
            guard type != "ADT" || takesADT else {
                throw element.problem("ADT needs the section adt, which says how beds are named")
            }
            types.append(type)
        }
        guard !types.isEmpty else { throw field.problem("needs ORU or ADT") }
        return types
    }

    private static func listenerTLS(
        _ field: YAMLField,
        _ paths: CredentialPaths
    ) throws(YAMLProblem) -> ListenerSettings.TLS {
        let map = try field.mapping(["certificate_file", "key_file", "client_ca_file"])
        return ListenerSettings.TLS(
            certificateFile: try paths.path(map.required("certificate_file")),
            keyFile: try paths.path(map.required("key_file")),
            clientCAFile: try paths.path(map.required("client_ca_file"))
        )
    }

    /// `host:port`, `[::1]:port` or `::1:port`.
    private static func listenAddress(_ field: YAMLField) throws(YAMLProblem) -> (host: String, port: Int) {
        let text = try field.word()
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw field.problem("must be host:port, such as 0.0.0.0:2575") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw field.problem("must name an address; 0.0.0.0 stands for all") }
        return (host, port)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
