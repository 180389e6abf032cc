internal import Certificates
internal import Pseudonymity
internal import SecureHTTP
internal import StrictYAML

extension RegistrationConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(
            PseudonymityConfiguration.members + [
                "pseudonym_authority", "count_per_epoch", "batch_users_min", "batch_seconds_max",
            ]
        )
        self.init(
            try PseudonymityConfiguration(parsing: map, port: Self.portDefault),
            pseudonymAuthority: try map.required("pseudonym_authority").secureURL()
        )
        let counts = Int(Self.countPerEpochRange.lowerBound)...Int(Self.countPerEpochRange.upperBound)
        if let count = try map["count_per_epoch"]?.integer(in: counts) { self.countPerEpoch = UInt32(count) }
        if let users = try map["batch_users_min"]?.integer(in: 1...512) { self.batchUsersMin = users }
        if let seconds = try map["batch_seconds_max"]?.integer(in: 0...86_400) {
            self.batchSecondsMax = UInt64(seconds)
        }
    }
}

extension PseudonymAuthorityConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(PseudonymityConfiguration.members + ["registration_authorities", "attributes"])
        var authorities: [PartyName] = []
        for element in try map.required("registration_authorities").elements() {
            guard let name = PartyName(try element.word()), name.role == .registrationAuthority,
                !authorities.contains(name)
            else { throw element.problem("must be organization:registration-authority:name, each once") }
            authorities.append(name)
        }
        guard !authorities.isEmpty else { throw field.problem("must name registration_authorities") }
        self.init(
            try PseudonymityConfiguration(parsing: map, port: Self.portDefault),
            registrationAuthorities: authorities
        )
        var attributes: [String] = []
        for element in try map["attributes"]?.elements() ?? [] { attributes.append(try element.certifiedAttribute()) }
        self.attributes = attributes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension PseudonymityConfiguration {
    /// What both sections may say.
    fileprivate static let members = [
        "identity", "directory", "sealing_key_file", "listen", "chain", "epoch_seconds", "trace_epochs", "limits",
    ]

    fileprivate init(parsing map: YAMLMapping, port: Int) throws(YAMLProblem) {
        let (host, port) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", port)
        self.init(
            identityDirectory: try map.required("identity").word(),
            directory: try map.required("directory").word(),
            sealingKeyFile: try map.required("sealing_key_file").secretFile(),
            address: host,
            port: port,
            chain: try map["chain"]?.chainEndpoints()
        )
        if let field = map["epoch_seconds"] {
            guard map["chain"] == nil else { throw field.problem("is said by the chain's genesis already") }
            self.epochSeconds = UInt64(try field.integer(in: 60...2_592_000))
        }
        if let epochs = try map["trace_epochs"]?.integer(in: 1...10_000) { self.traceEpochs = UInt64(epochs) }
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
            self.requestsBurst = 4 * Double(rate)
        }
        if let burst = try map["requests_burst"]?.integer(in: 1...1_000_000) { self.requestsBurst = Double(burst) }
        if let seconds = try map["header_seconds"]?.integer(in: 1...600) { self.server.headerSeconds = Double(seconds) }
        if let seconds = try map["body_seconds"]?.integer(in: 1...600) { self.server.bodySeconds = Double(seconds) }
        if let seconds = try map["idle_seconds"]?.integer(in: 1...3_600) { self.server.idleSeconds = Double(seconds) }
    }
}

extension YAMLField {
    /// `name:value` as certificates have it.
    fileprivate func certifiedAttribute() throws(YAMLProblem) -> String {
        let text = try self.word()
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let isGood =
            parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.allSatisfy { byte in
                        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || "_.-".utf8.contains(byte)
                    }
            }
        guard isGood else { throw self.problem("must be name:value of the characters A-Z a-z 0-9 _ . -") }
        return text
    }
}
