internal import Certificates
package import ChainReading
package import Credentials
package import Dashboard
internal import Glibc
internal import Ledger
package import Logging
package import SecureHTTP
package import ServiceLifecycle
internal import Uplink

/// Where and how a custodian serves.
package struct CustodianConfiguration: Sendable, Hashable {
    /// Made by `wardline enroll`.
    package var identityDirectory: String
    /// Holds the owner secret and the scopes; made when it does not exist.
    package var directory: String
    /// Address to listen on.
    package var address: String
    /// TCP port; 0 takes a free one.
    package var port: Int
    /// `https` addresses of the privacy centers that hold this institution's envelopes.
    package var privacyCenters: [String]
    /// The consortium's chain; needed for sharing.
    package var chain: ChainEndpoints?
    /// nil: grants are made by command only.
    package var sharing: SharingConfiguration?
    package var limits: ServerLimits

    package init(
        identityDirectory: String,
        directory: String,
        address: String = "0.0.0.0",
        port: Int = 7404,
        privacyCenters: [String] = [],
        chain: ChainEndpoints? = nil,
        sharing: SharingConfiguration? = nil,
        limits: ServerLimits = ServerLimits(connectionsMax: 256, bodyBytesMax: 65_536)
    ) {
        self.identityDirectory = identityDirectory
        self.directory = directory
        self.address = address
        self.port = port
        self.privacyCenters = privacyCenters
        self.chain = chain
        self.sharing = sharing
        self.limits = limits
    }
}

