import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import TestIdentities
import Testing

@testable import AuditTrail

/// Histories of blocks with one transaction each.
final class Scene {
    static let scope = [UInt8](repeating: 1, count: 32)
    static let other = [UInt8](repeating: 2, count: 32)

    var history = SharingHistory()
    /// The same without the names of patients.
    var unnamed = SharingHistory(namesPatients: false)
    var consents = ConsentHistory()
    let researcher: RequesterKey
    let custodian: RequesterKey
    let center: RequesterKey
    let patient: RequesterKey
    private var height: UInt64 = 0
    private let directory: String

    init() throws {
        self.directory = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        let authority = try TestAuthority(directory: self.directory)
        self.researcher = RequesterKey(try authority.enroll("institute-b:researcher:r"))
        self.custodian = RequesterKey(try authority.enroll("hospital-a:custodian:records"))
        self.center = RequesterKey(try authority.enroll("cloud:privacy-center:one"))
        self.patient = RequesterKey(try authority.enroll("hospital-a:patient:p-1"))
    }

    deinit { try? FileManager.default.removeItem(atPath: self.directory) }

    func request() -> RequestAccess {
        RequestAccess(
            request: [UInt8](repeating: 5, count: 32),
            scope: Self.scope,
            policy: [UInt8](repeating: 6, count: 32),
            organization: "hospital-a",
            purpose: "study",
            nonce: [UInt8](repeating: 7, count: 32),
            expires: 100_000
        )
    }

    /// The steps of a share, a second apart.
    ///
    /// - Returns: the permission.
    @discardableResult
    func share() throws -> [UInt8] {
        let text = "role:researcher"
        let holder = try #require(PartyName("hospital-a:patient:p-1"))
        let zero = [UInt8](repeating: 0, count: 32)
        try self.call(
            self.custodian,
            SetPolicy(scope: Self.scope, circuit: zero, permissionSeconds: 60, text: text),
            at: 1_000
        )
        try self.call(
            self.custodian,
            SetScopeHolder(holder: holder, scopes: [Self.scope]),
            at: 2_000
        )
        let policy = try #require(self.history.policies.keys.first)
        try self.call(self.researcher, self.request(), at: 3_000)
        let permission = try self.permission(policy)
        try self.call(
            self.custodian,
            PermitAccess(request: self.request().request, validUntil: 90_000),
            events: [ContractEvent(topic: "access.permitted", data: permission.bytes)],
            at: 4_000
        )
        // Its proof is not looked at: the contract did.
        let grant = [UInt8](repeating: 8, count: 32)
        try self.recordGrant(grant, permission.id, at: 5_000)
        let delivery = RecordDelivery(
            grant: grant,
            list: [UInt8](repeating: 9, count: 32),
            count: 3,
            receiver: self.researcher.certificate.digest,
            parts: 3
        )
        try self.call(self.center, delivery, at: 6_000)
        let center = try #require(PartyName("cloud:privacy-center:one"))
        let id = Delivery.id(delivery, by: center)
        try self.call(self.researcher, AcknowledgeDelivery(delivery: id, outcome: .complete), at: 7_000)
        return permission.id
    }

    func call(
        _ key: RequesterKey,
        _ arguments: some MethodArguments,
        code: UInt16 = 0,
        events: [ContractEvent] = [],
        at time: UInt64
    ) throws {
        self.height += 1
        let channel = type(of: arguments).channels[0]
        let body = arguments.body(
            chain: Array("test".utf8),
            channel: channel,
            signer: key.certificate.digest,
            nonce: self.height,
            validUntil: .max
        )
        let transaction = try key.sign(body)
        let receipt = TransactionReceipt(transaction: transaction.id, code: code, cost: 1, events: events)
        let header = try Self.header(channel, self.height, time)
        let block = LedgerBlock(header: header, transactions: [transaction], nextCommittee: nil)
        self.history.append(block, [receipt])
        self.unnamed.append(block, [receipt])
        self.consents.append(block, [receipt])
    }

    func recordGrant(_ grant: [UInt8], _ permission: [UInt8], at time: UInt64) throws {
        try self.call(
            self.custodian,
            RecordGrant(
                grant: grant,
                scope: Self.scope,
                permission: permission,
                notBefore: 0,
                notAfter: 90_000,
                proof: try Self.proof(self.researcher)
            ),
            at: time
        )
    }

    func permission(
        _ policy: [UInt8],
        _ kind: Permission.Kind = .proven,
        basis: [UInt8] = Permission.noBasis
    ) throws -> Permission {
        var writer = CanonicalWriter(capacity: 512)
        writer.raw([UInt8](repeating: 4, count: 32))
        writer.raw(self.request().request)
        writer.raw(self.researcher.certificate.digest)
        writer.raw(Self.scope)
        writer.raw(policy)
        writer.lengthPrefixed("hospital-a")
        writer.lengthPrefixed("hospital-a:custodian:records")
        for time in [UInt64(4_000), 90_000, 0] { writer.u64(time) }
        writer.lengthPrefixed("study")
        writer.u8(kind.rawValue)
        writer.raw(basis)
        return try Permission(bytes: writer.bytes)
    }

    private static func header(_ channel: Channel, _ height: UInt64, _ time: UInt64) throws -> BlockHeader {
        let root = [UInt8](repeating: 0, count: 32)
        return BlockHeader(
            chain: Array("test".utf8),
            channel: channel,
            epoch: 0,
            height: height,
            parent: .zero,
            transactionRoot: root,
            receiptRoot: root,
            stateRoot: root,
            validatorsRoot: root,
            evidenceRoot: root,
            time: time
        )
    }

    /// Of any transaction: contracts judge proofs, a history does not.
    private static func proof(_ key: RequesterKey) throws -> TransactionProof {
        let body = RevokeGrant(grant: Self.other).body(
            chain: Array("test".utf8),
            channel: .index,
            signer: key.certificate.digest,
            nonce: 1,
            validUntil: 1
        )
        let transaction = try key.sign(body)
        let certificate = QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 0,
            view: 0,
            height: 1,
            block: .zero,
            signers: [0],
            proof: []
        )
        let proof = TransactionProof(
            0,
            of: LedgerBlock(header: try self.header(.index, 1, 1), transactions: [transaction], nextCommittee: nil),
            receipts: [TransactionReceipt(transaction: transaction.id, code: 0, cost: 1, events: [])],
            certificate: certificate
        )
        return try #require(proof)
    }
}
