internal import CanonicalBytes
package import IBTP
internal import Ledger
internal import Records
internal import Transcripts

/// Services of this chain are asked by others.
extension InterchainContract {
    @Sendable func deliver(_ arguments: DeliverMessage, _ call: ContractCall) throws(ContractFailure) {
        let relay = try self.relay(of: arguments.relayed, call)
        let notice = try self.notice(arguments.relayed, to: .destination, relay, call)
        let broker = self.broker(relay.link, call)
        // No service here minds the order: each request stands for itself, and the relay chain keeps the order of those
        // that do.
        let action = try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in
            try broker.deliver(notice.id, notice.status, isOrdered: false)
        }
        switch action {
        case .call: try self.serve(notice, arguments.carrier, broker, call)
        case .undo(let type): try self.undo(notice, type, arguments.carrier, call)
        case .answer(let type): try self.undo(notice, type, arguments.carrier, call)
        }
    }

    /// Calls a service, once.
    ///
    /// What cannot be served is answered as failed at once: refusing it would leave it open until its time is up.
    private func serve(
        _ notice: ExchangeNotice,
        _ carrier: [UInt8],
        _ broker: ServiceBroker<ContractCall>,
        _ call: ContractCall
    ) throws(ContractFailure) {
        guard let message = notice.message else {
            throw .rejected(.anotherMessage, "a request without its message")
        }
        let extra = (try? message.relayExtension) ?? nil
        let now = call.block.time / 1_000
        let isInTime = extra.map { $0.expiry >= now } ?? false
        let isShare = notice.id.to.service.isSame(as: Service.share)
        var asked = AskedService(
            hash: notice.requestHash,
            share: isShare ? extra?.shareRequest ?? AskedService.none : AskedService.none,
            asker: ShareRequest.asker(of: notice.id.from, certificate: extra?.certificate),
            expiry: extra?.expiry ?? 0,
            carrier: carrier
        )
        if isShare, isInTime, asked.share != AskedService.none {
            try call.store(asked, at: InterchainKey.asked(notice.id))
            try call.emit(ExchangeReceived(id: notice.id, share: asked.share))
            return
        }
        let isDelivery = notice.id.to.service.isSame(as: Service.delivery)
        let isTaken = isDelivery && isInTime ? try self.record(message, notice.id, call) : false
        try self.end(notice.id, &asked, isSuccess: isTaken, data: [], broker, call)
    }

    /// Records how a service ended, and says it.
    func end(
        _ id: MessageID,
        _ asked: inout AskedService,
        isSuccess: Bool,
        data: [[UInt8]],
        _ broker: ServiceBroker<ContractCall>,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let type = try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in
            try broker.finish(id, isSuccess: isSuccess)
        }
        try self.answer(id, &asked, type, data: data, call)
    }

    /// Says how an exchange ended here.
    private func answer(
        _ id: MessageID,
        _ asked: inout AskedService,
        _ type: MessageType,
        data: [[UInt8]],
        _ call: ContractCall
    ) throws(ContractFailure) {
        let result = InterchainResult(data: data.isEmpty ? [] : [data], statuses: [type == .receiptSuccess])
        let payload = InterchainPayload(content: result.bytes, hash: PayloadHash.receipt(result))
        var message = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index, type: type)
        message.payload = payload.bytes
        do throws(ProtocolFailure) {
            let nonce = TaggedHash.digest(
                "ANSWER-NONCE",
                call.block.chain,
                Array(id.description.utf8),
                [type.rawValue]
            )
            message.extra = try RelayExtension(
                pathNonce: nonce,
                expiry: .max,
                carrier: asked.carrier.isEmpty ? nil : asked.carrier
            ).bytes
        } catch { throw .damaged(error) }
        asked.answer = try self.say(message, call)
        try call.store(asked, at: InterchainKey.asked(id))
    }

    /// Undoes what was done here, and says so.
    private func undo(
        _ notice: ExchangeNotice,
        _ type: MessageType,
        _ carrier: [UInt8],
        _ call: ContractCall
    ) throws(ContractFailure) {
        let known = try call.record(AskedService.self, at: InterchainKey.asked(notice.id))
        let none = AskedService.none
        var asked =
            known ?? AskedService(hash: notice.requestHash, share: none, asker: none, expiry: 0, carrier: carrier)
        if asked.permission != AskedService.none { try self.revoke(asked.permission, call) }
        try call.emit(ExchangeUndone(id: notice.id, permission: asked.permission))
        try self.answer(notice.id, &asked, type, data: [], call)
    }

    /// Ends the permission of an exchange that is undone, in the name of who gave it.
    private func revoke(_ id: [UInt8], _ call: ContractCall) throws(ContractFailure) {
        let key = AccessKey.permission(id)
        guard var permission = try call.record(Permission.self, at: key) else {
            throw .damaged(ProtocolFailure(.format, "an exchange without its permission"))
        }
        guard permission.revoked == 0 else { return }
        permission.revoked = call.block.time
        try call.store(permission, at: key)
        try call.emit(PermissionRevoked(permission, by: permission.decider))
    }

    /// Says how a share request ended, as this chain's own state has it.
    @Sendable func finish(_ arguments: FinishCall, _ call: ContractCall) throws(ContractFailure) {
        let link = try self.relay(arguments.id.to.hub, call).link
        let codes = self.chains.codes
        guard var asked = try call.record(AskedService.self, at: InterchainKey.asked(arguments.id)),
            asked.share != AskedService.none
        else { throw .rejected(.book(.unknownRequest, in: codes.base), "no share request of this identifier") }
        let permission = try self.outcome(of: arguments.request, asked, call)
        asked.permission = permission?.id ?? AskedService.none
        let data = permission.map { [$0.id, $0.scope] } ?? []
        try self.end(arguments.id, &asked, isSuccess: permission != nil, data: data, self.broker(link, call), call)
    }

    /// The permission that a request ended with; nil when it was denied, or its time was over before anybody decided, or
    /// before anybody filed it.
    ///
    /// - Throws: `not-ended`; `another-request` for one with another digest.
    private func outcome(
        of id: [UInt8],
        _ asked: AskedService,
        _ call: ContractCall
    ) throws(ContractFailure) -> Permission? {
        let filed = try call.value(of: AccessKey.filed(asked.share))
        try ensure(filed == nil || filed == id, .anotherShareRequest, "it is filed under another identifier")
        guard let request = try call.record(AccessRequest.self, at: AccessKey.request(id)) else {
            try ensure(asked.expiry < call.block.time / 1_000, .notEnded, "it may still be filed")
            return nil
        }
        let digest = ShareRequest.digest(request.arguments, by: request.requester, asker: asked.asker)
        try ensure(digest == asked.share, .anotherShareRequest, "not the request that the exchange is about")
        switch request.status {
        case .denied: return nil
        case .open:
            try ensure(request.arguments.expires < call.block.time, .notEnded, "nobody has decided it yet")
            return nil
        case .permitted:
            guard let permission = try call.record(Permission.self, at: AccessKey.permission(request.permission)) else {
                throw .damaged(ProtocolFailure(.format, "a permitted request without permission"))
            }
            return permission
        }
    }
}

