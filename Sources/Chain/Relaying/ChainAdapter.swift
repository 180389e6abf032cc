package import IBTP

/// A chain as a gateway sees it, whatever its engine: what leaves it, what is brought to it, and how far both are.
///
/// An adapter holds no durable state. What it has delivered stands on the chain, and what it has read is a
/// ``AdapterCursor`` that its owner keeps or forgets: with an old cursor the same leaves come again, and counters and
/// indices make that harmless.
package protocol ChainAdapter: Sendable {
    /// The chain, ``ServiceID/chainName``.
    var chain: String { get }

    /// How far the chain is.
    func head() async throws(ChainAdapterFailure) -> ChainHead

    /// Where to begin when nothing was read yet.
    func start() async throws(ChainAdapterFailure) -> AdapterCursor

    /// What has left the chain for good since a cursor, in the chain's order.
    ///
    /// Only what is final by the chain's own rule (``FinalityRule``) is returned; a leaf that disappears before is
    /// never seen, and one that comes back in another block is seen once.
    ///
    /// - Parameters:
    ///   - cursor: of ``start()`` or of an earlier page.
    ///   - leavesMax: leaves wanted at most, from 1; blocks are not divided, so that there may be more.
    /// - Returns: them, and where to go on.
    /// - Throws: ``ChainAdapterFailure/finalityBroken(height:)`` when the cursor's block is another one now.
    func outbound(
        since cursor: AdapterCursor,
        leavesMax: Int
    ) async throws(ChainAdapterFailure) -> OutboundPage

    /// Brings a message to the chain and waits until the chain has taken or refused it.
    func deliver(_ delivery: InboundDelivery) async throws(ChainAdapterFailure) -> DeliveryOutcome

    /// How far the chain has taken an exchange, by the service of it that is on this chain.
    func standing(of id: MessageID, at side: ExchangeSide) async throws(ChainAdapterFailure) -> ExchangeStanding

    /// Counters of a pair of services with one on this chain.
    func counters(of pair: ServicePair) async throws(ChainAdapterFailure) -> AdapterCounters
}

/// When a block of a chain counts as final.
package enum FinalityRule: Hashable, Sendable, CustomStringConvertible {
    /// A certificate of a quorum: the chain's own consensus gives it with the block.
    case certified
    /// So many blocks stand on it.
    case depth(UInt64)
    /// The node says so (`finalized`), and is believed.
    case tagged

    package var description: String {
        switch self {
        case .certified: "certified"
        case .depth(let blocks): "depth \(blocks)"
        case .tagged: "finalized"
        }
    }
}

/// How far a chain is.
package struct ChainHead: Hashable, Sendable {
    /// Of the newest block.
    package let height: UInt64
    /// Of the newest final block; nil while there is none.
    package let finalHeight: UInt64?

    package init(height: UInt64, finalHeight: UInt64?) {
        self.height = height
        self.finalHeight = finalHeight
    }
}

/// A place in a chain: everything up to a block was read.
package struct AdapterCursor: Hashable, Sendable {
    /// Of the last block that was read.
    package let height: UInt64
    /// That block's hash, by which a chain that is another than before is noticed; empty where nothing was read.
    package let blockHash: [UInt8]

    package init(height: UInt64, blockHash: [UInt8]) {
        self.height = height
        self.blockHash = blockHash
    }
}

