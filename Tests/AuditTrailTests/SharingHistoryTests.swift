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
    private static let scope = Scene.scope
    private static let other = Scene.other

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

    @Test("What stands on an offer names the offer, from the offer to the delivery")
    func offers() throws {
        let scene = try Scene()
        let offer = OfferAccess(
            offer: Self.other,
            scopes: [Self.scope],
            grantee: .organization("institute-b"),
            purpose: "study",
            permissionSeconds: 60,
            validUntil: 100_000
        )
        try scene.call(scene.patient, offer, at: 1_000)
        let accept = AcceptOffer(offer: Self.other, request: Self.scope, scope: Self.scope, nonce: Self.other)
        let permission = try scene.permission(Permission.noBasis, .offered, basis: Self.other)
        let event = ContractEvent(topic: "access.permitted", data: permission.bytes)
        try scene.call(scene.researcher, accept, events: [event], at: 2_000)
        try scene.recordGrant(Self.other, permission.id, at: 3_000)
        try scene.call(scene.patient, WithdrawOffer(offer: Self.other), at: 4_000)
        try scene.call(scene.researcher, scene.request(), at: 5_000)
        var query = AuditQuery()
        query.offer = Self.other
        let found = query.entries(of: scene.history)
        #expect(found.map(\.code) == ["offered", "asked", "permitted", "granted", "offer-withdrawn"])
        #expect(found.first?.actor == .party("hospital-a:patient:p-1"))
        #expect(scene.history.entries.count == found.count + 1)
    }

    @Test("What is said about a label is told for its scopes, and for the patient who holds it")
    func labels() throws {
        let scene = try Scene()
        let label = [UInt8](repeating: 70, count: 32)
        let holder = try #require(PartyName("hospital-a:patient:p-1"))
        try scene.call(scene.custodian, SetScopeLabel(label: label, scopes: [Self.scope]), at: 1_000)
        try scene.call(scene.custodian, SetScopeHolder(holder: holder, scopes: [Self.scope, label]), at: 2_000)
        let consent = SetConsent(consent: Self.other, mode: .forbid, subject: .label(label), validUntil: 9_000)
        try scene.call(scene.patient, consent, at: 3_000)
        try scene.call(scene.patient, WithdrawConsent(consent: Self.other), at: 4_000)
        let codes = ["label", "holder", "consent", "consent-withdrawn"]
        #expect(scene.history.entries.map(\.code) == codes)
        var query = AuditQuery()
        query.scope = Self.scope
        #expect(query.entries(of: scene.history).map(\.code) == codes)
        query.scope = [9]
        #expect(query.entries(of: scene.history).isEmpty)
        query = AuditQuery()
        query.patient = "hospital-a:patient:p-1"
        #expect(query.entries(of: scene.history).map(\.code) == codes)
        let note = try #require(scene.consents.notes.first)
        #expect(note.isOfLabel && note.scopes == [label] && note.kind == .forbidden && note.ended == 4_000)
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
}
