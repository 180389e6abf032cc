internal import BLSCertificates
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Credentials
internal import Ledger
internal import Uplink

/// What both authorities stand on: identity, sealing key, lock, epochs, and the chain if there is one.
struct AuthorityFoundation {
    /// What validators have for an answer, s.
    private static let answerSecondsMax: Int64 = 60

    /// The chain as an authority reads it and writes to it.
    struct Chain {
        let genesis: Genesis
        let client: SecureClient
        let orders: TraceOrders
        let writer: any ChainWriting
    }

    let identity: Identity
    let watch: IdentityWatch
    let revocations: RevocationStore
    let vault: VaultKey
    let lock: DirectoryLock
    let epochs: PseudonymEpochs
    let chain: Chain?

    /// - Parameters:
    ///   - configuration: checked.
    ///   - role: that the identity must have.
    ///   - instead: instead of the configured validators; for tests.
    /// - Throws: an error whose description says what to do.
    init(
        _ configuration: PseudonymityConfiguration,
        role: PartyRole,
        instead: (facts: any ChainFacts, writer: any ChainWriting)?
    ) throws {
        let identity = try Self.identity(configuration, role: role)
        let watch = IdentityWatch(identity)
        self.identity = identity
        self.watch = watch
        self.revocations = try RevocationStore(identity)
        self.vault = try VaultKey(path: configuration.sealingKeyFile)
        try PrivateFile.makeDirectory(configuration.directory)
        self.lock = try DirectoryLock(configuration.directory)
        let genesis = try configuration.chain?.genesis()
        self.epochs = try Self.epochs(configuration, genesis)
        self.chain = try configuration.chain.flatMap { endpoints in
            try genesis.map { try Self.chain(endpoints, $0, watch, instead: instead) }
        }
    }

    /// Requires everything that can be wrong without starting.
    static func check(_ configuration: PseudonymityConfiguration, role: PartyRole) throws {
        _ = try self.identity(configuration, role: role)
        _ = try VaultKey(path: configuration.sealingKeyFile)
        let genesis = try configuration.chain?.genesis()
        _ = try self.epochs(configuration, genesis)
        if let genesis { _ = try configuration.chain?.urls(of: genesis) }
    }

    private static func identity(_ configuration: PseudonymityConfiguration, role: PartyRole) throws -> Identity {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        guard identity.name.role == role else {
            throw CredentialsError.malformed(
                "\(configuration.identityDirectory) is of \(identity.name), where the role \(role.rawValue) is needed"
            )
        }
        return identity
    }

    private static func epochs(
        _ configuration: PseudonymityConfiguration,
        _ genesis: Genesis?
    ) throws -> PseudonymEpochs {
        guard let genesis else {
            return PseudonymEpochs(seconds: configuration.epochSeconds ?? PseudonymEpochs.secondsDefault)
        }
        guard configuration.epochSeconds == nil else {
            throw CredentialsError.malformed("the chain says how long an epoch is: leave epoch_seconds out")
        }
        let name = ChainParameter.epochSeconds.rawValue
        let value = genesis.parameters.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
        return PseudonymEpochs(seconds: value ?? ChainParameter.epochSeconds.defaultValue)
    }

    private static func chain(
        _ endpoints: ChainEndpoints,
        _ genesis: Genesis,
        _ watch: IdentityWatch,
        instead: (facts: any ChainFacts, writer: any ChainWriting)?
    ) throws -> Chain {
        let client = SecureClient(identity: watch, servers: [.validator], requestSeconds: self.answerSecondsMax)
        if let instead {
            let orders = TraceOrders(chain: instead.facts, writer: instead.writer)
            return Chain(genesis: genesis, client: client, orders: orders, writer: instead.writer)
        }
        let urls = try endpoints.urls(of: genesis)
        let reader = try QuorumReader(
            validators: urls,
            genesis: genesis,
            client: client,
            // An order does not become wrong by age, and an idle chain makes no blocks.
            secondsMax: 0,
            clock: ChainSubmitter.systemClock
        )
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let submitter = ChainSubmitter(
            ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: client),
            identity: watch
        )
        let orders = TraceOrders(chain: reader, writer: submitter)
        return Chain(genesis: genesis, client: client, orders: orders, writer: submitter)
    }
}
