internal import Attesting
internal import CanonicalBytes
internal import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Relaying
internal import ThresholdSignatures
internal import Transcripts
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

    let panel: AttesterPanel
    let lists: any NodeListSource
    let relay: ShoreClient
    /// The carrier's account on the relay chain.
    let account: String
    /// Seconds that a hop is good for.
    let hopSeconds: UInt64
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64

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
        if isAnew { work.hop = nil }
        var previous: [PathProof.Hop] = []
        if passage.index == 1 {
            guard let before = try await self.broughtPath(of: work.record, passage) else {
                return .short(["the relay chain does not show how \(passage.id) came to it"])
            }
            // What has expired on the way cannot go on; the source's chain says it again.
            guard before.hops.allSatisfy({ $0.record.expiry >= now }) else { return .outdated }
            previous = before.hops
        }
        guard let reign = try await self.lists.reign(of: chain, at: proof.header.height) else {
            return .short(["the relay chain has no list of \(chain) for height \(proof.header.height)"])
        }
        let hop = try work.hop ?? self.record(passage, proof, previous, reign.list, at: now)
        work.hop = hop
        let question = try HopQuestion(message: passage.path, previous: previous, record: hop, proof: proof)
        let collected = await self.panel.collect(question, by: reign.list)
        guard let certificate = collected.certificate else {
            return collected.isOutdated ? .outdated : .short(collected.short + collected.missing)
        }
        let last = PathProof.Hop(record: hop, certificate: certificate)
        return .complete(try PathProof(message: passage.path, hops: previous + [last]))
    }

    private func record(
        _ passage: HopRules.Passage,
        _ proof: OutboundProof,
        _ previous: [PathProof.Hop],
        _ list: VerificationNodeList,
        at now: UInt64
    ) throws(ProtocolFailure) -> HopRecord {
        let end = try passage.message.relayExtension?.expiry ?? .max
        return try HopRecord(
            previous: previous.last?.record.digest ?? passage.path.digest,
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
            expiry: min(end, now + self.hopSeconds)
        )
    }

    /// The path with which a message came to the relay chain; the relay chain's own blocks show it.
    private func broughtPath(of record: LeafRecord, _ passage: HopRules.Passage) async throws -> PathProof? {
        if let path = try await self.path(in: record.transaction, passage) { return path }
        // It was said again, or with others of its group: the exchange's other events tell of the transaction.
        let subject = ExchangeSubject.of(passage.id)
        for entry in try await self.relay.chain.events(of: subject, after: nil, on: .access) {
            if let path = try await self.path(in: entry.transaction, passage) { return path }
        }
        return nil
    }

    private func path(in transaction: [UInt8], _ passage: HopRules.Passage) async throws -> PathProof? {
        guard let proof = try await self.relay.chain.proof(of: transaction, on: .access), proof.receipt.code == 0
        else { return nil }
        let body = proof.transaction.body
        guard body.contract.utf8.elementsEqual(RelayMessage.contract.utf8),
            body.method.utf8.elementsEqual(RelayMessage.method.utf8),
            let call = try? RelayMessage(bytes: body.arguments),
            call.message.hash == passage.message.hash, (try? call.message.id) == passage.id,
            let path = try? ProofBundle(bytes: call.bundle).path, path.message == passage.path
        else { return nil }
        return path
    }
}

/// Under which subject the events of an exchange are found.
enum ExchangeSubject {
    /// `H("SUBJECT-EXCHANGE", id)`.
    static func of(_ id: MessageID) -> [UInt8] { TaggedHash.digest("SUBJECT-EXCHANGE", Array(id.description.utf8)) }
}
