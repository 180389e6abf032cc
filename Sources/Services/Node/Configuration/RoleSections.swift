internal import Authority
internal import PrivacyCenter
internal import SecureHTTP
internal import StrictYAML

extension AuthorityConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(["directory", "listen", "credentials"])
        let (host, port) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", 7403)
        self.init(
            directory: try map.required("directory").word(),
            address: host,
            port: port,
            credentials: try map["credentials"].map(CredentialConfiguration.init(parsing:))
        )
    }
}

extension CredentialConfiguration {
    fileprivate init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(["genesis", "validators", "numbers"])
        var validators: [String] = []
        for element in try map.required("validators").elements() { validators.append(try element.secureURL()) }
        guard !validators.isEmpty else { throw field.problem("must name validators") }
        var numbers: [String] = []
        for element in try map["numbers"]?.elements() ?? [] { numbers.append(try element.word()) }
        self.init(genesisFile: try map.required("genesis").word(), validators: validators, numbers: numbers)
    }
}

extension PrivacyCenterConfiguration {
    init(parsing field: YAMLField, isDevelopment: Bool) throws(YAMLProblem) {
        let map = try field.mapping(["identity", "listen", "store", "chain", "head_seconds_max", "limits"])
        let (host, port) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", 7402)
        self.init(
            identityDirectory: try map.required("identity").word(),
            address: host,
            port: port,
            store: try StoreLocation(parsing: map.required("store"))
        )
        guard isDevelopment || map["chain"] != nil else {
            throw field.problem(
                "needs chain, with genesis and validators: permissions are read there before anything is re-encrypted; "
                    + "'chain: none' does without"
            )
        }
        self.chain = try map["chain"]?.chainEndpointsOrNone()
        if let seconds = try map["head_seconds_max"]?.integer(in: 1...3_600) { self.headSecondsMax = UInt64(seconds) }
        if let limits = map["limits"] { try self.readLimits(limits) }
    }

    private mutating func readLimits(_ field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "envelope_bytes_max", "bodies_bytes_max", "connections_max", "requests_per_second", "requests_burst",
            "header_seconds", "body_seconds", "idle_seconds", "verification_threads", "strangers_per_second",
            "strangers_burst",
        ])
        if let rate = try map["strangers_per_second"]?.integer(in: 1...1_000_000) {
            self.strangersPerSecond = Double(rate)
            self.strangersBurst = 4 * Double(rate)
        }
        if let burst = try map["strangers_burst"]?.integer(in: 1...1_000_000) { self.strangersBurst = Double(burst) }
        if let bytes = try map["envelope_bytes_max"]?.byteCount(in: 1_024...64 << 20) {
            self.limits.envelopeBytesMax = bytes
            self.server.bodyBytesMax = max(self.server.bodyBytesMax, bytes)
        }
        if let bytes = try map["bodies_bytes_max"]?.byteCount(in: 1 << 20...64 << 30) { self.bodyBytesHeldMax = bytes }
        guard self.bodyBytesHeldMax / 2 >= self.limits.envelopeBytesMax else {
            throw field.problem("bodies_bytes_max must be at least twice envelope_bytes_max")
        }
        if let count = try map["connections_max"]?.integer(in: 1...65_536) { self.server.connectionsMax = count }
        if let rate = try map["requests_per_second"]?.integer(in: 1...1_000_000) {
            self.requestsPerSecond = Double(rate)
            self.requestsBurst = 2 * Double(rate)
        }
        if let burst = try map["requests_burst"]?.integer(in: 1...1_000_000) { self.requestsBurst = Double(burst) }
        if let seconds = try map["header_seconds"]?.integer(in: 1...600) { self.server.headerSeconds = Double(seconds) }
        if let seconds = try map["body_seconds"]?.integer(in: 1...600) { self.server.bodySeconds = Double(seconds) }
        if let seconds = try map["idle_seconds"]?.integer(in: 1...3_600) { self.server.idleSeconds = Double(seconds) }
        if let threads = try map["verification_threads"]?.integer(in: 1...256) {
            self.limits.verificationThreads = threads
        }
    }
}

extension PrivacyCenterConfiguration.StoreLocation {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(["sqlite", "postgres_conninfo_file"])
        switch (map["sqlite"], map["postgres_conninfo_file"]) {
        case (let directory?, nil): self = .sqlite(directory: try directory.word())
        case (nil, let file?): self = .postgreSQL(connectionFile: try file.word())
        default: throw field.problem("must name either sqlite (a directory) or postgres_conninfo_file (a file)")
        }
    }
}
