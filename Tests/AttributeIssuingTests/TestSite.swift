import AttributeEncryption
import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Credentials
import Foundation
import Ledger
import Logging
import P256Group
import ServiceLifecycle
import Synchronization
import TestIdentities
import Testing
import Uplink

@testable import AttributeIssuing

/// An attribute authority on loopback, with the parties around it; it may be stopped and started again.
final class TestSite: Sendable {
    let directory: String
    let authority: TestAuthority
    let pseudonyms = CertificateAuthority(name: "Test PCA", key: .generate())
    let server: Identity
    let researcher: Identity
    /// Of the researcher.
    let pseudonym: RequesterKey
    let genesis: Genesis
    let chain = TestChain()
    private let clients = Mutex<[SecureClient]>([])
    private let running = Mutex<(group: ServiceGroup, task: Task<Void, any Error>, port: Int)?>(nil)
    private let adjust: @Sendable (inout AttributeIssuingConfiguration) -> Void

    static let attributes = [
        "board:12", "perm:0123456789abcdef", "role:researcher", "site:lab", "study:atrial", "training:2025",
    ]

    private init(
        _ directory: String,
        adjust: @escaping @Sendable (inout AttributeIssuingConfiguration) -> Void
    ) throws {
        self.directory = directory
        self.adjust = adjust
        self.authority = try TestAuthority(directory: directory)
        self.server = try self.authority.enroll("cloud:attribute-authority:aa")
        self.researcher = try self.authority.enroll("lab:researcher:r", attributes: Self.attributes)
        self.pseudonym = try Self.pseudonym(self.pseudonyms)
        self.genesis = try Self.genesis(self.authority.authority.issuer, self.pseudonyms.issuer)
        try PrivateFile.write(self.genesis.bytes, to: "\(directory)/genesis.wlg")
        try SealingSecret.make("\(directory)/sealing.key")
        Grounds(self).put(into: self.chain, of: self)
    }

