import AsyncHTTPClient
import CanonicalBytes
import Certificates
import ChainInterface
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import SecureHTTP
import ServiceLifecycle
import Synchronization
import TestIdentities
import Testing

import enum Ledger.Channel

/// The interface of a validator on loopback, before a ledger of its own, and the parties around it.
final class TestSite: Sendable {
    let directory: String
    let authority: TestAuthority
    let validator: Identity
    let operator_: Identity
    let gateway: Identity
    let genesis: Genesis
    let signers: [Ed25519Signer]
    let backend: TestBackend
    private let limits: ChainAPILimits
    private let nonce = Mutex<UInt64>(0)
    private let clients = Mutex<[String: TestClient]>([:])
    private let running = Mutex<(group: ServiceGroup, task: Task<Void, any Error>, port: Int)?>(nil)

    private init(_ directory: String, limits: ChainAPILimits) throws {
        self.directory = directory
        self.limits = limits
        let authority = try TestAuthority(directory: directory)
        self.authority = authority
        self.validator = try authority.enroll("clinic:validator:v1")
        self.operator_ = try authority.enroll("clinic:operator:governor")
        self.gateway = try authority.enroll("clinic:gateway:bed-1")
        self.signers = try (1...5).map { number in
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            return try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
        }
        self.genesis = try Self.genesis(self.signers, authority.authority.issuer, governor: self.operator_.name)
        self.backend = try TestBackend(self.genesis, signers: self.signers)
    }

    static func genesis(
        _ signers: [Ed25519Signer],
        _ issuer: CertificateIssuer,
        governor: PartyName,
        chain: String = "test-chain"
    ) throws -> Genesis {
        let ids = (1...4).map { ReplicaID(UInt16($0)) }
        let members = ids.map { signers[Int($0.number) - 1].member($0) }
        return try Genesis(
            chain: chain,
            time: UInt64(Date().timeIntervalSince1970 * 1_000) - 60_000,
            committee: try #require(Committee(epoch: 0, members: members)),
            validators: try ids.map {
                .init(id: $0, name: try #require(PartyName("clinic:validator:v\($0.number)")))
            },
            issuers: [TrustedIssuer(kind: .authority, issuer: issuer)],
            governors: [governor],
            governorThreshold: 1,
            parameters: []
        )
    }

    /// Runs a body against an interface of its own.
    static func with(
        revocations: (any RevocationSource)? = nil,
        adjust: (inout ChainAPILimits) -> Void = { _ in },
        _ body: (TestSite) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "chain-\(UUID())").path()
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var limits = ChainAPILimits()
        adjust(&limits)
        let site = try TestSite(directory, limits: limits)
        try await site.start(revocations)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(site)) } catch { outcome = .failure(error) }
        try await site.stop()
        try outcome.get()
    }

    private func start(_ revocations: (any RevocationSource)?) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try ChainAPI(self.backend, limits: self.limits).server(
            address: "127.0.0.1",
            port: 0,
            identity: self.validator,
            revocations: revocations,
            logger: logger
        )
        let group = ServiceGroup(services: [server], logger: logger)
        let task = Task { try await group.run() }
        let port = try await server.port()
        self.running.withLock { $0 = (group, task, port) }
    }

    /// Stops the server gracefully; its clients keep their connections until it closes them.
    func stopServer() async throws {
        let running = self.running.withLock { running in
            defer { running = nil }
            return running
        }
        await running?.group.triggerGracefulShutdown()
        try await running?.task.value
    }

    /// Stops gracefully.
    func stop() async throws {
        let running = self.running.withLock { running in
            defer { running = nil }
            return running
        }
        await running?.group.triggerGracefulShutdown()
        let clients = self.clients.withLock { clients in
            defer { clients.removeAll() }
            return Array(clients.values)
        }
        for client in clients { try await client.close() }
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

    /// A client that shows no certificate.
    func stranger() throws -> TestClient {
        let key = "stranger"
        if let client = self.clients.withLock({ $0[key] }) { return client }
        let client = try TestClient(self.gateway, port: self.port, isStranger: true)
        self.clients.withLock { $0[key] = client }
        return client
    }

    /// A transaction of a party, on the channel that its method is of.
    func transaction(
        _ arguments: some MethodArguments,
        by identity: Identity? = nil,
        nonce: UInt64? = nil,
        validUntil: UInt64? = nil
    ) throws -> Transaction {
        let identity = identity ?? self.operator_
        let next = self.nonce.withLock { counter in
            counter += 1
            return counter
        }
        let body = arguments.body(
            chain: Array(self.genesis.chain.utf8),
            channel: type(of: arguments).channels[0],
            signer: identity.certificate.digest,
            nonce: nonce ?? next,
            validUntil: validUntil ?? TestBackend.now + 60_000
        )
        return try Transaction(signing: body, certificate: identity.certificate, key: identity.key)
    }

    /// A proposal, which the contract takes: one event.
    func proposal() throws -> Transaction {
        try self.transaction(
            Propose(expires: TestBackend.now + 1_000_000, change: .parameter(name: "epoch.seconds", value: 86_400))
        )
    }

    /// A vote for what does not exist, which the contract rejects.
    func rejectedVote() throws -> Transaction {
        try self.transaction(Approve(proposal: [UInt8](repeating: 9, count: 32)))
    }

    func submit(_ transaction: Transaction, wait: Int = 10_000) async throws -> TestClient.Answer {
        try await self.client(self.gateway).post("/v1/transactions?wait=\(wait)", transaction.bytes)
    }

    func view(_ channel: Channel = .access) -> CommitteeView {
        CommitteeView(genesis: self.genesis, channel: channel, scheme: Ed25519Scheme())
    }
}

