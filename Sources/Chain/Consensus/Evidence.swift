package import CanonicalBytes

/// Two signed messages that no correct replica sends both: proof of misbehaviour that anybody can check.
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

    /// Who did it.
    package var culprit: ReplicaID {
        switch self {
        case .prepares(let first, _), .crossed(let first, _): first.replica
        case .commits(let first, _): first.replica
        case .viewChanges(let first, _): first.replica
        case .newViews(let first, _): first.replica
        }
    }

    /// Whether the messages contradict each other and are signed by the same member.
    package func holds(under current: MessageVerifier) -> Bool {
        var verifier = current
        verifier.acceptsPastEpochs = true
        do throws(VerificationFailure) {
            switch self {
            case .prepares(let first, let second):
                try verifier.check(first)
                try verifier.check(second)
                return first.replica == second.replica && first.slot.contradicts(second.slot)
            case .commits(let first, let second):
                try verifier.check(first)
                try verifier.check(second)
                return first.replica == second.replica && first.slot.contradicts(second.slot)
            case .crossed(let first, let second):
                try verifier.check(first)
                try verifier.check(second)
                return first.replica == second.replica && first.slot.contradicts(second.slot)
            case .viewChanges(let first, let second):
                try verifier.check(first)
                try verifier.check(second)
                return first.replica == second.replica && first.epoch == second.epoch && first.view == second.view
                    && first.body != second.body
            case .newViews(let first, let second):
                try verifier.check(first)
                try verifier.check(second)
                return first.replica == second.replica && first.epoch == second.epoch && first.view == second.view
                    && first.body != second.body
            }
        } catch { return false }
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
    /// The canonical bytes, as they are recorded on the chain: a kind, then both messages.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
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
        }
        return writer.bytes
    }

    /// Reads evidence strictly; whether it holds is another question.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var input = CanonicalReader(bytes)
        switch try input.u8() {
        case 1: self = .prepares(try Prepare(from: &input), try Prepare(from: &input))
        case 2: self = .commits(try Commit(from: &input), try Commit(from: &input))
        case 3: self = .crossed(try Prepare(from: &input), try Commit(from: &input))
        case 4: self = .viewChanges(try ViewChange(from: &input), try ViewChange(from: &input))
        case 5: self = .newViews(try NewView(from: &input), try NewView(from: &input))
        case let kind: throw ProtocolFailure(.format, "unknown evidence kind \(kind)")
        }
        try input.finish()
    }
}
