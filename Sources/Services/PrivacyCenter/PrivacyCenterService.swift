internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
package import ChainReading
package import Credentials
internal import Foundation
internal import Ledger
package import Logging
internal import PrivacyCenterStore
internal import Records
internal import SecureHTTP
package import ServiceLifecycle
internal import Synchronization
internal import Uplink

/// `wardline node` in the role `privacy-center`: the store, the interface and what keeps both up to date.
package final class PrivacyCenterService: Service {
    private let configuration: PrivacyCenterConfiguration
    private let logger: Logger
    private let store: RelationalStore
    private let revocations: RevocationStore
    private let identity: Identity
    private let center: PrivacyCenter
    private let server: SecureHTTPServer
    /// To the validators; nil without a chain of its own.
    private let client: SecureClient?

    /// How the chain is read and written where tests stand for it.
    package typealias Chain = (facts: any ChainFacts, writer: any ChainWriting)

    /// What validators have for an answer, s.
    private static let answerSecondsMax: Int64 = 30
    /// How long a delivery may take to get into a block, s.
    private static let deliverySecondsMax: UInt64 = 20

    /// Opens everything that must work before the first envelope is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - chain: in the place of the configured validators.
    ///   - clock: milliseconds since 1970.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: PrivacyCenterConfiguration,
        logger: Logger,
        chain: Chain? = nil,
        clock: @escaping @Sendable () -> UInt64 = PrivacyCenterService.systemClock
    ) throws {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        try Self.requireRole(identity)
        self.configuration = configuration
        self.identity = identity
        self.logger = logger
        self.revocations = try RevocationStore(identity)
        self.store = try configuration.store.open(envelopeBytesMax: configuration.limits.envelopeBytesMax)
        let keys = KeyRing(identity)
        let (access, client) = try Self.access(configuration, identity, chain, clock, logger)
        self.client = client
        self.center = try PrivacyCenter(
            store: self.store,
            issuer: identity.issuer,
            revocations: self.revocations,
            keyDirectory: configuration.identityDirectory,
            limits: configuration.limits,
            chain: access,
            keys: { try keys.current },
            clock: clock
        )
        self.server = try Self.server(configuration, identity, self.center, self.revocations, keys, clock, logger)
    }

    /// What belongs in one service group.
    ///
    /// - Throws: when the identity or the store cannot be used.
    package static func services(_ configuration: PrivacyCenterConfiguration, logger: Logger) throws -> [any Service] {
        let service = try PrivacyCenterService(configuration: configuration, logger: logger)
        let refresh = RevocationRefresh(store: service.revocations, identity: service.identity, logger: logger)
        return [service, refresh]
    }

    /// The system's clock, ms since 1970.
    package static let systemClock: @Sendable () -> UInt64 = {
        UInt64(max(0, Date().timeIntervalSince1970 * 1000))
    }

    /// The TCP port that the center listens on; waits until it does.
    package func port() async throws -> Int { try await self.server.port() }

    /// Runs until the service group stops it: requests under way are answered, then the store is closed.
    package func run() async throws {
        let outcome: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.server.run() }
                group.addTask { await self.keepUp() }
                if let chain = self.center.chain {
                    group.addTask { await chain.watch.run() }
                    group.addTask { await chain.refusals.run() }
                }
                // The server ends by shutdown or failure, the others by cancellation only.
                defer { group.cancelAll() }
                try await group.next()
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await self.center.stop()
        await self.client?.close()
        try await self.store.close()
        try outcome.get()
    }

    /// Reads the revocation list that was fetched, and keeps the center's own certificates: whoever checks a receipt
    /// of years ago asks for the one that it was signed under.
    private func keepUp() async {
        var kept: [UInt8] = []
        while !Task.isCancelled {
            do {
                let own = try self.center.context.keys().certificate
                if own.digest != kept { _ = try await self.center.context.certificates.put(own.bytes) }
                kept = own.digest
            } catch {
                self.logger.error("the center's certificate cannot be kept", metadata: ["why": "\(error)"])
            }
            do {
                if try self.revocations.reload() { self.logger.info("the revocation list was renewed") }
            } catch {
                self.logger.error("the revocation list cannot be read", metadata: ["why": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(self.configuration.revocationSeconds))
        }
    }

    private static func server(
        _ configuration: PrivacyCenterConfiguration,
        _ identity: Identity,
        _ center: PrivacyCenter,
        _ revocations: RevocationStore,
        _ keys: KeyRing,
        _ clock: @escaping @Sendable () -> UInt64,
        _ logger: Logger
    ) throws -> SecureHTTPServer {
        let metrics = CenterMetrics()
        let interface = CenterInterface(
            center: center,
            metrics: metrics,
            budget: BodyBudget(
                totalMax: configuration.bodyBytesHeldMax,
                perPeerMax: configuration.bodyBytesHeldMax / 2
            ),
            obstacles: { await Self.obstacles(center, keys, clock() / 1000) }
        )
        let strangers = Rate(perSecond: configuration.strangersPerSecond, burst: configuration.strangersBurst)
        let rate = RateLimit(
            perSecond: configuration.requestsPerSecond,
            burst: configuration.requestsBurst,
            strangers: StrangerRates(together: strangers)
        )
        return try SecureHTTPServer(
            name: "wardline",
            address: configuration.address,
            port: configuration.port,
            identity: identity,
            clientCertificates: .optional,
            limits: configuration.server,
            revocations: revocations,
            metrics: metrics.requests,
            directory: configuration.store.directory,
            router: interface.router(behind: [rate]),
            logger: logger
        )
    }

    /// How this center reads and writes the chain; nil when it has none.
    private static func access(
        _ configuration: PrivacyCenterConfiguration,
        _ identity: Identity,
        _ chain: Chain?,
        _ clock: @escaping @Sendable () -> UInt64,
        _ logger: Logger
    ) throws -> (ChainDesk.Access?, SecureClient?) {
        guard let endpoints = configuration.chain else { return (nil, nil) }
        let genesis = try endpoints.genesis()
        let urls = try endpoints.urls(of: genesis)
        func access(_ facts: any ChainFacts, _ writer: any ChainWriting) -> ChainDesk.Access {
            ChainDesk.Access(
                facts: facts,
                writer: writer,
                issuers: genesis.issuers,
                headSecondsMax: configuration.headSecondsMax,
                logger: logger
            )
        }
        if let chain { return (access(chain.facts, chain.writer), nil) }
        let watch = IdentityWatch(identity)
        let client = SecureClient(identity: watch, servers: [.validator], requestSeconds: Self.answerSecondsMax)
        let facts = try QuorumReader(validators: urls, genesis: genesis, client: client, secondsMax: 0, clock: clock)
        let submitter = ChainSubmitter(
            ChainClient(
                validators: urls,
                genesis: genesis,
                scheme: try ChainSignatures.required(of: genesis.committee),
                client: client
            ),
            identity: watch,
            seconds: Self.deliverySecondsMax
        )
        return (access(facts, submitter), client)
    }

    private static func obstacles(_ center: PrivacyCenter, _ keys: KeyRing, _ now: UInt64) async -> [String] {
        var obstacles: [String] = []
        do { _ = try await center.context.store.treeHead() } catch { obstacles.append("the store does not answer") }
        if let watch = center.chain?.watch, watch.isStale {
            obstacles.append("no quorum of validators has confirmed a block lately")
        }
        let notAfter = (try? keys.current)?.certificate.fields.notAfter ?? 0
        if notAfter < now { obstacles.append("the center's certificate has expired; run wardline key rotate") }
        return obstacles
    }

    /// Requires that genesis and validators belong together.
    ///
    /// - Throws: an error whose description says what does not.
    package static func checkChain(_ configuration: PrivacyCenterConfiguration) throws {
        guard let chain = configuration.chain else { return }
        _ = try chain.urls(of: chain.genesis())
    }

    /// Requires an identity of a privacy center.
    ///
    /// - Throws: `CredentialsError`.
    package static func requireRole(_ identity: Identity) throws {
        guard identity.name.role == .privacyCenter else {
            throw CredentialsError.malformed(
                "\(identity.directory) is of a \(identity.name.role.rawValue), not of a privacy-center"
            )
        }
    }
}

/// The center's keys, read anew when they were rotated.
private final class KeyRing: Sendable {
    private let watch: IdentityWatch
    private let cached = Mutex<(generation: Int, keys: CenterKeys)?>(nil)

    init(_ identity: Identity) { self.watch = IdentityWatch(identity) }

    var current: CenterKeys {
        get throws {
            let identity = self.watch.current
            if let cached = self.cached.withLock({ $0 }), cached.generation == identity.generation {
                return cached.keys
            }
            let keys = try CenterKeys(certificate: identity.certificate, key: identity.key)
            self.cached.withLock { $0 = (identity.generation, keys) }
            return keys
        }
    }
}
