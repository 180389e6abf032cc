internal import Attesting
internal import CanonicalBytes
internal import EVMProofs
internal import PathProofs
internal import ThresholdSignatures

/// Makes the first hop of a message from a chain with an EVM.
struct EVMHopBuilder: Sendable {
    /// The chain's registered name.
    let name: String
    let panel: AttesterPanel
    let lists: any NodeListSource
    /// The carrier's account on the relay chain.
    let account: String
    /// Seconds that a hop is good for.
    let hopSeconds: UInt64
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64
    /// Tries the nodes that have signed.
    let canaries: CanaryTrial

    /// The path of one hop; what was signed so far is kept in `work`.
    ///
    /// - Parameters:
    ///   - work: of the leaf.
    ///   - proof: of it.
    ///   - isAnew: whether what was signed before is too old.
    /// - Returns: the path, or why there is none yet.
    /// - Throws: when the relay chain does not say what is needed.
    func path(
        for work: inout LeafBook.Work,
        by proof: EVMInclusionProof,
        isAnew: Bool
    ) async throws -> PathBuilder.Outcome {
        guard let passage = try HopRules.passage(work.record.bytes, on: self.name) else { return .complete(nil) }
        let now = self.clock()
        guard try passage.end >= now else { return .short(["the time of \(passage.id) is over; no node signs it"]) }
        let height = proof.header.number
        guard let list = try await self.lists.reign(of: self.name, at: height)?.list else {
            return .short(["the relay chain has no list of \(self.name) for height \(height)"])
        }
        if isAnew { work.hop = nil }
        let begun = work.hop.flatMap { $0.expiry >= now && $0.certifier.epoch == list.epoch ? $0 : nil }
        let record = try begun ?? self.record(passage, proof.header, list, at: now)
        work.hop = record
        let question = try EVMHopQuestion(message: passage.path, record: record, proof: proof)
        let collected = await self.panel.collect(question, by: list)
        guard let certificate = collected.certificate else {
            return collected.isOutdated ? .outdated : .short(collected.short + collected.missing)
        }
        await self.canaries.follow(question, by: list)
        let hop = PathProof.Hop(record: record, certificate: certificate)
        return .complete(try PathProof(message: passage.path, hops: [hop]))
    }

    private func record(
        _ passage: HopRules.Passage,
        _ header: EVMBlockHeader,
        _ list: VerificationNodeList,
        at now: UInt64
    ) throws(ProtocolFailure) -> HopRecord {
        try HopRecord(
            previous: passage.path.digest,
            link: HopRecord.Link(
                index: passage.index,
                chain: passage.chain,
                nextChain: passage.nextChain,
                gateway: self.account
            ),
            anchor: HopRecord.Anchor(
                height: header.number,
                blockHash: header.hash,
                inclusionRoot: header.receiptsRoot
            ),
            certifier: HopRecord.Certifier(
                epoch: list.epoch,
                listRoot: list.root,
                committee: list.committee.digest
            ),
            expiry: min(try passage.end, now + self.hopSeconds)
        )
    }
}
