package import IBTP

/// One of the two chains that a gateway joins.
package enum Shore: UInt8, Hashable, Sendable, CaseIterable {
    case application = 1
    case relay = 2

    /// The chain that things from this one are brought to.
    package var opposite: Shore { self == .application ? .relay : .application }
}

/// Where a leaf stands on its chain.
package struct LeafPlace: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let shore: Shore
    package let height: UInt64
    /// 1: what the block sends out; 2: what its expiries did.
    package let tree: UInt8
    /// In the tree, from 0.
    package let index: UInt32

    package init(shore: Shore, height: UInt64, tree: UInt8 = 1, index: UInt32) {
        self.shore = shore
        self.height = height
        self.tree = tree
        self.index = index
    }

    package static func < (left: LeafPlace, right: LeafPlace) -> Bool {
        if left.shore != right.shore { return left.shore.rawValue < right.shore.rawValue }
        if left.height != right.height { return left.height < right.height }
        if left.tree != right.tree { return left.tree < right.tree }
        return left.index < right.index
    }

    package var description: String { "\(self.shore) \(self.height)/\(self.tree)/\(self.index)" }
}

/// What a leaf has to say to the other chain.
package enum ParcelKind: UInt8, Hashable, Sendable, CaseIterable {
    /// From the application chain: a service asks.
    case request = 1
    /// From the application chain: how a called service ended.
    case receipt = 2
    /// From the relay chain, to the destination: call the service.
    case delivery = 3
    /// From the relay chain, to the destination: what was done, or comes late, is void.
    case undoing = 4
    /// From the relay chain, to the source: how the exchange stands.
    case answer = 5

    /// The chain that such leaves stand on.
    package var shore: Shore { self == .request || self == .receipt ? .application : .relay }

    /// What such leaves are counted with.
    package var lane: Lane {
        switch self {
        case .request: .requests
        case .receipt: .receipts
        case .delivery, .undoing: .deliveries
        case .answer: .answers
        }
    }
}

/// What one counter of the receiving chain counts.
package enum Lane: UInt8, Hashable, Sendable, CaseIterable {
    case requests = 1
    case receipts = 2
    case deliveries = 3
    case answers = 4

    package var shore: Shore { self == .requests || self == .receipts ? .application : .relay }

    /// Whether the receiving chain may insist on the order of indices; answers are taken in any.
    package var isCounted: Bool { self != .answers }
}

/// All that two services have to say to each other in one direction.
package struct ParcelStream: Hashable, Sendable, Comparable {
    package let lane: Lane
    package let pair: ServicePair

    package init(lane: Lane, pair: ServicePair) {
        self.lane = lane
        self.pair = pair
    }

    package static func < (left: ParcelStream, right: ParcelStream) -> Bool {
        if left.lane != right.lane { return left.lane.rawValue < right.lane.rawValue }
        if left.pair.from != right.pair.from { return left.pair.from < right.pair.from }
        return left.pair.to < right.pair.to
    }
}

/// A leaf that is to be carried.
package struct Parcel: Hashable, Sendable {
    package let place: LeafPlace
    package let kind: ParcelKind
    package let message: MessageID
    /// Of the committee that certified the block.
    package let epoch: UInt64
    /// Of a delivery with a limit: the last block of the relay chain in which an answer counts.
    package let deadline: UInt64?
    /// Whether the message's slot on the relay chain names this gateway; nil where there is no slot, and the lease counts.
    package let isAssigned: Bool?

    package init(
        place: LeafPlace,
        kind: ParcelKind,
        message: MessageID,
        epoch: UInt64 = 0,
        deadline: UInt64? = nil,
        isAssigned: Bool? = nil
    ) {
        self.place = place
        self.kind = kind
        self.message = message
        self.epoch = epoch
        self.deadline = deadline
        self.isAssigned = isAssigned
    }

    package var stream: ParcelStream { ParcelStream(lane: self.kind.lane, pair: self.message.pair) }
}
