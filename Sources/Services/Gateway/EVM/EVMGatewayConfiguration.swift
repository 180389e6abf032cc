package import EVMAdapter
package import SecureHTTP

/// Everything that a gateway between a chain with an EVM and its relay chain is told by its operator.
package struct EVMGatewayConfiguration: Sendable {
    /// Holds how far the chains were read, as a hint; made when it does not exist.
    package var directory: String
    package var address: String
    /// 0 takes a free one.
    package var port: Int
    /// The chain's registered name.
    package var name: String
    package var evm: EVMEndpoint
    /// Key file of the account that pays for deliveries, mode 0600.
    package var accountFile: String
    /// Gas of one delivery at most.
    package var gasMax: UInt64 = 12_000_000
    /// Wei for a unit of gas at most.
    package var feeMax: UInt64 = 500_000_000_000
    /// `https` addresses of the chain's verification nodes.
    package var attesters: [String]
    package var relay: GatewayConfiguration.Side
    /// For how long a lease is taken, s; 0: no lease, gateways compete.
    package var leaseSeconds: UInt32 = 60
    /// How long a hop is good for, s.
    package var hopSeconds: UInt64 = 7 * 86_400
    /// After one of so many questions to verification nodes they are asked to certify what nobody has sent; 0: never.
    package var canaryEvery: UInt32 = 200
    /// ms of one tick of the plan.
    package var tickMilliseconds: UInt64 = 250
    /// ms between two looks at the chains' heights, when nothing is heard of them.
    package var pollMilliseconds: UInt64 = 2_000
    /// ms between two messages of a backlog that are handed in while fresh requests come.
    package var backlogMilliseconds: UInt64 = 1_000
    package var server = ServerLimits(connectionsMax: 64, bodyBytesMax: 16 << 10)

    package init(
        directory: String,
        address: String = "0.0.0.0",
        port: Int = 7412,
        name: String,
        evm: EVMEndpoint,
        accountFile: String,
        attesters: [String],
        relay: GatewayConfiguration.Side
    ) {
        self.directory = directory
        self.address = address
        self.port = port
        self.name = name
        self.evm = evm
        self.accountFile = accountFile
        self.attesters = attesters
        self.relay = relay
    }
}
