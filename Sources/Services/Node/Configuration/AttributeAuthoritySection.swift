internal import AttributeIssuing
internal import SecureHTTP
internal import StrictYAML

extension AttributeIssuingConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "identity", "directory", "sealing_key_file", "listen", "chain", "numbers", "retention_days",
            "replace_published_key", "head_seconds_max", "limits",
        ])
        let (host, port) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", 7409)
        self.init(
            identityDirectory: try map.required("identity").word(),
            directory: try map.required("directory").word(),
            sealingKeyFile: try map.required("sealing_key_file").secretFile(),
            address: host,
            port: port,
            chain: try map.required("chain").chainEndpoints()
        )
        for element in try map["numbers"]?.elements() ?? [] { self.numbers.append(try element.word()) }
        if let days = try map["retention_days"]?.integer(in: 1...3_650) { self.retentionDays = UInt64(days) }
        if let replaces = try map["replace_published_key"]?.bool() { self.replacesPublishedKey = replaces }
        if let seconds = try map["head_seconds_max"]?.integer(in: 0...31_536_000) {
            self.headSecondsMax = UInt64(seconds)
        }
        if let limits = map["limits"] { try self.readLimits(limits) }
    }

    private mutating func readLimits(_ field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "connections_max", "requests_per_second", "requests_burst", "header_seconds", "body_seconds",
            "idle_seconds",
        ])
        if let count = try map["connections_max"]?.integer(in: 1...65_536) { self.server.connectionsMax = count }
        if let rate = try map["requests_per_second"]?.integer(in: 1...1_000_000) {
            self.requestsPerSecond = Double(rate)
            self.requestsBurst = 10 * Double(rate)
        }
        if let burst = try map["requests_burst"]?.integer(in: 1...1_000_000) { self.requestsBurst = Double(burst) }
        if let seconds = try map["header_seconds"]?.integer(in: 1...600) { self.server.headerSeconds = Double(seconds) }
        if let seconds = try map["body_seconds"]?.integer(in: 1...600) { self.server.bodySeconds = Double(seconds) }
        if let seconds = try map["idle_seconds"]?.integer(in: 1...3_600) { self.server.idleSeconds = Double(seconds) }
    }
}
