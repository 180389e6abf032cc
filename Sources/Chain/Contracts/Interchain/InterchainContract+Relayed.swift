internal import CanonicalBytes
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Records

/// What the relay chain says is judged here.
extension InterchainContract {
    /// Requires that the relay chain tells this chain something, and that what comes with it came the right way.
    ///
    /// A notice that hands on a message demands the path of that message, certified by the verification nodes of the chain
    /// that it comes from and of the relay chain; one that only says that an exchange failed demands none, so that nobody
    /// can keep an exchange from being undone by not signing.
    ///
    /// - Parameters:
    ///   - relayed: as it was brought.
    ///   - side: that this chain has in the exchange.
    ///   - relay: that it comes from.
    ///   - call: charged for the work.
    /// - Returns: what is told.
    /// - Throws: the contract's codes, in the order of the specification.
    func notice(
        _ relayed: RelayedMessage,
        to side: ExchangeSide,
        _ relay: ConnectedRelay,
        _ call: ContractCall
    ) throws(ContractFailure) -> ExchangeNotice {
        let link = relay.link
        let client = try self.client(link, call)
        try self.requireTrust(in: client, call)
        let (bundle, proof, notice) = try self.read(relayed)
        let isMine =
            notice.side == side && notice.chain.isSame(as: link.name) && notice.id.from.hub.isSame(as: link.hub)
            && notice.id.to.hub.isSame(as: link.hub)
        try ensure(isMine, .notForThisChain, "told to \(notice.chain)")
        try self.compare(relayed, notice, call)
        do throws(ProtocolFailure) { try proof.verifyPlace() } catch {
            throw .rejected(.badRelayProof, error.description)
        }
        try self.chains.accept(proof.header, proof.certificate, of: link.hub, client, call)
        guard let message = relayed.message else { return notice }
        let demand = PathDemand(
            message: message,
            id: notice.id,
            here: link.name,
            hops: [side == .source ? notice.id.to.chain : notice.id.from.chain, link.hub],
            anchor: HopRecord.Anchor(proof)
        )
        _ = try demand.check(bundle.path, against: self.chains.of(relay), call)
        return notice
    }

    /// The relay chain whose word something claims to be; the first where it does not say.
    func relay(of relayed: RelayedMessage, _ call: ContractCall) throws(ContractFailure) -> ConnectedRelay {
        let first = try self.relay(nil, call)
        guard try call.connectedRelays().count > 1 else { return first }
        try call.charge(UInt64(relayed.bundle.count) / 64)
        let hub: String?
        do throws(ContractFailure) { hub = try self.read(relayed).2.id.from.hub } catch { hub = nil }
        return try self.relay(hub, call)
    }

    private func read(
        _ relayed: RelayedMessage
    ) throws(ContractFailure) -> (ProofBundle, OutboundProof, ExchangeNotice) {
        do throws(ProtocolFailure) {
            let bundle = try ProofBundle(bytes: relayed.bundle)
            try require(bundle.kind == .outbound, .context, "a proof of another kind of chain")
            let proof = try OutboundProof(bytes: bundle.source)
            guard case .notice(let notice) = try OutboundLeaf(bytes: proof.leaf) else {
                throw ProtocolFailure(.context, "not what a relay chain says")
            }
            return (bundle, proof, notice)
        } catch { throw .rejected(.badRelayProof, error.description) }
    }

    /// Requires the message beside the proof to be the one in the leaf, in every field but the proof: the group is in no
    /// hash, and is taken from nowhere else.
    private func compare(
        _ relayed: RelayedMessage,
        _ notice: ExchangeNotice,
        _ call: ContractCall
    ) throws(ContractFailure) {
        var bare = relayed.message
        bare?.proof = []
        try ensure(
            bare?.bytes == notice.message?.bytes,
            .anotherMessage,
            "not the message that the relay chain hands on"
        )
        guard let message = relayed.message else { return }
        do throws(ProtocolFailure) { try message.requireProof(relayed.bundle) } catch {
            throw .rejected(.wrongProofHash, error.description)
        }
        try call.charge(UInt64(relayed.bundle.count) / 64)
        do throws(ProtocolFailure) { _ = try message.checkedPayload() } catch {
            throw .rejected(.badPayload, error.description)
        }
        if message.type == .interchain {
            try ensure(message.hash.bytes == notice.requestHash, .anotherMessage, "not the exchange's request")
        }
    }

    /// Ends an exchange that this chain asked for.
    @Sendable func close(_ arguments: CloseCall, _ call: ContractCall) throws(ContractFailure) {
        let relay = try self.relay(of: arguments.relayed, call)
        let notice = try self.notice(arguments.relayed, to: .source, relay, call)
        guard var record = try call.record(OpenedCall.self, at: InterchainKey.call(notice.id)) else {
            throw .rejected(.book(.unknownRequest, in: self.chains.codes.base), "never sent")
        }
        try ensure(record.hash == notice.requestHash, .anotherMessage, "another request than the one that was sent")
        let broker = self.broker(relay.link, call)
        let isSuccess = try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in
            try broker.close(notice.id, notice.status)
        }
        let fits = notice.message.map { ($0.type == .receiptSuccess) == isSuccess } ?? !isSuccess
        try ensure(fits, .anotherMessage, "an answer that does not fit the status")
        record.status = notice.status
        try call.store(record, at: InterchainKey.call(notice.id))
        try call.emit(
            ExchangeClosed(id: notice.id, status: notice.status, payload: notice.message?.payload ?? [])
        )
    }
}
