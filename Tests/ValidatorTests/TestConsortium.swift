import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Foundation
import Ledger
import LedgerStore
import Logging
import P256Group
import Synchronization
import Testing

@testable import Validator

/// The consortium's contracts, and `counter`: `add` keeps how often each transaction took effect, `refuse` refuses,
/// `committee` brings in the fifth validator.
struct TestLogic: ContractLogic {
    let contracts: ConsortiumContracts
    let next: Committee?

    init(_ kind: CertificateKind, next: Committee?) {
        self.contracts = ConsortiumContracts(scheme: kind.scheme)
        self.next = next
    }

    func genesisState(of channel: Channel, _ genesis: Genesis) -> [Ledger.StateChange] {
        self.contracts.genesisState(of: channel, genesis)
    }

    static func key(_ transaction: [UInt8]) -> [UInt8] { StateKey.make("counter", bytes: transaction) }

    func execute(_ call: ContractCall) throws(ContractFailure) {
        guard call.transaction.body.contract == "counter" else { return try self.contracts.execute(call) }
        switch call.transaction.body.method {
        case "add":
            let key = Self.key(call.arguments)
            let old = try call.value(of: key)?.first ?? 0
            try call.set(key, to: [old + 1])
            try call.emit("counter.added", call.arguments)
        case "refuse": throw .rejected(.notAllowed, "as asked")
        case "committee":
            guard let next = self.next else { throw .rejected(.notAllowed, "no committee") }
            try call.changeCommittee(to: next)
        default: throw .rejected(.unknownMethod, "no such method")
        }
    }
}

/// A certified client with its own nonces.
final class TestClient: Sendable {
    let certificate: ImplicitCertificate
    let key: P256KeyPair
    private let nonce = Mutex<UInt64>(0)

    init(certificate: ImplicitCertificate, key: P256KeyPair) {
        self.certificate = certificate
        self.key = key
    }

    func transaction(
        _ arguments: [UInt8],
        channel: Channel = .index,
        nonce: UInt64? = nil,
        validFor: UInt64 = 600_000
    ) throws -> Transaction {
        try self.transaction("add", arguments, channel: channel, nonce: nonce, validFor: validFor)
    }

    func transaction(
        _ method: String,
        _ arguments: [UInt8],
        channel: Channel = .index,
        nonce: UInt64? = nil,
        validFor: UInt64 = 600_000
    ) throws -> Transaction {
        let body = TransactionBody(
            chain: Array("test-chain".utf8),
            channel: channel,
            signer: self.certificate.digest,
            nonce: nonce ?? self.nextNonce(),
            validUntil: WallClock.milliseconds + validFor,
            contract: "counter",
            method: method,
            arguments: arguments
        )
        return try Transaction(signing: body, certificate: self.certificate, key: self.key)
    }

    func transaction<Arguments: MethodArguments>(_ arguments: Arguments, on channel: Channel) throws -> Transaction {
        let body = TransactionBody(
            chain: Array("test-chain".utf8),
            channel: channel,
            signer: self.certificate.digest,
            nonce: self.nextNonce(),
            validUntil: WallClock.milliseconds + 600_000,
            contract: Arguments.contract,
            method: Arguments.method,
            arguments: arguments.bytes
        )
        return try Transaction(signing: body, certificate: self.certificate, key: self.key)
    }

    private func nextNonce() -> UInt64 {
        self.nonce.withLock { nonce in
            nonce += 1
            return nonce
        }
    }
}

/// Validators of one process, each with its own directory on a real disk.
final class TestConsortium: Sendable {
    /// A running validator.
    struct Running: Sendable {
        let validator: Validator
        let task: Task<String?, Never>
    }

    let authority: CertificateAuthority
    let genesis: Genesis
    let kind: CertificateKind
    let signers: [TestSigner]
    let hub = TestHub()
    let directory: String
    let logic: TestLogic
    private let running = Mutex<[UInt16: Running]>([:])
    private let change: @Sendable (inout ValidatorConfiguration) -> Void
    private let subjectRule = Mutex<(@Sendable (ContractEvent) -> [[UInt8]])?>(nil)

