import Authority
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
import Synchronization
import Transcripts

@testable import Custodian

/// Holds a task at a place until the test lets it go, as a kill would: what comes after is never done.
final class Trap: Sendable {
    private let reached = AsyncStream<Void>.makeStream()
    private let release = AsyncStream<Void>.makeStream()

    func hold() async throws {
        self.reached.continuation.yield()
        for await _ in self.release.stream {}
        throw CancellationError()
    }

    func wait() async { for await _ in self.reached.stream { return } }
}

/// A chain of the test's making, which survives the desk.
final class TestChain: SharingChain {
    enum Point: Sendable { case beforeRecord, afterRecord, afterPermit, afterRefuse, afterRevoke }

    struct State {
        var entries: [ChainEntry] = []
        var transactions: [[UInt8]: ProvenTransaction] = [:]
        var requests: [[UInt8]: AccessRequest] = [:]
        var permissions: [[UInt8]: Permission] = [:]
        var standing: [[UInt8]: ChainReadingError.Reason] = [:]
        var grants: [[UInt8]: [UInt8]] = [:]
        var recordCalls = 0
        var refusals: [[UInt8]: String] = [:]
        var denied: [[UInt8]] = []
        var permitted: [(request: [UInt8], until: UInt64)] = []
        var revoked: [[UInt8]] = []
        var asked = 0
        var height: UInt64 = 10
        var isAway = false
    }

    let state = Mutex(State())
    let trap = Trap()
    private let point: Mutex<Point?> = Mutex(nil)
    let organization: String

    init(organization: String) { self.organization = organization }

    func hold(at point: Point?) { self.point.withLock { $0 = point } }

    private func pass(_ point: Point) async throws {
        if self.point.withLock({ $0 == point }) { try await self.trap.hold() }
    }

    func entries(after place: ChainPlace?) async throws -> [ChainEntry] {
        try self.state.withLock { state in
            state.asked += 1
            if state.isAway { throw ChainReadingError(.chainUnavailable, "away") }
            return Array(
                state.entries.filter { entry in place.map { entry.place > $0 } ?? true }.prefix(3)
            )
        }
    }

    func transaction(_ id: [UInt8]) async throws -> ProvenTransaction? { self.state.withLock { $0.transactions[id] } }

    func transaction(ofRequest request: [UInt8]) async throws -> ProvenTransaction? {
        self.state.withLock { state in
            state.transactions.values.first { proven in
                proven.receipt.events.contains {
                    $0.topic == "access.requested" && (try? AccessRequested(bytes: $0.data))?.request == request
                }
            }
        }
    }

    func request(_ id: [UInt8]) async throws -> AccessRequest? { self.state.withLock { $0.requests[id] } }

    func permission(_ id: [UInt8]) async throws -> Permission? { self.state.withLock { $0.permissions[id] } }

    func requireStanding(
        _ permission: [UInt8],
        of certificate: ImplicitCertificate,
        for scope: ScopeDescriptor
    ) async throws {
        let reason = self.state.withLock { $0.standing[permission] }
        if let reason { throw ChainReadingError(reason, "the test says so") }
    }

    func standingGrant(on permission: [UInt8]) async throws -> [UInt8]? {
        self.state.withLock { $0.grants[permission] }
    }

    func record(_ terms: KeptTerms, under item: ShareItem) async throws {
        try await self.pass(.beforeRecord)
        try self.state.withLock { state in
            state.recordCalls += 1
            if let standing = state.grants[item.id], standing != terms.digest {
                throw ShareRefusal(code: "another-grant", detail: "another one stands")
            }
            state.grants[item.id] = terms.digest
        }
        try await self.pass(.afterRecord)
    }

    func refuse(_ permission: [UInt8], code: String) async throws {
        self.state.withLock { $0.refusals[permission] = code }
        try await self.pass(.afterRefuse)
    }

    func permit(_ request: [UInt8], until: UInt64) async throws {
        self.state.withLock { $0.permitted.append((request, until)) }
        try await self.pass(.afterPermit)
    }

    func deny(_ request: [UInt8]) async throws { self.state.withLock { $0.denied.append(request) } }

