import CanonicalBytes
import Certificates
import Consensus
import Credentials
import Foundation
import FreePorts
import IdentityEncryption
import Ledger
import Logging
import P256Group
import ServiceLifecycle
import Signcryption
import Synchronization
import TestIdentities
import Testing
import Uplink

@testable import KeyIssuing

/// A KGC and two privacy centers on loopback, with the parties around them; each may be stopped and started again.
final class TestSite: Sendable {
    let directory: String
    let authority: TestAuthority
    /// Certifies pseudonyms.
    let pseudonyms = CertificateAuthority(name: "Test PCA", key: .generate())
    let parties: [Identity]
    let ports: [Int]
    let driver: Identity
    let researcher: Identity
    let owner: Identity
    let gateway: PartyName
    let descriptor: ScopeDescriptor
    let genesis: Genesis
    let chain = TestChain()
    private let clients = Mutex<[SecureClient]>([])
    private let running = Mutex<[Int: (group: ServiceGroup, task: Task<Void, any Error>)]>([:])
    private let adjust: @Sendable (inout KeyIssuingConfiguration) -> Void
    private let usesChain: Bool

    static var milliseconds: UInt64 { UInt64(Date().timeIntervalSince1970 * 1_000) }

    private init(
        _ directory: String,
        usesChain: Bool,
        adjust: @escaping @Sendable (inout KeyIssuingConfiguration) -> Void
    ) throws {
        self.directory = directory
        self.usesChain = usesChain
        self.adjust = adjust
        let authority = try TestAuthority(directory: directory)
        self.authority = authority
        self.parties = try ["cloud:kgc:kgc", "cloud:privacy-center:one", "lab:privacy-center:two"].map {
            try authority.enroll($0)
        }
        self.ports = try FreePorts.take(3)
        self.driver = try authority.enroll("lab:operator:driver")
        self.researcher = try authority.enroll("lab:researcher:r")
        self.owner = try authority.enroll("ward:custodian:c")
        self.gateway = try #require(PartyName("ward:gateway:bed-1"))
        self.descriptor = try ScopeDescriptor(
            signing: OwnerSecret.generate().scopeKey(owner: self.owner.name.description, label: "vitals", epoch: 1),
            owner: self.owner.key,
            certificateDigest: self.owner.certificate.digest
        )
        self.genesis = try Self.genesis(authority.authority.issuer, self.pseudonyms.issuer)
        try PrivateFile.write(self.genesis.bytes, to: "\(directory)/genesis.wlg")
        for place in 0..<3 { try SealingKeyFile.make("\(directory)/sealing.\(place)") }
        Grounds(self).put(into: self.chain, of: self)
    }

