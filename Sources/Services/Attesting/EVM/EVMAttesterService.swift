internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
package import Credentials
internal import EVMAdapter
internal import EVMProofs
internal import Ledger
package import Logging
internal import PathProofs
internal import Relaying
internal import Secp256k1
internal import SecureHTTP
package import ServiceLifecycle
internal import ThresholdSignatures
internal import Uplink

/// `wardline node` in the role `attester` for a chain with an EVM: certifies its blocks to the relay chain, and what the
/// relay chain tells to its broker.
package final class EVMAttesterService: Service {
    /// What validators have for an answer, s.
    private static let answerSecondsMax: Int64 = 8

    private let server: SecureHTTPServer
    private let client: SecureClient
    private let node: JSONRPCClient
    private let identity: Identity
    private let revocations: RevocationStore
    private let lock: DirectoryLock

    /// Opens everything that must work before the first request is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - clock: milliseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: EVMAttesterConfiguration,
        logger: Logger,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) throws {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        try AttesterService.requireRole(identity)
        let keys = try NodeKeyFile(path: configuration.keyFile)
        let account = try EVMAccountFile.load(configuration.accountFile)
        _ = try configuration.evm.registration()
        let genesis = try configuration.relay.genesis()
        let hub = genesis.chain
        let urls = try configuration.relay.urls(of: genesis)
        let statements = "\(configuration.directory)/statements"
        try PrivateFile.makeDirectory(configuration.directory)
        try PrivateFile.makeDirectory(statements)
        self.lock = try DirectoryLock(configuration.directory)
        let watch = IdentityWatch(identity)
        let client = SecureClient(
            identity: watch,
            servers: [.validator],
            of: .allies,
            requestSeconds: Self.answerSecondsMax
        )
        let facts = try QuorumReader(validators: urls, genesis: genesis, client: client, secondsMax: 0, clock: clock)
        let seconds: @Sendable () -> UInt64 = { clock() / 1_000 }
        let lists = NodeListReader(relay: facts, clock: seconds)
        let node = try configuration.evm.client()
        let chain = try configuration.evm.chain(named: "\(hub):\(configuration.name)", by: node)
        let card = NodeCard(chain: configuration.name, node: configuration.node, key: keys.signer.publicKey.encoded)
        let metrics = AttestMetrics()
        let hops = EVMHopDesk(
            name: configuration.name,
            hub: hub,
            chain: chain,
            signer: keys.signer,
            lists: lists,
            ledger: try SignedHops(directory: configuration.directory),
            expirySecondsMax: configuration.expirySecondsMax,
            clock: seconds
        )
        let desk = EVMStatementDesk(
            name: configuration.name,
            hub: hub,
            chain: chain,
            key: account,
            committees: CommitteeFollower(
                validators: urls,
                genesis: genesis,
                channel: .access,
                scheme: RememberingScheme(try ChainSignatures.required(of: genesis.committee)),
                client: client
            ),
            lists: lists,
            ledger: try SignedHops(directory: statements),
            clock: seconds
        )
        let readiness = EVMReadiness(card: card, endpoint: configuration.evm, chain: chain, facts: facts, lists: lists)
        let own = try EVMAddress(publicKey: account.publicKey.coordinates)
        let interface = AttestInterface(
            questions: AttestInterface.Question.evm(
                hops: { try await hops.sign($0) },
                statements: { try await desk.sign($0) }
            ),
            document: EVMOpenAPIDocument.text,
            card: card,
            metrics: metrics
        ) { await readiness.obstacles(watch.current, own, at: seconds()) }
        let rate = RateLimit(perSecond: configuration.requestsPerSecond, burst: configuration.requestsBurst)
        let revocations = try RevocationStore(identity)
        self.server = try SecureHTTPServer(
            name: "wardline",
            address: configuration.address,
            port: configuration.port,
            identity: identity,
            clientCertificates: .required,
            // Gateways of the other chains ask here, too.
            circle: .allies,
            limits: configuration.server,
            revocations: revocations,
            metrics: metrics.requests,
            directory: configuration.directory,
            router: interface.router(behind: [rate]),
            logger: logger
        )
        self.client = client
        self.node = node
        self.identity = identity
        self.revocations = revocations
    }

    /// What belongs in one service group.
    ///
    /// - Throws: when the identity, the keys, the directory or the genesis cannot be used.
    package static func services(_ configuration: EVMAttesterConfiguration, logger: Logger) throws -> [any Service] {
        let service = try EVMAttesterService(configuration: configuration, logger: logger)
        return [service, RevocationRefresh(store: service.revocations, identity: service.identity, logger: logger)]
    }

    /// The TCP port that the node listens on; waits until it does.
    package func port() async throws -> Int { try await self.server.port() }

    /// Runs until the service group stops it: requests under way are answered.
    package func run() async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await self.server.run()) } catch { outcome = .failure(error) }
        await self.client.close()
        await self.node.close()
        // Connections that are still being taken down may keep this object for a while.
        self.lock.release()
        try outcome.get()
    }

    // MARK: - Checks that need no start

    /// Requires that identity, keys, genesis, validators and the chain's description can be used.
    ///
    /// - Throws: an error whose description says what does not.
    package static func check(_ configuration: EVMAttesterConfiguration, _ identity: Identity) throws {
        try AttesterService.requireRole(identity)
        _ = try NodeKeyFile(path: configuration.keyFile)
        _ = try EVMAccountFile.load(configuration.accountFile)
        _ = try configuration.evm.registration()
        guard NodeURL(configuration.evm.url) != nil else {
            throw CredentialsError.malformed(
                "evm.url: \(configuration.evm.url) is not https://…, nor http://… of this machine"
            )
        }
        let genesis = try configuration.relay.genesis()
        _ = try configuration.relay.urls(of: genesis)
        _ = try ChainSignatures.required(of: genesis.committee)
    }
}

