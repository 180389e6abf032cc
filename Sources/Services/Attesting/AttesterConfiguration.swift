package import ChainReading
package import SecureHTTP

/// Everything that a verification node is told by its operator.
package struct AttesterConfiguration: Sendable {
    package var identityDirectory: String
    /// Holds what was signed; made when it does not exist.
    package var directory: String
    /// Made by `wardline relay key`, mode 0600.
    package var keyFile: String
    package var address: String
    /// 0 takes a free one.
    package var port: Int
    /// The node's name in the chain's list.
    package var node: String
    /// The registered name of the chain that the node signs for; the relay chain's own name for a node of that.
    package var name: String
    /// That chain.
    package var chain: ChainEndpoints
    /// The relay chain, whose registry holds the lists; nil for a node of the relay chain itself.
    package var relay: ChainEndpoints?
    /// Relay chains at which the chain is registered besides, under the same name, with lists of their own.
    package var otherRelays: [ChainEndpoints] = []
    /// Seconds that a hop may be good for.
    package var expirySecondsMax: UInt64 = 30 * 86_400
    package var server = ServerLimits(connectionsMax: 256, bodyBytesMax: 2 << 20)
    /// Requests that one party may make in the long run.
    package var requestsPerSecond = 200.0
    /// Requests that one party may make at once.
    package var requestsBurst = 800.0

    package init(
        identityDirectory: String,
        directory: String,
        keyFile: String,
        address: String = "0.0.0.0",
        port: Int = 7411,
        node: String,
        name: String,
        chain: ChainEndpoints,
        relay: ChainEndpoints?
    ) {
        self.identityDirectory = identityDirectory
        self.directory = directory
        self.keyFile = keyFile
        self.address = address
        self.port = port
        self.node = node
        self.name = name
        self.chain = chain
        self.relay = relay
    }
}
