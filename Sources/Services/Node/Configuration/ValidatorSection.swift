internal import Certificates
internal import ChainInterface
internal import Mempool
internal import SecureHTTP
internal import StrictYAML
internal import Validator

extension ValidatorRoleConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "identity", "directory", "genesis", "number", "listen", "peers_listen", "peers", "block_interval_ms",
            "progress_timeout_ms", "history", "limits",
        ])
        let peers = try Self.peers(map.required("peers"))
        var validator = ValidatorConfiguration(
            identityDirectory: try map.required("identity").word(),
            directory: try map.required("directory").word(),
            genesisFile: try map.required("genesis").word(),
            peers: peers.map { .init(number: $0.number, host: $0.host, port: $0.port) }
        )
        validator.number = try map["number"]?.replicaNumber()
        (validator.apiHost, validator.apiPort) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", 7401)
        (validator.peerHost, validator.peerPort) = try map["peers_listen"]?.listenAddress() ?? ("0.0.0.0", 7400)
        if let interval = try map["block_interval_ms"]?.integer(in: 10...1_000) {
            validator.blockInterval = UInt64(interval)
        }
        if let timeout = try map["progress_timeout_ms"]?.integer(in: 50...60_000) {
            validator.progressTimeout = UInt64(timeout)
        }
        self.init(validator, peers: peers)
        if let history = map["history"] { try self.readHistory(history) }
        if let limits = map["limits"] { try self.readLimits(limits) }
    }

    private static func peers(_ field: YAMLField) throws(YAMLProblem) -> [Peer] {
        var peers: [Peer] = []
        for element in try field.elements() {
            let map = try element.mapping(["number", "name", "address"])
            let number = try map.required("number").replicaNumber()
            guard let name = PartyName(try map.required("name").word()), name.role == .validator else {
                throw try map.required("name").problem("must be a validator's name, organization:validator:name")
            }
            let (host, port) = try map.required("address").listenAddress()
            guard !peers.contains(where: { $0.number == number }) else {
                throw try map.required("number").problem("names validator \(number) a second time")
            }
            peers.append(Peer(number: number, name: name, host: host, port: port))
        }
        return peers
    }

    private mutating func readLimits(_ field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "connections_max", "requests_per_second", "requests_burst", "bodies_bytes_max", "header_seconds",
            "body_seconds", "idle_seconds", "event_streams_max", "submissions_waiting_max", "pool_transactions_max",
            "pool_bytes_max", "transactions_per_block", "verification_threads", "cache_bytes",
        ])
        if let count = try map["connections_max"]?.integer(in: 1...65_536) {
            self.clients.server.connectionsMax = count
        }
        if let rate = try map["requests_per_second"]?.integer(in: 1...1_000_000) {
            self.clients.requestsPerSecond = Double(rate)
            self.clients.requestsBurst = 2 * Double(rate)
        }
        if let burst = try map["requests_burst"]?.integer(in: 1...1_000_000) {
            self.clients.requestsBurst = Double(burst)
        }
        if let bytes = try map["bodies_bytes_max"]?.byteCount(in: 16 << 20...64 << 30) {
            self.clients.bodyBytesHeldMax = bytes
        }
        if let seconds = try map["header_seconds"]?.integer(in: 1...600) {
            self.clients.server.headerSeconds = Double(seconds)
        }
        if let seconds = try map["body_seconds"]?.integer(in: 1...600) {
            self.clients.server.bodySeconds = Double(seconds)
        }
        if let seconds = try map["idle_seconds"]?.integer(in: 1...3_600) {
            self.clients.server.idleSeconds = Double(seconds)
        }
        if let count = try map["event_streams_max"]?.integer(in: 4...65_536) { self.clients.streamsMax = count }
        if let count = try map["submissions_waiting_max"]?.integer(in: 2...1_000_000) {
            self.clients.waitsMax = count
            self.validator.limits.submissionsMax = count
        }
        try self.readValidatorLimits(map)
    }

    private mutating func readValidatorLimits(_ map: YAMLMapping) throws(YAMLProblem) {
        if let count = try map["pool_transactions_max"]?.integer(in: 1_000...1_000_000) {
            self.validator.limits.pool.count = count
        }
        if let bytes = try map["pool_bytes_max"]?.byteCount(in: 16 << 20...16 << 30) {
            self.validator.limits.pool.bytes = bytes
        }
        if let count = try map["transactions_per_block"]?.integer(in: 1...20_000) {
            self.validator.limits.transactionsPerBlock = count
        }
        if let threads = try map["verification_threads"]?.integer(in: 1...256) {
            self.validator.limits.verificationThreads = threads
        }
        if let bytes = try map["cache_bytes"]?.byteCount(in: CacheBudget.bytesRange) {
            self.validator.limits.caches = CacheBudget(bytes: bytes)
        }
    }
}

extension YAMLField {
    /// A validator's number in the committee.
    fileprivate func replicaNumber() throws(YAMLProblem) -> UInt16 {
        UInt16(try self.integer(in: 1...Int(UInt16.max)))
    }
}
