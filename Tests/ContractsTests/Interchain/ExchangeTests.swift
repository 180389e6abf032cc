import CanonicalBytes
import Certificates
import IBTP
import Ledger
import PathProofs
import Testing

@testable import Contracts

@Suite("Exchanges between chains") struct ExchangeTests {
    let world: Archipelago

    init() throws { self.world = try Archipelago() }

    @Test("X18: a sealed share request goes to another chain, is permitted there, and its source learns the permission")
    func wholeWay() throws {
        let (id, request) = try self.world.exchange()
        let answer = try self.world.message(from: "bravo")
        #expect(answer.message.type == .receiptSuccess)
        #expect(try self.world.bring(answer) == 0)
        #expect(try self.world.status(id) == .success)
        #expect(try self.world.bring(try self.world.told("alpha")) == 0)
        #expect(try self.world.call(id)?.status == .success)
        let alpha = try #require(try self.world.chain("alpha").access.blocks.last)
        let event = try #require(alpha.receipts[0].events.first { $0.topic == ExchangeClosed.topic })
        let closed = try ExchangeClosed(bytes: event.data)
        let payload = try InterchainPayload(bytes: closed.payload, .canonical)
        let result = try InterchainResult(bytes: payload.content, .canonical)
        let filed = try self.world.chain("bravo").access.record(
            AccessRequest.self,
            at: AccessKey.request(request.request)
        )
        let permission = try #require(filed?.permission)
        #expect(result.data == [[permission, request.scope]] && result.statuses == [true])
        #expect(payload.hash == PayloadHash.receipt(result))
    }

    @Test("a request that is denied, or that is over, ends as failed, by the destination's own state alone")
    func denied() throws {
        let (id, _) = try self.world.exchange(isPermitted: false)
        let answer = try self.world.message(from: "bravo")
        #expect(answer.message.type == .receiptFailure)
        #expect(try self.world.bring(answer) == 0)
        #expect(try self.world.status(id) == .failure)
        #expect(try self.world.bring(try self.world.told("alpha")) == 0)
        #expect(try self.world.call(id)?.status == .failure)

        let asked = try self.world.ask()
        try self.world.bring(try self.world.message(from: "alpha"))
        let told = try self.world.told("bravo")
        try self.world.bring(told)
        let second = told.notice.id
        // Nobody has filed it, and it may still be filed.
        #expect(try self.world.finish(second, asked.requests[0]) == RejectionCode.notEnded.number)
        let bravo = try self.world.chain("bravo")
        #expect(try bravo.call(asked.requests[0], by: bravo.pseudonym("ada")) == 0)
        #expect(try self.world.finish(second, asked.requests[0]) == RejectionCode.notEnded.number)
        self.world.wait(700_000)
        #expect(try self.world.finish(second, asked.requests[0]) == 0)
        #expect(try self.world.message(from: "bravo").message.type == .receiptFailure)

        try self.world.ask()
        try self.world.bring(try self.world.message(from: "alpha"))
        let third = try self.world.told("bravo")
        try self.world.bring(third)
        self.world.wait(7_300_000)
        let finish = FinishCall(id: third.notice.id, request: id32(99))
        #expect(try bravo.call(finish, by: Archipelago.gateway) == 0)
    }

    @Test("an exchange ends with its own request only, and with nobody else's")
    func anotherRequest() throws {
        let asked = try self.world.ask()
        try self.world.bring(try self.world.message(from: "alpha"))
        let told = try self.world.told("bravo")
        try self.world.bring(told)
        var other = asked.requests[0]
        other = RequestAccess(
            request: id(77),
            scope: other.scope,
            policy: other.policy,
            organization: other.organization,
            purpose: "RESEARCH",
            nonce: other.nonce,
            expires: other.expires
        )
        try self.world.decide(other, on: "bravo", isPermitted: false)
        let code = try self.world.finish(told.notice.id, other)
        #expect(code == RejectionCode.anotherShareRequest.number)
        // The same request, but filed under another certificate.
        try self.world.decide(asked.requests[0], on: "bravo", isPermitted: false, as: "eve")
        #expect(try self.world.finish(told.notice.id, asked.requests[0]) == RejectionCode.anotherShareRequest.number)
    }

