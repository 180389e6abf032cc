internal import Certificates
package import ChainReading
internal import Credentials
internal import Foundation
internal import Ledger
package import Logging
internal import SecureHTTP
package import ServiceLifecycle
internal import Uplink

/// `wardline node` in the role `registration_authority`.
package final class RegistrationService: Service {
    private static let batchSecondsMax: Int64 = 120

    private let server: SecureHTTPServer
    private let courier: BatchCourier
    private let client: SecureClient
    private let chainClient: SecureClient?
    private let lock: DirectoryLock
    private let identity: Identity
    private let revocations: RevocationStore
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
        configuration: RegistrationConfiguration,
        logger: Logger,
        chain: (facts: any ChainFacts, writer: any ChainWriting)? = nil,
        now: @escaping @Sendable () -> UInt64 = RegistrationService.systemClock
    ) throws {
        let base = configuration.base
        let url = try Self.url(configuration)
        let foundation = try AuthorityFoundation(base, role: .registrationAuthority, instead: chain)
        self.lock = foundation.lock
        self.identity = foundation.identity
        self.revocations = foundation.revocations
        self.chainClient = foundation.chain?.client
        let known = foundation.chain?.genesis.issuers.filter { $0.kind == .authority }.map(\.issuer) ?? []
        let desk = RegistrationDesk(
            party: foundation.identity.name,
            epochs: foundation.epochs,
            keys: try EpochKeys(
                directory: "\(base.directory)/keys",
                owner: foundation.identity.name.description,
                vault: foundation.vault
            ),
            books: try RegistrationBooks(directory: base.directory),
            issuers: [foundation.identity.issuer] + known,
            revocations: foundation.revocations,
            countPerEpoch: configuration.countPerEpoch,
            orders: foundation.chain?.orders,
            now: now
        )
        let alarm = Alarm()
        let client = SecureClient(
            identity: foundation.watch,
            servers: [.pseudonymAuthority],
            requestSeconds: Self.batchSecondsMax
        )
        self.client = client
        self.courier = BatchCourier(
            desk: desk,
            authority: PseudonymAuthorityClient(base: url, client: client),
            pace: .init(usersMin: configuration.batchUsersMin, secondsMax: configuration.batchSecondsMax),
            traceEpochs: base.traceEpochs,
            alarm: alarm,
            logger: logger
        )
        let metrics = RequestMetrics()
        let watch = foundation.watch
        self.interface = desk.interface(
            metrics: { metrics.text },
            obstacles: { watch.obstacles(at: now()) },
            changed: { alarm.ring() }
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
    /// - Throws: when identity, directory, sealing key or genesis cannot be used.
    package static func services(_ configuration: RegistrationConfiguration, logger: Logger) throws -> [any Service] {
        let service = try RegistrationService(configuration: configuration, logger: logger)
        return [
            service, service.courier,
            RevocationRefresh(store: service.revocations, identity: service.identity, logger: logger),
        ]
    }

    /// Requires everything that can be wrong without starting.
    ///
    /// - Throws: an error whose description says what to do.
    package static func check(_ configuration: RegistrationConfiguration) throws {
        _ = try self.url(configuration)
        try AuthorityFoundation.check(configuration.base, role: .registrationAuthority)
    }

    /// The system's clock, seconds since 1970.
    package static let systemClock: @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970)) }

    /// The TCP port that it listens on; waits until it does.
    package func port() async throws -> Int { try await self.server.port() }

    /// What brings batches to the authority of pseudonyms: belongs in the same service group.
    package var delivery: any Service { self.courier }

    /// Runs until the service group stops it.
    package func run() async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await self.server.run()) } catch { outcome = .failure(error) }
        await self.client.close()
        await self.chainClient?.close()
        // Connections that are still being taken down may keep this object for a while.
        self.lock.release()
        try outcome.get()
    }

    private static func url(_ configuration: RegistrationConfiguration) throws -> ServiceURL {
        guard let url = ServiceURL(configuration.pseudonymAuthority) else {
            throw CredentialsError.malformed(
                "\(configuration.pseudonymAuthority) is not an address of the form https://host:port"
            )
        }
        return url
    }
}

extension IdentityWatch {
    /// What keeps a service with this identity from its work.
    func obstacles(at now: UInt64) -> [String] {
        self.current.certificate.fields.notAfter < now
            ? ["the certificate has expired; run `wardline key rotate`"] : []
    }
}