    init(
        _ kind: CertificateKind = .ed25519,
        _ change: @escaping @Sendable (inout ValidatorConfiguration) -> Void = { _ in }
    ) throws {
        let authority = CertificateAuthority(name: "test-ca", key: .generate())
        let signers = try (1...5).map { try TestSigner(kind, $0) }
        func committee(_ epoch: CommitteeEpoch, _ numbers: ClosedRange<UInt16>) throws -> Committee {
            try #require(
                Committee(epoch: epoch, members: numbers.map { signers[Int($0) - 1].member(ReplicaID($0)) })
            )
        }
        self.authority = authority
        self.kind = kind
        self.signers = signers
        self.genesis = try Genesis(
            chain: "test-chain",
            time: WallClock.milliseconds - 1_000,
            committee: try committee(0, 1...4),
            validators: try (1...4).map {
                Genesis.Validator(id: ReplicaID($0), name: try #require(PartyName("clinic-\($0):validator:v\($0)")))
            },
            issuers: [TrustedIssuer(kind: .authority, issuer: authority.issuer)],
            governors: [try #require(PartyName("clinic-1:operator:o1"))],
            governorThreshold: 1,
            parameters: []
        )
        self.logic = TestLogic(kind, next: try committee(1, 1...5))
        self.directory = "\(NSTemporaryDirectory())validator-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        self.change = change
    }

    deinit { try? FileManager.default.removeItem(atPath: self.directory) }

    /// Under what events are found; nil for the contracts' own rule.
    var subjects: (@Sendable (ContractEvent) -> [[UInt8]])? {
        get { self.subjectRule.withLock { $0 } }
        set { self.subjectRule.withLock { $0 = newValue } }
    }

    func client(_ name: String = "clinic-9:gateway:g") throws -> TestClient {
        let key = P256KeyPair.generate()
        let now = WallClock.milliseconds / 1_000
        let fields = CertificateFields(
            issuer: "test-ca",
            serial: .random(in: 1...1 << 40),
            subject: name,
            notBefore: now - 1_000,
            notAfter: now + 1_000_000,
            usage: .sign,
            attributes: ["role:gateway"],
            extensionBytes: []
        )
        let issued = try self.authority.issue(try CertificateRequest(key, subject: name), fields: fields)
        return TestClient(
            certificate: issued.certificate,
            key: try issued.keyPair(for: key, from: self.authority.issuer)
        )
    }

    func folder(_ number: UInt16) -> String { "\(self.directory)/v\(number)" }

    func open(_ number: UInt16, calls: DiskCalls = .system) throws -> Validator {
        try FileManager.default.createDirectory(atPath: self.folder(number), withIntermediateDirectories: true)
        var configuration = ValidatorConfiguration(
            identityDirectory: "",
            directory: self.folder(number),
            genesisFile: "",
            peers: (1...5).map { .init(number: $0, host: "localhost", port: 0) }
        )
        configuration.limits.caches = CacheBudget(bytes: 4 << 20)
        configuration.limits.startPatience = 300
        self.change(&configuration)
        let signer = self.signers[Int(number) - 1]
        var parts = ValidatorParts(
            number: ReplicaID(number),
            genesis: self.genesis,
            signer: signer,
            scheme: self.kind.scheme,
            member: signer.member(ReplicaID(number)),
            logic: self.logic,
            network: TestNetwork(hub: self.hub, number: number)
        )
        parts.diskCalls = calls
        if let subjects = self.subjects { parts.subjects = subjects }
        return try Validator(configuration: configuration, parts: parts, logger: Self.logger(number))
    }

    private static func logger(_ number: UInt16) -> Logger {
        var logger = Logger(label: "v\(number)")
        logger.logLevel = ProcessInfo.processInfo.environment["VALIDATOR_LOG"] == nil ? .critical : .info
        logger[metadataKey: "v"] = "\(number)"
        return logger
    }

    @discardableResult
    func start(_ number: UInt16, calls: DiskCalls = .system) throws -> Validator {
        let validator = try self.open(number, calls: calls)
        let task = Task<String?, Never> {
            do {
                try await validator.run()
                return nil
            } catch { return "\(error)" }
        }
        self.running.withLock { $0[number] = Running(validator: validator, task: task) }
        return validator
    }

    func startAll() throws { for number in UInt16(1)...4 { try self.start(number) } }

    subscript(number: UInt16) -> Validator {
        get throws { try #require(self.running.withLock { $0[number]?.validator }) }
    }

    /// Waits until a validator has ended by itself.
    @discardableResult
    func end(of number: UInt16) async -> String? {
        let task = self.running.withLock { $0.removeValue(forKey: number)?.task }
        return await task?.value
    }

    func stop(_ number: UInt16) async {
        self.running.withLock { $0[number]?.task.cancel() }
        await self.end(of: number)
    }

    /// Ends a validator as a crash does.
    func kill(_ number: UInt16) async {
        self.running.withLock { $0[number]?.validator.abandon() }
        await self.end(of: number)
    }

    func stopAll() async {
        let numbers = self.running.withLock { $0.keys.sorted() }
        for number in numbers { await self.stop(number) }
    }

    /// Runs a test and stops what runs, also when it fails.
    func run(_ body: (TestConsortium) async throws -> Void) async throws {
        do {
            try await body(self)
            await self.stopAll()
        } catch {
            await self.stopAll()
            throw error
        }
    }

    /// Waits until a validator has a block of this height.
    func wait(_ number: UInt16, for height: Height, _ channel: Channel = .index) async throws {
        let validator = try self[number]
        for try await event in try validator.events(
            channel: channel,
            from: EventCursor(height: height - 1, index: .max)
        ) {
            if event.cursor.height >= height { return }
        }
        throw ValidatorFailure("validator \(number) stopped")
    }

    /// Commits a transaction, whatever happens to single validators meanwhile.
    func commit(_ transaction: Transaction, at numbers: [UInt16]) async throws -> TransactionPlace {
        while true {
            for number in numbers {
                do { return try await self[number].commit(transaction.bytes).place } catch let error
                    as SubmissionFailure
                {
                    guard error.isPassing else { throw error }
                }
            }
        }
    }
}

extension SubmissionFailure {
    /// Whether another attempt may succeed.
    var isPassing: Bool {
        switch self {
        case .notReady, .timedOut: true
        default: false
        }
    }
}
