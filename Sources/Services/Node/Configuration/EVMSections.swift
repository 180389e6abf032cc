internal import Attesting
internal import CanonicalBytes
internal import EVMAdapter
internal import EVMProofs
internal import Gateway
internal import Relaying
internal import SecureHTTP
internal import StrictYAML

/// Which sections are of chains with an EVM.
enum EVMSections {
    /// `attester` with `evm` in place of `chain`.
    static func isEVM(attester field: YAMLField) -> Bool { self.names(of: field).contains("evm") }

    /// `relay` whose `application` has `evm`.
    static func isEVM(relay field: YAMLField) -> Bool {
        let members = (try? field.members()) ?? []
        return members.first { $0.key == "application" }.map { self.names(of: $0.value).contains("evm") } ?? false
    }

    private static func names(of field: YAMLField) -> [String] { ((try? field.members()) ?? []).map(\.key) }
}

extension EVMAttesterConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "identity", "directory", "key_file", "listen", "node", "name", "evm", "hub", "hop_days_max", "limits",
        ])
        let (host, port) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", 7411)
        let evm = try map.required("evm").mapping(EVMEndpoint.keys + ["key_file"])
        self.init(
            identityDirectory: try map.required("identity").word(),
            directory: try map.required("directory").word(),
            keyFile: try map.required("key_file").secretFile(),
            accountFile: try evm.required("key_file").secretFile(),
            address: host,
            port: port,
            node: try map.required("node").nodeName(),
            name: try map.required("name").relayName(),
            evm: try EVMEndpoint(parsing: evm),
            relay: try map.required("hub").chainEndpoints()
        )
        if let days = try map["hop_days_max"]?.integer(in: 1...365) { self.expirySecondsMax = UInt64(days) * 86_400 }
        guard let limits = try map["limits"]?.mapping(["connections_max", "requests_per_second", "requests_burst"])
        else { return }
        if let count = try limits["connections_max"]?.integer(in: 1...65_536) { self.server.connectionsMax = count }
        if let rate = try limits["requests_per_second"]?.integer(in: 1...1_000_000) {
            self.requestsPerSecond = Double(rate)
            self.requestsBurst = 4 * Double(rate)
        }
        if let burst = try limits["requests_burst"]?.integer(in: 1...1_000_000) { self.requestsBurst = Double(burst) }
    }
}

extension EVMGatewayConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "identity", "directory", "listen", "name", "application", "hub", "lease_seconds", "hop_days", "poll_ms",
            "backlog_ms",
            "canary_every",
        ])
        let (host, port) = try map["listen"]?.listenAddress() ?? ("127.0.0.1", 7412)
        let application = try map.required("application").mapping(["evm", "attesters"])
        let evm = try application.required("evm").mapping(EVMEndpoint.keys + ["key_file", "gas_max", "fee_gwei_max"])
        self.init(
            directory: try map.required("directory").word(),
            address: host,
            port: port,
            name: try map.required("name").relayName(),
            evm: try EVMEndpoint(parsing: evm),
            accountFile: try evm.required("key_file").secretFile(),
            attesters: try application.required("attesters").secureURLs(),
            relay: try GatewayConfiguration.Side(
                parsing: map.required("hub"),
                identity: map["identity"]?.word()
            )
        )
        if let gas = try evm["gas_max"]?.integer(in: 100_000...1_000_000_000) { self.gasMax = UInt64(gas) }
        if let fee = try evm["fee_gwei_max"]?.integer(in: 0...1_000_000) { self.feeMax = UInt64(fee) * 1_000_000_000 }
        if let seconds = try map["lease_seconds"]?.integer(in: 0...3_600) { self.leaseSeconds = UInt32(seconds) }
        if let days = try map["hop_days"]?.integer(in: 1...365) { self.hopSeconds = UInt64(days) * 86_400 }
        if let milliseconds = try map["poll_ms"]?.integer(in: 100...60_000) {
            self.pollMilliseconds = UInt64(milliseconds)
        }
        if let milliseconds = try map["backlog_ms"]?.integer(in: 0...60_000) {
            self.backlogMilliseconds = UInt64(milliseconds)
        }
        if let questions = try map["canary_every"]?.integer(in: 0...1_000_000) { self.canaryEvery = UInt32(questions) }
    }
}

extension EVMEndpoint {
    /// What both sections say of the chain.
    static let keys = [
        "url", "chain_id", "broker", "depth", "start_height", "page_blocks", "request_seconds",
    ]

    init(parsing map: YAMLMapping) throws(YAMLProblem) {
        let url = try map.required("url")
        let text = try url.word()
        guard NodeURL(text) != nil else { throw url.problem("must be https://…, or http://… of this machine") }
        self.init(
            url: text,
            chainID: UInt64(try map.required("chain_id").integer(in: 1...Int.max)),
            broker: try map.required("broker").evmAddress(),
            finality: try map.required("depth").finality()
        )
        if let height = try map["start_height"]?.integer(in: 0...Int.max) { self.startHeight = UInt64(height) }
        if let blocks = try map["page_blocks"]?.integer(in: 1...100_000) { self.pageBlocks = UInt64(blocks) }
        if let seconds = try map["request_seconds"]?.integer(in: 1...3_600) { self.requestSeconds = Int64(seconds) }
    }
}

extension YAMLField {
    /// `0x` and 40 digits.
    fileprivate func evmAddress() throws(YAMLProblem) -> EVMAddress {
        let text = try self.word()
        do throws(ProtocolFailure) { return try EVMAddress(text: text) } catch {
            throw self.problem("must be a contract's address: \(error.detail)")
        }
    }

    /// A number of blocks, or `finalized`.
    fileprivate func finality() throws(YAMLProblem) -> FinalityRule {
        if try self.word() == "finalized" { return .tagged }
        return .depth(UInt64(try self.integer(in: 1...Int(EVMRegistration.depthMax))))
    }
}
