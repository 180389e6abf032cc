package import Certificates
package import ChainReading
package import SecureHTTP

/// What both authorities are told by their operators.
package struct PseudonymityConfiguration: Sendable {
    package var identityDirectory: String
    /// Books and sealed keys.
    package var directory: String
    /// 32 bytes, or 64 hexadecimal digits, under which secret keys are sealed; of mode 0600.
    package var sealingKeyFile: String
    package var address: String
    /// 0 takes a free one.
    package var port: Int
    /// Where orders to trace are looked for; nil: nothing is traced.
    package var chain: ChainEndpoints?
    /// Length of an epoch where no chain says it, s.
    package var epochSeconds: UInt64?
    /// Epochs after which a pseudonym cannot be traced any more: the keys are destroyed.
    package var traceEpochs: UInt64 = 52
    package var server = ServerLimits(connectionsMax: 256, responseSeconds: 120, bodyBytesMax: 1 << 20)
    /// Requests that one party may make in the long run.
    package var requestsPerSecond = 20.0
    /// Requests that one party may make at once.
    package var requestsBurst = 80.0

    package init(
        identityDirectory: String,
        directory: String,
        sealingKeyFile: String,
        address: String = "0.0.0.0",
        port: Int,
        chain: ChainEndpoints? = nil
    ) {
        self.identityDirectory = identityDirectory
        self.directory = directory
        self.sealingKeyFile = sealingKeyFile
        self.address = address
        self.port = port
        self.chain = chain
    }
}

/// Everything that a registration authority is told.
package struct RegistrationConfiguration: Sendable {
    package static let portDefault = 7411
    /// Certificates that a user may be allowed for one epoch.
    package static let countPerEpochRange: ClosedRange<UInt32> = 1...4_096

    package var base: PseudonymityConfiguration
    /// `https` address of the authority of pseudonyms.
    package var pseudonymAuthority: String
    /// Certificates of one user for one epoch.
    package var countPerEpoch: UInt32 = 256
    /// Users whose keys make a batch leave at once.
    package var batchUsersMin = 8
    /// How long the first user waits for others, s.
    package var batchSecondsMax: UInt64 = 5

    package init(_ base: PseudonymityConfiguration, pseudonymAuthority: String) {
        self.base = base
        self.pseudonymAuthority = pseudonymAuthority
    }
}

/// Everything that an authority of pseudonyms is told.
package struct PseudonymAuthorityConfiguration: Sendable {
    package static let portDefault = 7412

    package var base: PseudonymityConfiguration
    /// Those that it issues for.
    package var registrationAuthorities: [PartyName]
    /// `name:value`, the same in all certificates: what many share.
    package var attributes: [String] = []

    package init(_ base: PseudonymityConfiguration, registrationAuthorities: [PartyName]) {
        self.base = base
        self.registrationAuthorities = registrationAuthorities
    }
}
