internal import CanonicalBytes

/// Exchanges by the block that ends their time.
///
/// For each such block there is a number of entries and the entries themselves, in slots without gaps. Whoever waits
/// knows its slot, so that leaving it costs the same whatever waits besides: the last entry moves into the gap. One
/// more number says up to which block all is done.
extension InterchainBook {
    /// Enters what waits for the end of a block.
    ///
    /// - Returns: nil when it waits for none.
    func wait(_ entry: DueEntry, until deadline: UInt64?, _ height: UInt64) throws(Failure) -> Deadline? {
        guard let deadline else { return nil }
        if try self.record(BookNumber.self, at: self.key("done")) == nil {
            try self.store(BookNumber(height), at: self.key("done"))
        }
        let count = try self.dueCount(deadline)
        guard let slot = UInt32(exactly: count) else { throw .damaged(ProtocolFailure(.format, "too many deadlines")) }
        try self.store(entry, at: self.key(deadline, slot))
        try self.store(BookNumber(count + 1), at: self.key(deadline))
        return Deadline(height: deadline, slot: slot)
    }

    /// Takes an entry out.
    func wait(noMore deadline: Deadline) throws(Failure) {
        let count = try self.dueCount(deadline.height)
        guard count > UInt64(deadline.slot), let last = UInt32(exactly: count - 1),
            let moved = try self.record(DueEntry.self, at: self.key(deadline.height, last))
        else { throw .damaged(ProtocolFailure(.format, "a deadline without entry")) }
        if last != deadline.slot {
            try self.store(moved, at: self.key(deadline.height, deadline.slot))
            try self.moveDeadline(of: moved, to: deadline.slot)
        }
        try self.set(self.key(deadline.height, last), to: nil)
        if last == 0 {
            try self.set(self.key(deadline.height), to: nil)
        } else {
            try self.store(BookNumber(UInt64(last)), at: self.key(deadline.height))
        }
    }

    /// Ends the time of what waits for this block or an earlier one.
    ///
    /// A block that nothing waits for costs as much as one entry, so that a long pause is caught up in bounded steps.
    func expire(upTo height: UInt64, _ expiriesMax: Int, _ effects: inout BookEffects) throws(Failure) {
        guard var done = try self.record(BookNumber.self, at: self.key("done"))?.value else { return }
        var left = expiriesMax
        while done < height, left > 0 {
            left -= 1
            let count = try self.dueCount(done + 1)
            guard count > 0 else {
                done += 1
                continue
            }
            let slot = UInt32(truncatingIfNeeded: count - 1)
            guard let entry = try self.record(DueEntry.self, at: self.key(done + 1, slot)) else {
                throw .damaged(ProtocolFailure(.format, "a deadline without entry"))
            }
            try self.expire(entry, &effects)
        }
        try self.store(BookNumber(done), at: self.key("done"))
    }

    /// Ends the time of one exchange.
    func expire(_ id: MessageID, _ progress: inout Progress, _ effects: inout BookEffects) throws(Failure) {
        guard let next = TransactionRules.next(progress.status, .timeout) else {
            throw .damaged(ProtocolFailure(.format, "an exchange that waits for nothing"))
        }
        effects.tell(id, TransactionRules.notices(from: progress.status, to: next), next)
        if let deadline = progress.deadline { try self.wait(noMore: deadline) }
        progress = Progress(status: next)
    }

    private func expire(_ entry: DueEntry, _ effects: inout BookEffects) throws(Failure) {
        switch entry {
        case .message(let id):
            guard var record = try self.record(MessageRecord.self, at: self.key(of: id)),
                case .alone(var progress) = record.place
            else { throw .damaged(ProtocolFailure(.format, "a deadline without exchange")) }
            try self.expire(id, &progress, &effects)
            record.place = .alone(progress)
            try self.store(record, at: self.key(of: id))
        case .group(let id):
            var group = try self.group(id)
            try self.endBegin(of: &group, with: .beginRollback, &effects)
            try self.store(group, at: self.key(ofGroup: id))
        }
    }

    private func moveDeadline(of entry: DueEntry, to slot: UInt32) throws(Failure) {
        switch entry {
        case .message(let id):
            guard var record = try self.record(MessageRecord.self, at: self.key(of: id)),
                case .alone(var progress) = record.place
            else { throw .damaged(ProtocolFailure(.format, "a deadline without exchange")) }
            progress.deadline?.slot = slot
            record.place = .alone(progress)
            try self.store(record, at: self.key(of: id))
        case .group(let id):
            var group = try self.group(id)
            group.progress.deadline?.slot = slot
            try self.store(group, at: self.key(ofGroup: id))
        }
    }

    private func dueCount(_ height: UInt64) throws(Failure) -> UInt64 {
        try self.record(BookNumber.self, at: self.key(height))?.value ?? 0
    }

    private func key(_ height: UInt64) -> [UInt8] { self.key("due", height.bigEndianBytes) }

    private func key(_ height: UInt64, _ slot: UInt32) -> [UInt8] {
        self.key("due", height.bigEndianBytes + slot.bigEndianBytes)
    }
}
