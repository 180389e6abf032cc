internal import BLSCertificates
internal import Certificates
internal import Credentials
internal import Ledger
internal import Logging
internal import SecureHTTP
internal import ServiceLifecycle
internal import Spool
internal import Uplink

/// The share outbox with its connections and its interface.
final class ShareServices: Sendable {
    let intake: ShareIntake
    private let loop: ShareLoop
    private let client: SecureClient
    private let server: SecureHTTPServer?

    /// Reads genesis and identity; nothing touches the network yet.
    ///
    /// - Throws: ``ProblemOfChain``, ``ProblemOfSharing``, ``CredentialsError``.
    init(
        _ configuration: AgentConfiguration.Share,
        chain: AgentConfiguration.Chain,
        spool: Spool,
        logger: Logger
    ) throws {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        let genesis = try chain.loadGenesis()
        let scheme = try ChainSignatures.required(of: genesis.committee)
        self.intake = ShareIntake(genesis: genesis)
        self.client = SecureClient(identity: IdentityWatch(identity), servers: [.validator], requestSeconds: 45)
        let loop = ShareLoop(
            spool: spool,
            dialogue: ShareDialogue(
                chain: ValidatorShareChain(chain.validators, genesis: genesis, scheme: scheme, client: self.client)
            ),
            logger: logger
        )
        self.loop = loop
        let interface = ShareInterface(intake: self.intake, spool: spool) { loop.wake() }
        self.server = try configuration.listen.map { listener in
            try Self.server(listener, identity, interface, logger)
        }
    }

    /// In the order of start: the interface ends first.
    var services: [any Service] {
        let outbox = BlockingService(name: "share", work: self.loop.run, requestStop: self.loop.requestStop) {
            [client] in await client.close()
        }
        return [outbox] + (self.server.map { [$0] } ?? [])
    }

    var state: ShareState { self.loop.state }

    /// The TCP port of the interface, once it listens; nil without one.
    func port() async throws -> Int? { try await self.server?.port() }

    private static func server(
        _ listener: AgentConfiguration.Listener,
        _ identity: Identity,
        _ interface: ShareInterface,
        _ logger: Logger
    ) throws -> SecureHTTPServer {
        guard identity.servesLoopback else { throw ProblemOfSharing.noLoopbackHost(identity.directory) }
        return try SecureHTTPServer(
            name: "wardline",
            address: listener.host,
            port: listener.port,
            identity: identity,
            clientCertificates: .optional,
            limits: ServerLimits(connectionsMax: 64, bodyBytesMax: interface.intake.bytesMax),
            router: interface.router(),
            logger: logger
        )
    }
}

/// The section `share` cannot be used.
struct ProblemOfSharing: Error, CustomStringConvertible {
    let description: String

    static func noLoopbackHost(_ directory: String) -> Self {
        Self(
            description:
                "share: the certificate in \(directory) names no loopback host, so that no program could trust the "
                + "interface; enrol with --host localhost"
        )
    }
}

extension Identity {
    /// Whether programs on this machine can verify a server with this certificate.
    fileprivate var servesLoopback: Bool { self.peer.hosts.contains { $0.isLoopback } }
}

extension AgentConfiguration {
    /// Judges share requests; nil when none are taken.
    ///
    /// - Throws: ``ProblemOfChain``.
    func shareIntake() throws -> ShareIntake? {
        guard self.share != nil, let chain = self.chain else { return nil }
        return ShareIntake(genesis: try chain.loadGenesis())
    }

    /// Sentences about what is wrong with the section `share`; empty when it can be used.
    var shareProblems: [String] {
        guard let share = self.share else { return [] }
        do {
            let identity = try Identity.load(directory: share.identityDirectory)
            guard share.listen == nil || identity.servesLoopback else {
                return ["\(ProblemOfSharing.noLoopbackHost(share.identityDirectory))"]
            }
            return []
        } catch { return ["share: \(error)"] }
    }
}
