internal import Credentials
internal import Foundation
package import Logging
package import SecureHTTP
package import ServiceLifecycle

/// Where and how an authority serves.
package struct AuthorityConfiguration: Sendable, Hashable {
    /// Made by ``Authority/create(directory:organization:name:hosts:port:lifetimes:at:)``.
    package var directory: String
    /// Address to listen on.
    package var address: String
    /// TCP port; 0 takes a free one.
    package var port: Int
    package var limits: ServerLimits
    /// nil: it gives none.
    package var credentials: CredentialConfiguration?

    package init(
        directory: String,
        address: String = "0.0.0.0",
        port: Int = 7403,
        limits: ServerLimits = ServerLimits(connectionsMax: 256, bodyBytesMax: 65_536),
        credentials: CredentialConfiguration? = nil
    ) {
        self.directory = directory
        self.address = address
        self.port = port
        self.limits = limits
        self.credentials = credentials
    }
}

/// The authority as a role of a node.
package enum AuthorityService {
    /// The server, and what keeps its own certificate fresh; they belong in one service group.
    ///
    /// - Throws: when the directory holds no authority.
    package static func services(_ configuration: AuthorityConfiguration, logger: Logger) throws -> [any Service] {
        let authority = try Authority(directory: configuration.directory)
        let publisher = try configuration.credentials.map { try self.publisher(authority, $0, logger: logger) }
        let desk = publisher.map {
            let rules = CertifiedAttributes(numbers: configuration.credentials?.numbers ?? [])
            return CredentialDesk(authority: authority, publisher: $0, rules: rules)
        }
        let server = try self.server(authority, configuration, credentials: desk, logger: logger)
        let own = OwnCertificate(authority: authority, logger: logger)
        return [server, own] + (publisher.map { [$0] } ?? [])
    }

    /// What tells the chain about credentials, in the authority's own name.
    private static func publisher(
        _ authority: Authority,
        _ configuration: CredentialConfiguration,
        logger: Logger
    ) throws -> CredentialPublisher {
        let identity = try OwnCertificate.fresh(authority, at: UInt64(Date().timeIntervalSince1970))
        let chain = try ValidatorCredentialChain(
            validators: configuration.validators,
            genesisFile: configuration.genesisFile,
            identity: IdentityWatch(identity),
            clock: { UInt64(max(0, Date().timeIntervalSince1970 * 1_000_000)) }
        )
        return CredentialPublisher(
            authority: authority,
            chain: chain,
            logger: logger,
            now: { UInt64(Date().timeIntervalSince1970) }
        )
    }

    /// The server alone.
    ///
    /// - Parameters:
    ///   - authority: answers.
    ///   - configuration: where to listen.
    ///   - credentials: answers parties that ask for one; nil when it gives none.
    ///   - logger: for warnings.
    ///   - now: seconds since 1970.
    /// - Returns: a server that is not running yet.
    /// - Throws: when the authority's own identity cannot be read or renewed.
    package static func server(
        _ authority: Authority,
        _ configuration: AuthorityConfiguration,
        credentials: CredentialDesk? = nil,
        logger: Logger,
        now: @escaping @Sendable () -> UInt64 = { UInt64(Date().timeIntervalSince1970) }
    ) throws -> SecureHTTPServer {
        let metrics = RequestMetrics()
        return try SecureHTTPServer(
            name: "wardline-authority",
            address: configuration.address,
            port: configuration.port,
            identity: try OwnCertificate.fresh(authority, at: now()),
            clientCertificates: .optional,
            limits: configuration.limits,
            revocations: authority,
            metrics: metrics,
            directory: configuration.directory,
            router: AuthorityRoutes.router(authority, metrics: metrics, credentials: credentials, now: now),
            logger: logger
        )
    }
}

/// Renews the certificate with which the authority serves, well before it expires.
struct OwnCertificate: Service {
    let authority: Authority
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(43_200)) } catch { return }
                do { _ = try Self.fresh(self.authority, at: UInt64(Date().timeIntervalSince1970)) } catch {
                    self.logger.error("cannot renew the authority's own certificate", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// The authority's identity, renewed when less than a third of its time is left.
    static func fresh(_ authority: Authority, at now: UInt64) throws -> Identity {
        let identity = try Identity.load(directory: authority.identityDirectory)
        guard identity.isRenewalDue(at: now) else { return identity }
        return try authority.install(
            authority.name,
            hosts: identity.peer.hosts,
            into: authority.identityDirectory,
            at: now
        )
    }
}
