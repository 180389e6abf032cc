internal import CanonicalBytes
internal import Records

/// Requests: they open an exchange once.
extension InterchainBook {
    func take(
        _ message: InterchainMessage,
        _ context: RequestContext,
        _ height: UInt64,
        _ effects: inout BookEffects
    ) throws(Failure) {
        guard message.type == .interchain else { throw .refused(.wrongType) }
        let id = try self.id(of: message)
        let hash = message.hash.bytes
        if let known = try self.record(MessageRecord.self, at: self.key(of: id)) {
            throw .refused(known.hash == hash ? .indexExists : .conflictingRequest)
        }
        try self.count(id, context)
        let status = TransactionRules.next(nil, context.isAvailable ? .begin : .beginFailure)
        guard let status else { throw .refused(.wrongType) }
        let deadline = try self.deadline(of: message, id, height)
        if let indices = message.group {
            let group = try self.groupID(of: id, indices)
            try self.store(MessageRecord(hash: hash, place: .group(group)), at: self.key(of: id))
            try self.join(group, indices.entries.count, id, status, deadline, height, &effects)
            return
        }
        var progress = Progress(status: status)
        if status == .begin { progress.deadline = try self.wait(.message(id), until: deadline, height) }
        try self.store(MessageRecord(hash: hash, place: .alone(progress)), at: self.key(of: id))
        effects.tell(id, TransactionRules.notices(from: nil, to: status), status)
    }

    /// Counts a request in, if its index is due.
    private func count(_ id: MessageID, _ context: RequestContext) throws(Failure) {
        let key = self.key(of: id.pair)
        var counters =
            try self.record(PairCounters.self, at: key) ?? PairCounters(isOrdered: context.isOrdered)
        do throws(InterchainRefusal) { try counters.count(id.index) } catch { throw .refused(error) }
        try self.store(counters, at: key)
    }

    /// The last block in which an answer counts; nil: every one.
    ///
    /// Of two relay chains only the destination's watches the time: were it both, one could undo what the other has
    /// confirmed.
    private func deadline(
        of message: InterchainMessage,
        _ id: MessageID,
        _ height: UInt64
    ) throws(Failure) -> UInt64? {
        guard let blocks = UInt64(exactly: message.timeoutHeight) else {
            throw .refused(.malformed(ProtocolFailure(.format, "a negative number of blocks")))
        }
        guard blocks > 0, !id.pair.isBetweenHubs || id.to.hub == self.hub else { return nil }
        let (deadline, overflow) = height.addingReportingOverflow(blocks)
        return overflow || deadline == .max ? nil : deadline
    }
}

/// Groups: one request to several services, which succeeds everywhere or nowhere.
extension InterchainBook {
    /// The identifier of the group that a request belongs to.
    private func groupID(of id: MessageID, _ indices: ServiceIndices) throws(Failure) -> [UInt8] {
        guard indices[id.to.description] == id.index, id.from.hub == self.hub else {
            throw .refused(.notOfTheGroup)
        }
        for entry in indices.entries {
            let service: ServiceID
            do throws(ProtocolFailure) { service = try ServiceID(entry.service) } catch {
                throw .refused(.malformed(error))
            }
            guard service.hub == self.hub, entry.index > 0 else { throw .refused(.notOfTheGroup) }
        }
        return indices.groupID(from: id.from).bytes
    }

    /// Adds a request to its group; the first one's deadline is the group's.
    private func join(
        _ groupID: [UInt8],
        _ size: Int,
        _ id: MessageID,
        _ status: TransactionStatus,
        _ deadline: UInt64?,
        _ height: UInt64,
        _ effects: inout BookEffects
    ) throws(Failure) {
        let key = self.key(ofGroup: groupID)
        var group: GroupRecord
        if let known = try self.record(GroupRecord.self, at: key) {
            group = known
            try self.expireIfOverdue(&group, groupID, height, &effects)
        } else {
            group = GroupRecord(progress: Progress(status: .begin), size: size)
            if status == .begin { group.progress.deadline = try self.wait(.group(groupID), until: deadline, height) }
        }
        if group.progress.status == .begin, status == .beginFailure {
            try self.endBegin(of: &group, with: .beginFailure, &effects)
        }
        // A group that fails, or is late, takes those that come afterwards with it.
        let childStatus = group.progress.status
        group.add(id, childStatus)
        effects.tell(
            id,
            TransactionRules.notices(from: nil, to: childStatus == .begin ? .begin : .beginFailure),
            childStatus
        )
        try self.store(group, at: key)
    }

    /// Turns a group that was on its way to one that is undone, and tells everybody; each destination on its own chain.
    func endBegin(
        of group: inout GroupRecord,
        with status: TransactionStatus,
        except reporter: MessageID? = nil,
        _ effects: inout BookEffects
    ) throws(Failure) {
        for child in group.children {
            // The one that reports its own failure has undone what it did, if anything; only its source is told.
            effects.tell(child.id, (source: true, destination: child.id != reporter), status)
        }
        group.setAll(status)
        group.progress.status = status
        if let deadline = group.progress.deadline { try self.wait(noMore: deadline) }
        group.progress.deadline = nil
    }

    /// Ends a group's time before anything else happens to it.
    func expireIfOverdue(
        _ group: inout GroupRecord,
        _ id: [UInt8],
        _ height: UInt64,
        _ effects: inout BookEffects
    ) throws(Failure) {
        guard group.progress.isOverdue(at: height) else { return }
        try self.endBegin(of: &group, with: .beginRollback, &effects)
    }
}
