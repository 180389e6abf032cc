internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import LedgerStore
internal import Mempool

extension ChannelHost {
    /// Takes transactions that peers passed on; what does not fit is dropped.
    func take(passedOn transactions: [VerifiedTransaction]) {
        for verified in transactions where !self.pool.contains(verified.transaction.id) {
            guard (try? self.refusal(of: verified)) == .some(nil) else { continue }
            do throws(PoolRefusal) { try self.insert(verified) } catch {}
        }
    }

    /// What keeps a client's transaction from waiting here.
    private enum Obstacle {
        /// Perhaps it is committed already: clients send again when they got no answer.
        case repeated(SubmissionFailure)
        case other(SubmissionFailure)
    }

    /// Takes a client's transaction and lets the client wait for it.
    func take(_ verified: VerifiedTransaction, for submission: Submission) {
        let id = verified.transaction.id
        switch self.enter(verified) {
        case nil: self.waiters[id, default: []].append(submission)
        case .other(let failure)?: submission.answer(.failure(failure))
        case .repeated(let failure)?:
            // A block that is not shown yet answers when it is.
            if self.isUnshown(id) {
                self.waiters[id, default: []].append(submission)
            } else if let place = try? self.reader.place(of: id) {
                submission.answer(.success(place))
            } else {
                submission.answer(.failure(failure))
            }
        }
    }

    /// Takes a transaction of a client that does not wait for its block.
    ///
    /// - Returns: why it was not taken; nil when it was, or waits or is committed already.
    func take(offered verified: VerifiedTransaction) -> SubmissionFailure? {
        switch self.enter(verified) {
        case nil: return nil
        case .other(let failure)?: return failure
        case .repeated(let failure)?:
            let id = verified.transaction.id
            let isCommitted = self.isUnshown(id) || (try? self.reader.place(of: id)) != nil
            return isCommitted ? nil : failure
        }
    }

    /// Puts a client's transaction into the pool, unless it waits there.
    private func enter(_ verified: VerifiedTransaction) -> Obstacle? {
        if self.pool.contains(verified.transaction.id) { return nil }
        do throws(ProtocolFailure) {
            if let refusal = try self.refusal(of: verified) { return .repeated(.inadmissible(code: refusal)) }
        } catch { return .other(.notReady("\(error)")) }
        do throws(PoolRefusal) { try self.insert(verified) } catch {
            switch error {
            case .committed: return .repeated(.inadmissible(code: error.code))
            case .expired: return .other(.inadmissible(code: error.code))
            case .waiting, .quota, .full: return .other(.poolFull(code: error.code))
            }
        }
        self.unpassed.append(verified.transaction.bytes)
        return nil
    }

    private func isUnshown(_ id: [UInt8]) -> Bool {
        self.unshown.contains { $0.block.transactions.contains { $0.id == id } }
    }

    private func insert(_ verified: VerifiedTransaction) throws(PoolRefusal) {
        let transaction = verified.transaction
        let body = transaction.body
        let evicted = try self.pool.insert(
            PoolEntry(
                id: transaction.id,
                identity: body.signer,
                rank: body.nonce,
                bytes: transaction.bytes.count,
                validUntil: body.validUntil,
                content: verified
            ),
            at: WallClock.milliseconds
        )
        for id in evicted { self.forget(id, .poolFull(code: PoolRefusal.full.code)) }
        self.isWorkStale = true
    }

    /// Why a transaction could not stand in the next block: a stable code, or nil.
    ///
    /// - Throws: for a damaged store.
    func refusal(of verified: VerifiedTransaction) throws(ProtocolFailure) -> String? {
        guard let parent = self.ledger.parent(self.ledger.hash) else { return "not-ready" }
        let time = max(WallClock.milliseconds, parent.header.time + 1)
        if verified.caller == .nobody { return try self.refusal(ofUnsigned: verified, parent, time) }
        return try self.admissionGuard(parent, time).refusal(of: verified)
    }

