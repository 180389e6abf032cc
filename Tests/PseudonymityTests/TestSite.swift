import CanonicalBytes
import Certificates
import ChainReading
import Credentials
import Foundation
import Ledger
import Logging
import P256Group
import ServiceLifecycle
import Synchronization
import TestIdentities
import Testing
import Transcripts
import Uplink

@testable import Pseudonymity

/// A registration authority and an authority of pseudonyms on loopback, each of which may be stopped and started again.
final class TestSite: Sendable {
    static let epochSeconds: UInt64 = 86_400

    let directory: String
    let authority: TestAuthority
    let registration: Identity
    let pseudonyms: Identity
    let user: Identity
    let tracer: Identity
    let issuer: PseudonymIssuer
    let chain: TestChain
    /// Seconds since 1970; certificates of identities are valid around the system's time.
    let clock = Mutex<UInt64>(UInt64(Date().timeIntervalSince1970))
    private let ports = Mutex<(registration: Int, pseudonyms: Int)>((0, 0))
    private let clients = Mutex<[SecureClient]>([])
    private let running = Mutex<[String: (group: ServiceGroup, task: Task<Void, any Error>)]>([:])
    private let adjust: @Sendable (inout RegistrationConfiguration) -> Void

    private init(
        _ directory: String,
        adjust: @escaping @Sendable (inout RegistrationConfiguration) -> Void
    ) throws {
        self.directory = directory
        self.adjust = adjust
        let authority = try TestAuthority(directory: directory)
        self.authority = authority
        self.registration = try authority.enroll("lab:registration-authority:ra")
        self.pseudonyms = try authority.enroll("cloud:pseudonym-ca:pca")
        self.user = try authority.enroll("lab:researcher:ada")
        self.tracer = try authority.enroll("court:tracing-authority:judge")
        for name in ["ra", "pca"] { try VaultKey.make("\(directory)/\(name).sealing") }
        let issuer = try PseudonymIssuer.create(
            directory: "\(directory)/pca",
            party: self.pseudonyms.name,
            vault: VaultKey(path: "\(directory)/pca.sealing")
        )
        self.issuer = issuer
        self.chain = try TestChain(
            issuers: [
                TrustedIssuer(kind: .authority, issuer: authority.authority.issuer),
                TrustedIssuer(kind: .pseudonymAuthority, issuer: issuer.issuer),
            ],
            epochSeconds: Self.epochSeconds
        )
        try PrivateFile.write(self.chain.genesis.bytes, to: "\(directory)/genesis.wlg")
    }

