internal import Attesting
internal import ChainReading
internal import Gateway
internal import SecureHTTP
internal import StrictYAML

extension AttesterConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "identity", "directory", "key_file", "listen", "node", "name", "chain", "hub", "other_hubs", "hop_days_max",
            "limits",
        ])
        let (host, port) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", 7411)
        self.init(
            identityDirectory: try map.required("identity").word(),
            directory: try map.required("directory").word(),
            keyFile: try map.required("key_file").secretFile(),
            address: host,
            port: port,
            node: try map.required("node").nodeName(),
            name: try map.required("name").relayName(),
            chain: try map.required("chain").chainEndpoints(),
            relay: try map["hub"]?.chainEndpoints()
        )
        if let hubs = try map["other_hubs"]?.elements() {
            for hub in hubs { self.otherRelays.append(try hub.chainEndpoints()) }
        }
        if let days = try map["hop_days_max"]?.integer(in: 1...365) { self.expirySecondsMax = UInt64(days) * 86_400 }
        if let limits = map["limits"] { try self.readLimits(limits) }
    }

    private mutating func readLimits(_ field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(["connections_max", "requests_per_second", "requests_burst"])
        if let count = try map["connections_max"]?.integer(in: 1...65_536) { self.server.connectionsMax = count }
        if let rate = try map["requests_per_second"]?.integer(in: 1...1_000_000) {
            self.requestsPerSecond = Double(rate)
            self.requestsBurst = 4 * Double(rate)
        }
        if let burst = try map["requests_burst"]?.integer(in: 1...1_000_000) { self.requestsBurst = Double(burst) }
    }
}

extension GatewayConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "identity", "directory", "listen", "name", "application", "hub", "other_attesters", "lease_seconds",
            "hop_days", "poll_ms", "backlog_ms", "canary_every", "header_seconds",
        ])
        let (host, port) = try map["listen"]?.listenAddress() ?? ("127.0.0.1", 7412)
        let identity = try map["identity"]?.word()
        self.init(
            directory: try map.required("directory").word(),
            address: host,
            port: port,
            name: try map.required("name").relayName(),
            application: try Side(parsing: map.required("application"), identity: identity),
            relay: try Side(parsing: map.required("hub"), identity: identity)
        )
        self.otherAttesters = try map["other_attesters"]?.secureURLs() ?? []
        if let seconds = try map["lease_seconds"]?.integer(in: 0...3_600) { self.leaseSeconds = UInt32(seconds) }
        if let days = try map["hop_days"]?.integer(in: 1...365) { self.hopSeconds = UInt64(days) * 86_400 }
        if let milliseconds = try map["poll_ms"]?.integer(in: 100...60_000) {
            self.pollMilliseconds = UInt64(milliseconds)
        }
        if let milliseconds = try map["backlog_ms"]?.integer(in: 0...60_000) {
            self.backlogMilliseconds = UInt64(milliseconds)
        }
        if let seconds = try map["header_seconds"]?.integer(in: 0...86_400) { self.headerSeconds = UInt64(seconds) }
        if let questions = try map["canary_every"]?.integer(in: 0...1_000_000) { self.canaryEvery = UInt32(questions) }
    }
}

extension GatewayConfiguration.Side {
    /// - Parameters:
    ///   - field: `application` or `hub`.
    ///   - identity: of the section, where a side has none of its own.
    /// - Throws: `YAMLProblem`.
    init(parsing field: YAMLField, identity: String?) throws(YAMLProblem) {
        let map = try field.mapping(["identity", "genesis", "validators", "attesters"])
        guard let directory = try map["identity"]?.word() ?? identity else {
            throw field.problem("needs identity, here or for both chains above")
        }
        self.init(
            identityDirectory: directory,
            chain: ChainEndpoints(
                genesisFile: try map.required("genesis").word(),
                validators: try map.required("validators").secureURLs()
            ),
            attesters: try map["attesters"]?.secureURLs() ?? []
        )
    }
}

extension YAMLField {
    /// Addresses that begin with `https://`.
    func secureURLs() throws(YAMLProblem) -> [String] {
        var urls: [String] = []
        for element in try self.elements() { urls.append(try element.secureURL()) }
        return urls
    }

    /// A chain's or node's name: 1 to 64 printable characters of ASCII but `- : , " \`.
    func relayName() throws(YAMLProblem) -> String {
        let text = try self.word()
        let isName =
            (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"-:,\"\\".utf8.contains($0) }
        guard isName else { throw self.problem("must be 1 to 64 printable characters but - : , \" and \\") }
        return text
    }

    /// The name of a verification node, as lists take it.
    ///
    /// It may be a party's, `organization:relay:name`: the deposit of the account with the node's name answers for it.
    func nodeName() throws(YAMLProblem) -> String {
        let text = try self.word()
        let isName = (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isName else { throw self.problem("must be 1 to 64 printable characters") }
        return text
    }
}
