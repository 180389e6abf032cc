import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import Ledger
import Logging
import P256Group
import Signcryption
import StrictYAML
import Synchronization
import Testing
import Transcripts

@testable import Custodian

/// A desk over a chain and centers of the test's making; a second one on the same directory is the one after a kill.
final class TestDesk {
    static let start: UInt64 = 1_800_000_000_000

    let institution: TestInstitution
    let custodian: Custodian
    let chain: TestChain
    let post = TestPost()
    let authority = CertificateAuthority(name: "Consortium CA", key: .generate())
    let pseudonyms = CertificateAuthority(name: "Pseudonym CA", key: .generate())
    let researcher: TestRequester
    let clock = Clock()
    let rules: String
    let centers = ["https://one:7402", "https://two:7402"]
    private(set) var desk: ShareDesk

    final class Clock: Sendable {
        private let time = Mutex(TestDesk.start)
        var now: UInt64 { self.time.withLock { $0 } }
        func advance(seconds: UInt64) { self.time.withLock { $0 += seconds * 1_000 } }
    }

    init(_ rules: String = "", threshold: Int? = nil) throws {
        self.institution = try TestInstitution()
        self.custodian = try self.institution.custodian()
        self.chain = TestChain(organization: "north")
        self.researcher = try TestRequester("south:researcher:ada", from: self.authority, at: Self.start / 1_000)
        self.rules = "version: 1\nrules:\(rules.isEmpty ? " []" : "\n" + rules)\n"
        self.desk = try Self.make(self.institution, self.custodian, self.chain, self.post, self.rules, threshold) {
            [clock] in
            clock.now
        } issuers: { [authority, pseudonyms] in
            [
                TrustedIssuer(kind: .authority, issuer: authority.issuer),
                TrustedIssuer(kind: .pseudonymAuthority, issuer: pseudonyms.issuer),
            ]
        }
    }

    /// The desk of a process that started after this one was killed.
    func restart() throws {
        self.chain.hold(at: nil)
        self.post.hold(at: nil)
        let old = self.desk
        self.desk = ShareDesk(
            custodian: self.custodian,
            store: try ShareStore(directory: self.custodian.directory),
            chain: old.chain,
            post: old.post,
            rules: old.rules,
            notice: EmergencyNotice(command: [], logger: old.logger),
            settings: old.settings,
            waiters: GrantWaiters(),
            logger: old.logger,
            clock: old.clock
        )
    }

    private static func make(
        _ institution: TestInstitution,
        _ custodian: Custodian,
        _ chain: TestChain,
        _ post: TestPost,
        _ rules: String,
        _ threshold: Int?,
        clock: @escaping @Sendable () -> UInt64,
        issuers: () -> [TrustedIssuer]
    ) throws -> ShareDesk {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let path = "\(institution.folder)/rules.yaml"
        try Data(rules.utf8).write(to: URL(fileURLWithPath: path))
        return ShareDesk(
            custodian: custodian,
            store: try ShareStore(directory: custodian.directory),
            chain: chain,
            post: post,
            rules: try RulesFile(path: path, logger: logger),
            notice: EmergencyNotice(command: [], logger: logger),
            settings: ShareDesk.Settings(
                centers: ["https://one:7402", "https://two:7402"],
                threshold: threshold,
                issuers: issuers()
            ),
            waiters: GrantWaiters(),
            logger: logger,
            clock: clock
        )
    }

    func scope(_ label: String = "0a1b.vitals") throws -> RegisteredScope {
        try self.custodian.scope(label: label, epoch: 2_970)
    }

    /// Follows and works until nothing moves.
    func settle() async throws {
        try await self.desk.follow()
        while try await self.desk.work() > 0 {}
    }

