internal import Attesting
internal import CanonicalBytes
internal import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Relaying
internal import ThresholdSignatures
internal import Uplink

/// Makes the path of a leaf's message, hop by hop.
struct PathBuilder: Sendable {
    /// How making a path ended.
    enum Outcome: Sendable {
        case complete(PathProof?)
        /// Somebody is missing: who, for people.
        case short([String])
        case outdated
    }

    /// Seconds before its end at which the source's hop is signed anew.
    private static let renewSeconds: UInt64 = 60

    let panel: AttesterPanel
    let lists: any NodeListSource
    let relay: ShoreClient
    /// The carrier's account on the relay chain.
    let account: String
    /// Seconds that a hop is good for.
    let hopSeconds: UInt64
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64
    /// Tries the nodes that have signed.
    let canaries: CanaryTrial

    /// The path of a leaf's message; what was signed so far is kept in `work`.
    ///
    /// - Parameters:
    ///   - work: with a proof.
    ///   - chain: that the leaf stands on.
    ///   - isAnew: whether what was signed before is too old.
    /// - Returns: the path, or why there is none yet.
    /// - Throws: when a chain does not say what is needed.
    func path(
        for work: inout LeafBook.Work,
        on chain: String,
        isAnew: Bool
    ) async throws -> Outcome {
        guard let proof = work.proof, let passage = try HopRules.passage(work.record.bytes, on: chain) else {
            return .complete(nil)
        }
        let now = self.clock()
        guard try passage.end >= now else { return .short(["the time of \(passage.id) is over; no node signs it"]) }
        if isAnew { work.hop = nil }
        var previous: [PathProof.Hop] = []
        if passage.index == 1 {
            switch try await self.firstHops(for: &work, passage, at: now) {
            case .complete(let hops): previous = hops
            case .short(let who): return .short(who)
            }
        }
        guard let reign = try await self.lists.reign(of: chain, at: proof.header.height) else {
            return .short(["the relay chain has no list of \(chain) for height \(proof.header.height)"])
        }
        let start = previous.last?.record.digest ?? passage.path.digest
        let hop =
            try Self.usable(work.hop, after: start, reign.list, at: now)
            ?? self.record(passage, proof, after: start, reign.list, at: now)
        work.hop = hop
        let question = try HopQuestion(message: passage.path, previous: previous, record: hop, proof: proof)
        let collected = await self.panel.collect(question, by: reign.list)
        guard let certificate = collected.certificate else {
            return collected.isOutdated ? .outdated : .short(collected.short + collected.missing)
        }
        await self.canaries.follow(question, by: reign.list)
        let last = PathProof.Hop(record: hop, certificate: certificate)
        return .complete(try PathProof(message: passage.path, hops: previous + [last]))
    }

    /// A record that nodes may have begun to sign, unless it has become useless since.
    private static func usable(
        _ record: HopRecord?,
        after start: [UInt8],
        _ list: VerificationNodeList,
        at now: UInt64
    ) -> HopRecord? {
        guard let record, record.previous == start, record.expiry >= now, record.certifier.epoch == list.epoch else {
            return nil
        }
        return record
    }

    private func record(
        _ passage: HopRules.Passage,
        _ proof: OutboundProof,
        after start: [UInt8],
        _ list: VerificationNodeList,
        at now: UInt64
    ) throws(ProtocolFailure) -> HopRecord {
        try HopRecord(
            previous: start,
            link: HopRecord.Link(
                index: passage.index,
                chain: passage.chain,
                nextChain: passage.nextChain,
                gateway: self.account
            ),
            anchor: HopRecord.Anchor(proof),
            certifier: HopRecord.Certifier(
                epoch: list.epoch,
                listRoot: list.root,
                committee: list.committee.digest
            ),
            expiry: min(try passage.end, now + self.hopSeconds)
        )
    }

    // MARK: - The source's hop

    private enum FirstHops {
        case complete([PathProof.Hop])
        case short([String])
    }

