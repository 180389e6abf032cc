import Attesting
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import IBTP
import Ledger
import Logging
import PathProofs
import Records
import Synchronization
import TestIdentities
import TestIslands
import Testing
import Uplink

@testable import Gateway

/// A relay chain `hub` and two application chains around it, each with real validators and verification nodes, all of
/// this process and reached over HTTPS; gateways are started by the tests.
final class Sea: Sendable {
    static let applications = ["alpha", "bravo"]

    let folder: TestFolder
    let authority: TestAuthority
    let hub: Island
    let islands: [String: Island]
    let nodes: [String: VerificationNodes]
    let requester: Identity
    let steward: Identity
    let carrier: Identity
    let attesters = Mutex<[String: (service: RunningService, url: String)]>([:])
    private let nonce = Mutex<UInt8>(0)

    /// Runs a body in a sea of its own and takes everything down again.
    ///
    /// - Parameters:
    ///   - silent: verification nodes that are not started, as their lists name them.
    ///   - isOrdered: whether services insist on the order of requests.
    ///   - validators: of each chain.
    ///   - body: the test.
    /// - Throws: what the body throws.
    static func with(
        silent: Set<String> = [],
        isOrdered: Bool = true,
        validators: Int = 1,
        _ body: (Sea) async throws -> Void
    ) async throws {
        let sea = try await Sea(validators: validators)
        let outcome: Result<Void, any Error>
        do {
            for nodes in sea.nodes.values {
                for node in nodes.nodes.prefix(3) where !silent.contains(node.name) {
                    try await sea.startAttester(node.name)
                }
            }
            try await sea.connect(isOrdered: isOrdered)
            outcome = .success(try await body(sea))
        } catch { outcome = .failure(error) }
        await sea.stop()
        try outcome.get()
    }

    private init(validators: Int) async throws {
        self.folder = try TestFolder("gateway")
        let path = self.folder.path
        let authority = try TestAuthority(directory: path)
        self.authority = authority
        func found(_ chain: String, _ seed: UInt8) async throws -> Island {
            try await Island.found(chain, validators: validators, authority: authority, directory: path, seed: seed)
        }
        self.hub = try await found("hub", 10)
        self.islands = [
            "alpha": try await found("chain-alpha", 30), "bravo": try await found("chain-bravo", 50),
        ]
        self.nodes = [
            "hub": try VerificationNodes(of: "hub", directory: path),
            "alpha": try VerificationNodes(of: "alpha", directory: path, more: 1),
            "bravo": try VerificationNodes(of: "bravo", directory: path),
        ]
        self.requester = try authority.enroll("south:researcher:ada")
        self.steward = try authority.enroll("north:steward:s1")
        self.carrier = try authority.enroll("north:relay:by-hand")
    }