    /// Runs a body against a running authority.
    static func with(
        adjust: @escaping @Sendable (inout AttributeIssuingConfiguration) -> Void = { _ in },
        _ body: (TestSite) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "attributes-\(UUID())").path()
        try PrivateFile.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let site = try TestSite(directory, adjust: adjust)
        let outcome: Result<Void, any Error>
        do {
            try await site.start()
            outcome = .success(try await body(site))
        } catch { outcome = .failure(error) }
        for client in site.clients.withLock({ $0 }) { await client.close() }
        try await site.stop()
        try outcome.get()
    }

    private static func genesis(_ authority: CertificateIssuer, _ pseudonyms: CertificateIssuer) throws -> Genesis {
        let members = try (1...4).map { number in
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            let signer = try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
            return signer.member(ReplicaID(UInt16(number)))
        }
        return try Genesis(
            chain: "test-chain",
            time: TestChain.milliseconds - 60_000,
            committee: try #require(Committee(epoch: 0, members: members)),
            validators: try members.map {
                .init(id: $0.id, name: try #require(PartyName("clinic:validator:v\($0.id.number)")))
            },
            issuers: [
                TrustedIssuer(kind: .authority, issuer: authority),
                TrustedIssuer(kind: .pseudonymAuthority, issuer: pseudonyms),
            ],
            governors: [try #require(PartyName("clinic:operator:governor"))],
            governorThreshold: 1,
            parameters: []
        )
    }

    /// A new pseudonym of whoever holds its key.
    static func pseudonym(_ issuer: CertificateAuthority, subject: String = "") throws -> RequesterKey {
        let now = UInt64(Date().timeIntervalSince1970)
        let key = P256KeyPair.generate()
        let issued = try issuer.issue(
            CertificateRequest(key, subject: subject),
            fields: CertificateFields(
                issuer: issuer.issuer.name,
                serial: .random(in: 1...UInt64.max),
                subject: subject,
                notBefore: now - 3_600,
                notAfter: now + 3_600,
                usage: [.pseudonym, .keyExchange],
                attributes: ["role:researcher"]
            )
        )
        return RequesterKey(
            certificate: issued.certificate,
            key: try issued.keyPair(for: key, from: issuer.issuer),
            issuer: issuer.issuer
        )
    }

    // MARK: - The authority

    var stateDirectory: String { "\(self.directory)/state" }

    var configuration: AttributeIssuingConfiguration {
        var configuration = AttributeIssuingConfiguration(
            identityDirectory: self.server.directory,
            directory: self.stateDirectory,
            sealingKeyFile: "\(self.directory)/sealing.key",
            address: "127.0.0.1",
            port: 0,
            chain: ChainEndpoints(
                genesisFile: "\(self.directory)/genesis.wlg",
                // Nobody listens there: what the chain holds, tests say.
                validators: (1...4).map { "https://localhost:\($0)" }
            )
        )
        configuration.numbers = ["board", "training"]
        configuration.requestsPerSecond = 1_000
        configuration.requestsBurst = 1_000
        self.adjust(&configuration)
        return configuration
    }

    func service(_ configuration: AttributeIssuingConfiguration? = nil) throws -> AttributeIssuingService {
        try AttributeIssuingService(
            configuration: configuration ?? self.configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            chain: self.chain,
            writer: self.chain
        )
    }

    func start() async throws {
        let service = try self.service()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        // Its first look is part of the start here, so that no test waits for it.
        await service.interface.publication.attempt()
        let group = ServiceGroup(services: [service] + service.companions, logger: logger)
        let task = Task { try await group.run() }
        let port = try await service.port()
        self.running.withLock { $0 = (group, task, port) }
    }

    func stop() async throws {
        let running = self.running.withLock { $0.take() }
        await running?.group.triggerGracefulShutdown()
        try await running?.task.value
    }

    func links(of permission: [UInt8]? = nil) async throws -> [LinkLedger.Link] {
        try await LinkLedger(directory: self.stateDirectory, retentionDays: 1).links(of: permission)
    }

    // MARK: - Clients

    var port: Int { self.running.withLock { $0?.port ?? 0 } }

    private var url: ServiceURL {
        get throws { try #require(ServiceURL("https://localhost:\(self.port)")) }
    }

    private func http(_ identity: Identity) -> SecureClient {
        let client = SecureClient(identity: IdentityWatch(identity), servers: [.attributeAuthority])
        self.clients.withLock { $0.append(client) }
        return client
    }

    /// A client that sends what a test made.
    func raw(as identity: Identity? = nil) throws -> AttributeAuthorityClient {
        AttributeAuthorityClient(base: try self.url, client: self.http(identity ?? self.researcher))
    }

    func client(as identity: Identity? = nil) throws -> AttributeKeyClient {
        AttributeKeyClient(
            authority: self.server.name,
            url: try self.url,
            client: self.http(identity ?? self.researcher),
            chain: self.chain
        )
    }

    /// A signed request for the permission of the grounds.
    func request(
        by identity: Identity? = nil,
        under requester: RequesterKey? = nil,
        permission: [UInt8]? = nil,
        authority: String? = nil
    ) throws -> AttributeKeyRequest {
        let identity = identity ?? self.researcher
        return try AttributeKeyRequest(
            permission: permission ?? Grounds(self).permission,
            authority: authority ?? self.server.name.description,
            requester: requester ?? self.pseudonym,
            identity: identity.certificate,
            identityKey: identity.key
        )
    }

    /// The code of the refusal of a request; nil when a key was issued.
    func refusal(_ request: [UInt8], as identity: Identity? = nil) async throws -> String? {
        let client = try self.raw(as: identity)
        let outcome: Result<[UInt8], any Error>
        do { outcome = .success(try await client.key(request)) } catch { outcome = .failure(error) }
        switch outcome {
        case .success: return nil
        case .failure(UplinkFailure.refused(_, let code, _, _)): return code
        case .failure(let error): return "\(error)"
        }
    }

    /// The code of the refusal of a request as ``request(by:under:permission:authority:)`` makes it.
    func ask(
        by identity: Identity? = nil,
        under requester: RequesterKey? = nil,
        permission: [UInt8]? = nil,
        authority: String? = nil,
        as peer: Identity? = nil
    ) async throws -> String? {
        let request = try self.request(by: identity, under: requester, permission: permission, authority: authority)
        return try await self.refusal(request.bytes, as: peer)
    }
}