    func item(_ id: [UInt8]) throws -> ShareItem { try #require(try self.desk.store.item(id)) }

    // MARK: What happens on the chain

    /// A request that waits for a decision.
    @discardableResult
    func ask(
        _ scope: [UInt8],
        purpose: String = "research",
        by requester: TestRequester? = nil,
        organization: String = "north"
    ) throws -> [UInt8] {
        let requester = requester ?? self.researcher
        let asked = self.asked(scope, purpose, organization)
        let transaction = requester.sign(asked)
        self.commit(transaction, [self.requested(asked, requester)])
        var writer = CanonicalWriter()
        writer.u8(0)
        writer.raw(requester.certificate.digest)
        writer.lengthPrefixed(requester.name)
        writer.raw([UInt8](repeating: 0, count: 32))
        writer.u64(self.clock.now)
        writer.lengthPrefixed(asked.bytes)
        let record = try AccessRequest(bytes: writer.bytes)
        self.chain.state.withLock { $0.requests[asked.request] = record }
        return asked.request
    }

    /// A permission in the same transaction as its request.
    @discardableResult
    func permit(
        _ scope: [UInt8],
        kind: Permission.Kind = .proven,
        purpose: String = "research",
        by requester: TestRequester? = nil,
        basis: [UInt8] = Permission.noBasis,
        decider: String = "north:steward:eve",
        seconds: UInt64 = 86_400
    ) throws -> Permission {
        let requester = requester ?? self.researcher
        let asked = self.asked(scope, purpose, "north")
        let permission = try self.permission(asked, requester, kind, basis, decider, seconds)
        self.commit(
            requester.sign(asked),
            [self.requested(asked, requester), ContractEvent(topic: "access.permitted", data: permission.bytes)]
        )
        return permission
    }

    /// A permission by somebody's decision about an earlier request.
    func decide(_ request: [UInt8], decider: String, seconds: UInt64 = 86_400) throws -> Permission {
        let record = try #require(self.chain.state.withLock { $0.requests[request] })
        let permission = try self.permission(
            record.arguments,
            self.researcher,
            .decided,
            Permission.noBasis,
            decider,
            seconds
        )
        let steward = try TestRequester(decider, from: self.authority, at: Self.start / 1_000)
        self.commit(
            steward.sign(PermitAccess(request: request, validUntil: permission.validUntil)),
            [ContractEvent(topic: "access.permitted", data: permission.bytes)]
        )
        return permission
    }

    private func asked(_ scope: [UInt8], _ purpose: String, _ organization: String) -> RequestAccess {
        RequestAccess(
            request: SecureRandom.bytes(32),
            scope: scope,
            policy: SecureRandom.bytes(32),
            organization: organization,
            purpose: purpose,
            nonce: SecureRandom.bytes(32),
            expires: self.clock.now + 3_600_000
        )
    }

    private func requested(_ asked: RequestAccess, _ requester: TestRequester) -> ContractEvent {
        ContractEvent(
            topic: "access.requested",
            data: AccessRequested(
                request: asked.request,
                scope: asked.scope,
                requester: requester.certificate.digest,
                organization: asked.organization
            ).bytes
        )
    }

    private func permission(
        _ asked: RequestAccess,
        _ requester: TestRequester,
        _ kind: Permission.Kind,
        _ basis: [UInt8],
        _ decider: String,
        _ seconds: UInt64
    ) throws -> Permission {
        var writer = CanonicalWriter()
        writer.raw(SecureRandom.bytes(32))
        writer.raw(asked.request)
        writer.raw(requester.certificate.digest)
        writer.raw(asked.scope)
        writer.raw(asked.policy)
        writer.lengthPrefixed(asked.organization)
        writer.lengthPrefixed(decider)
        writer.u64(self.clock.now)
        writer.u64(self.clock.now + seconds * 1_000)
        writer.u64(0)
        writer.lengthPrefixed(asked.purpose)
        writer.u8(kind.rawValue)
        writer.raw(basis)
        let permission = try Permission(bytes: writer.bytes)
        self.chain.state.withLock { $0.permissions[permission.id] = permission }
        return permission
    }

    /// Puts a transaction into the next block.
    func commit(_ transaction: Transaction, _ events: [ContractEvent], code: UInt16 = 0) {
        let time = self.clock.now
        self.chain.state.withLock { state in
            state.height += 1
            state.transactions[transaction.id] = ProvenTransaction(
                transaction: transaction,
                receipt: TransactionReceipt(transaction: transaction.id, code: code, cost: 1, events: events),
                height: state.height,
                time: time
            )
            for index in events.indices {
                let place = ChainPlace(height: state.height, place: UInt32(index + 1))
                state.entries.append(ChainEntry(place: place, transaction: transaction.id))
            }
        }
    }
}