/// One party's connection to a validator.
final class TestClient: Sendable {
    struct Answer {
        let status: Int
        let body: [UInt8]
        let retryAfter: String?

        /// The stable code of a problem; empty when the answer is none.
        var code: String {
            let value = try? JSONSerialization.jsonObject(with: Data(self.body))
            return ((value as? [String: Any])?["code"] as? String) ?? ""
        }

        /// `LP(…)` after `LP(…)`.
        func list() throws -> [[UInt8]] {
            var reader = CanonicalReader(self.body)
            var entries: [[UInt8]] = []
            while reader.remaining > 0 { entries.append(try reader.lengthPrefixed()) }
            return entries
        }
    }

    private let http: HTTPClient
    private let port: Int

    convenience init(_ identity: Identity, port: Int, isStranger: Bool = false) throws {
        var tls = try identity.clientTLS()
        if isStranger { (tls.certificateChain, tls.privateKey) = ([], nil) }
        self.init(tls, port: port)
    }

    init(_ tls: TLSConfiguration, port: Int) {
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.httpVersion = .http1Only
        self.http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.port = port
    }

    func close() async throws { try await self.http.shutdown() }

    func get(_ path: String) async throws -> Answer { try await self.send("GET", path) }

    func post(_ path: String, _ body: [UInt8], type: String = "application/octet-stream") async throws -> Answer {
        try await self.send("POST", path, body, type: type)
    }

    func send(_ method: String, _ path: String, _ body: [UInt8]? = nil, type: String? = nil) async throws -> Answer {
        let response = try await self.open(method, path, body, type: type)
        let buffer = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code),
            body: Array(buffer.readableBytesView),
            retryAfter: response.headers.first(name: "retry-after")
        )
    }

    /// An answer whose body is still to be read.
    func open(
        _ method: String,
        _ path: String,
        _ body: [UInt8]? = nil,
        type: String? = nil,
        lastEventID: String? = nil
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: "https://localhost:\(self.port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        if let body { request.body = .bytes(body) }
        if let type { request.headers.add(name: "Content-Type", value: type) }
        if let lastEventID { request.headers.add(name: "Last-Event-ID", value: lastEventID) }
        return try await self.http.execute(request, timeout: .seconds(60))
    }
}
