import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import IBTP
import Ledger
import Logging
import P256Group
import Records
import Signcryption
import Synchronization
import Testing
import Transcripts

@testable import Custodian

/// A custodian of one chain, and a researcher of another who asks over the relay chain.
final class ExchangeScene {
    final class Clock: Sendable {
        private let time: Mutex<UInt64>
        init(_ now: UInt64) { self.time = Mutex(now) }
        var now: UInt64 { self.time.withLock { $0 } }
        func set(_ now: UInt64) { self.time.withLock { $0 = max($0, now) } }
    }

    /// What goes wrong on the way; each changes one thing of an honest request.
    struct Fault {
        var service = "hub:clinics:share"
        /// Who asks.
        var from = "hub:home:share"
        var receiver: CertifiedKey?
        /// Of the digest that stands in the open.
        var share: [UInt8]?
        var sealedUnder: [UInt8]?
        var edit: ([UInt8]) -> [UInt8] = { $0 }
    }

    let institution: TestInstitution
    let custodian: Custodian
    let chain: ContractChain
    let researcher: RequesterKey
    let gateway: RequesterKey
    let clock: Clock
    private(set) var desk: ExchangeDesk
    private(set) var shares: ShareDesk
    private var index: UInt64 = 0

    init() throws {
        self.institution = try TestInstitution()
        self.custodian = try self.institution.custodian()
        let now = UInt64(Date().timeIntervalSince1970) * 1_000
        let home = CertificateAuthority(name: "Home CA", key: .generate())
        self.chain = try ContractChain(owner: self.custodian.identity, authorities: [home], at: now)
        self.researcher = try Self.key("south:researcher:ada", from: home, at: now / 1_000)
        self.gateway = try Self.key("south:relay:g", from: home, at: now / 1_000)
        self.clock = Clock(now)
        (self.desk, self.shares) = try Self.desks(self.institution, self.custodian, self.chain, self.clock)
    }

    static func key(_ name: String, from authority: CertificateAuthority, at now: UInt64) throws -> RequesterKey {
        let key = P256KeyPair.generate()
        let fields = CertificateFields(
            issuer: authority.issuer.name,
            serial: .random(in: 1...UInt64.max),
            subject: name,
            notBefore: now - 1_000,
            notAfter: now + 10_000_000,
            usage: [.sign, .keyExchange],
            attributes: []
        )
        let issued = try authority.issue(CertificateRequest(key, subject: name), fields: fields)
        return RequesterKey(
            certificate: issued.certificate,
            key: try issued.keyPair(for: key, from: authority.issuer),
            issuer: authority.issuer
        )
    }

    private static func desks(
        _ institution: TestInstitution,
        _ custodian: Custodian,
        _ chain: ContractChain,
        _ clock: Clock
    ) throws -> (ExchangeDesk, ShareDesk) {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let store = try ShareStore(directory: custodian.directory)
        let path = "\(institution.folder)/rules.yaml"
        try Data("version: 1\nrules: []\n".utf8).write(to: URL(fileURLWithPath: path))
        let shares = ShareDesk(
            custodian: custodian,
            store: store,
            chain: chain,
            post: TestPost(),
            rules: try RulesFile(path: path, logger: logger),
            notice: EmergencyNotice(command: [], logger: logger),
            settings: ShareDesk.Settings(centers: ["https://one:7402"], issuers: chain.genesis.issuers),
            waiters: GrantWaiters(),
            logger: logger,
            clock: { clock.now }
        )
        let desk = ExchangeDesk(
            custodian: custodian,
            store: ExchangeStore(queue: store.queue),
            chain: chain,
            shares: shares,
            logger: logger,
            clock: { clock.now }
        )
        return (desk, shares)
    }

    /// The desk of a process that started after this one was killed.
    func restart() throws {
        self.chain.hold(at: nil)
        (self.desk, self.shares) = try Self.desks(self.institution, self.custodian, self.chain, self.clock)
    }

    /// Lets time pass for everybody.
    func wait(seconds: UInt64) {
        self.clock.set(max(self.clock.now, self.chain.now) + seconds * 1_000)
        self.chain.wait(self.clock.now - min(self.clock.now, self.chain.now))
    }

    /// Follows and works some rounds, each later than every pause of the desk but those for decisions.
    func settle(rounds: Int = 3) async throws {
        for _ in 0..<rounds {
            self.wait(seconds: 5)
            try await self.desk.follow()
            try await self.desk.work()
        }
    }

    func item(_ id: MessageID) throws -> ExchangeItem? { try self.desk.store.item(id.description) }

    // MARK: - What the other chain asks

    func request(organization: String = "north", seconds: UInt64 = 3_600) -> RequestAccess {
        RequestAccess(
            request: SecureRandom.bytes(32),
            scope: SecureRandom.bytes(32),
            policy: [UInt8](repeating: 0, count: 32),
            organization: organization,
            purpose: "research",
            nonce: SecureRandom.bytes(32),
            expires: self.chain.now + seconds * 1_000
        )
    }

    func transaction(_ arguments: some MethodArguments, seconds: UInt64 = 3_000) throws -> Transaction {
        try self.researcher.sign(
            arguments.body(
                chain: Array(ContractChain.name.utf8),
                channel: .access,
                signer: self.researcher.certificate.digest,
                nonce: .random(in: 1_000_000...UInt64.max / 2),
                validUntil: self.chain.now + seconds * 1_000
            )
        )
    }

    var receiver: CertifiedKey {
        get throws {
            let identity = self.custodian.identity
            return try CertifiedKey(identity.certificate, from: identity.issuer)
        }
    }

    func share(_ access: RequestAccess, from source: String = "hub:home:share") throws -> [UInt8] {
        let asker = ShareRequest.asker(of: try ServiceID(source), certificate: self.researcher.certificate.bytes)
        return ShareRequest.digest(access, by: self.researcher.certificate.digest, asker: asker)
    }

    /// Brings a request to the custodian's chain.
    @discardableResult
    func bring(
        _ access: RequestAccess,
        as inner: Transaction? = nil,
        expiry: UInt64? = nil,
        _ fault: Fault = Fault()
    ) throws -> MessageID {
        self.index += 1
        let service = try ServiceID("hub:clinics:share")
        let share = try fault.share ?? self.share(access, from: fault.from)
        let sealed = try SealedShareRequest(
            inner ?? self.transaction(access),
            to: fault.receiver ?? self.receiver,
            for: try ServiceID(fault.service),
            share: fault.sealedUnder ?? share
        )
        let content = InterchainContent(function: "share.request", arguments: [fault.edit(sealed.bytes)])
        var message = InterchainMessage(from: fault.from, to: service.description, index: self.index)
        message.payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        message.extra = try RelayExtension(
            pathNonce: SecureRandom.bytes(32),
            expiry: expiry ?? access.expires / 1_000 + 3_600,
            certificate: self.researcher.certificate.bytes,
            shareRequest: share
        ).bytes
        return try self.chain.receive(message, by: self.gateway)
    }

    // MARK: - What the chain says in the end

    /// The contract's answer to an exchange; nil while there is none.
    func answer(_ id: MessageID) -> MessageType? {
        self.chain.answers.last { $0.index == id.index && $0.type != .interchain }?.type
    }
}
