internal import Spool
internal import StrictYAML

extension AgentConfiguration {
    private static let brokerKeys = [
        "host", "port", "protocol", "client_id", "tls", "username", "password_file", "subscriptions", "shared_group",
        "receive_maximum", "keepalive_seconds", "session_expiry_hours", "burst_messages_max", "payload_bytes_max",
    ]

    static func brokers(
        _ field: YAMLField,
        agentID: String,
        _ paths: CredentialPaths
    ) throws(YAMLProblem) -> [Broker] {
        var brokers: [Broker] = []
        for element in try field.elements() {
            brokers.append(try Self.broker(element, agentID: agentID, index: brokers.count, paths))
        }
        guard !brokers.isEmpty, brokers.count <= 255 else { throw field.problem("needs 1 to 255 brokers") }
        return brokers
    }

    private static func broker(
        _ field: YAMLField,
        agentID: String,
        index: Int,
        _ paths: CredentialPaths
    ) throws(YAMLProblem) -> Broker {
        let map = try field.mapping(Self.brokerKeys)
        let tls = try map["tls"].map { field throws(YAMLProblem) in try Self.tls(field, paths) }
        if map["password_file"] != nil, map["username"] == nil { throw field.problem("password_file needs username") }
        return Broker(
            host: try map.required("host").word(),
            port: try map["port"]?.integer(in: 1...65_535) ?? (tls == nil ? 1883 : 8883),
            protocolVersion: try map["protocol"]?.choice(Broker.ProtocolVersion.self) ?? .v5,
            clientID: try map["client_id"]?.word() ?? "wardline-\(agentID)\(index == 0 ? "" : "-\(index)")",
            tls: tls,
            username: try map["username"]?.word(),
            passwordFile: try map["password_file"].map { field throws(YAMLProblem) in try paths.path(field) },
            subscriptions: try Self.subscriptions(map["subscriptions"]),
            sharedGroup: try map["shared_group"]?.word(),
            receiveMaximum: try map["receive_maximum"]?.integer(in: 1...65_535) ?? 1024,
            keepAliveSeconds: try map["keepalive_seconds"]?.integer(in: 5...3_600) ?? 30,
            sessionExpirySeconds: 3600 * (try map["session_expiry_hours"]?.integer(in: 1...8_760) ?? 168),
            burstMessagesMax: try map["burst_messages_max"]?.integer(in: 1...65_535) ?? 1024,
            payloadBytesMax: try map["payload_bytes_max"]?.integer(in: 1_024...1_048_576) ?? 1_048_576
        )
    }

    private static func tls(_ field: YAMLField, _ paths: CredentialPaths) throws(YAMLProblem) -> Broker.TLS {
        let map = try field.mapping(["ca_file", "certificate_file", "key_file"])
        if (map["certificate_file"] == nil) != (map["key_file"] == nil) {
            throw field.problem("certificate_file and key_file go together")
        }
        return Broker.TLS(
            caFile: try paths.path(map.required("ca_file")),
            certificateFile: try map["certificate_file"].map { field throws(YAMLProblem) in try paths.path(field) },
            keyFile: try map["key_file"].map { field throws(YAMLProblem) in try paths.path(field) }
        )
    }

    private static func subscriptions(_ field: YAMLField?) throws(YAMLProblem) -> [Broker.Subscription] {
        var subscriptions: [Broker.Subscription] = []
        for element in try field?.elements() ?? [] {
            let map = try element.mapping(["filter", "qos", "allow_loss", "lane"])
            let qosField = map["qos"]
            let qos = try qosField?.integer(in: 0...2) ?? 1
            let allowLoss = try map["allow_loss"]?.bool() ?? false
            if qos == 2 {
                throw (qosField ?? element).problem(
                    "qos 2 is refused: between PUBREC and PUBREL the message would exist in memory only, so a crash "
                        + "could lose it. Use qos 1: publishers at QoS 2 are served by it, and duplicates are "
                        + "recognised"
                )
            }
            if qos == 0, !allowLoss {
                throw (qosField ?? element).problem(
                    "qos 0 loses messages whenever the agent is away; use qos 1, or add allow_loss: true"
                )
            }
            subscriptions.append(
                Broker.Subscription(
                    filter: try map.required("filter").word(),
                    qos: qos,
                    allowLoss: allowLoss,
                    lane: try map["lane"]?.choice(SpoolLane.self) ?? .numerics
                )
            )
        }
        return subscriptions
    }
}
