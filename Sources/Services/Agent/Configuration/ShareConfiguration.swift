internal import StrictYAML

extension AgentConfiguration {
    /// What the agent hands in for others.
    package struct Share: Sendable {
        /// nil: requests come by MQTT only.
        package let listen: Listener?
        /// Its certificate is shown to those who hand in requests; it must name the loopback host.
        package let identityDirectory: String
        /// Open requests at most.
        package let requestsMax: Int
        /// Bytes of open requests at most.
        package let bytesMax: Int
        /// How long a request is remembered after its outcome is known.
        package let retentionSeconds: Int
    }

    /// A loopback address.
    package struct Listener: Sendable, Hashable {
        package let host: String
        package let port: Int
    }

    static func share(_ field: YAMLField, uplinkIdentity: String?) throws(YAMLProblem) -> Share {
        let map = try field.mapping(["listen", "identity", "requests_max", "bytes_max", "retention_days"])
        let listen = try map["listen"].map { field throws(YAMLProblem) in
            let (host, port) = try Self.address(field)
            return Listener(host: host, port: port)
        }
        guard let identity = try map["identity"]?.word() ?? uplinkIdentity else {
            throw field.problem("needs identity, or the section uplink, whose identity it takes otherwise")
        }
        let bytes = try map["bytes_max"].map { field throws(YAMLProblem) in
            let bytes = try field.byteCount()
            guard (1 << 20...1 << 40).contains(bytes) else { throw field.problem("must be 1MiB to 1TiB") }
            return bytes
        }
        return Share(
            listen: listen,
            identityDirectory: identity,
            requestsMax: try map["requests_max"]?.integer(in: 1...1_000_000) ?? 10_000,
            bytesMax: bytes ?? 64 << 20,
            retentionSeconds: 86_400 * (try map["retention_days"]?.integer(in: 1...3_650) ?? 30)
        )
    }
}
