internal import CanonicalBytes
internal import Consensus
internal import IBTP
internal import Ledger
internal import Transcripts

/// News of deliveries, from the chain whose data it is to the one that asked for it.
///
/// Deliveries are recorded on the index channel, and exchanges live on the access channel. So the access channel learns of
/// a delivery as the index channel learns of permissions: by a proof of the other channel's block, judged by the committee
/// of that block's epoch within its reign. Both channels have the same committees; what the access channel has to be shown
/// besides is from which block of the index channel each of them decides there.
extension InterchainContract {
    @Sendable func followIndex(_ arguments: FollowIndex, _ call: ContractCall) throws(ContractFailure) {
        let header = arguments.header
        let epoch = header.epoch.addingReportingOverflow(1).partialValue
        let known = try call.number(at: SystemKey.indexReign(epoch))
        try ensure(known == nil, .relayFollowedAlready, "the index channel's epoch \(epoch) is known")
        var view = try self.indexView(header, arguments.certificate, call)
        do throws(ProtocolFailure) { try view.follow(header, arguments.certificate, next: arguments.next) } catch {
            throw .rejected(.badRelayProof, error.description)
        }
        let first = header.height.addingReportingOverflow(1).partialValue
        try call.set(SystemKey.indexReign(epoch), to: first.bigEndianBytes)
        try call.emit("interchain.index-committee", epoch.bigEndianBytes)
    }

    @Sendable func tell(_ arguments: TellDelivery, _ call: ContractCall) throws(ContractFailure) {
        // The news go the way that the request came.
        let link = try self.relay(arguments.id.to.hub, call).link
        try self.requireTrust(in: try self.client(link, call), call)
        guard let asked = try call.record(AskedService.self, at: InterchainKey.asked(arguments.id)),
            asked.permission != AskedService.none
        else { throw .rejected(.notADelivery, "no permission was given in this exchange") }
        let delivered = try self.delivery(in: arguments.proof, call)
        let isOfIt = delivered.subject.permission == asked.permission
        try ensure(isOfIt, .notADelivery, "a delivery under another permission")
        let key = InterchainKey.told(delivered.delivery)
        try ensure(try call.value(of: key) == nil, .toldAlready, "it was told")
        let to = arguments.id.from
        let pair = try self.pair(Service.delivery, "\(to.hub):\(to.chain):\(Service.delivery)", link)
        let broker = self.broker(link, call)
        let id = try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in try broker.open(pair) }
        let message = try self.message(id, about: arguments.id, delivered)
        try self.send(message, id, share: AskedService.none, call)
        try call.set(key, to: Array(id.description.utf8))
    }

    private func message(
        _ id: MessageID,
        about share: MessageID,
        _ delivered: DeliveryRecorded
    ) throws(ContractFailure) -> InterchainMessage {
        let content = InterchainContent(
            function: Service.deliveryRecorded,
            arguments: [
                Array(share.description.utf8), delivered.delivery, delivered.arguments.list,
                delivered.arguments.count.bigEndianBytes,
            ]
        )
        var message = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index)
        message.payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        do throws(ProtocolFailure) {
            let nonce = TaggedHash.digest("TELL-NONCE", Array(id.description.utf8), delivered.delivery)
            message.extra = try RelayExtension(pathNonce: nonce, expiry: .max).bytes
        } catch { throw .damaged(error) }
        return message
    }

    /// The delivery that a block of the index channel records.
    private func delivery(in proof: TransactionProof, _ call: ContractCall) throws(ContractFailure) -> DeliveryRecorded
    {
        let view = try self.indexView(proof.header, proof.certificate, call)
        do throws(ProtocolFailure) { try proof.verify(by: view) } catch {
            throw .rejected(.badRelayProof, error.description)
        }
        let body = proof.transaction.body
        let isDelivery =
            body.contract.isSame(as: RecordDelivery.contract) && body.method.isSame(as: RecordDelivery.method)
            && proof.receipt.code == 0
        guard isDelivery,
            let event = proof.receipt.events.first(where: { $0.topic.isSame(as: DeliveryRecorded.topic) }),
            let delivered = try? DeliveryRecorded(bytes: event.data)
        else { throw .rejected(.notADelivery, "not a sharing.delivery that took effect") }
        return delivered
    }

    /// The committee that may have certified a header of this chain's index channel.
    private func indexView(
        _ header: BlockHeader,
        _ certificate: QuorumCertificate,
        _ call: ContractCall
    ) throws(ContractFailure) -> CommitteeView {
        let signers = certificate.signers.reduce(0) { $0 + UInt64($1.nonzeroBitCount) }
        try call.charge(signatureCost * signers)
        // The genesis's committee decides from block 1 on both channels.
        let known = header.epoch == 0 ? 1 : try call.number(at: SystemKey.indexReign(header.epoch))
        guard let first = known, let committee = try call.committee(header.epoch) else {
            throw .rejected(.relayCommitteeUnknown, "the index channel's epoch \(header.epoch) is not known")
        }
        try ensure(header.height >= first, .relayCommitteeOutdated, "a block before its committee's reign")
        let epoch = header.epoch.addingReportingOverflow(1).partialValue
        if let next = try call.number(at: SystemKey.indexReign(epoch)) {
            try ensure(header.height < next, .relayCommitteeOutdated, "a block after its committee's reign")
        }
        return CommitteeView(
            chain: call.block.chain,
            channel: .index,
            committees: CommitteeHistory(genesis: committee),
            scheme: self.scheme
        )
    }

    /// Takes news of a delivery in.
    ///
    /// - Returns: false for what is not about an exchange that this chain asked that very chain for.
    func record(
        _ message: InterchainMessage,
        _ id: MessageID,
        _ call: ContractCall
    ) throws(ContractFailure) -> Bool {
        guard let payload = try? InterchainPayload(bytes: message.payload, .canonical), !payload.isEncrypted,
            let content = try? InterchainContent(bytes: payload.content, .canonical),
            content.function.isSame(as: Service.deliveryRecorded), content.arguments.count == 4,
            let share = try? MessageID(String(decoding: content.arguments[0], as: UTF8.self)),
            share.to.chainName.isSame(as: id.from.chainName), content.arguments[1].count == 32,
            content.arguments[2].count == 32, content.arguments[3].count == 4,
            let asked = try call.record(OpenedCall.self, at: InterchainKey.call(share)),
            // The answer may come after the news.
            asked.status == .begin || asked.status == .success
        else { return false }
        let delivery = content.arguments[1]
        let count = content.arguments[3].reduce(0) { $0 << 8 | UInt32($1) }
        let told = ToldDelivery(
            id: id,
            share: share,
            list: content.arguments[2],
            count: count,
            time: call.block.time
        )
        try call.store(told, at: InterchainKey.delivered(delivery))
        try call.emit(DeliveryTold(delivery: delivery, share: share))
        return true
    }
}
