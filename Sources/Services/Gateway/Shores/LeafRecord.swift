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

    /// What the leaf is for a gateway; nil for another chain's, or what goes over another relay chain.
    ///
    /// - Parameters:
    ///   - name: the gateway's application chain.
    ///   - hub: its relay chain.
    /// - Returns: the parcel.
    func parcel(for name: String, at hub: String) -> Parcel? {
        switch self.leaf {
        case .message(let message):
            guard self.place.shore == .application, let id = try? message.id, id.from.hub.utf8.elementsEqual(hub.utf8)
            else { return nil }
            let kind: ParcelKind = message.type == .interchain ? .request : .receipt
            return Parcel(place: self.place, kind: kind, message: id, epoch: self.epoch)
        case .notice(let notice):
            guard self.place.shore == .relay, notice.chain.utf8.elementsEqual(name.utf8) else { return nil }
            let kind: ParcelKind = notice.side == .source ? .answer : (notice.isDelivery ? .delivery : .undoing)
            return Parcel(
                place: self.place,
                kind: kind,
                message: notice.id,
                epoch: self.epoch,
                deadline: self.deadline(of: notice)
            )
        }
    }

    /// The last block of the relay chain in which an answer counts; nil for exchanges without a limit.
    private func deadline(of notice: ExchangeNotice) -> UInt64? {
        guard notice.isDelivery, let limit = notice.message?.timeoutHeight, let blocks = UInt64(exactly: limit),
            blocks > 0
        else { return nil }
        let (deadline, isNever) = self.place.height.addingReportingOverflow(blocks)
        return isNever ? nil : deadline
    }

    /// What the leaf says of the time of a chain's exchanges, whichever side the chain is on.
    ///
    /// - Parameter name: the gateway's application chain.
    /// - Returns: that one has begun, or is over or undone.
    func timing(for name: String) -> PlanEvent? {
        guard self.place.shore == .relay, case .notice(let notice) = self.leaf else { return nil }
        guard notice.status == .begin else { return .ended(notice.id) }
        guard notice.id.from.chain.utf8.elementsEqual(name.utf8), let deadline = self.deadline(of: notice) else {
            return nil
        }
        return .begun(notice.id, height: self.place.height, deadline: deadline)
    }

    var tree: OutboundTree { OutboundTree(rawValue: self.place.tree) ?? .out }
}

extension ExchangeNotice {
    /// Whether it asks the chain that is called to do something.
    fileprivate var isDelivery: Bool { self.side == .destination && self.status == .begin }
}
