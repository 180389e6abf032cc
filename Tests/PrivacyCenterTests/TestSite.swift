import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Credentials
import Foundation
import Ledger
import Logging
import P256Group
import PrivacyCenter
import Receipts
import Records
import ServiceLifecycle
import Signcryption
import Synchronization
import TestIdentities
import Testing
import Transcripts

/// A running privacy center on loopback with the parties around it.
final class TestSite: Sendable {
    let directory: String
    let authority: TestAuthority
    let centerIdentity: Identity
    let owner: Identity
    let gateway: Identity
    let scope: TestScope
    /// Certifies pseudonyms.
    let pseudonyms = CertificateAuthority(name: "Test PCA", key: .generate())
    /// nil: the center has none.
    let chain: FakeChain?
    /// Milliseconds added to the system's clock.
    let clockOffset = Mutex<Int64>(0)
    private let clients = Mutex<[String: TestClient]>([:])
    private let capsules = Mutex<[[UInt8]: EpochCapsule]>([:])
    private let running = Mutex<(group: ServiceGroup, task: Task<Void, any Error>, port: Int)?>(nil)
    private let adjust: @Sendable (inout PrivacyCenterConfiguration) -> Void

    private init(
        _ directory: String,
        hasChain: Bool,
        adjust: @escaping @Sendable (inout PrivacyCenterConfiguration) -> Void
    ) throws {
        self.directory = directory
        self.adjust = adjust
        self.authority = try TestAuthority(directory: directory)
        self.centerIdentity = try self.authority.enroll("cloud:privacy-center:one")
        self.owner = try self.authority.enroll("ward:institution:archive")
        self.gateway = try self.authority.enroll("ward:gateway:bed-1")
        self.scope = try TestScope(self.owner, label: "vitals")
        self.chain = hasChain ? FakeChain(center: self.centerIdentity) : nil
        if hasChain {
            let issuers = [
                TrustedIssuer(kind: .authority, issuer: self.authority.authority.issuer),
                TrustedIssuer(kind: .pseudonymAuthority, issuer: self.pseudonyms.issuer),
            ]
            try PrivateFile.write(Self.genesis(issuers).bytes, to: "\(directory)/genesis.wlg")
        }
    }

