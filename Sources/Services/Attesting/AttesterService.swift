internal import BLSCertificates
internal import Certificates
internal import ChainReading
package import Credentials
internal import Ledger
package import Logging
internal import PathProofs
internal import SecureHTTP
package import ServiceLifecycle
internal import ThresholdSignatures
internal import Uplink

/// `wardline node` in the role `attester`: a verification node of one chain.
package final class AttesterService: Service {
    /// What validators have for an answer, s.
    private static let answerSecondsMax: Int64 = 8

    private let server: SecureHTTPServer
    private let client: SecureClient
    /// For the relay chain's validators: they know this party's authority as little as any stranger's, and tell anybody.
    private let stranger: SecureClient
    private let identity: Identity
    private let revocations: RevocationStore
    private let lock: DirectoryLock
    let interface: AttestInterface

    /// Opens everything that must work before the first request is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - lists: of verification nodes; the relay chain's registry when nil.
    ///   - clock: milliseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: AttesterConfiguration,
        logger: Logger,
        lists: (any NodeListSource)? = nil,
        clock: @escaping @Sendable () -> UInt64 = ChainSubmitter.systemClock
    ) throws {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        try Self.requireRole(identity)
        let keys = try NodeKeyFile(path: configuration.keyFile)
        let genesis = try configuration.chain.genesis()
        let urls = try configuration.chain.urls(of: genesis)
        try PrivateFile.makeDirectory(configuration.directory)
        self.lock = try DirectoryLock(configuration.directory)
        let watch = IdentityWatch(identity)
        let client = SecureClient(
            identity: watch,
            servers: [.validator],
            of: .allies,
            requestSeconds: Self.answerSecondsMax
        )
        let revocations = try RevocationStore(identity)
        let seconds: @Sendable () -> UInt64 = { clock() / 1_000 }
        let stranger = SecureClient(
            identity: watch,
            servers: [.validator],
            presents: .nothing,
            of: .allies,
            requestSeconds: Self.answerSecondsMax
        )
        let registry =
            try lists
            ?? Self.registry(
                configuration.relay ?? configuration.chain,
                configuration.relay == nil ? client : stranger,
                clock
            )
        var further: [String: any NodeListSource] = [:]
        for relay in configuration.otherRelays {
            further[try relay.genesis().chain] = try Self.registry(relay, stranger, clock)
        }
        let registries = [registry] + further.sorted { $0.key < $1.key }.map(\.value)
        let card = NodeCard(chain: configuration.name, node: configuration.node, key: keys.signer.publicKey.encoded)
        let metrics = AttestMetrics()
        let desk = AttestDesk(
            chain: configuration.name,
            isRelay: configuration.relay == nil,
            signer: keys.signer,
            committees: CommitteeFollower(
                validators: urls,
                genesis: genesis,
                channel: .access,
                scheme: RememberingScheme(try ChainSignatures.required(of: genesis.committee)),
                client: client
            ),
            lists: registry,
            furtherLists: further,
            ledger: try SignedHops(directory: configuration.directory),
            expirySecondsMax: configuration.expirySecondsMax,
            clock: seconds
        )
        let interface = AttestInterface(
            questions: [.hops(upTo: HopQuestion.bytesMax) { try await desk.sign($0) }],
            document: OpenAPIDocument.text,
            card: card,
            metrics: metrics
        ) { await Self.obstacles(card, watch.current, registries, at: seconds()) }
        let rate = RateLimit(perSecond: configuration.requestsPerSecond, burst: configuration.requestsBurst)
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
        self.stranger = stranger
        self.identity = identity
        self.revocations = revocations
        self.interface = interface
    }

    /// What belongs in one service group.
    ///
    /// - Throws: when the identity, the keys, the directory or a genesis cannot be used.
    package static func services(_ configuration: AttesterConfiguration, logger: Logger) throws -> [any Service] {
        let service = try AttesterService(configuration: configuration, logger: logger)
        return [service, RevocationRefresh(store: service.revocations, identity: service.identity, logger: logger)]
    }

    /// The TCP port that the node listens on; waits until it does.
    package func port() async throws -> Int { try await self.server.port() }

    /// Runs until the service group stops it: requests under way are answered.
    package func run() async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await self.server.run()) } catch { outcome = .failure(error) }
        await self.client.close()
        await self.stranger.close()
        // Connections that are still being taken down may keep this object for a while.
        self.lock.release()
        try outcome.get()
    }

    private static func registry(
        _ endpoints: ChainEndpoints,
        _ client: SecureClient,
        _ clock: @escaping @Sendable () -> UInt64
    ) throws -> NodeListReader {
        let genesis = try endpoints.genesis()
        let reader = try QuorumReader(
            validators: try endpoints.urls(of: genesis),
            genesis: genesis,
            client: client,
            secondsMax: 0,
            clock: clock
        )
        return NodeListReader(relay: reader) { clock() / 1_000 }
    }

    private static func obstacles(
        _ card: NodeCard,
        _ identity: Identity,
        _ registries: [any NodeListSource],
        at now: UInt64
    ) async -> [String] {
        if identity.certificate.fields.notAfter < now {
            return ["the node's certificate has expired; run `wardline key rotate`"]
        }
        // A node that can certify for one relay chain is of use.
        var obstacles: [String] = []
        for lists in registries {
            let found = await Self.obstacles(card, lists)
            if found.isEmpty { return [] }
            obstacles += found
        }
        return obstacles
    }

    private static func obstacles(_ card: NodeCard, _ lists: any NodeListSource) async -> [String] {
        do {
            guard let epoch = try await lists.newestEpoch(of: card.chain),
                let reign = try await lists.reign(of: card.chain, epoch: epoch)
            else { return ["the relay chain has no list of verification nodes of \(card.chain)"] }
            let isSeated = reign.list.seats.contains { $0.contains { $0.keys.signature.encoded == card.key } }
            return isSeated ? [] : ["the newest list of \(card.chain), epoch \(epoch), has no seat for this node's key"]
        } catch { return ["the relay chain's registry cannot be read: \(error)"] }
    }

    // MARK: - Checks that need no start

    /// Requires that identity, keys, genesis and validators can be used.
    ///
    /// - Throws: an error whose description says what does not.
    package static func check(_ configuration: AttesterConfiguration, _ identity: Identity) throws {
        try self.requireRole(identity)
        _ = try NodeKeyFile(path: configuration.keyFile)
        guard configuration.relay != nil || configuration.otherRelays.isEmpty else {
            throw CredentialsError.malformed("other_hubs without hub: a node of a relay chain has no other")
        }
        for endpoints in [configuration.chain, configuration.relay].compactMap({ $0 }) + configuration.otherRelays {
            let genesis = try endpoints.genesis()
            _ = try endpoints.urls(of: genesis)
            _ = try ChainSignatures.required(of: genesis.committee)
        }
    }

    static func requireRole(_ identity: Identity) throws {
        guard identity.name.role == .relay else {
            throw CredentialsError.malformed(
                "\(identity.directory) is of a \(identity.name.role.rawValue); enrol a relay"
            )
        }
    }
}