    /// The hop with which a message came to the relay chain; one that has expired on the way is signed anew.
    ///
    /// The source's nodes certify the same block once more: what is new of the hop is only its expiry.
    private func firstHops(
        for work: inout LeafBook.Work,
        _ passage: HopRules.Passage,
        at now: UInt64
    ) async throws -> FirstHops {
        guard let brought = try await self.brought(work.record, passage), let path = brought.path else {
            return .short(["the relay chain does not show how \(passage.id) came to it"])
        }
        let soon = now + Self.renewSeconds
        if path.hops.allSatisfy({ $0.record.expiry >= soon }) { return .complete(path.hops) }
        if let hop = work.firstHop, hop.record.expiry >= soon { return .complete([hop]) }
        guard brought.kind == .outbound else {
            return .short(["the first hop of \(passage.id) has expired, and only its gateway can have it signed anew"])
        }
        let renewal = try await self.renewal(for: &work, of: passage, by: OutboundProof(bytes: brought.source), at: now)
        if case .complete = renewal { return renewal }
        // It is good for another moment.
        return path.hops.allSatisfy { $0.record.expiry >= now } ? .complete(path.hops) : renewal
    }

    private func renewal(
        for work: inout LeafBook.Work,
        of passage: HopRules.Passage,
        by proof: OutboundProof,
        at now: UInt64
    ) async throws -> FirstHops {
        let source = passage.path.sourceChain
        guard let first = try HopRules.passage(proof.leaf, on: source), first.path == passage.path else {
            return .short(["what brought \(passage.id) to the relay chain is of another message"])
        }
        guard let list = try await self.lists.reign(of: source, at: proof.header.height)?.list else {
            return .short(["the relay chain has no list of \(source) for height \(proof.header.height)"])
        }
        let start = first.path.digest
        let record =
            try Self.usable(work.firstRecord, after: start, list, at: now)
            ?? self.record(first, proof, after: start, list, at: now)
        work.firstRecord = record
        let question = try HopQuestion(message: first.path, previous: [], record: record, proof: proof)
        let collected = await self.panel.collect(question, by: list)
        guard let certificate = collected.certificate else {
            return .short(["the first hop of \(passage.id) has expired"] + collected.short + collected.missing)
        }
        let hop = PathProof.Hop(record: record, certificate: certificate)
        work.firstHop = hop
        return .complete([hop])
    }

    /// What vouched for a message when the relay chain took it; the relay chain's own blocks show it.
    private func brought(_ record: LeafRecord, _ passage: HopRules.Passage) async throws -> ProofBundle? {
        if let bundle = try await self.bundle(in: record.transaction, passage) { return bundle }
        // It was said again, or with others of its group: the exchange's other events tell of the transaction.
        let subject = EventSubjects.exchange(passage.id)
        let entries = try await self.relay.chain.events(of: subject, after: nil, on: .access)
        // Each transaction once, those first that say that something was taken.
        var asked: Set<[UInt8]> = [record.transaction]
        let taken = entries.filter { $0.topic.utf8.elementsEqual(ExchangeTaken.topic.utf8) }
        for entry in taken + entries where asked.insert(entry.transaction).inserted {
            if let bundle = try await self.bundle(in: entry.transaction, passage) { return bundle }
        }
        return nil
    }

    private func bundle(in transaction: [UInt8], _ passage: HopRules.Passage) async throws -> ProofBundle? {
        guard let proof = try await self.relay.chain.proof(of: transaction, on: .access), proof.receipt.code == 0
        else { return nil }
        let body = proof.transaction.body
        guard body.contract.utf8.elementsEqual(RelayMessage.contract.utf8),
            body.method.utf8.elementsEqual(RelayMessage.method.utf8),
            let call = try? RelayMessage(bytes: body.arguments),
            call.message.hash == passage.message.hash, (try? call.message.id) == passage.id,
            let bundle = try? ProofBundle(bytes: call.bundle), bundle.path?.message == passage.path
        else { return nil }
        return bundle
    }
}
