internal import CanonicalBytes

/// Answers: they move an exchange on, to its end at most once.
extension InterchainBook {
    /// Lets an event happen to one exchange.
    func move(
        _ id: MessageID,
        _ event: TransactionEvent,
        _ height: UInt64,
        _ effects: inout BookEffects
    ) throws(Failure) {
        guard var record = try self.record(MessageRecord.self, at: self.key(of: id)),
            let counters = try self.record(PairCounters.self, at: self.key(of: id.pair))
        else { throw .refused(.unknownRequest) }
        if counters.isOrdered {
            switch IndexRule.ordered(id.index, after: counters.settled) {
            case .next: break
            case .duplicate: throw .refused(.indexExists)
            case .gap(let expected): throw .refused(.indexGap(expected: expected))
            }
        }
        switch record.place {
        case .alone(var progress):
            try self.move(id, &progress, event, height, &effects)
            record.place = .alone(progress)
            try self.store(record, at: self.key(of: id))
        case .group(let groupID):
            var group = try self.group(groupID)
            try self.expireIfOverdue(&group, groupID, height, &effects)
            try self.move(id, in: &group, event, &effects)
            try self.store(group, at: self.key(ofGroup: groupID))
        }
    }

    private func move(
        _ id: MessageID,
        _ progress: inout Progress,
        _ event: TransactionEvent,
        _ height: UInt64,
        _ effects: inout BookEffects
    ) throws(Failure) {
        if progress.isOverdue(at: height) { try self.expire(id, &progress, &effects) }
        let previous = progress.status
        guard !previous.isFinal else { throw .refused(.indexExists) }
        guard let next = TransactionRules.next(previous, event) else { throw .refused(.unexpectedReceipt(previous)) }
        progress.status = next
        if let deadline = progress.deadline { try self.wait(noMore: deadline) }
        progress.deadline = nil
        effects.tell(id, TransactionRules.notices(from: previous, to: next), next)
        if next.isFinal { try self.settle(id, &effects) }
    }

    private func move(
        _ id: MessageID,
        in group: inout GroupRecord,
        _ event: TransactionEvent,
        _ effects: inout BookEffects
    ) throws(Failure) {
        guard let previous = group.status(of: id) else {
            throw .damaged(ProtocolFailure(.format, "a group without its request"))
        }
        guard !group.progress.status.isFinal else { throw .refused(.indexExists) }
        guard let next = TransactionRules.next(previous, event) else {
            throw .refused(previous.isFinal ? .indexExists : .unexpectedReceipt(previous))
        }
        if group.progress.status == .begin, next == .failure {
            try self.endBegin(of: &group, with: .beginFailure, except: id, &effects)
        }
        group.set(id, next)
        guard group.isFinished(next) else { return }
        // A group that succeeds leaves its first state only now; one that failed told its source before.
        let told = TransactionRules.notices(from: group.progress.status, to: next)
        group.progress.status = next
        if let deadline = group.progress.deadline { try self.wait(noMore: deadline) }
        group.progress.deadline = nil
        for child in group.children {
            effects.tell(child.id, told, next)
            try self.settle(child.id, &effects)
        }
    }

    /// Counts an exchange as over.
    private func settle(_ id: MessageID, _ effects: inout BookEffects) throws(Failure) {
        let key = self.key(of: id.pair)
        guard var counters = try self.record(PairCounters.self, at: key) else {
            throw .damaged(ProtocolFailure(.format, "a pair without counters"))
        }
        counters.settled += 1
        try self.store(counters, at: key)
        effects.settled.append(id)
    }
}