/// The custodian as a role of a node.
package enum CustodianService {
    /// The server, the publisher of scopes and the refresh of revocations; they belong in one service group.
    ///
    /// - Throws: when the identity or the directory cannot be used.
    package static func services(
        _ configuration: CustodianConfiguration,
        logger: Logger,
        dashboard: DashboardParts? = nil
    ) throws -> [any Service] {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        try self.check(configuration, identity)
        let custodian = try Custodian(directory: configuration.directory, identity: identity)
        if custodian.secretIsNew {
            logger.notice(
                "made a new owner secret; copy it to a safe place now",
                metadata: ["file": "\(configuration.directory)/\(OwnerSecretFile.name)"]
            )
        }
        if custodian.registry.isNew, !custodian.secretIsNew {
            logger.error(
                "the list of scopes is new although the owner secret is not; run `wardline scope rebuild`",
                metadata: ["directory": "\(configuration.directory)"]
            )
        }
        let requests = RequestMetrics()
        let sharing = try self.sharing(custodian, configuration, logger)
        if let sharing {
            dashboard?.add(.sharing(SharingDashboard(desk: sharing.desk, datasets: sharing.datasets.store)))
        }
        let revocations = try RevocationStore(identity)
        let server = try SecureHTTPServer(
            name: "wardline-custodian",
            address: configuration.address,
            port: configuration.port,
            identity: identity,
            // Whoever asks under a pseudonym shows no certificate; each route says whom it takes.
            clientCertificates: sharing == nil ? .required : .optional,
            // Researchers of another alliance ask as those of this one do; what is the institution's own stays so.
            circle: .allies,
            limits: configuration.limits,
            revocations: revocations,
            metrics: requests,
            directory: configuration.directory,
            router: CustodianRoutes(
                custodian: custodian,
                metrics: CustodianMetrics(
                    requests: requests,
                    desk: sharing?.desk,
                    exchanges: sharing?.exchanges,
                    deliveries: sharing?.deliveries
                ),
                shares: sharing.map { ShareRoutes(desk: $0.desk) },
                indexKeys: sharing.map { Self.indexKeys($0, logger) },
                datasets: sharing.map { DatasetRoutes(desk: $0.datasets) }
            ).router(),
            logger: logger
        )
        let services: [any Service] = [
            server, try self.publisher(for: custodian, configuration, logger),
            RevocationRefresh(store: revocations, identity: identity, logger: logger),
        ]
        return services + (sharing.map { [$0] } ?? [])
    }

    /// Hands over index keys that are collected as those to be sealed are.
    private static func indexKeys(_ sharing: SharingService, _ logger: Logger) -> IndexKeyRoutes {
        let shelf = IndexKeyShelf(post: sharing.datasets.post, logger: logger, clock: sharing.desk.clock)
        return IndexKeyRoutes(desk: sharing.desk, shelf: shelf)
    }

    /// The desks; nil when the configuration does not say that the custodian shares.
    private static func sharing(
        _ custodian: Custodian,
        _ configuration: CustodianConfiguration,
        _ logger: Logger
    ) throws -> SharingService? {
        guard let sharing = configuration.sharing else { return nil }
        guard let chain = configuration.chain, !configuration.privacyCenters.isEmpty else {
            throw CustodianError.file(configuration.directory, "sharing needs chain and privacy_centers")
        }
        let clock = ChainSubmitter.systemClock
        let link = try ConsortiumLink(chain, identity: custodian.identity, clock: clock)
        let store = try ShareStore(directory: configuration.directory)
        let grants = try GrantDesk(custodian: custodian)
        let watch = IdentityWatch(custodian.identity)
        let collection = try IndexKeyCollection(
            custodian: custodian,
            centers: configuration.privacyCenters,
            client: SecureClient(identity: watch, servers: [.privacyCenter])
        )
        let desk = ShareDesk(
            custodian: custodian,
            store: store,
            chain: link,
            post: grants,
            rules: try RulesFile(path: sharing.rulesFile, logger: logger),
            notice: EmergencyNotice(command: sharing.notifyCommand, logger: logger),
            settings: ShareDesk.Settings(
                centers: configuration.privacyCenters,
                threshold: sharing.threshold,
                issuers: link.genesis.issuers
            ),
            waiters: GrantWaiters(),
            logger: logger,
            clock: clock
        )
        let datasets = DatasetDesk(
            custodian: custodian,
            store: DatasetStore(queue: store.queue),
            chain: link,
            post: collection,
            attributeAuthority: sharing.attributeAuthority,
            epochSeconds: link.epochSeconds,
            logger: logger,
            clock: clock
        )
        let exchanges = ExchangeDesk(
            custodian: custodian,
            store: ExchangeStore(queue: store.queue),
            chain: link,
            shares: desk,
            logger: logger,
            clock: clock
        )
        let deliveries = DeliveryDesk(
            store: DeliveryStore(queue: store.queue),
            chain: link,
            logger: logger,
            clock: clock
        )
        return SharingService(
            desk: desk,
            datasets: datasets,
            exchanges: exchanges,
            deliveries: deliveries,
            link: link,
            collection: collection,
            grants: grants,
            logger: logger
        )
    }

    /// Requires that identity, rules, genesis and addresses can be used; starts and changes nothing.
    ///
    /// - Throws: an error whose description says what to do.
    package static func check(_ configuration: CustodianConfiguration, _ identity: Identity) throws {
        try self.requireOwner(identity)
        guard let sharing = configuration.sharing, let chain = configuration.chain else { return }
        _ = try chain.urls(of: chain.genesis())
        if let path = sharing.rulesFile { _ = try RulesFile.read(path) }
        if let program = sharing.notifyCommand.first, access(program, X_OK) != 0 {
            throw CustodianError.file(program, "notify_command is no program that this user can run")
        }
    }

    /// Publishes what one privacy center does not know yet.
    ///
    /// - Returns: how many scopes.
    package static func publish(_ custodian: Custodian, to center: String) async throws -> Int {
        let configuration = CustodianConfiguration(identityDirectory: "", directory: "", privacyCenters: [center])
        let publisher = try self.publisher(for: custodian, configuration, Logger(label: "scope"))
        do {
            let published = try await publisher.publish(to: self.center(center, publisher.client))
            await publisher.client.close()
            return published
        } catch {
            await publisher.client.close()
            throw error
        }
    }

    /// Requires one of the roles that own scopes.
    package static func requireOwner(_ identity: Identity) throws {
        guard [.custodian, .institution, .patient].contains(identity.name.role) else {
            throw CustodianError.file(
                identity.directory,
                "it is the identity of a \(identity.name.role.rawValue); scopes belong to a custodian, an institution or a patient"
            )
        }
    }

    static func publisher(
        for custodian: Custodian,
        _ configuration: CustodianConfiguration,
        _ logger: Logger
    ) throws -> ScopePublisher {
        let client = SecureClient(identity: IdentityWatch(custodian.identity), servers: [.privacyCenter])
        return ScopePublisher(
            custodian: custodian,
            centers: try configuration.privacyCenters.map { try self.center($0, client) },
            client: client,
            logger: logger
        )
    }

    static func center(_ text: String, _ client: SecureClient) throws -> PrivacyCenterClient {
        guard let url = ServiceURL(text) else {
            throw CustodianError.center(text, "it is not an address of the form https://host:port")
        }
        return PrivacyCenterClient(name: text, base: url, client: client)
    }
}
