package import IdentityEncryption
package import SecureHTTP

/// Everything that a party that issues identity keys is told by its operator.
package struct KeyIssuingConfiguration: Sendable {
    /// A set of parties that issue under one public key.
    package struct PartySet: Sendable, Hashable {
        /// The data epoch from which on the set's parameters are used.
        package let epoch: UInt64
        /// The KGC, then the privacy centers.
        package let parties: [IssuingPlan.Party]

        package init(epoch: UInt64, parties: [IssuingPlan.Party]) {
            self.epoch = epoch
            self.parties = parties
        }
    }

    package var identityDirectory: String
    /// Holds the sealed shares and the list of used nonces; made when it does not exist.
    package var directory: String
    /// 32 bytes, or 64 hexadecimal digits, under which shares are sealed; of mode 0600.
    package var sealingKeyFile: String
    package var address: String
    /// 0 takes a free one.
    package var port: Int
    package var genesisFile: String
    /// `https` addresses of validators of which a quorum must answer before a key is issued.
    package var validators: [String]
    package var sets: [PartySet]
    /// Age of the newest block that a permission may be read from, s; 0 accepts any, because an idle chain makes none.
    package var headSecondsMax: UInt64 = 0
    /// From one refresh that this party gives to the next one to the same party, s.
    package var refreshSecondsMin: UInt64 = 3_600
    package var server = ServerLimits(connectionsMax: 256, bodyBytesMax: 4 << 20)
    /// Requests that all those without a certificate may make together in the long run; one network gets half.
    package var strangersPerSecond = 100.0
    /// Requests that all those without a certificate may make together at once; one network gets half.
    package var strangersBurst = 1_000.0
    /// Requests that one party may make in the long run.
    package var requestsPerSecond = 50.0
    /// Requests that one party may make at once.
    package var requestsBurst = 200.0

    package init(
        identityDirectory: String,
        directory: String,
        sealingKeyFile: String,
        address: String = "0.0.0.0",
        port: Int = 7408,
        genesisFile: String,
        validators: [String],
        sets: [PartySet]
    ) {
        self.identityDirectory = identityDirectory
        self.directory = directory
        self.sealingKeyFile = sealingKeyFile
        self.address = address
        self.port = port
        self.genesisFile = genesisFile
        self.validators = validators
        self.sets = sets
    }
}
