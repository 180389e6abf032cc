package import ChainReading
package import SecureHTTP

/// Everything that a gateway is told by its operator.
package struct GatewayConfiguration: Sendable {
    /// One of the two chains that the gateway joins.
    package struct Side: Sendable, Hashable {
        /// Certified by an issuer that the chain accepts.
        package var identityDirectory: String
        package var chain: ChainEndpoints
        /// `https` addresses of the chain's verification nodes.
        package var attesters: [String]

        package init(identityDirectory: String, chain: ChainEndpoints, attesters: [String]) {
            self.identityDirectory = identityDirectory
            self.chain = chain
            self.attesters = attesters
        }
    }

    /// Holds how far the chains were read, as a hint; made when it does not exist.
    package var directory: String
    package var address: String
    /// 0 takes a free one.
    package var port: Int
    /// The registered name of the application chain.
    package var name: String
    package var application: Side
    package var relay: Side
    /// Verification nodes of other chains, which sign anew what has expired on its way.
    package var otherAttesters: [String] = []
    /// For how long a lease is taken, s; 0: no lease, gateways compete.
    package var leaseSeconds: UInt32 = 60
    /// How long a hop is good for, s.
    package var hopSeconds: UInt64 = 7 * 86_400
    /// The application chain is shown that the relay chain lives after so many seconds; 0: when a third of its trust is over.
    package var headerSeconds: UInt64 = 0
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
        application: Side,
        relay: Side
    ) {
        self.directory = directory
        self.address = address
        self.port = port
        self.name = name
        self.application = application
        self.relay = relay
    }
}
