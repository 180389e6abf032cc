package import IBTP

/// Whose turn it is, by the lease on the relay chain.
package enum Lease: Hashable, Sendable {
    /// Nobody has it: everybody carries, and duplicates are harmless.
    case none
    case mine
    /// Another gateway has it; this one steps in for what is still there after its window.
    case another
}

/// What a chain is followed by: its committee, or its list of verification nodes.
package struct ChainSuccession: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case committee = 1
        case verificationNodes = 2
    }

    package let kind: Kind
    /// The chain whose committee or list it is; the other one has to learn it.
    package let shore: Shore

    package init(_ kind: Kind, of shore: Shore) {
        self.kind = kind
        self.shore = shore
    }

    static let all = Kind.allCases.flatMap { kind in Shore.allCases.map { ChainSuccession(kind, of: $0) } }
}

/// How handing in ended.
package enum SubmissionOutcome: Hashable, Sendable {
    case accepted
    /// It was there before, by whoever brought it.
    case alreadyThere
    /// Others come before it.
    case gap
    /// The receiving chain does not know the committee, or the list, that certified it.
    case behind(ChainSuccession.Kind)
    /// The time of its records is over: they have to be signed anew.
    case stale
    /// The block is too old to be judged by now: the leaf has to be said again.
    case outdated
    /// The receiving chain takes nothing now: frozen, put off, not connected.
    case held
    /// It was not in a block, or nobody knows.
    case open
    /// The contract says no, with a code.
    case refused(UInt16)
}

/// What happens to a gateway.
package enum PlanEvent: Hashable, Sendable {
    /// A chain's height, once at the start: everything up to the cursor was done before.
    case started(Shore, cursor: UInt64, height: UInt64)
    /// A chain has grown.
    case height(Shore, UInt64)
    /// A slice was read: all leaves up to a height for this gateway's two chains.
    case scanned(Shore, through: UInt64, [Parcel])
    case scanFailed(Shore)
    /// Whether the receiving chain has taken it; nil when nobody knows.
    case checked(LeafPlace, isDone: Bool?)
    case proven(LeafPlace, ProofOutcome)
    case certified(LeafPlace, SignatureOutcome)
    case submitted(LeafPlace, SubmissionOutcome)
    /// Whether the leaf's chain says it again, in a new block.
    case repeated(LeafPlace, Bool)
    /// The receiving chain's counter: it has taken this many, and whether in order; nil when nobody knows.
    case counter(ParcelStream, CounterReading?)
    /// Leaves of a stream that were asked for.
    case found(ParcelStream, [Parcel])
    /// The newest epoch of a chain, and the one that the other chain knows; nil when nobody knows.
    case succession(ChainSuccession, SuccessionReading?)
    /// The other chain has learnt an epoch, or knew it.
    case followed(ChainSuccession, epoch: UInt64)
    case followFailed(ChainSuccession)
    /// What was due on the relay chain is undone, in a block of this height; nil when it failed.
    case expired(height: UInt64?)
    /// An exchange that the application chain asked for has begun in a block of the relay chain, and answers count up to
    /// another one. The asking side keeps time as well: the asked one may have nobody who does.
    case begun(MessageID, height: UInt64, deadline: UInt64)
    /// An exchange on the relay chain is over, or undone: its deadline counts no more.
    case ended(MessageID)
    case lease(Lease)
    /// Time passes, in ticks since any moment; never back.
    case tick(UInt64)
}

/// A receiving chain's counter of a stream.
package struct CounterReading: Hashable, Sendable {
    /// Whether the chain insists on the order of indices; nil before the first.
    package let isOrdered: Bool?
    package let taken: UInt64

    package init(isOrdered: Bool?, taken: UInt64) {
        self.isOrdered = isOrdered
        self.taken = taken
    }
}

/// How far a chain is, and how far the other one has followed.
package struct SuccessionReading: Hashable, Sendable {
    package let newest: UInt64
    package let known: UInt64
    /// Whether the other chain has seen no header for so long that its trust may end.
    package let isTrustOld: Bool

    package init(newest: UInt64, known: UInt64, isTrustOld: Bool = false) {
        self.newest = newest
        self.known = known
        self.isTrustOld = isTrustOld
    }
}

/// How fetching a leaf's proof ended.
package enum ProofOutcome: Hashable, Sendable {
    case proven
    /// There is no such leaf: somebody invented it.
    case invented
    /// Nobody has the block any more.
    case pruned
    case failed
}

/// How collecting a hop's signatures ended.
package enum SignatureOutcome: Hashable, Sendable {
    /// Every subgroup has its threshold, or the leaf needs none.
    case complete
    /// Somebody is silent or refuses.
    case short
    /// Those who could sign for the leaf's height are gone: only a new block helps.
    case outdated
}

/// What a gateway is to do; every one but the last two is answered by one event.
package enum PlanAction: Hashable, Sendable {
    /// Read the leaves above a height, up to another one or sooner, as many as the limit at most.
    case scan(Shore, after: UInt64, through: UInt64, limit: Int)
    /// Look on the receiving chain whether it was taken.
    case check(LeafPlace)
    /// Fetch the leaf's proof.
    case prove(LeafPlace)
    /// Collect the signatures of the hop.
    case certify(LeafPlace)
    case submit(LeafPlace)
    /// Have the leaf's chain say it again.
    case `repeat`(LeafPlace)
    case readCounter(ParcelStream)
    /// Find leaves of a stream, a gap's first ones.
    case seek(ParcelStream, ClosedRange<UInt64>)
    case readSuccession(ChainSuccession)
    /// Bring the next committee or list, of this epoch, to the other chain.
    case follow(ChainSuccession, epoch: UInt64)
    /// Show the other chain a newer header, so that it goes on trusting; answered as ``follow(_:epoch:)`` is.
    case show(ChainSuccession, epoch: UInt64)
    /// Have the relay chain undo what is due.
    case expire
    /// What is kept of a leaf is needed no more.
    case forget(LeafPlace)
    /// The contract refuses it for good; an operator has to look.
    case abandon(LeafPlace, code: UInt16)
}
