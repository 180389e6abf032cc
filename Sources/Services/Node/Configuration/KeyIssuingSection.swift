internal import Certificates
internal import ChainReading
internal import IdentityEncryption
internal import KeyIssuing
internal import SecureHTTP
internal import StrictYAML

extension KeyIssuingConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "identity", "directory", "sealing_key_file", "listen", "chain", "parameters", "refresh_seconds_min",
            "head_seconds_max", "limits",
        ])
        let chain = try map.required("chain").chainEndpoints()
        var sets: [PartySet] = []
        for element in try map.required("parameters").elements() { sets.append(try PartySet(parsing: element)) }
        let (host, port) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", 7408)
        self.init(
            identityDirectory: try map.required("identity").word(),
            directory: try map.required("directory").word(),
            sealingKeyFile: try map.required("sealing_key_file").secretFile(),
            address: host,
            port: port,
            genesisFile: chain.genesisFile,
            validators: chain.validators,
            sets: sets
        )
        if let seconds = try map["refresh_seconds_min"]?.integer(in: 0...31_536_000) {
            self.refreshSecondsMin = UInt64(seconds)
        }
        if let seconds = try map["head_seconds_max"]?.integer(in: 0...31_536_000) {
            self.headSecondsMax = UInt64(seconds)
        }
        if let limits = map["limits"] { try self.readLimits(limits) }
    }

    private mutating func readLimits(_ field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "connections_max", "requests_per_second", "requests_burst", "header_seconds", "body_seconds",
            "idle_seconds", "strangers_per_second", "strangers_burst",
        ])
        if let rate = try map["strangers_per_second"]?.integer(in: 1...1_000_000) {
            self.strangersPerSecond = Double(rate)
            self.strangersBurst = 10 * Double(rate)
        }
        if let burst = try map["strangers_burst"]?.integer(in: 1...1_000_000) { self.strangersBurst = Double(burst) }
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

extension KeyIssuingConfiguration.PartySet {
    fileprivate init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(["epoch", "parties"])
        var parties: [IssuingPlan.Party] = []
        for element in try map.required("parties").elements() {
            let entry = try element.mapping(["name", "url"])
            let role: PartyRole = parties.isEmpty ? .kgc : .privacyCenter
            guard let name = PartyName(try entry.required("name").word()), name.role == role else {
                throw try entry.required("name")
                    .problem("must be a party's name, organization:\(role.rawValue):name: the KGC stands first")
            }
            guard !parties.contains(where: { $0.name == name }) else {
                throw try entry.required("name").problem("names \(name) a second time")
            }
            parties.append(IssuingPlan.Party(name: name, url: try entry.required("url").secureURL()))
        }
        guard (2...IssuingPlan.countMax).contains(parties.count) else {
            throw field.problem("must name a KGC and 1 to \(IssuingPlan.countMax - 1) privacy centers")
        }
        self.init(epoch: UInt64(try map.required("epoch").integer(in: 0...Int(UInt32.max))), parties: parties)
    }
}

extension YAMLField {
    /// A file, or `credential:NAME` for one that systemd provides.
    func secretFile() throws(YAMLProblem) -> String {
        let text = try self.word()
        guard text.hasPrefix("credential:") else { return text }
        let name = text.dropFirst("credential:".count)
        guard !name.isEmpty, !name.contains("/") else { throw self.problem("credential: needs a plain name") }
        guard let directory = SystemdDirectory.path else {
            throw self.problem("credential: needs systemd (LoadCredential); use a file path when started by hand")
        }
        return "\(directory)/\(name)"
    }
}
