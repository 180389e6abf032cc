internal import Certificates
package import ChainReading
internal import Credentials
internal import Ledger
package import Logging
internal import SecureHTTP
package import ServiceLifecycle
internal import Uplink

/// `wardline node` in the role `pseudonym_authority`.
package final class PseudonymAuthorityService: Service {
    private let server: SecureHTTPServer
    private let keeper: any Service
    private let chainClient: SecureClient?
    private let lock: DirectoryLock
    private let identity: Identity
    private let revocations: RevocationStore
    let desk: PseudonymDesk
    let interface: ServiceInterface

    /// Opens everything that must work before the first request is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - chain: instead of the configured validators.
    ///   - now: seconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: PseudonymAuthorityConfiguration,
        logger: Logger,
        chain: (facts: any ChainFacts, writer: any ChainWriting)? = nil,
        now: @escaping @Sendable () -> UInt64 = RegistrationService.systemClock
    ) throws {
        let base = configuration.base
        let foundation = try AuthorityFoundation(base, role: .pseudonymAuthority, instead: chain)
        let issuer = try Self.issuer(configuration, foundation.vault, foundation.identity)
        self.lock = foundation.lock
        self.identity = foundation.identity
        self.revocations = foundation.revocations
        self.chainClient = foundation.chain?.client
        let desk = PseudonymDesk(
            issuer: issuer,
            epochs: foundation.epochs,
            keys: try EpochKeys(
                directory: "\(base.directory)/keys",
                owner: issuer.issuer.name,
                vault: foundation.vault
            ),
            books: try PseudonymBooks(directory: base.directory),
            attributes: configuration.attributes,
            registrationAuthorities: configuration.registrationAuthorities,
            orders: foundation.chain?.orders,
            now: now
        )
        self.desk = desk
        let alarm = Alarm()
        if let chain = foundation.chain {
            if !chain.genesis.issuers.contains(where: { $0.kind == .pseudonymAuthority && $0.issuer == issuer.issuer })
            {
                logger.warning("the genesis does not list this issuer; the governors must have added it")
            }
            self.keeper = RevocationPublisher(
                desk: desk,
                writer: chain.writer,
                traceEpochs: base.traceEpochs,
                alarm: alarm,
                logger: logger
            )
        } else {
            self.keeper = PseudonymUpkeep(desk: desk, traceEpochs: base.traceEpochs, logger: logger)
        }
        let metrics = RequestMetrics()
        let watch = foundation.watch
        self.interface = desk.interface(
            metrics: { metrics.text },
            obstacles: { watch.obstacles(at: now()) },
            revoked: { alarm.ring() }
        )
        self.server = try SecureHTTPServer(
            name: "wardline",
            address: base.address,
            port: base.port,
            identity: foundation.identity,
            clientCertificates: .required,
            limits: base.server,
            revocations: foundation.revocations,
            metrics: metrics,
            directory: base.directory,
            router: self.interface.router(
                behind: [RateLimit(perSecond: base.requestsPerSecond, burst: base.requestsBurst)]
            ),
            logger: logger
        )
    }

    /// What belongs in one service group.
    ///
    /// - Throws: when identity, directory, keys or genesis cannot be used.
    package static func services(
        _ configuration: PseudonymAuthorityConfiguration,
        logger: Logger
    ) throws -> [any Service] {
        let service = try PseudonymAuthorityService(configuration: configuration, logger: logger)
        return [
            service, service.keeper,
            RevocationRefresh(store: service.revocations, identity: service.identity, logger: logger),
        ]
    }

    /// Requires everything that can be wrong without starting.
    ///
    /// - Throws: an error whose description says what to do.
    package static func check(_ configuration: PseudonymAuthorityConfiguration) throws {
        try AuthorityFoundation.check(configuration.base, role: .pseudonymAuthority)
        let vault = try VaultKey(path: configuration.base.sealingKeyFile)
        let identity = try Identity.load(directory: configuration.base.identityDirectory)
        _ = try self.issuer(configuration, vault, identity)
    }

    /// The TCP port that it listens on; waits until it does.
    package func port() async throws -> Int { try await self.server.port() }

    /// What brings revocation lists to the chain and drops what is too old: belongs in the same service group.
    package var upkeep: any Service { self.keeper }

    /// Runs until the service group stops it.
    package func run() async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await self.server.run()) } catch { outcome = .failure(error) }
        await self.chainClient?.close()
        // Connections that are still being taken down may keep this object for a while.
        self.lock.release()
        try outcome.get()
    }

    /// The issuing key, of the party that serves.
    private static func issuer(
        _ configuration: PseudonymAuthorityConfiguration,
        _ vault: VaultKey,
        _ identity: Identity
    ) throws -> PseudonymIssuer {
        let issuer = try PseudonymIssuer.load(directory: configuration.base.directory, vault: vault)
        guard issuer.party == identity.name else {
            throw CredentialsError.malformed(
                "the issuing key in \(configuration.base.directory) is of \(issuer.party), the identity of \(identity.name)"
            )
        }
        return issuer
    }
}
