internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
package import ChainReading
internal import Consensus
internal import Contracts
package import Credentials
internal import Foundation
internal import IdentityEncryption
internal import Ledger
package import Logging
internal import SecureHTTP
package import ServiceLifecycle
internal import Uplink

/// `wardline node` in the role `key-issuing`: the shares, the interface, and the way to the chain.
package final class KeyIssuingService: Service {
    /// What validators and other parties have for an answer, s: less than a requester waits.
    private static let answerSecondsMax: Int64 = 8

    private let server: SecureHTTPServer
    private let client: SecureClient
    private let revocations: RevocationStore
    private let identity: Identity
    private let lock: DirectoryLock
    private let refusals: RefusalRecorder
    let interface: IssuingInterface

    /// Opens everything that must work before the first request is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - chain: what is asked about permissions; the configured validators when nil.
    ///   - writer: what is told of refusals; the configured validators when nil.
    ///   - clock: milliseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: KeyIssuingConfiguration,
        logger: Logger,
        chain: (any ChainFacts)? = nil,
        writer: (any ChainWriting)? = nil,
        clock: @escaping @Sendable () -> UInt64 = KeyIssuingService.systemClock
    ) throws {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        let genesis = try Self.endpoints(configuration).genesis()
        let plans = try Self.plans(configuration, genesis, identity)
        try PrivateFile.makeDirectory(configuration.directory)
        self.lock = try DirectoryLock(configuration.directory)
        self.identity = identity
        self.revocations = try RevocationStore(identity)
        let watch = IdentityWatch(identity)
        self.client = SecureClient(
            identity: watch,
            servers: [.kgc, .privacyCenter, .validator],
            requestSeconds: Self.answerSecondsMax
        )
        let context = PartyContext(identity: watch, revocations: self.revocations, clock: { clock() / 1_000 })
        let key = try SealingKey(path: configuration.sealingKeyFile)
        let urls = try Self.endpoints(configuration).urls(of: genesis)
        let reader = try QuorumReader(
            validators: urls,
            genesis: genesis,
            client: self.client,
            secondsMax: configuration.headSecondsMax,
            clock: clock
        )
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let submitter = ChainSubmitter(
            ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: self.client),
            identity: watch
        )
        self.refusals = RefusalRecorder(writer ?? submitter, step: .identityKey, logger: logger)
        let desk = IssuingDesk(
            permissions: PermissionCheck(chain: chain ?? reader, clock: clock),
            nonces: try NonceBook(directory: configuration.directory),
            context: context,
            issuers: genesis.issuers,
            refusals: self.refusals
        )
        let keepers = try plans.map {
            try SetKeeper(configuration.directory, $0.plan, place: $0.place, key: key, context: context)
        }
        let sets = PartySets(
            keepers: keepers,
            desk: desk,
            context: context,
            client: self.client,
            refreshSecondsMin: configuration.refreshSecondsMin
        )
        let metrics = IssuingMetrics()
        self.interface = IssuingInterface(sets: sets, metrics: metrics) { await Self.obstacles(sets) }
        let strangers = Rate(perSecond: configuration.strangersPerSecond, burst: configuration.strangersBurst)
        let rate = RateLimit(
            perSecond: configuration.requestsPerSecond,
            burst: configuration.requestsBurst,
            strangers: StrangerRates(together: strangers)
        )
        self.server = try SecureHTTPServer(
            name: "wardline",
            address: configuration.address,
            port: configuration.port,
            identity: identity,
            clientCertificates: .optional,
            limits: configuration.server,
            revocations: self.revocations,
            metrics: metrics.requests,
            directory: configuration.directory,
            router: self.interface.router(behind: [rate]),
            logger: logger
        )
    }

    /// What belongs in one service group.
    ///
    /// - Throws: when the identity, the directory, the sealing key or the genesis cannot be used.
    package static func services(_ configuration: KeyIssuingConfiguration, logger: Logger) throws -> [any Service] {
        let service = try KeyIssuingService(configuration: configuration, logger: logger)
        return [
            service, RevocationRefresh(store: service.revocations, identity: service.identity, logger: logger),
        ]
    }

    /// The system's clock, ms since 1970.
    package static let systemClock: @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970 * 1_000)) }

    /// The TCP port that the party listens on; waits until it does.
    package func port() async throws -> Int { try await self.server.port() }

    /// Runs until the service group stops it: requests under way are answered.
    package func run() async throws {
        let outcome: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.server.run() }
                group.addTask { await self.refusals.run() }
                // The server ends by shutdown or failure, the other by cancellation only.
                defer { group.cancelAll() }
                try await group.next()
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await self.client.close()
        // Connections that are still being taken down may keep this object for a while.
        self.lock.release()
        try outcome.get()
    }

    // MARK: - Checks that need no start

    /// Requires that identity, genesis, validators and sets belong together.
    ///
    /// - Throws: an error whose description says what does not.
    package static func check(_ configuration: KeyIssuingConfiguration, _ identity: Identity) throws {
        let genesis = try self.endpoints(configuration).genesis()
        _ = try self.plans(configuration, genesis, identity)
        _ = try self.endpoints(configuration).urls(of: genesis)
        _ = try SealingKey(path: configuration.sealingKeyFile)
    }

    /// The plans in which this party has a place.
    private static func plans(
        _ configuration: KeyIssuingConfiguration,
        _ genesis: Genesis,
        _ identity: Identity
    ) throws -> [(plan: IssuingPlan, place: UInt8)] {
        guard !configuration.sets.isEmpty else { throw CredentialsError.malformed("no set of parameters is named") }
        var epochs: Set<UInt64> = []
        return try configuration.sets.map { set in
            let plan = try IssuingPlan(consortium: genesis.chain, epoch: set.epoch, parties: set.parties)
            guard epochs.insert(set.epoch).inserted else {
                throw CredentialsError.malformed("two sets of epoch \(set.epoch)")
            }
            guard let place = plan.place(of: identity.name) else {
                throw CredentialsError.malformed(
                    "\(identity.directory) is of \(identity.name), which is no party of the set of epoch \(set.epoch)"
                )
            }
            return (plan, place)
        }
    }

    private static func endpoints(_ configuration: KeyIssuingConfiguration) -> ChainEndpoints {
        ChainEndpoints(genesisFile: configuration.genesisFile, validators: configuration.validators)
    }

    private static func obstacles(_ sets: PartySets) async -> [String] {
        var obstacles: [String] = []
        for keeper in sets.keepers where await keeper.parameters == nil {
            obstacles.append("the joint setup of epoch \(keeper.plan.epoch) is not complete; run `wardline ibe setup`")
        }
        let notAfter = sets.context.identity.current.certificate.fields.notAfter
        if notAfter < sets.context.clock() {
            obstacles.append("the party's certificate has expired; run `wardline key rotate`")
        }
        return obstacles
    }
}