/// A message that leaves a chain, with what proves it.
package struct OutboundLeaf: Hashable, Sendable {
    /// With an empty proof field.
    package let message: InterchainMessage
    /// Of a receipt: ``InterchainMessage/hash`` of the request that it answers, 32 bytes, where the chain keeps it.
    package let requestHash: [UInt8]?
    /// Of the block.
    package let height: UInt64
    /// Among the block's leaves, from 0.
    package let place: UInt32
    /// Of the block, 32 bytes.
    package let blockHash: [UInt8]
    /// Root under which the leaf is proven, 32 bytes.
    package let inclusionRoot: [UInt8]
    /// In the chain's own format: "WLXP", "WLEP".
    package let proof: [UInt8]

    package init(
        message: InterchainMessage,
        requestHash: [UInt8]?,
        height: UInt64,
        place: UInt32,
        blockHash: [UInt8],
        inclusionRoot: [UInt8],
        proof: [UInt8]
    ) {
        self.message = message
        self.requestHash = requestHash
        self.height = height
        self.place = place
        self.blockHash = blockHash
        self.inclusionRoot = inclusionRoot
        self.proof = proof
    }
}

/// What was read at once.
package struct OutboundPage: Hashable, Sendable {
    /// In the chain's order.
    package let leaves: [OutboundLeaf]
    /// Where the next page begins.
    package let next: AdapterCursor
    /// Whether nothing else is final at the moment.
    package let isComplete: Bool

    package init(leaves: [OutboundLeaf], next: AdapterCursor, isComplete: Bool) {
        self.leaves = leaves
        self.next = next
        self.isComplete = isComplete
    }
}

/// What a gateway brings.
package struct InboundDelivery: Hashable, Sendable {
    /// The request, or the answer.
    package let message: InterchainMessage
    /// What the relay chain tells the chain of the exchange.
    package let status: TransactionStatus
    /// ``InterchainMessage/hash`` of the request, 32 bytes.
    package let requestHash: [UInt8]
    /// What makes the chain believe it, in the chain's own format: a bundle "WLBP", a ``RelayAttestation``.
    package let evidence: [UInt8]

    package init(message: InterchainMessage, status: TransactionStatus, requestHash: [UInt8], evidence: [UInt8]) {
        self.message = message
        self.status = status
        self.requestHash = requestHash
        self.evidence = evidence
    }
}

/// What came of a delivery.
package enum DeliveryOutcome: Hashable, Sendable {
    /// - Parameter transaction: its identifier on the chain.
    case delivered(transaction: [UInt8])
    /// It was there before: another gateway came first, or this one.
    case alreadyThere
    /// Others of the pair come first.
    case gap(expected: UInt64)
    /// The evidence is of those whom the chain believes no more, or not yet: it has to be made anew.
    case stale
    /// The chain has refused it, and would again.
    case refused(String)
}

/// How far one exchange is on one chain.
package enum ExchangeStanding: Hashable, Sendable, CaseIterable {
    case unknown
    case pending
    case succeeded
    case failed
    /// At a destination: what was done is undone.
    case undone
}

/// How far the exchanges of a pair are on one chain; 0 for what it does not count.
package struct AdapterCounters: Hashable, Sendable {
    /// Requests from a service of this chain.
    package let sent: UInt64
    /// Of these, how many are over.
    package let closed: UInt64
    /// Requests taken for a service of this chain.
    package let received: UInt64
    /// Of these, how many were undone after they were carried out.
    package let undone: UInt64

    package init(sent: UInt64, closed: UInt64, received: UInt64, undone: UInt64) {
        self.sent = sent
        self.closed = closed
        self.received = received
        self.undone = undone
    }
}

/// Why an adapter could not do what it was asked.
package enum ChainAdapterFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// No answer, or one that says "later": to be tried again.
    case unreachable(String)
    /// The node contradicts itself or the proof of what it says: nothing of it may be used.
    case inconsistent(String)
    /// A block that was final by the chain's rule is gone: an operator has to look.
    case finalityBroken(height: UInt64)
    /// The chain is set up otherwise than the gateway was told, or what was asked makes no sense.
    case misconfigured(String)

    package var description: String {
        switch self {
        case .unreachable(let text): "the chain's node cannot be asked: \(text)"
        case .inconsistent(let text): "the chain's node contradicts itself: \(text)"
        case .finalityBroken(let height): "block \(height) was final and is another one now"
        case .misconfigured(let text): text
        }
    }
}
