package import CanonicalBytes

/// Signed messages that no correct replica sends: proof of misbehaviour that anybody can check.
package enum Evidence: Hashable, Sendable {
    /// Two blocks prepared at one height of one view; a leader's proposal is its prepare.
    case prepares(Prepare, Prepare)
    /// Two blocks committed at one height of one view.
    case commits(Commit, Commit)
    /// A commit for another block than the one prepared in the same view.
    case crossed(Prepare, Commit)
    /// Two accounts of what was prepared, for one view.
    case viewChanges(ViewChange, ViewChange)
    /// Two openings of one view.
    case newViews(NewView, NewView)
    /// An account with a prepared certificate that no quorum signed.
    case forgedCertificate(ViewChange)

    /// Who did it.
    package var culprit: ReplicaID {
        switch self {
        case .prepares(let first, _), .crossed(let first, _): first.replica
        case .commits(let first, _): first.replica
        case .viewChanges(let first, _), .forgedCertificate(let first): first.replica
        case .newViews(let first, _): first.replica
        }
    }

    /// The committee epoch in which it was done.
    package var epoch: CommitteeEpoch {
        switch self {
        case .prepares(let first, _), .crossed(let first, _): first.slot.epoch
        case .commits(let first, _): first.slot.epoch
        case .viewChanges(let first, _), .forgedCertificate(let first): first.epoch
        case .newViews(let first, _): first.epoch
        }
    }

    /// Whether it stands alone: signed by one member of the committee of its epoch, and contradictory.
    ///
    /// Only the culprit's own signatures count, not what else a replica demands of such messages: a correct replica
    /// signs once for each slot, kind and view, whatever it signs. So the answer hangs on no setting of a chain, and
    /// is the same on every validator that knows the epoch.
    ///
    /// - Parameters:
    ///   - chain: the chain and channel that the messages were signed for.
    ///   - committees: every committee up to the epoch of the messages, at least.
    ///   - scheme: checks signatures.
    /// - Returns: whether the culprit is guilty; false too for an epoch that is not known.
    package func holds(chain: ChainContext, committees: CommitteeHistory, scheme: any SignatureScheme) -> Bool {
        guard let member = committees.committee(of: self.epoch)?.member(self.culprit) else { return false }
        func signed(_ kind: SignedKind, _ body: [UInt8], _ signature: [UInt8], _ replica: ReplicaID) -> Bool {
            replica == member.id && scheme.verify(signature, of: chain.signedBytes(kind, body: body), by: member)
        }
        func signed(_ vote: Prepare) -> Bool { signed(.prepare, vote.slot.bytes, vote.signature, vote.replica) }
        func signed(_ vote: Commit) -> Bool {
            signed(.commit, vote.slot.bytes + vote.share, vote.signature, vote.replica)
        }
        func signed(_ vote: ViewChange) -> Bool { signed(.viewChange, vote.body, vote.signature, vote.replica) }
        func signed(_ opening: NewView) -> Bool { signed(.newView, opening.body, opening.signature, opening.replica) }
        switch self {
        case .prepares(let first, let second):
            return first.slot.contradicts(second.slot) && signed(first) && signed(second)
        case .commits(let first, let second):
            return first.slot.contradicts(second.slot) && signed(first) && signed(second)
        case .crossed(let first, let second):
            return first.slot.contradicts(second.slot) && signed(first) && signed(second)
        case .viewChanges(let first, let second):
            return first.epoch == second.epoch && first.view == second.view && first.body != second.body
                && signed(first) && signed(second)
        case .newViews(let first, let second):
            return first.epoch == second.epoch && first.view == second.view && first.body != second.body
                && signed(first) && signed(second)
        case .forgedCertificate(let viewChange):
            // Of its own epoch only: a replica forgets what it prepared when the membership changes.
            let forged = viewChange.prepared.contains {
                $0.slot.epoch == viewChange.epoch && !$0.isSigned(chain: chain, committees: committees, scheme: scheme)
            }
            return forged && signed(viewChange)
        }
    }

    /// As ``holds(chain:committees:scheme:)``, with what a replica knows.
    package func holds(under current: MessageVerifier) -> Bool {
        self.holds(chain: current.chain, committees: current.committees, scheme: current.scheme)
    }
}

extension Slot {
    /// Whether this is another block at the same height of the same view.
    package func contradicts(_ other: Slot) -> Bool {
        self.epoch == other.epoch && self.view == other.view && self.height == other.height
            && (self.block != other.block || self.parent != other.parent)
    }
}

extension Evidence {
    /// The canonical bytes, as they are recorded on the chain: a kind, then the messages.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout CanonicalWriter) {
        switch self {
        case .prepares(let first, let second):
            writer.u8(1)
            first.write(to: &writer)
            second.write(to: &writer)
        case .commits(let first, let second):
            writer.u8(2)
            first.write(to: &writer)
            second.write(to: &writer)
        case .crossed(let first, let second):
            writer.u8(3)
            first.write(to: &writer)
            second.write(to: &writer)
        case .viewChanges(let first, let second):
            writer.u8(4)
            first.write(to: &writer)
            second.write(to: &writer)
        case .newViews(let first, let second):
            writer.u8(5)
            first.write(to: &writer)
            second.write(to: &writer)
        case .forgedCertificate(let viewChange):
            writer.u8(6)
            viewChange.write(to: &writer)
        }
    }

    /// Reads evidence strictly; whether it holds is another question.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`.
    package init(from input: inout CanonicalReader) throws(ProtocolFailure) {
        switch try input.u8() {
        case 1: self = .prepares(try Prepare(from: &input), try Prepare(from: &input))
        case 2: self = .commits(try Commit(from: &input), try Commit(from: &input))
        case 3: self = .crossed(try Prepare(from: &input), try Commit(from: &input))
        case 4: self = .viewChanges(try ViewChange(from: &input), try ViewChange(from: &input))
        case 5: self = .newViews(try NewView(from: &input), try NewView(from: &input))
        case 6: self = .forgedCertificate(try ViewChange(from: &input))
        case let kind: throw ProtocolFailure(.format, "unknown evidence kind \(kind)")
        }
    }

    /// Reads evidence that fills the bytes.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var input = CanonicalReader(bytes)
        try self.init(from: &input)
        try input.finish()
    }
}