    private static func genesis(_ issuers: [TrustedIssuer]) throws -> Genesis {
        let members = try (1...4).map { number in
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            let signer = try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
            return signer.member(ReplicaID(UInt16(number)))
        }
        return try Genesis(
            chain: "test-chain",
            time: 1_000,
            committee: try #require(Committee(epoch: 0, members: members)),
            validators: try members.map {
                .init(id: $0.id, name: try #require(PartyName("clinic:validator:v\($0.id.number)")))
            },
            issuers: issuers,
            governors: [try #require(PartyName("clinic:operator:governor"))],
            governorThreshold: 1,
            parameters: []
        )
    }

    /// Runs a body against a center of its own.
    static func with(
        hasChain: Bool = false,
        adjust: @escaping @Sendable (inout PrivacyCenterConfiguration) -> Void = { _ in },
        _ body: (TestSite) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "center-\(UUID())").path()
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let site = try TestSite(directory, hasChain: hasChain, adjust: adjust)
        try await site.start()
        do { try await body(site) } catch {
            try? await site.stop()
            throw error
        }
        try await site.stop()
    }

    var storeDirectory: String { "\(self.directory)/store" }

    var configuration: PrivacyCenterConfiguration {
        var configuration = PrivacyCenterConfiguration(
            identityDirectory: self.centerIdentity.directory,
            address: "127.0.0.1",
            port: 0,
            store: .sqlite(directory: self.storeDirectory)
        )
        configuration.revocationSeconds = 0.02
        if self.chain != nil {
            configuration.chain = ChainEndpoints(
                genesisFile: "\(self.directory)/genesis.wlg",
                // Nobody listens there: what the chain holds, tests say.
                validators: (1...4).map { "https://localhost:\($0)" }
            )
        }
        self.adjust(&configuration)
        return configuration
    }

    func start() async throws {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let service = try PrivacyCenterService(
            configuration: self.configuration,
            logger: logger,
            chain: self.chain.map { ($0, $0) }
        ) {
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            return UInt64(now + self.clockOffset.withLock { $0 })
        }
        let group = ServiceGroup(services: [service], logger: logger)
        let task = Task { try await group.run() }
        let port = try await service.port()
        self.running.withLock { $0 = (group, task, port) }
    }

    /// Stops gracefully and waits until everything is closed.
    func stop() async throws {
        for client in self.clients.withLock({ clients in
            defer { clients = [:] }
            return Array(clients.values)
        }) { try await client.close() }
        let running = self.running.withLock { running in
            defer { running = nil }
            return running
        }
        await running?.group.triggerGracefulShutdown()
        try await running?.task.value
    }

    var port: Int { self.running.withLock { $0?.port ?? 0 } }

    func client(_ identity: Identity) throws -> TestClient {
        let key = identity.directory
        if let client = self.clients.withLock({ $0[key] }) { return client }
        let client = try TestClient(identity, port: self.port)
        return self.clients.withLock { clients in
            clients[key] = clients[key] ?? client
            return clients[key] ?? client
        }
    }

    /// Somebody who shows no certificate.
    func stranger() throws -> TestClient {
        if let client = self.clients.withLock({ $0["stranger"] }) { return client }
        let client = try TestClient(self.gateway, port: self.port, isStranger: true)
        return self.clients.withLock { clients in
            clients["stranger"] = clients["stranger"] ?? client
            return clients["stranger"] ?? client
        }
    }

    var nowSeconds: UInt64 { UInt64(Date().timeIntervalSince1970) }

    /// What verifies the center's statements.
    var centerKey: CenterKey {
        get throws { try CenterKey(self.centerIdentity.certificate, from: self.authority.authority.issuer, at: nil) }
    }

    func certified(_ identity: Identity) throws -> CertifiedKey {
        try CertifiedKey(identity.certificate, from: self.authority.authority.issuer)
    }

    /// Puts a party's certificate.
    func putCertificate(_ identity: Identity) async throws -> TestClient.Answer {
        try await self.client(identity)
            .put("/v1/certificates/\(identity.certificate.digest.hex)", identity.certificate.bytes)
    }

    /// Puts the scope's descriptor.
    func putScope() async throws -> TestClient.Answer {
        try await self.client(self.owner).put(
            "/v1/scopes/\(self.scope.descriptor.digest.hex)",
            Array(
                JSONSerialization.data(withJSONObject: [
                    "descriptor": self.scope.descriptor.bytes.base64,
                    "owner_certificate": self.owner.certificate.bytes.base64,
                ])
            ),
            type: "application/json"
        )
    }

    func envelope(
        _ sequence: UInt64,
        by sender: Identity? = nil,
        in scope: TestScope? = nil,
        mode: EnvelopeMode = .scopeAndEpochKey,
        created: UInt64? = nil,
        text: String = "reading"
    ) throws -> [UInt8] {
        let scope = scope ?? self.scope
        let sender = sender ?? self.gateway
        let header = try EnvelopeHeader(
            mode: mode,
            sender: sender.name.description,
            senderCertificateDigest: sender.certificate.digest,
            scopeDigest: scope.descriptor.digest,
            scopeKey: scope.key.keyPair.publicKey.encoded,
            capsuleDigest: mode == .scopeKey ? [] : self.capsule(of: sender, in: scope).digest,
            created: created ?? self.nowSeconds,
            sequence: sequence,
            policyDigest: [UInt8](repeating: 9, count: 32),
            recordCount: 1
        )
        let record = EnvelopeRecord(id: "r", type: "text", time: 1, data: Array(text.utf8))
        return try header.seal(
            [record],
            by: sender.key,
            epochKey: mode == .scopeKey ? nil : [UInt8](repeating: 5, count: 32)
        )
    }

    /// A capsule of the data of a sender in a scope, with a ciphertext that nobody opens.
    func capsule(of sender: Identity, in scope: TestScope) -> EpochCapsule {
        var writer = CanonicalWriter()
        writer.magic("WLK1")
        writer.lengthPrefixed(
            EpochCapsule.dataIdentity(
                owner: scope.descriptor.owner,
                label: scope.descriptor.label,
                epoch: scope.descriptor.epoch,
                sender: sender.name.description
            )
        )
        writer.raw([UInt8](repeating: 7, count: 160))
        let capsule = EpochCapsule(bytes: writer.bytes)
        self.capsules.withLock { $0[capsule.digest] = capsule }
        return capsule
    }

    func putCapsule(_ capsule: EpochCapsule, by identity: Identity? = nil) async throws -> TestClient.Answer {
        try await self.client(identity ?? self.gateway).put("/v1/capsules/\(capsule.digest.hex)", capsule.bytes)
    }

    /// Puts an envelope, and its capsule if the center asks for it and it is one of ``capsule(of:in:)``.
    func put(
        _ envelope: [UInt8],
        by identity: Identity? = nil,
        withCapsule: Bool = true
    ) async throws -> TestClient.Answer {
        let path = "/v1/envelopes/\(ParsedEnvelope.indexPointer(of: envelope).hex)"
        let client = try self.client(identity ?? self.gateway)
        let answer = try await client.put(path, envelope)
        guard withCapsule, answer.code == "unknown-capsule" else { return answer }
        let digest = try ParsedEnvelope(bytes: envelope).header.capsuleDigest
        guard let capsule = self.capsules.withLock({ $0[digest] }) else { return answer }
        _ = try await self.putCapsule(capsule, by: identity)
        return try await client.put(path, envelope)
    }

    func receipt(_ answer: TestClient.Answer) throws -> Receipt {
        try ParsedReceipt(bytes: answer.body).verified(by: self.centerKey)
    }

    func head() async throws -> SignedTreeHead {
        let answer = try await self.client(self.gateway).get("/v1/tree/head")
        return try ParsedTreeHead(bytes: answer.body).verified(by: self.centerKey)
    }
}

/// A scope of an owner.
struct TestScope: Sendable {
    let key: ScopeKey
    let descriptor: ScopeDescriptor

    init(key: ScopeKey, descriptor: ScopeDescriptor) {
        self.key = key
        self.descriptor = descriptor
    }

    init(_ owner: Identity, label: String) throws {
        self.key = try OwnerSecret.generate().scopeKey(owner: owner.name.description, label: label, epoch: 1)
        self.descriptor = try ScopeDescriptor(
            signing: self.key,
            owner: owner.key,
            certificateDigest: owner.certificate.digest
        )
    }
}
