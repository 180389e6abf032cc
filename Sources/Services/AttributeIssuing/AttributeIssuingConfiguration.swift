package import ChainReading
package import SecureHTTP

/// Everything that an attribute authority is told by its operator.
package struct AttributeIssuingConfiguration: Sendable {
    package var identityDirectory: String
    /// Holds the sealed master key and the ledger of links; made when it does not exist.
    package var directory: String
    /// 32 bytes, or 64 hexadecimal digits, under which the master key is sealed; of mode 0600.
    package var sealingKeyFile: String
    package var address: String
    /// 0 takes a free one.
    package var port: Int
    package var chain: ChainEndpoints
    /// Names of the attributes of certificates whose values are numbers.
    package var numbers: [String] = []
    /// How long the ledger keeps who got a key under which permission, in days.
    package var retentionDays: UInt64 = 180
    /// Publish this authority's key although the chain holds another one of it.
    package var replacesPublishedKey = false
    /// Age of the newest block that a permission may be read from, s; 0 accepts any, because an idle chain makes none.
    package var headSecondsMax: UInt64 = 0
    package var server = ServerLimits(connectionsMax: 256, bodyBytesMax: 256 << 10)
    /// Requests that one party may make in the long run.
    package var requestsPerSecond = 2.0
    /// Requests that one party may make at once.
    package var requestsBurst = 20.0

    package init(
        identityDirectory: String,
        directory: String,
        sealingKeyFile: String,
        address: String = "0.0.0.0",
        port: Int = 7409,
        chain: ChainEndpoints
    ) {
        self.identityDirectory = identityDirectory
        self.directory = directory
        self.sealingKeyFile = sealingKeyFile
        self.address = address
        self.port = port
        self.chain = chain
    }
}
