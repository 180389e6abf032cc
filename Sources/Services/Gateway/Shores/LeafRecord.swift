internal import CanonicalBytes
internal import Contracts
internal import IBTP
internal import Ledger
internal import Relaying

/// What the contracts say to other chains; adapters of foreign chains have leaves of their own.
typealias OutboundLeaf = Contracts.OutboundLeaf

/// A leaf as the chain's receipts show it.
struct LeafRecord: Sendable {
    let place: LeafPlace
    /// "WLIO".
    let bytes: [UInt8]
    let leaf: OutboundLeaf
    /// Id of the transaction that said it.
    let transaction: [UInt8]
    /// Of the committee that certified the block.
    let epoch: UInt64

    /// What the leaf is for a gateway; nil for another chain's.
    ///
    /// - Parameter name: the gateway's application chain.
    /// - Returns: the parcel.
    func parcel(for name: String) -> Parcel? {
        switch self.leaf {
        case .message(let message):
            guard self.place.shore == .application, let id = try? message.id else { return nil }
            let kind: ParcelKind = message.type == .interchain ? .request : .receipt
            return Parcel(place: self.place, kind: kind, message: id, epoch: self.epoch)
        case .notice(let notice):
            guard self.place.shore == .relay, notice.chain.utf8.elementsEqual(name.utf8) else { return nil }
            let isDelivery = notice.side == .destination && notice.status == .begin
            let kind: ParcelKind = notice.side == .source ? .answer : (isDelivery ? .delivery : .undoing)
            let blocks = isDelivery ? notice.message.flatMap { UInt64(exactly: $0.timeoutHeight) } ?? 0 : 0
            let (deadline, isNever) = self.place.height.addingReportingOverflow(blocks)
            return Parcel(
                place: self.place,
                kind: kind,
                message: notice.id,
                epoch: self.epoch,
                deadline: blocks > 0 && !isNever ? deadline : nil
            )
        }
    }

    /// The exchange that the leaf says is over or undone; its deadline counts no more.
    var ended: MessageID? {
        guard case .notice(let notice) = self.leaf, notice.status != .begin else { return nil }
        return notice.id
    }

    var tree: OutboundTree { OutboundTree(rawValue: self.place.tree) ?? .out }
}