    /// Runs a body against three running parties.
    static func with(
        usesChain: Bool = true,
        adjust: @escaping @Sendable (inout KeyIssuingConfiguration) -> Void = { _ in },
        _ body: (TestSite) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "issuing-\(UUID())").path()
        try PrivateFile.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let site = try TestSite(directory, usesChain: usesChain, adjust: adjust)
        let outcome: Result<Void, any Error>
        do {
            for place in 0..<3 { try await site.start(place) }
            outcome = .success(try await body(site))
        } catch { outcome = .failure(error) }
        for client in site.clients.withLock({ $0 }) { await client.close() }
        for place in 0..<3 { try await site.stop(place) }
        try outcome.get()
    }

    private static func genesis(_ issuer: CertificateIssuer, _ pseudonyms: CertificateIssuer) throws -> Genesis {
        let members = try (1...4).map { number in
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            let signer = try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
            return signer.member(ReplicaID(UInt16(number)))
        }
        return try Genesis(
            chain: "test-chain",
            time: Self.milliseconds - 60_000,
            committee: try #require(Committee(epoch: 0, members: members)),
            validators: try members.map {
                .init(id: $0.id, name: try #require(PartyName("clinic:validator:v\($0.id.number)")))
            },
            issuers: [
                TrustedIssuer(kind: .authority, issuer: issuer),
                TrustedIssuer(kind: .pseudonymAuthority, issuer: pseudonyms),
            ],
            governors: [try #require(PartyName("clinic:operator:governor"))],
            governorThreshold: 1,
            parameters: []
        )
    }

    // MARK: - Parties

    func partyList() -> [IssuingPlan.Party] {
        zip(self.parties, self.ports).map { .init(name: $0.name, url: "https://localhost:\($1)") }
    }

    var plan: IssuingPlan {
        get throws { try IssuingPlan(consortium: "test-chain", epoch: 5, parties: self.partyList()) }
    }

    func stateDirectory(_ place: Int) -> String { "\(self.directory)/state.\(place)" }
    func setDirectory(_ place: Int) -> String { "\(self.stateDirectory(place))/5" }

    func configuration(_ place: Int) -> KeyIssuingConfiguration {
        var configuration = KeyIssuingConfiguration(
            identityDirectory: self.parties[place].directory,
            directory: self.stateDirectory(place),
            sealingKeyFile: "\(self.directory)/sealing.\(place)",
            address: "127.0.0.1",
            port: self.ports[place],
            genesisFile: "\(self.directory)/genesis.wlg",
            // Nobody listens there: what the chain holds, tests say.
            validators: (1...4).map { "https://localhost:\($0)" },
            sets: [.init(epoch: 5, parties: self.partyList())]
        )
        configuration.refreshSecondsMin = 0
        self.adjust(&configuration)
        return configuration
    }

    /// A configuration of the KGC with a directory that no running party has.
    var other: KeyIssuingConfiguration {
        var configuration = self.configuration(0)
        configuration.directory = "\(self.directory)/other"
        return configuration
    }

    func service(_ configuration: KeyIssuingConfiguration) throws -> KeyIssuingService {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try KeyIssuingService(
            configuration: configuration,
            logger: logger,
            chain: self.usesChain ? self.chain : nil,
            writer: self.chain
        )
    }

    func start(_ place: Int) async throws {
        let service = try self.service(self.configuration(place))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(services: [service], logger: logger)
        let task = Task { try await group.run() }
        _ = try await service.port()
        self.running.withLock { $0[place] = (group, task) }
    }

    func stop(_ place: Int) async throws {
        let running = self.running.withLock { $0.removeValue(forKey: place) }
        await running?.group.triggerGracefulShutdown()
        try await running?.task.value
    }

    /// Everything that was not on the disk is forgotten.
    func restart() async throws {
        for place in 0..<3 {
            try await self.stop(place)
            try await self.start(place)
        }
    }

    // MARK: - Clients

    func http(_ identity: Identity, presents: SecureClient.Presentation = .certificate) -> SecureClient {
        let client = SecureClient(
            identity: IdentityWatch(identity),
            servers: [.kgc, .privacyCenter],
            presents: presents
        )
        self.clients.withLock { $0.append(client) }
        return client
    }

    func client(_ place: Int, as identity: Identity? = nil) throws -> IssuingPartyClient {
        IssuingPartyClient(
            base: try #require(ServiceURL("https://localhost:\(self.ports[place])")),
            epoch: 5,
            client: self.http(identity ?? self.driver)
        )
    }

    func directory(as identity: Identity? = nil) throws -> PartyDirectory {
        try PartyDirectory(self.plan, client: self.http(identity ?? self.driver))
    }

    /// As somebody reaches the parties who shows no certificate.
    func strangersDirectory() throws -> PartyDirectory {
        try PartyDirectory(self.plan, client: self.http(self.driver, presents: .nothing))
    }

    /// All parties' commitments.
    func commitments() async throws -> [[UInt8]] {
        let plan = try self.plan.bytes
        var commitments: [[UInt8]] = []
        for place in 0..<3 { commitments.append(try await self.client(place).commitment(plan: plan)) }
        return commitments
    }

    func setUp() async throws -> ParametersFile {
        try await SetupDriver(self.directory(), issuer: self.authority.authority.issuer).run()
    }

    func refresher() throws -> RefreshDriver {
        RefreshDriver(try self.directory(), issuer: self.authority.authority.issuer)
    }

    var wish: KeyRequester.Wish {
        KeyRequester.Wish(
            permission: Grounds(self).permission,
            descriptor: self.descriptor,
            ownerCertificate: self.owner.certificate.bytes,
            sender: self.gateway.description
        )
    }

    func requester(_ file: ParametersFile) throws -> KeyRequester {
        try KeyRequester(file, parties: self.directory(as: self.researcher), identity: self.researcher)
    }

    /// Requires that a key opens what is encapsulated for it under the parameters.
    func expectOpens(_ key: IdentityKey, _ file: ParametersFile) throws {
        let sealed = try EncapsulationKey(identity: self.wish.identity, parameters: file.parameters).encapsulate()
        #expect(try key.open(sealed.capsule) == sealed.key)
    }
}

/// What a party answered that refused.
struct Refusal: Sendable {
    let code: String
    let detail: String
}

/// The refusal; nil when there was none.
func refusal(_ body: () async throws -> Void) async -> Refusal? {
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    switch outcome {
    case .success: return nil
    case .failure(UplinkFailure.refused(_, let code, let detail, _)): return Refusal(code: code, detail: detail)
    case .failure(let error): return Refusal(code: "", detail: "\(error)")
    }
}
