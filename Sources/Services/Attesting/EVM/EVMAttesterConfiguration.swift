package import ChainReading
package import EVMAdapter
package import SecureHTTP

/// Everything that a verification node of a chain with an EVM is told by its operator.
package struct EVMAttesterConfiguration: Sendable {
    package var identityDirectory: String
    /// Holds what was signed; made when it does not exist.
    package var directory: String
    /// Signs hops; made by `wardline relay key`, mode 0600.
    package var keyFile: String
    /// Signs for the broker; made by `wardline relay evm key`, mode 0600.
    package var accountFile: String
    package var address: String
    /// 0 takes a free one.
    package var port: Int
    /// The node's name in the chain's list.
    package var node: String
    /// The registered name of the chain.
    package var name: String
    /// The chain, by this node's own node of it.
    package var evm: EVMEndpoint
    /// The relay chain, whose registry holds the lists.
    package var relay: ChainEndpoints
    /// Seconds that a hop may be good for.
    package var expirySecondsMax: UInt64 = 30 * 86_400
    package var server = ServerLimits(connectionsMax: 256, bodyBytesMax: 4 << 20)
    /// Requests that one party may make in the long run.
    package var requestsPerSecond = 200.0
    /// Requests that one party may make at once.
    package var requestsBurst = 800.0

    package init(
        identityDirectory: String,
        directory: String,
        keyFile: String,
        accountFile: String,
        address: String = "0.0.0.0",
        port: Int = 7411,
        node: String,
        name: String,
        evm: EVMEndpoint,
        relay: ChainEndpoints
    ) {
        self.identityDirectory = identityDirectory
        self.directory = directory
        self.keyFile = keyFile
        self.accountFile = accountFile
        self.address = address
        self.port = port
        self.node = node
        self.name = name
        self.evm = evm
        self.relay = relay
    }
}