/// What keeps a verification node of a chain with an EVM from signing.
struct EVMReadiness: Sendable {
    let card: NodeCard
    let endpoint: EVMEndpoint
    let chain: EVMChain
    /// The relay chain's.
    let facts: any ChainFacts
    let lists: any NodeListSource

    /// Sentences for operators; empty when nothing does.
    func obstacles(_ identity: Identity, _ account: EVMAddress, at now: UInt64) async -> [String] {
        if identity.certificate.fields.notAfter < now {
            return ["the node's certificate has expired; run `wardline key rotate`"]
        }
        return await self.registryObstacles() + self.chainObstacles(account)
    }

    private func registryObstacles() async -> [String] {
        let name = self.card.chain
        do {
            guard let bytes = try await self.facts.fact(of: RelayKey.chain(name), on: .access).value else {
                return ["the relay chain has no chain \(name)"]
            }
            let record = try RegisteredChain(bytes: bytes)
            guard record.rule == .attested else { return ["\(name) is registered under another rule than attested"] }
            if let other = try self.endpoint.difference(to: EVMRegistration(bytes: record.parameters)) {
                return ["evm: \(other)"]
            }
            guard let epoch = try await self.lists.newestEpoch(of: name),
                let reign = try await self.lists.reign(of: name, epoch: epoch)
            else { return ["the relay chain has no list of verification nodes of \(name)"] }
            let isSeated = reign.list.seats.contains { $0.contains { $0.keys.signature.encoded == self.card.key } }
            return isSeated ? [] : ["the newest list of \(name), epoch \(epoch), has no seat for this node's key"]
        } catch { return ["the relay chain's registry cannot be read: \(error)"] }
    }

    private func chainObstacles(_ account: EVMAddress) async -> [String] {
        do throws(ChainAdapterFailure) {
            try await self.chain.check()
            let group = try await self.chain.attesterGroup(of: account)
            return group == nil ? ["the broker's set of attesters does not have \(account)"] : []
        } catch { return ["\(error)"] }
    }
}
