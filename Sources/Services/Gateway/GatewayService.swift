internal import Attesting
internal import BLSCertificates
internal import Certificates
internal import ChainReading
internal import Consensus
package import Credentials
internal import Ledger
package import Logging
internal import Relaying
internal import SecureHTTP
package import ServiceLifecycle
internal import Uplink

/// `wardline node` in the role `relay`: carries messages between an application chain and its relay chain.
package final class GatewayService: Service {
    /// What validators have for an answer, s: longer than they may wait for a block.
    private static let answerSecondsMax: Int64 = 45
    /// Bytes of the longest name that a hop can have.
    private static let accountBytesMax = 64

    private let server: SecureHTTPServer
    private let clients: [SecureClient]
    private let identity: Identity
    private let revocations: RevocationStore
    private let lock: DirectoryLock
    private let loop: GatewayLoop
    private let logger: Logger
    private let picture: @Sendable () -> GatewayStatus
    private let listWatch: NodeListWatch
    let interface: GatewayInterface

    /// Opens everything that must work before the first message is carried.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - clock: milliseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: GatewayConfiguration,
        logger: Logger,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) throws {
        let own = try Identity.load(directory: configuration.relay.identityDirectory)
        try Self.requireRole(own)
        try PrivateFile.makeDirectory(configuration.directory)
        self.lock = try DirectoryLock(configuration.directory)
        let board = GatewayBoard(logger: logger, clock: clock)
        let (application, first) = try Self.shore(.application, configuration.name, configuration.application, clock)
        let hub = try configuration.relay.chain.genesis().chain
        let (relay, second) = try Self.shore(.relay, hub, configuration.relay, clock)
        let seconds: @Sendable () -> UInt64 = { clock() / 1_000 }
        let lists = NodeListReader(relay: relay.facts, clock: seconds)
        let account = own.name.description
        let watch = IdentityWatch(own)
        let asking = SecureClient(identity: watch, servers: [.relay], of: .allies, requestSeconds: 20)
        let panel = AttesterPanel(try Self.attesters(configuration), client: asking)
        let tools = GatewayTools(
            application: application,
            relay: relay,
            hands: Hands(application: application, relay: relay, account: account),
            paths: PathBuilder(
                panel: panel,
                lists: lists,
                relay: relay,
                account: account,
                hopSeconds: configuration.hopSeconds,
                clock: seconds,
                canaries: CanaryTrial(panel: panel, relay: relay, board: board, every: configuration.canaryEvery)
            ),
            successions: Successions(
                application: application,
                relay: relay,
                headerSeconds: configuration.headerSeconds,
                clock: clock
            ),
            book: LeafBook(),
            board: board
        )
        self.loop = GatewayLoop(
            worker: GatewayWorker(tools: tools),
            lease: LeaseKeeper(
                relay: relay,
                lane: configuration.name,
                holder: account,
                seconds: configuration.leaseSeconds,
                board: board,
                clock: clock
            ),
            cursor: CursorFile(
                directory: configuration.directory,
                chains: [application.genesis.digest, relay.genesis.digest]
            ),
            tickMilliseconds: configuration.tickMilliseconds,
            pollMilliseconds: configuration.pollMilliseconds,
            limits: PlanLimits(
                tickMilliseconds: configuration.tickMilliseconds,
                backlogMilliseconds: configuration.backlogMilliseconds,
                headerSeconds: configuration.headerSeconds
            ),
            salt: own.certificate.digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            logger: logger
        )
        let names = [configuration.name, hub]
        let routes = RouteWatch(application.facts, own: hub, board: board, clock: clock)
        let status: @Sendable () -> GatewayStatus = {
            GatewayStatus(board.current, names: names, account: account, panel: panel, routes: routes.current())
        }
        let revocations = try RevocationStore(own)
        let requests = RequestMetrics()
        let interface = GatewayInterface(
            status: status,
            submissions: { board.current.submissions },
            requests: requests,
            clock: clock
        )
        self.server = try SecureHTTPServer(
            name: "wardline",
            address: configuration.address,
            port: configuration.port,
            identity: own,
            clientCertificates: .required,
            limits: configuration.server,
            revocations: revocations,
            metrics: requests,
            directory: configuration.directory,
            router: interface.router(behind: [RateLimit(perSecond: 20, burst: 100)]),
            logger: logger
        )
        self.clients = [first, second, asking]
        self.identity = own
        self.revocations = revocations
        self.logger = logger
        self.picture = status
        self.listWatch = NodeListWatch(lists, of: names, clock: clock)
        self.interface = interface
    }

    /// What belongs in one service group.
    ///
    /// - Throws: when an identity, the directory or a genesis cannot be used.
    package static func services(_ configuration: GatewayConfiguration, logger: Logger) throws -> [any Service] {
        let service = try GatewayService(configuration: configuration, logger: logger)
        return [service, RevocationRefresh(store: service.revocations, identity: service.identity, logger: logger)]
    }

    /// The TCP port that the gateway listens on; waits until it does.
    package func port() async throws -> Int { try await self.server.port() }

    /// How it stands.
    package var status: GatewayStatus { self.picture() }

    /// Who certifies messages of the two chains; read while somebody asks.
    package var nodeLists: NodeListsStatus { self.listWatch.current() }

    /// Runs until the service group stops it: what is under way is brought to its end.
    package func run() async throws {
        let loop = self.loop
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.server.run() }
                    group.addTask {
                        await withGracefulShutdownHandler {
                            await loop.run()
                        } onGracefulShutdown: {
                            loop.stop()
                        }
                    }
                    for try await _ in group {}
                }
            )
        } catch { outcome = .failure(error) }
        for client in self.clients { await client.close() }
        // Connections that are still being taken down may keep this object for a while.
        self.lock.release()
        try outcome.get()
    }

    // MARK: - Parts

    static func shore(
        _ shore: Shore,
        _ name: String,
        _ side: GatewayConfiguration.Side,
        _ clock: @escaping @Sendable () -> UInt64
    ) throws -> (ShoreClient, SecureClient) {
        let identity = try Identity.load(directory: side.identityDirectory)
        try self.requireRole(identity)
        let genesis = try side.chain.genesis()
        let urls = try side.chain.urls(of: genesis)
        let watch = IdentityWatch(identity)
        let client = SecureClient(
            identity: watch,
            servers: [.validator],
            of: .allies,
            requestSeconds: self.answerSecondsMax
        )
        let scheme = RememberingScheme(try ChainSignatures.required(of: genesis.committee))
        let chain = Uplink.ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: client)
        let made = ShoreClient(
            shore,
            name: name,
            genesis: genesis,
            urls: urls,
            scheme: scheme,
            client: client,
            facts: try QuorumReader(validators: urls, genesis: genesis, client: client, secondsMax: 0, clock: clock),
            writer: ChainSubmitter(chain, identity: watch, clock: clock)
        )
        return (made, client)
    }

    private static func attesters(_ configuration: GatewayConfiguration) throws -> [ServiceURL] {
        let texts =
            configuration.application.attesters + configuration.relay.attesters + configuration.otherAttesters
        return try texts.map { text in
            guard let url = ServiceURL(text) else {
                throw CredentialsError.malformed("\(text) is not an address of the form https://host:port")
            }
            return url
        }
    }

    // MARK: - Checks that need no start

    /// Requires that identities, genesis files and addresses can be used.
    ///
    /// - Throws: an error whose description says what does not.
    package static func check(_ configuration: GatewayConfiguration, _ identity: Identity) throws {
        try self.requireRole(identity)
        try self.requireRole(try Identity.load(directory: configuration.application.identityDirectory))
        for side in [configuration.application, configuration.relay] {
            let genesis = try side.chain.genesis()
            _ = try side.chain.urls(of: genesis)
            _ = try ChainSignatures.required(of: genesis.committee)
        }
        guard try configuration.application.chain.genesis().digest != configuration.relay.chain.genesis().digest else {
            throw CredentialsError.malformed("application and hub are one chain; a gateway joins two")
        }
        _ = try self.attesters(configuration)
    }

    static func requireRole(_ identity: Identity) throws {
        guard identity.name.role == .relay else {
            throw CredentialsError.malformed(
                "\(identity.directory) is of a \(identity.name.role.rawValue); enrol a relay"
            )
        }
        guard identity.name.description.utf8.count <= self.accountBytesMax else {
            throw CredentialsError.malformed(
                "\(identity.name) has more than \(self.accountBytesMax) bytes; a hop cannot name it: enrol a shorter name"
            )
        }
    }
}