    @Test("who asks names its own certificate, the digest of a request and a content that relays need not read")
    func badCalls() throws {
        let alpha = try self.world.chain("alpha")
        let eve = try alpha.pseudonym("eve")
        let cases: [(String, (inout CallService.Target) throws -> Void, RejectionCode)] = [
            ("another's certificate", { try self.edit(&$0, certificate: eve.certificate.bytes) }, .badExtension),
            ("no certificate", { try self.edit(&$0, certificate: nil) }, .badExtension),
            (
                "over", { try self.edit(&$0, certificate: alpha.pseudonym("ada").certificate.bytes, expiry: 1) },
                .badExtension
            ),
            ("no extension", { $0 = .init(to: $0.to, payload: $0.payload, extra: []) }, .badExtension),
            ("another function", { $0 = self.calling("share.grant", [[1]], $0) }, .badPayload),
            ("two arguments", { $0 = self.calling("share.request", [[1], [2]], $0) }, .badPayload),
            ("a wrong hash", { $0 = self.calling("share.request", [[1]], $0, hash: id(1)) }, .badPayload),
            ("itself", { $0 = .init(to: "hub:alpha:share", payload: $0.payload, extra: $0.extra) }, .badDestination),
            (
                "another hub", { $0 = .init(to: "hup:bravo:share", payload: $0.payload, extra: $0.extra) },
                .badDestination
            ),
        ]
        for (name, edit, expected) in cases {
            #expect(try self.world.ask(edit: edit).code == expected.number, "\(name)")
        }
        let call = CallService(service: "delivery", timeoutBlocks: 0, targets: [.init(to: "x", payload: [], extra: [])])
        #expect(try alpha.call(call, by: alpha.pseudonym("ada")) == RejectionCode.noSuchService.number)
        #expect(try alpha.call(call, by: "north:custodian:c1") == RejectionCode.notAllowed.number)
        let alone = try Archipelago(connected: false)
        #expect(try alone.ask().code == RejectionCode.notConnected.number)
    }

    private func edit(_ target: inout CallService.Target, certificate: [UInt8]?, expiry: UInt64? = nil) throws {
        let old = try RelayExtension(bytes: target.extra)
        let extra = try RelayExtension(
            pathNonce: old.pathNonce,
            expiry: expiry ?? old.expiry,
            certificate: certificate,
            shareRequest: old.shareRequest
        )
        target = .init(to: target.to, payload: target.payload, extra: extra.bytes)
    }

    private func calling(
        _ function: String,
        _ arguments: [[UInt8]],
        _ target: CallService.Target,
        hash: [UInt8]? = nil
    ) -> CallService.Target {
        let content = InterchainContent(function: function, arguments: arguments)
        let payload = InterchainPayload(content: content.bytes, hash: hash ?? PayloadHash.request(content))
        return .init(to: target.to, payload: payload.bytes, extra: target.extra)
    }

    @Test("an encrypted content is carried unread when the extension says so")
    func encrypted() throws {
        let code = try self.world.ask { target in
            let old = try RelayExtension(bytes: target.extra)
            let extra = try RelayExtension(
                pathNonce: old.pathNonce,
                expiry: old.expiry,
                certificate: old.certificate,
                shareRequest: old.shareRequest,
                encryption: .init(suite: 1, receiver: id(3))
            )
            let payload = InterchainPayload(isEncrypted: true, content: [9, 9, 9], hash: id(4))
            target = .init(to: target.to, payload: payload.bytes, extra: extra.bytes)
        }.code
        #expect(code == 0)
        #expect(try self.world.bring(try self.world.message(from: "alpha")) == 0)
        #expect(try self.world.bring(try self.world.told("bravo")) == 0)
    }

    @Test("what a call says can be said again in a newer block, as long as it is open, and nothing else")
    func repeating() throws {
        try self.world.ask()
        let alpha = try self.world.chain("alpha")
        let carried = try self.world.message(from: "alpha")
        #expect(try alpha.call(RepeatMessage(message: carried.message), by: Archipelago.gateway) == 0)
        let again = try self.world.message(from: "alpha")
        #expect(again.proof.leaf == carried.proof.leaf && again.proof.header.height > carried.proof.header.height)
        #expect(try self.world.bring(again) == 0)
        var grouped = carried.message
        grouped.group = try ServiceIndices([.init(service: "hub:bravo:share", index: 1)])
        let code = try alpha.call(RepeatMessage(message: grouped), by: Archipelago.gateway)
        #expect(code == RejectionCode.nothingToRepeat.number)
        let told = try self.world.told("bravo")
        let hub = self.world.hub
        #expect(try hub.call(RepeatNotice(notice: told.notice), by: Archipelago.gateway) == 0)
        let repeated = try self.world.told("bravo")
        #expect(repeated.proof.leaf == told.proof.leaf)
        #expect(try self.world.bring(repeated) == 0)
        #expect(try self.world.bring(told) == RejectionCode.ofBook(.indexExists, on: "interchain"))
    }
}

/// 32 equal bytes, where a parameter is named `id`.
func id32(_ byte: UInt8) -> [UInt8] { id(byte) }
