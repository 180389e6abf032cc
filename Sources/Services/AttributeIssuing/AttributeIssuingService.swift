internal import AttributeEncryption
internal import BLSCertificates
internal import Certificates
package import ChainReading
internal import Contracts
package import Credentials
internal import Ledger
package import Logging
internal import SecureHTTP
package import ServiceLifecycle
internal import Uplink

/// `wardline node` in the role `attribute_authority`: the master key, the interface, and the way to the chain.
package final class AttributeIssuingService: Service {
    /// What validators have for an answer, s: less than a requester waits.
    private static let answerSecondsMax: Int64 = 8

    private let server: SecureHTTPServer
    private let client: SecureClient
    private let identity: Identity
    private let revocations: RevocationStore
    private let lock: DirectoryLock
    /// Runs beside the server.
    let companions: [any Service]
    let interface: AttributeInterface
    let links: LinkLedger

    /// Opens everything that must work before the first request is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - chain: what is asked about permissions; the configured validators when nil.
    ///   - writer: what takes the public key and refusals; the configured validators when nil.
    ///   - clock: milliseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: AttributeIssuingConfiguration,
        logger: Logger,
        chain: (any ChainFacts)? = nil,
        writer: (any ChainWriting)? = nil,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) throws {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        try Self.requireRole(identity)
        let genesis = try configuration.chain.genesis()
        let urls = try configuration.chain.urls(of: genesis)
        let secret = try SealingSecret(path: configuration.sealingKeyFile)
        try PrivateFile.makeDirectory(configuration.directory)
        self.lock = try DirectoryLock(configuration.directory)
        let master = try MasterKey(directory: configuration.directory, name: identity.name, secret: secret)
        if master.isNew {
            logger.notice(
                "made the master key; back its files up now, apart from the sealing key",
                metadata: ["directory": "\(configuration.directory)"]
            )
        }
        let revocations = try RevocationStore(identity)
        let watch = IdentityWatch(identity)
        let client = SecureClient(identity: watch, servers: [.validator], requestSeconds: Self.answerSecondsMax)
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let reader =
            try chain
            ?? QuorumReader(
                validators: urls,
                genesis: genesis,
                client: client,
                secondsMax: configuration.headSecondsMax,
                clock: clock
            )
        let submitter: any ChainWriting =
            writer
            ?? ChainSubmitter(
                ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: client),
                identity: watch,
                clock: clock
            )
        let links = try LinkLedger(directory: configuration.directory, retentionDays: configuration.retentionDays)
        let refusals = RefusalNotes(
            recorder: RefusalRecorder(submitter, step: .attributeKey, logger: logger),
            chain: reader
        )
        let publication = KeyPublication(
            name: identity.name,
            publicKey: master.publicKey,
            replaces: configuration.replacesPublishedKey,
            chain: reader,
            writer: submitter,
            logger: logger
        )
        let seconds: @Sendable () -> UInt64 = { clock() / 1_000 }
        let metrics = AttributeMetrics()
        let interface = AttributeInterface(
            desk: AttributeDesk(
                authority: master.authority,
                chain: reader,
                permissions: PermissionCheck(chain: reader, clock: clock),
                issuers: genesis.issuers,
                revocations: revocations,
                rules: ProvenAttributes(numbers: configuration.numbers),
                links: links,
                refusals: refusals,
                clock: seconds
            ),
            publicKey: master.publicKey,
            publication: publication,
            identity: watch,
            metrics: metrics
        ) {
            let isOver = watch.current.certificate.fields.notAfter < seconds()
            return [
                publication.obstacle,
                isOver ? "the authority's certificate has expired; run `wardline key rotate`" : nil,
            ].compactMap { $0 }
        }
        let rate = RateLimit(perSecond: configuration.requestsPerSecond, burst: configuration.requestsBurst)
        self.server = try SecureHTTPServer(
            name: "wardline",
            address: configuration.address,
            port: configuration.port,
            identity: identity,
            clientCertificates: .required,
            // Requesters of allied consortia prove their attributes here too; the chain says whose certificates count.
            circle: .allies,
            limits: configuration.server,
            revocations: revocations,
            metrics: metrics.requests,
            directory: configuration.directory,
            router: interface.router(behind: [rate]),
            logger: logger
        )
        self.client = client
        self.identity = identity
        self.revocations = revocations
        self.links = links
        self.interface = interface
        self.companions = [publication, refusals, LinkPruning(links: links, logger: logger, clock: seconds)]
    }

    /// What belongs in one service group.
    ///
    /// - Throws: when the identity, the directory, the sealing key or the genesis cannot be used.
    package static func services(
        _ configuration: AttributeIssuingConfiguration,
        logger: Logger
    ) throws -> [any Service] {
        let service = try AttributeIssuingService(configuration: configuration, logger: logger)
        let refresh = RevocationRefresh(store: service.revocations, identity: service.identity, logger: logger)
        return [service] + service.companions + [refresh]
    }

    /// The TCP port that the authority listens on; waits until it does.
    package func port() async throws -> Int { try await self.server.port() }

    /// Runs until the service group stops it: requests under way are answered.
    package func run() async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await self.server.run()) } catch { outcome = .failure(error) }
        await self.client.close()
        // Connections that are still being taken down may keep this object for a while.
        self.lock.release()
        try outcome.get()
    }

    // MARK: - Checks that need no start

    /// Requires that identity, genesis, validators and sealing key can be used, and belong to an attribute authority.
    ///
    /// - Throws: an error whose description says what does not.
    package static func check(_ configuration: AttributeIssuingConfiguration, _ identity: Identity) throws {
        try self.requireRole(identity)
        let genesis = try configuration.chain.genesis()
        _ = try configuration.chain.urls(of: genesis)
        _ = try SealingSecret(path: configuration.sealingKeyFile)
    }

    private static func requireRole(_ identity: Identity) throws {
        guard identity.name.role == .attributeAuthority else {
            throw CredentialsError.malformed(
                "\(identity.directory) is of a \(identity.name.role.rawValue); enrol an attribute-authority"
            )
        }
    }
}