    func island(_ name: String) throws -> Island { name == "hub" ? self.hub : try #require(self.islands[name]) }

    func nodes(_ name: String) throws -> VerificationNodes { try #require(self.nodes[name]) }

    private func stop() async {
        let attesters = self.attesters.withLock { attesters in
            defer { attesters = [:] }
            return attesters
        }
        for one in attesters.values { await one.service.stop() }
        for island in self.islands.values { await island.stop() }
        await self.hub.stop()
    }

    // MARK: - Connecting

    private func anchor(_ name: String) throws -> ClientAnchor {
        let genesis = try self.island(name).genesis
        return ClientAnchor(
            chain: Array(genesis.chain.utf8),
            committee: genesis.committee,
            firstHeight: 1,
            trustSeconds: 86_400
        )
    }

    private func listAnchor(_ name: String) throws -> ListAnchor {
        ListAnchor(list: try self.nodes(name).list().bytes, firstHeight: 1)
    }

    private func connect(isOrdered: Bool) async throws {
        for name in Self.applications + ["hub"] {
            let register = RegisterChain(
                name: name,
                basis: name == "hub" ? .hub : .wardline(try self.anchor(name)),
                operatorName: self.hub.governor.name,
                list: try self.listAnchor(name)
            )
            try await self.hub.decide(.registerChain(register))
        }
        for name in Self.applications {
            let connect = ConnectRelay(name: name, anchor: try self.anchor("hub"), lists: [])
            try await self.island(name).decide(.connect(connect))
            let service = RegisterService(chain: name, service: "share", isOrdered: isOrdered)
            try await self.hub.submit(service, by: self.hub.governor)
        }
    }

    // MARK: - Verification nodes

    /// Starts one of the verification nodes, by its name in the list.
    func startAttester(_ name: String) async throws {
        let chain = try #require(name.split(separator: ".").first.map(String.init))
        let node = try #require(try self.nodes(chain).nodes.first { $0.name == name })
        var configuration = AttesterConfiguration(
            identityDirectory: try self.authority.enroll("north:relay:\(name)").directory,
            directory: self.folder.fresh(name),
            keyFile: node.keyFile,
            address: "127.0.0.1",
            port: self.port(of: name),
            node: name,
            name: chain,
            chain: try self.island(chain).endpoints,
            relay: chain == "hub" ? nil : self.hub.endpoints
        )
        configuration.requestsPerSecond = 10_000
        let service = try AttesterService(configuration: configuration, logger: Self.logger)
        let running = RunningService(service)
        let url = "https://localhost:\(try await service.port())"
        self.attesters.withLock { $0[name] = (running, url) }
    }

    /// The port that a stopped node had, so that gateways find it there again; 0 for a new one.
    func port(of name: String) -> Int {
        self.attesters.withLock { $0[name]?.url }.flatMap { $0.split(separator: ":").last.flatMap { Int($0) } } ?? 0
    }

    func stopAttester(_ name: String) async {
        let running = self.attesters.withLock { $0[name]?.service }
        await running?.stop()
    }

    func attesters(of chain: String) -> [String] {
        self.attesters.withLock { attesters in
            attesters.filter { $0.key.hasPrefix("\(chain).") }.sorted { $0.key < $1.key }.map(\.value.url)
        }
    }

    // MARK: - Gateways

    /// What a gateway of an application chain is told; it keeps its directory over restarts.
    func configuration(
        of name: String,
        as party: String = "g1",
        change: (inout GatewayConfiguration) -> Void = { _ in }
    ) throws -> GatewayConfiguration {
        let identity = try self.authority.enroll("north:relay:\(name)-\(party)")
        func side(_ chain: String) throws -> GatewayConfiguration.Side {
            GatewayConfiguration.Side(
                identityDirectory: identity.directory,
                chain: try self.island(chain).endpoints,
                attesters: self.attesters(of: chain)
            )
        }
        var configuration = GatewayConfiguration(
            directory: self.folder.fresh("gateway"),
            address: "127.0.0.1",
            port: 0,
            name: name,
            application: try side(name),
            relay: try side("hub")
        )
        configuration.leaseSeconds = 0
        configuration.tickMilliseconds = 20
        configuration.pollMilliseconds = 100
        // No chance in what tests see.
        configuration.canaryEvery = 0
        change(&configuration)
        return configuration
    }

    func start(_ configuration: GatewayConfiguration) throws -> RunningGateway {
        let service = try GatewayService(configuration: configuration, logger: Self.logger)
        return RunningGateway(gateway: service, running: RunningService(service))
    }

    static let logger = Logger(label: "sea") { label in
        guard ProcessInfo.processInfo.environment["GATEWAY_LOG"] != nil else { return SwiftLogNoOpLogHandler() }
        return StreamLogHandler.standardError(label: label)
    }

    // MARK: - Exchanges

    /// Opens an exchange of the two services `share`.
    ///
    /// - Returns: its identifier, and the request that is to be filed where the data is.
    func ask(
        from name: String = "alpha",
        to target: String = "bravo",
        timeout: UInt64 = 0
    ) async throws -> (id: MessageID, request: RequestAccess) {
        let nonce = self.nonce.withLock { nonce in
            nonce += 1
            return nonce
        }
        let now = UInt64(Date().timeIntervalSince1970)
        func bytes(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
        let request = RequestAccess(
            request: bytes(nonce),
            scope: bytes(207),
            policy: bytes(208),
            organization: "north",
            purpose: "TREAT",
            nonce: bytes(209),
            expires: now * 1_000 + 600_000
        )
        let content = InterchainContent(function: "share.request", arguments: [[1, 2, 3, nonce]])
        let payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content))
        let certificate = self.requester.certificate
        let asker = Digest.sha256(of: certificate.bytes).bytes
        let extra = try RelayExtension(
            pathNonce: bytes(nonce),
            expiry: now + 7_200,
            certificate: certificate.bytes,
            shareRequest: ShareRequest.digest(request, by: certificate.digest, asker: asker)
        )
        let call = CallService(
            service: "share",
            timeoutBlocks: timeout,
            targets: [.init(to: "hub:\(target):share", payload: payload.bytes, extra: extra.bytes)]
        )
        let proof = try await self.island(name).submit(call, by: self.requester)
        let leaf = try #require(proof.receipt.events.first { $0.topic == "interchain.out" })
        guard case .message(let message) = try OutboundLeaf(bytes: leaf.data) else {
            throw ProtocolFailure(.context, "no message")
        }
        return (try message.id, request)
    }

    /// Files the request where the data is, has it decided, and says so.
    func answer(_ id: MessageID, _ request: RequestAccess, isPermitted: Bool = true) async throws {
        let chain = try self.island(id.to.chain)
        try await chain.submit(request, by: self.requester)
        if isPermitted {
            try await chain.submit(
                PermitAccess(request: request.request, validUntil: request.expires + 600_000),
                by: self.steward
            )
        } else {
            try await chain.submit(DenyAccess(request: request.request), by: self.steward)
        }
        try await chain.submit(FinishCall(id: id, request: request.request), by: self.carrier)
    }

    /// Waits until something is so.
    func wait(until condition: () async throws -> Bool) async throws {
        while !(try await condition()) { try await Task.sleep(for: .milliseconds(50)) }
    }

    /// Heights at which an exchange's events of a topic stand on a chain.
    func heights(_ id: MessageID, _ topic: String, on name: String) async throws -> [UInt64] {
        try await self.island(name).heights(of: EventSubjects.exchange(id), topic)
    }

    func wait(for topic: String, of id: MessageID, on name: String, count: Int = 1) async throws {
        try await self.wait { try await self.heights(id, topic, on: name).count >= count }
    }

    /// How the source knows that the exchange ended; nil while it is open.
    func ending(_ id: MessageID) async throws -> TransactionStatus? {
        guard let bytes = try await self.island(id.from.chain).value(of: InterchainKey.call(id)) else { return nil }
        let status = try OpenedCall(bytes: bytes).status
        return status
    }
}

/// A gateway of this process.
struct RunningGateway {
    let gateway: GatewayService
    let running: RunningService

    var status: GatewayStatus { self.gateway.status }

    func stop() async { await self.running.stop() }
    func kill() async { await self.running.kill() }
}
