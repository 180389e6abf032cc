internal import Attesting
internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Consensus
package import Credentials
internal import EVMAdapter
internal import EVMProofs
internal import Ledger
package import Logging
internal import Records
internal import Relaying
internal import SecureHTTP
package import ServiceLifecycle
internal import Uplink

/// `wardline node` in the role `relay` for a chain with an EVM: carries messages between it and its relay chain.
package final class EVMGatewayService: Service {
    private let server: SecureHTTPServer
    private let clients: [SecureClient]
    private let node: JSONRPCClient
    private let identity: Identity
    private let revocations: RevocationStore
    private let lock: DirectoryLock
    private let loop: GatewayLoop
    private let picture: @Sendable () -> GatewayStatus
    private let listWatch: NodeListWatch

    /// Opens everything that must work before the first message is carried.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - clock: milliseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: EVMGatewayConfiguration,
        logger: Logger,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) throws {
        let own = try Identity.load(directory: configuration.relay.identityDirectory)
        try GatewayService.requireRole(own)
        let key = try EVMAccountFile.load(configuration.accountFile)
        try PrivateFile.makeDirectory(configuration.directory)
        self.lock = try DirectoryLock(configuration.directory)
        let board = GatewayBoard(logger: logger, clock: clock)
        let hub = try configuration.relay.chain.genesis().chain
        let (relay, client) = try GatewayService.shore(.relay, hub, configuration.relay, clock)
        let node = try configuration.evm.client()
        let sender = try TransactionSender(
            node: EVMNode(node),
            key: key,
            chainID: configuration.evm.chainID,
            limits: SendingLimits(gasMax: configuration.gasMax, feeMax: configuration.feeMax)
        )
        let chain = try configuration.evm.chain(named: "\(hub):\(configuration.name)", by: node, sender: sender)
        let evm = EVMShore(name: configuration.name, chain: chain)
        let account = own.name.description
        let asking = SecureClient(identity: IdentityWatch(own), servers: [.relay], of: .allies, requestSeconds: 20)
        let urls = try Self.urls(configuration.attesters)
        let panel = AttesterPanel(urls + (try Self.urls(configuration.relay.attesters)), client: asking)
        let seconds: @Sendable () -> UInt64 = { clock() / 1_000 }
        let lists = NodeListReader(relay: relay.facts, clock: seconds)
        let canaries = CanaryTrial(panel: panel, relay: relay, board: board, every: configuration.canaryEvery)
        let worker = EVMGatewayWorker(
            evm: evm,
            relay: relay,
            hops: EVMHopBuilder(
                name: configuration.name,
                panel: panel,
                lists: lists,
                account: account,
                hopSeconds: configuration.hopSeconds,
                clock: seconds,
                canaries: canaries
            ),
            paths: PathBuilder(
                panel: panel,
                lists: lists,
                relay: relay,
                account: account,
                hopSeconds: configuration.hopSeconds,
                clock: seconds,
                canaries: canaries
            ),
            deliveries: EVMDeliveries(
                evm: evm,
                relay: relay,
                panel: EVMStatementPanel(urls, client: asking),
                board: board
            ),
            book: LeafBook(),
            board: board
        )
        self.loop = GatewayLoop(
            worker: worker,
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
                chains: [Self.mark(of: configuration.evm), relay.genesis.digest]
            ),
            tickMilliseconds: configuration.tickMilliseconds,
            pollMilliseconds: configuration.pollMilliseconds,
            limits: PlanLimits(
                tickMilliseconds: configuration.tickMilliseconds,
                backlogMilliseconds: configuration.backlogMilliseconds
            ),
            salt: own.certificate.digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            logger: logger
        )
        let names = [configuration.name, hub]
        let status: @Sendable () -> GatewayStatus = {
            GatewayStatus(board.current, names: names, account: account, panel: panel)
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
        self.clients = [client, asking]
        self.node = node
        self.identity = own
        self.revocations = revocations
        self.picture = status
        self.listWatch = NodeListWatch(lists, of: names, clock: clock)
    }

    /// What belongs in one service group.
    ///
    /// - Throws: when an identity, a key, the directory or the genesis cannot be used.
    package static func services(_ configuration: EVMGatewayConfiguration, logger: Logger) throws -> [any Service] {
        let service = try EVMGatewayService(configuration: configuration, logger: logger)
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
        await self.node.close()
        // Connections that are still being taken down may keep this object for a while.
        self.lock.release()
        try outcome.get()
    }

    // MARK: - Parts

    /// In place of a genesis: which broker on which chain.
    private static func mark(of evm: EVMEndpoint) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 32)
        writer.u64(evm.chainID)
        writer.raw(evm.broker.bytes)
        return Digest.sha256(of: writer.bytes).bytes
    }

    private static func urls(_ texts: [String]) throws -> [ServiceURL] {
        try texts.map { text in
            guard let url = ServiceURL(text) else {
                throw CredentialsError.malformed("\(text) is not an address of the form https://host:port")
            }
            return url
        }
    }

    // MARK: - Checks that need no start

    /// Requires that identity, key, genesis, addresses and the chain's description can be used.
    ///
    /// - Throws: an error whose description says what does not.
    package static func check(_ configuration: EVMGatewayConfiguration, _ identity: Identity) throws {
        try GatewayService.requireRole(identity)
        _ = try EVMAccountFile.load(configuration.accountFile)
        _ = try configuration.evm.registration()
        guard NodeURL(configuration.evm.url) != nil else {
            throw CredentialsError.malformed(
                "evm.url: \(configuration.evm.url) is not https://…, nor http://… of this machine"
            )
        }
        let genesis = try configuration.relay.chain.genesis()
        _ = try configuration.relay.chain.urls(of: genesis)
        _ = try ChainSignatures.required(of: genesis.committee)
        _ = try self.urls(configuration.attesters + configuration.relay.attesters)
        guard !configuration.attesters.isEmpty else {
            throw CredentialsError.malformed("attesters of \(configuration.name) are missing: nothing could be carried")
        }
    }
}