/// What a share request between chains is known by.
package enum ShareRequest {
    /// `H("SHARE-REQUEST", arguments of access.request, requester's certificate(32), asker(32))`: tag 4 of the extension.
    ///
    /// It binds all that the data's owners decide about, so that nobody can end an exchange with another request, and who
    /// asks, so that nobody can open an exchange about another's request and have it undone.
    ///
    /// - Parameters:
    ///   - arguments: of the request as it is filed where the data is.
    ///   - requester: digest of the certificate that files it.
    ///   - asker: SHA-256 of the certificate that asks on the other chain, which stands in the extension.
    /// - Returns: the digest.
    package static func digest(_ arguments: RequestAccess, by requester: [UInt8], asker: [UInt8]) -> [UInt8] {
        TaggedHash.digest("SHARE-REQUEST", arguments.bytes, requester, asker)
    }

    /// Who asks, 32 bytes.
    ///
    /// Chains of this software let people ask by service `share` alone, and each only under his own certificate, which
    /// the extension names: its SHA-256. Brokers of other chains check no certificate, but write themselves whose
    /// account asks: there it is `H("SHARE-ASKER", service)`. Else anybody with an account could ask about a request
    /// that he has seen on its way, let his exchange time out, and so have another's permission revoked.
    ///
    /// - Parameters:
    ///   - source: the service that asks.
    ///   - certificate: that the extension names, if it does.
    /// - Returns: zeros for a chain of this software where no certificate is named.
    package static func asker(of source: ServiceID, certificate: [UInt8]?) -> [UInt8] {
        guard source.service.isSame(as: InterchainContract.Service.share) else {
            return TaggedHash.digest("SHARE-ASKER", Array(source.description.utf8))
        }
        return certificate.map { Digest.sha256(of: $0).bytes } ?? AskedService.none
    }
}