    /// What guards the next block, which is good for a second.
    private func admissionGuard(_ parent: ParentState, _ time: UInt64) throws(ProtocolFailure) -> AdmissionGuard {
        if let known = self.knownGuard, known.isGood(on: parent.hash, at: time) { return known }
        let context = BlockContext(
            chain: parent.header.chain,
            channel: self.channel,
            height: parent.header.height + 1,
            time: time,
            committee: parent.committee
        )
        let made = try AdmissionGuard(context, on: parent.hash, self.ledger.state)
        self.knownGuard = made
        return made
    }

    /// What nobody has signed costs its sender nothing, so it waits only if the contract would take it.
    private func refusal(
        ofUnsigned verified: VerifiedTransaction,
        _ parent: ParentState,
        _ time: UInt64
    ) throws(ProtocolFailure) -> String? {
        let (executed, refused) = try self.ledger.executor.build([verified], on: parent, time: time)
        if let (_, failure) = refused.first {
            let isEvidence = verified.transaction.body.contract.utf8.elementsEqual("evidence".utf8)
            return isEvidence && failure == .unsigned ? "proves-nothing" : failure.code
        }
        return executed == nil ? "proves-nothing" : nil
    }

    /// Puts proof of misbehaviour into the own pool, and passes it on.
    func take(_ evidence: Evidence, chain: [UInt8]) {
        let body = TransactionBody(
            chain: chain,
            channel: self.channel,
            signer: [UInt8](repeating: 0, count: 32),
            nonce: 0,
            validUntil: .max,
            contract: "evidence",
            method: "report",
            arguments: evidence.bytes
        )
        guard evidence.bytes.count <= TransactionBody.argumentBytesMax,
            let verified = try? self.ledger.verifier().verify(Transaction(body, authorization: .none))
        else { return }
        self.gate.known.insert([verified])
        guard (try? self.refusal(of: verified)) == .some(nil) else { return }
        do throws(PoolRefusal) {
            try self.insert(verified)
            self.unpassed.append(verified.transaction.bytes)
        } catch {}
    }

    // MARK: - Waiting too long

    /// What has to be done about what waits longest.
    enum Impatience {
        case none
        /// Let the others have it again: the leader may have missed it.
        case passOn([UInt8])
        case complain
    }

    /// Looks at what waits longest while blocks are committed.
    ///
    /// - Throws: for a damaged store.
    func impatience(at now: UInt64) throws(ProtocolFailure) -> Impatience {
        while let oldest = self.pool.oldestWaiting {
            let since = max(oldest.arrival, self.patientSince)
            let waited = now > since ? now - since : 0
            guard waited * 2 > self.limits.complaintAfter else { return .none }
            // Everybody but the leader learns only here that it cannot be committed any more.
            if let code = try self.refusal(of: oldest.content) {
                self.forget(oldest.id, .inadmissible(code: code))
                continue
            }
            if waited > self.limits.complaintAfter {
                // While blocks are full, having to wait is no sign of ill will.
                if self.wasLastBlockFull, waited < self.limits.complaintAfter * 10 { return .none }
                self.patientSince = now
                return .complain
            }
            guard self.passedAgain != oldest.id else { return .none }
            self.passedAgain = oldest.id
            return .passOn(oldest.content.transaction.bytes)
        }
        return .none
    }

    /// Tells clients that nobody knows, and forgets what is over.
    func expire(now: Instant, wall: UInt64) {
        for id in self.pool.expire(at: wall) { self.forget(id, .inadmissible(code: PoolRefusal.expired.code)) }
        guard !self.waiters.isEmpty else { return }
        for (id, submissions) in self.waiters where submissions.contains(where: { $0.deadline <= now }) {
            for submission in submissions where submission.deadline <= now {
                submission.answer(.failure(.timedOut(id: id)))
            }
            let rest = submissions.filter { $0.deadline > now }
            self.waiters[id] = rest.isEmpty ? nil : rest
        }
    }
}
