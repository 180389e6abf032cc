internal import CanonicalBytes
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Records

/// Requests and answers.
extension RelayContract {
    /// What one call may tell chains that is due, before its own.
    private static let dueMax = (taking: 8, expiring: 36)

    @Sendable func take(_ arguments: RelayMessage, _ call: ContractCall) throws(ContractFailure) {
        let hub = try call.hub()
        let message = arguments.message
        let id = try self.id(of: message, hub)
        let source = message.type == .interchain ? id.from.chain : id.to.chain
        let chain = try call.active(source)
        let book = self.book(hub, call)
        let known = try self.requireNews(message, id, book)
        var bare = message
        bare.proof = []
        let path = try self.requireProof(of: bare, id, arguments, from: source, chain, hub, call)
        if let known, known != message.hash.bytes {
            try self.record(conflict: id, source, chain, first: known, second: message.hash.bytes, call)
            return
        }
        try self.expireDue(book, stepsMax: 32, Self.dueMax.taking, call)
        let effects: BookEffects
        if message.type == .interchain {
            effects = try self.begin(bare, id, book, call)
        } else {
            effects = try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in
                try book.step(.receipt(bare), at: call.block.height)
            }
            try RelayCredits.settle(id, bare, call)
        }
        try self.keepAnswer(bare, id, book, call)
        try self.tell(effects, bare, id, book, call)
        try self.credit(path, call)
        let status = try self.status(of: id, book)
        if message.type == .interchain, status == .begin { try RelayCredits.lock(id, bare, call) }
        try call.emit(ExchangeTaken(id: id, type: message.type, status: status))
    }

    private func id(of message: InterchainMessage, _ hub: String) throws(ContractFailure) -> MessageID {
        let id: MessageID
        do throws(ProtocolFailure) { id = try message.id } catch {
            throw .rejected(.book(.malformed(error), in: self.chains.codes.base), error.description)
        }
        let isHere = id.from.hub.isSame(as: hub) && id.to.hub.isSame(as: hub)
        try ensure(isHere, .book(.anotherHub, in: self.chains.codes.base), "chains of another relay chain")
        let fits = message.type != .receiptRollbackEnd
        try ensure(fits, .book(.wrongType, in: self.chains.codes.base), "no relay chain sees it")
        let count = message.group?.entries.count ?? 0
        try ensure(count <= Self.groupMax, .groupTooLarge, "\(count) services, of \(Self.groupMax)")
        return id
    }

    /// Refuses what was there before without looking at its proof.
    ///
    /// - Returns: the hash of the known request; nil for one that is new, and for an answer.
    private func requireNews(
        _ message: InterchainMessage,
        _ id: MessageID,
        _ book: InterchainBook<ContractCall>
    ) throws(ContractFailure) -> [UInt8]? {
        let codes = self.chains.codes
        let hash = try codes.book { () throws(BookFailure<ContractFailure>) in try book.requestHash(of: id) }
        if message.type == .interchain {
            try ensure(hash != message.hash.bytes, .book(.indexExists, in: codes.base), "the request is known")
            return hash
        }
        guard hash != nil else { throw .rejected(.book(.unknownRequest, in: codes.base), "no such request") }
        let status = try self.status(of: id, book)
        try ensure(!status.isFinal, .book(.indexExists, in: codes.base), "the exchange is over")
        return nil
    }

    private func status(
        of id: MessageID,
        _ book: InterchainBook<ContractCall>
    ) throws(ContractFailure) -> TransactionStatus {
        let status = try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in try book.status(of: id) }
        guard let status else { throw .damaged(ProtocolFailure(.format, "a request without status")) }
        return status
    }

    /// Requires that the source said the message, and that its verification nodes let it go.
    private func requireProof(
        of bare: InterchainMessage,
        _ id: MessageID,
        _ arguments: RelayMessage,
        from source: String,
        _ chain: RegisteredChain,
        _ hub: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> VerifiedPath {
        do throws(ProtocolFailure) { try arguments.message.requireProof(arguments.bundle) } catch {
            throw .rejected(.wrongBundleHash, error.description)
        }
        let bundle: ProofBundle
        do throws(ProtocolFailure) { bundle = try ProofBundle(bytes: arguments.bundle) } catch {
            throw .rejected(.badSourceProof, error.description)
        }
        do throws(ProtocolFailure) { _ = try bare.checkedPayload() } catch {
            throw .rejected(.wrongPayloadHash, error.description)
        }
        let anchor = try self.rules.anchor(of: bare, id, bundle, from: source, chain, call)
        let demand = PathDemand(message: bare, id: id, here: hub, hops: [source], anchor: anchor)
        return try demand.check(bundle.path, against: self.chains, call)
    }

    private func begin(
        _ message: InterchainMessage,
        _ id: MessageID,
        _ book: InterchainBook<ContractCall>,
        _ call: ContractCall
    ) throws(ContractFailure) -> BookEffects {
        let service = try call.record(RegisteredService.self, at: RelayKey.service(id.to.chain, id.to.service))
        var isAvailable = service?.isOpen(to: id.from) ?? false
        if isAvailable { isAvailable = try self.isReachable(id.to.chain, call) }
        if isAvailable { isAvailable = try self.canHold(message, id.to.chain, call) }
        if isAvailable { isAvailable = try RelayCredits.canPay(id, call) }
        let context = RequestContext(isAvailable: isAvailable, isOrdered: service?.isOrdered ?? false)
        return try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in
            try book.step(.request(message, context), at: call.block.height)
        }
    }

    /// Whether a chain could answer.
    private func isReachable(_ name: String, _ call: ContractCall) throws(ContractFailure) -> Bool {
        let chain = try call.record(RegisteredChain.self, at: RelayKey.chain(name))
        guard let chain, chain.standing == .active, chain.rule != .hub else { return false }
        guard chain.rule == .wardline else { return true }
        return try self.chains.client(of: name, call).map { !$0.isExpired(at: call.block.time) } ?? false
    }

    /// Whether a chain that is attested could be told a request; its own kind decides.
    private func canHold(
        _ message: InterchainMessage,
        _ name: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> Bool {
        let chain = try call.record(RegisteredChain.self, at: RelayKey.chain(name))
        guard chain?.rule == .attested else { return true }
        try call.charge(UInt64(message.payload.count) / 8)
        return self.rules.attested?.canHold(message) ?? false
    }

    // MARK: - Telling

    /// An answer in a group that is still open waits for the others; its source gets it when all have succeeded.
    private func keepAnswer(
        _ message: InterchainMessage,
        _ id: MessageID,
        _ book: InterchainBook<ContractCall>,
        _ call: ContractCall
    ) throws(ContractFailure) {
        guard message.type == .receiptSuccess, try self.status(of: id, book) == .begin else { return }
        try call.set(RelayKey.answer(id), to: message.bytes)
    }

    /// Says to each chain what it has to know.
    private func tell(
        _ effects: BookEffects,
        _ message: InterchainMessage?,
        _ current: MessageID?,
        _ book: InterchainBook<ContractCall>,
        _ call: ContractCall
    ) throws(ContractFailure) {
        for notice in effects.notices {
            let id = notice.message
            let hash = try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in
                try book.requestHash(of: id)
            }
            guard let hash else { throw .damaged(ProtocolFailure(.format, "an exchange without request")) }
            var handed: InterchainMessage?
            switch (notice.side, notice.status) {
            case (.destination, .begin): handed = current == id ? message : nil
            case (.source, .success), (.source, .failure): handed = current == id ? message : nil
            default: break
            }
            if notice.side == .source, let kept = try call.value(of: RelayKey.answer(id)) {
                if notice.status == .success, handed == nil {
                    do throws(ProtocolFailure) { handed = try InterchainMessage(bytes: kept, .canonical) } catch {
                        throw .damaged(error)
                    }
                }
                try call.set(RelayKey.answer(id), to: nil)
            }
            let told = ExchangeNotice(
                side: notice.side,
                status: notice.status,
                id: id,
                requestHash: hash,
                message: handed
            )
            let leaf = OutboundLeaf.notice(told).bytes
            try call.emit(told.tree.topic, leaf)
            try call.set(RelayKey.said(notice.side, id), to: Digest.sha256(of: leaf).bytes)
        }
    }

    // MARK: - Time

    /// Undoes what was due by the block before, so that no late answer can come before it.
    ///
    /// - Returns: how many leaves that gave, and how many steps it took.
    @discardableResult
    private func expireDue(
        _ book: InterchainBook<ContractCall>,
        stepsMax: Int,
        _ leavesMax: Int,
        _ call: ContractCall
    ) throws(ContractFailure) -> (leaves: Int, steps: Int) {
        let codes = self.chains.codes
        let height = call.block.height - 1
        var (leaves, steps) = (0, 0)
        while steps < stepsMax, leaves <= leavesMax {
            let done = try codes.book { () throws(BookFailure<ContractFailure>) in try book.expiredHeight() }
            guard let done, done < height else { break }
            let effects = try codes.book { () throws(BookFailure<ContractFailure>) in
                try book.step(.blockEnd(expiriesMax: 1), at: height)
            }
            try self.tell(effects, nil, nil, book, call)
            for notice in effects.notices where notice.side == .source {
                try RelayCredits.timeOut(notice.message, call)
            }
            leaves += effects.notices.count
            steps += 1
        }
        return (leaves, steps)
    }

    @Sendable func expire(_ arguments: ExpireExchanges, _ call: ContractCall) throws(ContractFailure) {
        let book = self.book(try call.hub(), call)
        let done = try self.expireDue(book, stepsMax: arguments.steps, Self.dueMax.expiring, call)
        try ensure(done.steps > 0, .nothingDue, "all that was due by the block before is done")
        let height = try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in
            try book.expiredHeight()
        }
        var writer = CanonicalWriter(capacity: 16)
        writer.u32(UInt32(done.leaves))
        writer.u64(height ?? 0)
        try call.emit("relay.expired", writer.bytes)
    }
}