    /// Runs a body against both authorities; the registration authority brings no batches unless it shall.
    static func with(
        delivering: Bool = true,
        adjust: @escaping @Sendable (inout RegistrationConfiguration) -> Void = { _ in },
        _ body: (TestSite) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "pseudonyms-\(UUID())").path()
        try PrivateFile.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let site = try TestSite(directory, adjust: adjust)
        let outcome: Result<Void, any Error>
        do {
            try await site.startPseudonyms()
            try await site.startRegistration(delivering: delivering)
            outcome = .success(try await body(site))
        } catch { outcome = .failure(error) }
        for client in site.clients.withLock({ $0 }) { await client.close() }
        try await site.stop("ra")
        try await site.stop("pca")
        try outcome.get()
    }

    var now: UInt64 { self.clock.withLock { $0 } }
    var epoch: UInt64 { self.now / Self.epochSeconds }

    // MARK: - Services

    private var endpoints: ChainEndpoints {
        // Nobody listens there: what the chain holds, tests say.
        ChainEndpoints(
            genesisFile: "\(self.directory)/genesis.wlg",
            validators: (1...3).map { "https://localhost:\($0)" }
        )
    }

    private func base(_ name: String, _ identity: Identity, port: Int) -> PseudonymityConfiguration {
        PseudonymityConfiguration(
            identityDirectory: identity.directory,
            directory: "\(self.directory)/\(name)",
            sealingKeyFile: "\(self.directory)/\(name).sealing",
            address: "127.0.0.1",
            port: port,
            chain: self.endpoints
        )
    }

    func registrationConfiguration() -> RegistrationConfiguration {
        let ports = self.ports.withLock { $0 }
        var configuration = RegistrationConfiguration(
            self.base("ra", self.registration, port: ports.registration),
            pseudonymAuthority: "https://localhost:\(ports.pseudonyms)"
        )
        configuration.batchSecondsMax = 0
        self.adjust(&configuration)
        return configuration
    }

    func pseudonymConfiguration() -> PseudonymAuthorityConfiguration {
        var configuration = PseudonymAuthorityConfiguration(
            self.base("pca", self.pseudonyms, port: self.ports.withLock { $0.pseudonyms }),
            registrationAuthorities: [self.registration.name]
        )
        configuration.attributes = ["role:researcher"]
        return configuration
    }

    func pseudonymService() throws -> PseudonymAuthorityService {
        try PseudonymAuthorityService(
            configuration: self.pseudonymConfiguration(),
            logger: Self.quiet,
            chain: (self.chain, TestAccount(chain: self.chain, party: self.pseudonyms.name)),
            now: { self.now }
        )
    }

    func registrationService() throws -> RegistrationService {
        try RegistrationService(
            configuration: self.registrationConfiguration(),
            logger: Self.quiet,
            chain: (self.chain, TestAccount(chain: self.chain, party: self.registration.name)),
            now: { self.now }
        )
    }

    func startPseudonyms() async throws {
        let service = try self.pseudonymService()
        self.run("pca", [service, service.upkeep])
        let port = try await service.port()
        self.ports.withLock { $0.pseudonyms = port }
    }

    func startRegistration(delivering: Bool = true) async throws {
        let service = try self.registrationService()
        self.run("ra", delivering ? [service, service.delivery] : [service])
        let port = try await service.port()
        self.ports.withLock { $0.registration = port }
    }

    private func run(_ name: String, _ services: [any Service]) {
        let group = ServiceGroup(services: services, logger: Self.quiet)
        let task = Task { try await group.run() }
        self.running.withLock { $0[name] = (group, task) }
    }

    func stop(_ name: String) async throws {
        let running = self.running.withLock { $0.removeValue(forKey: name) }
        await running?.group.triggerGracefulShutdown()
        try await running?.task.value
    }

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    // MARK: - Clients

    private func http(_ identity: Identity, _ role: PartyRole) -> SecureClient {
        let client = SecureClient(identity: IdentityWatch(identity), servers: [role])
        self.clients.withLock { $0.append(client) }
        return client
    }

    func registrationClient(_ identity: Identity? = nil) throws -> RegistrationClient {
        RegistrationClient(
            base: try #require(ServiceURL("https://localhost:\(self.ports.withLock { $0.registration })")),
            client: self.http(identity ?? self.user, .registrationAuthority)
        )
    }

    func pseudonymClient(_ identity: Identity) throws -> PseudonymAuthorityClient {
        PseudonymAuthorityClient(
            base: try #require(ServiceURL("https://localhost:\(self.ports.withLock { $0.pseudonyms })")),
            client: self.http(identity, .pseudonymAuthority)
        )
    }

    func wallet(_ identity: Identity? = nil) throws -> PseudonymWallet {
        try PseudonymWallet(
            directory: "\((identity ?? self.user).directory)/\(PseudonymWallet.folderName)",
            now: { self.now }
        )
    }

    func requester(_ identity: Identity? = nil, issuers: [CertificateIssuer]? = nil) throws -> PseudonymRequester {
        PseudonymRequester(
            wallet: try self.wallet(identity),
            identity: identity ?? self.user,
            authority: try self.registrationClient(identity),
            name: self.registration.name,
            issuers: issuers ?? [self.issuer.issuer]
        )
    }

    /// A request as a person's program makes it.
    func pending(_ identity: Identity? = nil, count: UInt32 = 2, epoch: UInt64? = nil) throws -> PendingPseudonyms {
        let identity = identity ?? self.user
        return try PendingPseudonyms(
            to: self.registration.name.description,
            subject: identity.name.description,
            identity: identity.key,
            epoch: epoch ?? self.epoch,
            count: count
        )
    }

    func body(of pending: PendingPseudonyms, by identity: Identity? = nil) -> [UInt8] {
        SubmittedRequest(request: pending.request, certificate: (identity ?? self.user).certificate).bytes
    }

    /// Everything that an authority has on its disk, but for the lock.
    func files(of name: String) throws -> [UInt8] {
        let folder = "\(self.directory)/\(name)"
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        return try paths.flatMap { path -> [UInt8] in
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isDirectory)
            return isDirectory.boolValue ? [] : try PrivateFile.read("\(folder)/\(path)", upTo: 1 << 26)
        }
    }
}

/// What an authority answered that refused.
struct Refusal: Sendable {
    let status: Int
    let code: String
}

/// The refusal; nil when there was none.
func refusal(_ body: () async throws -> Void) async -> Refusal? {
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    switch outcome {
    case .success: return nil
    case .failure(UplinkFailure.refused(let status, let code, _, _)): return Refusal(status: status, code: code)
    case .failure(let error): return Refusal(status: 0, code: "\(error)")
    }
}

extension [UInt8] {
    /// Whether these bytes occur.
    func holds(_ part: [UInt8]) -> Bool { Data(self).range(of: Data(part)) != nil }
    func holds(_ text: String) -> Bool { self.holds(Array(text.utf8)) }
}
