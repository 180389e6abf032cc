internal import CanonicalBytes
internal import Certificates
internal import IBTP
internal import Ledger
internal import Records

/// Services of this chain ask others.
extension InterchainContract {
    /// Services of this chain.
    enum Service {
        /// Requests for data: asked by whoever may file one on a chain.
        static let share = "share"
        /// News of deliveries, from the chain whose data it is to the asking one.
        static let delivery = "delivery"
        /// What a call of ``share`` names.
        static let shareRequest = "share.request"
        /// What a call of ``delivery`` names.
        static let deliveryRecorded = "delivery.recorded"
    }

    @Sendable func open(_ arguments: CallService, _ call: ContractCall) throws(ContractFailure) {
        // All targets of a group are of one relay chain: the first says which.
        let link = try self.relay(arguments.targets.first.flatMap { try? ServiceID($0.to) }?.hub, call).link
        try self.requireTrust(in: try self.client(link, call), call)
        _ = try AccessContract.requesterName(call)
        try ensure(arguments.service.isSame(as: Service.share), .noSuchService, "only `share` is called by people")
        let broker = self.broker(link, call)
        var ids: [MessageID] = []
        for target in arguments.targets {
            let pair = try self.pair(arguments.service, target.to, link)
            ids.append(try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in try broker.open(pair) })
        }
        let group = try self.group(ids)
        for (target, id) in zip(arguments.targets, ids) {
            var message = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index)
            message.timeoutHeight = Int64(clamping: arguments.timeoutBlocks)
            message.payload = target.payload
            message.extra = target.extra
            message.group = group
            let share = try self.shareDigest(of: message, call)
            try self.send(message, id, share: share, call)
        }
    }

    /// Says a request and remembers what was said.
    func send(
        _ message: InterchainMessage,
        _ id: MessageID,
        share: [UInt8],
        _ call: ContractCall
    ) throws(ContractFailure) {
        let leaf = try self.say(message, call)
        let record = OpenedCall(hash: message.hash.bytes, leaf: leaf, share: share)
        try call.store(record, at: InterchainKey.call(id))
    }

    /// The two services of a call.
    ///
    /// - Throws: `bad-destination`.
    func pair(_ service: String, _ to: String, _ link: InterchainLink) throws(ContractFailure) -> ServicePair {
        do throws(ProtocolFailure) {
            let from = try ServiceID(hub: link.hub, chain: link.name, service: service)
            let target = try ServiceID(to)
            let isElsewhere = target.hub.isSame(as: link.hub) && !target.chain.isSame(as: link.name)
            try require(isElsewhere, .context, "a service of this chain, or of another relay chain")
            return ServicePair(from: from, to: target)
        } catch { throw .rejected(.badDestination, error.description) }
    }

    /// The indices of all messages of a call; nil of one alone.
    private func group(_ ids: [MessageID]) throws(ContractFailure) -> ServiceIndices? {
        guard ids.count > 1 else { return nil }
        do throws(ProtocolFailure) {
            return try ServiceIndices(ids.map { ServiceIndices.Entry(service: $0.to.description, index: $0.index) })
        } catch { throw .rejected(.badDestination, error.description) }
    }

    /// The digest of the share request that a message carries.
    ///
    /// Relays and this chain read no more than the name of the call: its one argument is sealed to the other chain's desk,
    /// or the whole content is encrypted.
    ///
    /// - Throws: `bad-extension`, `bad-payload`.
    private func shareDigest(of message: InterchainMessage, _ call: ContractCall) throws(ContractFailure) -> [UInt8] {
        let extra: RelayExtension?
        do throws(ProtocolFailure) { extra = try message.relayExtension } catch {
            throw .rejected(.badExtension, error.description)
        }
        guard let extra, let share = extra.shareRequest, extra.carrier == nil else {
            throw .rejected(.badExtension, "an extension with the digest of the share request is needed")
        }
        try ensure(extra.expiry > call.block.time / 1_000, .badExtension, "the request is over")
        // The digest binds the asker: without this, somebody else could ask about the same request, and have it undone.
        let isOwn = extra.certificate != nil && extra.certificate == call.caller.certificate?.bytes
        try ensure(isOwn, .badExtension, "the extension names another certificate than the caller's")
        do throws(ProtocolFailure) {
            let payload = try InterchainPayload(bytes: message.payload, .canonical)
            if !payload.isEncrypted {
                let content = try InterchainContent(bytes: payload.content, .canonical)
                let isShare = content.function.isSame(as: Service.shareRequest) && content.arguments.count == 1
                try require(isShare, .context, "not a share request with one argument")
            }
            _ = try message.checkedPayload()
        } catch { throw .rejected(.badPayload, error.description) }
        return share
    }
}
