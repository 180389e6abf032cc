internal import CanonicalBytes
internal import Certificates
internal import Consensus
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
    let interface: IssuingInterface

    /// Opens everything that must work before the first request is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - chain: what is asked about permissions; the configured validators when nil.
    ///   - clock: milliseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: KeyIssuingConfiguration,
        logger: Logger,
        chain: (any ChainFacts)? = nil,
        clock: @escaping @Sendable () -> UInt64 = KeyIssuingService.systemClock
    ) throws {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        let genesis = try Self.genesis(configuration.genesisFile)
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
        let reader = try QuorumReader(
            validators: Self.urls(configuration.validators, of: genesis),
            genesis: genesis,
            client: self.client,
            secondsMax: configuration.headSecondsMax,
            clock: clock
        )
        let desk = IssuingDesk(
            permissions: PermissionCheck(chain: chain ?? reader, clock: clock),
            nonces: try NonceBook(directory: configuration.directory),
            context: context,
            issuers: genesis.issuers
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
        let rate = RateLimit(perSecond: configuration.requestsPerSecond, burst: configuration.requestsBurst)
        self.server = try SecureHTTPServer(
            name: "wardline",
            address: configuration.address,
            port: configuration.port,
            identity: identity,
            clientCertificates: .required,
            limits: configuration.server,
            revocations: self.revocations,
            observe: { metrics.requests.record($0) },
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
        do { outcome = .success(try await self.server.run()) } catch { outcome = .failure(error) }
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
        let genesis = try self.genesis(configuration.genesisFile)
        _ = try self.plans(configuration, genesis, identity)
        _ = try self.urls(configuration.validators, of: genesis)
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

    private static func genesis(_ path: String) throws -> Genesis {
        let bytes = try PrivateFile.read(path, upTo: 64 << 20, isSecret: false)
        do { return try Genesis(bytes: bytes) } catch {
            throw CredentialsError.malformed("\(path) is no genesis: \(error)")
        }
    }

    /// A quorum of validators, at different addresses.
    private static func urls(_ texts: [String], of genesis: Genesis) throws -> [ServiceURL] {
        let urls = try texts.map { text in
            guard let url = ServiceURL(text) else {
                throw CredentialsError.malformed("\(text) is not an address of the form https://host:port")
            }
            return url
        }
        let needed = genesis.committee.quorum
        guard Set(urls).count == urls.count, urls.count >= needed else {
            throw CredentialsError.malformed(
                "addresses of \(needed) different validators are needed, and \(Set(urls).count) are named"
            )
        }
        return urls
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