    func revoke(_ permission: [UInt8], grant: [UInt8]?) async throws {
        self.state.withLock { state in
            state.revoked.append(permission)
            state.grants[permission] = nil
        }
        try await self.pass(.afterRevoke)
    }
}

/// Grants and centers of the test's making, which survive the desk.
final class TestPost: GrantPost {
    enum Point: Sendable { case afterKeep, afterSend }

    struct State {
        var kept: [[UInt8]: KeptTerms] = [:]
        var orders: [GrantOrder] = []
        var sent: [[UInt8]: Set<String>] = [:]
        var away: Set<String> = []
        var withdrawn: [[UInt8]] = []
    }

    let state = Mutex(State())
    let trap = Trap()
    private let point: Mutex<Point?> = Mutex(nil)

    func hold(at point: Point?) { self.point.withLock { $0 = point } }

    private func pass(_ point: Point) async throws {
        if self.point.withLock({ $0 == point }) { try await self.trap.hold() }
    }

    func keep(_ order: GrantOrder, at now: UInt64) async throws -> KeptTerms {
        let terms = self.state.withLock { state in
            if let kept = state.kept[order.permission] { return kept }
            state.orders.append(order)
            let terms = KeptTerms(
                digest: SecureRandom.bytes(32),
                notBefore: order.notBefore,
                notAfter: order.notAfter,
                threshold: order.threshold ?? order.centers.count,
                centers: order.centers
            )
            state.kept[order.permission] = terms
            return terms
        }
        try await self.pass(.afterKeep)
        return terms
    }

    func kept(under permission: [UInt8]) throws -> KeptTerms? { self.state.withLock { $0.kept[permission] } }

    func send(under permission: [UInt8], to centers: [String]) async throws -> [(center: String, why: String)] {
        let refusals = self.state.withLock { state in
            for center in centers where !state.away.contains(center) {
                state.sent[permission, default: []].insert(center)
            }
            return centers.filter { state.away.contains($0) }.map { (center: $0, why: "away") }
        }
        try await self.pass(.afterSend)
        return refusals
    }

    func withdraw(under permission: [UInt8]) async throws -> [(center: String, why: String)] {
        self.state.withLock { $0.withdrawn.append(permission) }
        return []
    }

    func file(under permission: [UInt8]) throws -> GrantFile? {
        self.state.withLock { $0.kept[permission] }.map {
            GrantFile(grant: $0.digest, descriptor: [1], ownerCertificate: [2], addresses: $0.centers)
        }
    }
}

/// Somebody who asks, with a certificate of the test's authority.
struct TestRequester {
    let certificate: ImplicitCertificate
    let key: P256KeyPair
    let name: String
    let isPseudonym: Bool

    /// The name is empty for a pseudonym.
    init(_ name: String, from authority: CertificateAuthority, at now: UInt64) throws {
        let request = P256KeyPair.generate()
        let usage: CertificateUsage = name.isEmpty ? [.pseudonym, .keyExchange] : [.sign, .keyExchange]
        let issued = try authority.issue(
            CertificateRequest(request, subject: name),
            fields: CertificateFields(
                issuer: authority.issuer.name,
                serial: .random(in: 1...UInt64.max),
                subject: name,
                notBefore: now - 1_000,
                notAfter: now + 1_000_000,
                usage: usage,
                attributes: []
            )
        )
        self.certificate = issued.certificate
        self.key = try issued.keyPair(for: request, from: authority.issuer)
        self.name = name
        self.isPseudonym = name.isEmpty
    }

    func sign(_ arguments: some MethodArguments) -> Transaction {
        let body = arguments.body(
            chain: Array("test".utf8),
            channel: .access,
            signer: self.certificate.digest,
            nonce: .random(in: 0...UInt64.max),
            validUntil: .max
        )
        let signature = [UInt8](repeating: 0, count: Schnorr.signatureLength)
        guard self.isPseudonym else {
            return Transaction(
                body,
                authorization: .identity(certificate: self.certificate.bytes, signature: signature)
            )
        }
        var writer = CanonicalWriter()
        writer.magic("WLNS")
        writer.lengthPrefixed(self.certificate.bytes)
        writer.raw(signature)
        return Transaction(body, authorization: .pseudonym(writer.bytes))
    }
}
