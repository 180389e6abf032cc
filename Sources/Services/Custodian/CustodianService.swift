internal import Certificates
package import Credentials
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
    package var limits: ServerLimits

    package init(
        identityDirectory: String,
        directory: String,
        address: String = "0.0.0.0",
        port: Int = 7404,
        privacyCenters: [String] = [],
        limits: ServerLimits = ServerLimits(connectionsMax: 256, bodyBytesMax: 65_536)
    ) {
        self.identityDirectory = identityDirectory
        self.directory = directory
        self.address = address
        self.port = port
        self.privacyCenters = privacyCenters
        self.limits = limits
    }
}

/// The custodian as a role of a node.
package enum CustodianService {
    /// The server, the publisher of scopes and the refresh of revocations; they belong in one service group.
    ///
    /// - Throws: when the identity or the directory cannot be used.
    package static func services(_ configuration: CustodianConfiguration, logger: Logger) throws -> [any Service] {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        try self.requireOwner(identity)
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
        let metrics = RequestMetrics()
        let revocations = try RevocationStore(identity)
        let server = try SecureHTTPServer(
            name: "wardline-custodian",
            address: configuration.address,
            port: configuration.port,
            identity: identity,
            clientCertificates: .required,
            limits: configuration.limits,
            revocations: revocations,
            observe: { metrics.record($0) },
            router: CustodianRoutes(custodian: custodian, metrics: metrics).router(),
            logger: logger
        )
        return [
            server, try self.publisher(for: custodian, configuration, logger),
            RevocationRefresh(store: revocations, identity: identity, logger: logger),
        ]
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
