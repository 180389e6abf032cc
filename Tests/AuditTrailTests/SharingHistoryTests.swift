import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Credentials
import Foundation
import IBTP
import Ledger
import TestIdentities
import Testing

@testable import AuditTrail

@Suite struct SharingHistoryTests {
    private static let scope = [UInt8](repeating: 1, count: 32)
    private static let other = [UInt8](repeating: 2, count: 32)

    @Test("A share's whole way is told, each step with whose data, for whom and under which policy")
    func wholeShare() throws {
        let scene = try Scene()
        let permission = try scene.share()
        let entries = scene.history.entries
        #expect(
            entries.map(\.code) == [
                "policy", "holder", "asked", "permitted", "granted", "delivered", "acknowledged",
            ]
        )
        for entry in entries.suffix(4) {
            #expect(
                entry.permission == permission && entry.scopes == [Self.scope] && entry.organization == "hospital-a"
            )
            #expect(scene.history.policies[entry.policy] == "role:researcher" && entry.purpose == "study")
            #expect(entry.receiver == scene.researcher.certificate.digest)
        }
        #expect(entries.map(\.time) == entries.map(\.time).sorted())
    }

    @Test("The asking chain tells that its researcher asked another one, and how that ended")
    func acrossChains() throws {
        let scene = try Scene()
        let id = try MessageID("hub:labs:share-hub:wards:share-3")
        let message = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index)
        let leaf = ContractEvent(topic: "interchain.out", data: OutboundLeaf.message(message).bytes)
        let target = CallService.Target(to: id.to.description, payload: [1], extra: [2])
        let call = CallService(service: "share", timeoutBlocks: 0, targets: [target])
        try scene.call(scene.researcher, call, events: [leaf], at: 1_000)
        try scene.call(scene.researcher, call, code: RejectionCode.relayFrozen.number, at: 2_000)
        let result = InterchainResult(data: [[Self.other, Self.scope]], statuses: [true])
        let answer = InterchainPayload(content: result.bytes, hash: PayloadHash.receipt(result))
        let close = CloseCall(relayed: RelayedMessage(message: nil, bundle: []))
        for (status, payload, time) in [
            (TransactionStatus.success, answer.bytes, UInt64(3_000)), (.rollback, [], 4_000),
        ] {
            let closed = ExchangeClosed(id: id, status: status, payload: payload)
            let event = ContractEvent(topic: ExchangeClosed.topic, data: closed.bytes)
            try scene.call(scene.center, close, events: [event], at: time)
        }
        let entries = scene.history.entries
        #expect(entries.map(\.code) == ["asked-across", "denied", "exchange-closed", "exchange-closed"])
        #expect(entries.map(\.isSuccess) == [true, false, true, false])
        #expect(entries[0].what == "asked another chain (hub:wards:share)")
        for entry in [entries[0], entries[2], entries[3]] {
            #expect(entry.exchange == id.description && entry.receiver == scene.researcher.certificate.digest)
        }
        #expect(entries[2].permission == Self.other && entries[2].scopes == [Self.scope])
        var query = AuditQuery()
        query.party = "institute-b:researcher:r"
        #expect(query.entries(of: scene.history).count == 4)
        let json = try FHIRAuditEvent.json(entries[2], of: scene.history, chain: "labs")
        #expect(json.contains("urn:wardline:exchange") && json.contains(id.description))
    }

    @Test("The data's chain tells what another one asked, what it answered and what was undone")
    func asked() throws {
        let scene = try Scene()
        let id = try MessageID("hub:labs:share-hub:wards:share-3")
        let deliver = DeliverMessage(relayed: RelayedMessage(message: nil, bundle: []))
        let received = ExchangeReceived(id: id, share: Self.other)
        let undone = ExchangeUndone(id: id, permission: Self.other)
        try scene.call(
            scene.center,
            deliver,
            events: [ContractEvent(topic: ExchangeReceived.topic, data: received.bytes)],
            at: 1_000
        )
        try scene.call(scene.custodian, FinishCall(id: id, request: Self.scope), at: 2_000)
        try scene.call(
            scene.center,
            deliver,
            events: [ContractEvent(topic: ExchangeUndone.topic, data: undone.bytes)],
            at: 3_000
        )
        let entries = scene.history.entries
        #expect(entries.map(\.code) == ["exchange-received", "exchange-answered", "exchange-undone"])
        #expect(entries.allSatisfy { $0.exchange == id.description })
        #expect(entries[1].request == Self.scope && entries[2].permission == Self.other)
    }

    @Test("Questions find what concerns a patient, a scope, an organization, a party, a certificate or a time")
    func questions() throws {
        let scene = try Scene()
        try scene.share()
        func count(_ change: (inout AuditQuery) -> Void) -> Int {
            var query = AuditQuery()
            change(&query)
            return query.entries(of: scene.history).count
        }
        let all = count { _ in }
        #expect(all == 7)
        #expect(count { $0.patient = "hospital-a:patient:p-1" } == all)
        #expect(count { $0.patient = "hospital-a:patient:p-2" } == 0)
        #expect(count { $0.scope = Self.scope } == all && count { $0.scope = Self.other } == 0)
        #expect(count { $0.organization = "hospital-b" } == 0)
        #expect(count { $0.organization = "hospital-a" } == all - 1)
        #expect(count { $0.party = "institute-b:researcher:r" } == 5)
        #expect(count { $0.party = "cloud:privacy-center:one" } == 1)
        #expect(count { $0.certificate = scene.researcher.certificate.digest } == 5)
        #expect(count { $0.isOfDeliveries = true } == 1)
        #expect(
            count { $0.from = 3_000 } == all - 2 && count { $0.to = 2_999 } == 2
                && count { ($0.from, $0.to) = (5, 4) } == 0
        )
    }

    @Test("What was refused is told with its code, and what concerns nobody's data is not")
    func refusals() throws {
        let scene = try Scene()
        try scene.call(scene.researcher, scene.request(), code: 820, at: 1_000)
        try scene.call(scene.custodian, PermitAccess(request: Self.other, validUntil: 1), code: 306, at: 2_000)
        try scene.call(scene.custodian, RevokeGrant(grant: Self.other), code: 608, at: 3_000)
        #expect(scene.history.entries.map(\.action) == [.denied(code: 820), .denied(code: 306)])
        #expect(scene.history.entries.allSatisfy { !$0.isSuccess })
    }

    @Test("The holder that was named last is asked about")
    func holders() throws {
        let scene = try Scene()
        for (time, name) in [(UInt64(1_000), "p-1"), (2_000, "p-2")] {
            let holder = try #require(PartyName("hospital-a:patient:\(name)"))
            try scene.call(scene.custodian, SetScopeHolder(holder: holder, scopes: [Self.scope]), at: time)
        }
        #expect(scene.history.scopes(heldBy: "hospital-a:patient:p-1").isEmpty)
        #expect(scene.history.scopes(heldBy: "hospital-a:patient:p-2") == [Self.scope])
    }

    @Test("Entries become FHIR AuditEvents: an emergency is an override, a delivery an export, a refusal an alert")
    func fhir() throws {
        let scene = try Scene()
        try scene.share()
        try scene.call(
            scene.researcher,
            EmergencyAccess(
                request: Self.other,
                scope: Self.scope,
                organization: "hospital-a",
                reason: .life,
                statement: Self.other,
                nonce: Self.other
            ),
            at: 9_000
        )
        try scene.call(scene.researcher, scene.request(), code: 820, at: 10_000)
        let events = try scene.history.entries.map { entry in
            let json = try FHIRAuditEvent.json(entry, of: scene.history, chain: "test")
            return try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        }
        #expect(events.allSatisfy { $0["resourceType"] as? String == "AuditEvent" })
        let codes = events.map { ($0["type"] as? [String: Any])?["code"] as? String }
        #expect(codes[5] == "110106" && codes[7] == "110127" && codes[8] == "110113")
        #expect(events[8]["outcome"] as? String == "4" && events[5]["outcome"] as? String == "0")
        #expect(events[0]["recorded"] as? String == "1970-01-01T00:00:01.000Z")
        let agents = try #require(events[5]["agent"] as? [[String: Any]])
        #expect(agents.count == 2 && agents.map { $0["requestor"] as? Bool } == [true, false])
    }

    /// A history of blocks with one transaction each.
    private final class Scene {
        var history = SharingHistory()
        let researcher: RequesterKey
        let custodian: RequesterKey
        let center: RequesterKey
        private var height: UInt64 = 0
        private let directory: String

        init() throws {
            self.directory = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID())").path()
            try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
            let authority = try TestAuthority(directory: self.directory)
            self.researcher = RequesterKey(try authority.enroll("institute-b:researcher:r"))
            self.custodian = RequesterKey(try authority.enroll("hospital-a:custodian:records"))
            self.center = RequesterKey(try authority.enroll("cloud:privacy-center:one"))
        }

        deinit { try? FileManager.default.removeItem(atPath: self.directory) }

        func request() -> RequestAccess {
            RequestAccess(
                request: [UInt8](repeating: 5, count: 32),
                scope: SharingHistoryTests.scope,
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
                SetPolicy(scope: SharingHistoryTests.scope, circuit: zero, permissionSeconds: 60, text: text),
                at: 1_000
            )
            try self.call(
                self.custodian,
                SetScopeHolder(holder: holder, scopes: [SharingHistoryTests.scope]),
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
            self.history.append(
                LedgerBlock(header: header, transactions: [transaction], nextCommittee: nil),
                [receipt]
            )
        }

        private func recordGrant(_ grant: [UInt8], _ permission: [UInt8], at time: UInt64) throws {
            try self.call(
                self.custodian,
                RecordGrant(
                    grant: grant,
                    scope: SharingHistoryTests.scope,
                    permission: permission,
                    notBefore: 0,
                    notAfter: 90_000,
                    proof: try Self.proof(self.researcher)
                ),
                at: time
            )
        }

        private func permission(_ policy: [UInt8]) throws -> Permission {
            var writer = CanonicalWriter(capacity: 512)
            writer.raw([UInt8](repeating: 4, count: 32))
            writer.raw(self.request().request)
            writer.raw(self.researcher.certificate.digest)
            writer.raw(SharingHistoryTests.scope)
            writer.raw(policy)
            writer.lengthPrefixed("hospital-a")
            writer.lengthPrefixed("hospital-a:custodian:records")
            for time in [UInt64(4_000), 90_000, 0] { writer.u64(time) }
            writer.lengthPrefixed("study")
            writer.u8(Permission.Kind.proven.rawValue)
            writer.raw(Permission.noBasis)
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
            let body = RevokeGrant(grant: SharingHistoryTests.other).body(
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
}
