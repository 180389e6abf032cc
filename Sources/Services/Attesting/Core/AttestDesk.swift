internal import CanonicalBytes
internal import Consensus
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Records
internal import ThresholdSignatures
internal import Uplink

/// Signs hops that its own chain has certified: the cheap checks first, then chain and lists, then the durable note.
package struct AttestDesk: Sendable {
    /// The chain that the node signs for, by its registered name.
    let chain: String
    /// Whether that is the relay chain.
    let isRelay: Bool
    let signer: BLSKeyPair
    let committees: CommitteeFollower
    let lists: any NodeListSource
    /// The registries of further relay chains, by their names: what leads there is certified by the list that is there.
    var furtherLists: [String: any NodeListSource] = [:]
    let ledger: SignedHops
    /// Seconds that a hop may be good for.
    let expirySecondsMax: UInt64
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64

    /// Answers a question.
    ///
    /// - Parameter bytes: "WLHQ", of any origin.
    /// - Returns: the signature, 96 bytes; what it says is on the disk before.
    /// - Throws: ``AttestRefusal``, or an error of the database.
    func sign(_ bytes: [UInt8]) async throws -> [UInt8] {
        let question = try refusing { () throws(ProtocolFailure) in try HopQuestion(bytes: bytes) }
        let now = self.clock()
        let passage = try HopRules.check(
            question,
            of: self.chain,
            at: now,
            expirySecondsMax: self.expirySecondsMax
        )
        guard (passage.index == 1) == self.isRelay else {
            throw AttestRefusal.refused(.anotherChain, "the leaf is of another kind of chain than \(self.chain)")
        }
        try await self.requireCertified(question)
        try await self.requireSeat(question.record, in: self.registry(of: passage))
        if passage.index > 0 { try await self.requirePath(question, passage, at: now) }
        try await self.ledger.note(SignedHops.Statement(question.record, passage), at: now)
        let signer = self.signer
        return try refusing { () throws(ProtocolFailure) in
            try signer.sign(question.record.signedBytes(of: question.path.message)).encoded
        }
    }

    /// The proof must hold by the committee that this node has followed itself.
    private func requireCertified(_ question: HopQuestion) async throws {
        let proof = question.proof
        guard proof.header.channel == .access else {
            throw AttestRefusal.refused(.notProven, "messages stand on the channel access")
        }
        try refusing(.notProven) { () throws(ProtocolFailure) in try proof.verifyPlace() }
        let view: CommitteeView
        do throws(UplinkFailure) { view = try await self.committees.view(reaching: proof.header.epoch) } catch {
            throw AttestRefusal.refused(.chainUnavailable, "\(error)")
        }
        try refusing(.notProven) { () throws(ProtocolFailure) in try proof.verify(by: view) }
    }

    /// The record must name the list of its height, and this node must have a seat in it.
    private func requireSeat(_ record: HopRecord, in lists: any NodeListSource) async throws {
        let certifier = record.certifier
        guard let reign = try await self.reign(of: self.chain, certifier.epoch, in: lists) else {
            throw AttestRefusal.refused(.anotherList, "no list of epoch \(certifier.epoch) is registered")
        }
        let isNamed = certifier.listRoot == reign.list.root && certifier.committee == reign.list.committee.digest
        guard isNamed, reign.covers(record.anchor.height) else {
            throw AttestRefusal.refused(.anotherList, "not the list of height \(record.anchor.height)")
        }
        let own = self.signer.publicKey
        guard reign.list.seats.contains(where: { $0.contains { $0.keys.signature == own } }) else {
            throw AttestRefusal.refused(.notANode, "this node has no seat in the list of epoch \(certifier.epoch)")
        }
    }

    /// What the relay chain took was certified by the source's list: it is checked once more.
    private func requirePath(_ question: HopQuestion, _ passage: HopRules.Passage, at now: UInt64) async throws {
        var reigns: [ListReign] = []
        for hop in question.previous {
            let (chain, epoch) = (hop.record.link.chain, hop.record.certifier.epoch)
            if let reign = try await self.reign(of: chain, epoch, in: self.lists) { reigns.append(reign) }
        }
        let known = reigns
        let verifier = PathVerifier(
            chain: self.chain,
            place: .transit,
            now: now,
            lists: { chain, epoch in
                known.first { $0.list.chain.utf8.elementsEqual(chain.utf8) && $0.list.epoch == epoch }
            },
            // The relay chain's leaf shows that it took the message, once.
            isKnown: { _ in false }
        )
        let path = try refusing { () throws(ProtocolFailure) in
            try PathProof(message: question.path.message, hops: question.previous)
        }
        do throws(PathRefusal) {
            _ = try verifier.verify(path, payloadHash: passage.message.hash.bytes)
        } catch { throw AttestRefusal.refused(.badPath, "\(error)") }
    }

    /// Where the list of a hop stands.
    private func registry(of passage: HopRules.Passage) -> any NodeListSource {
        guard passage.index == 0 else { return self.lists }
        return self.furtherLists[passage.nextChain] ?? self.lists
    }

    private func reign(
        of chain: String,
        _ epoch: UInt64,
        in lists: any NodeListSource
    ) async throws -> ListReign? {
        let outcome: Result<ListReign?, any Error>
        do { outcome = .success(try await lists.reign(of: chain, epoch: epoch)) } catch {
            outcome = .failure(error)
        }
        switch outcome {
        case .success(let reign): return reign
        case .failure(let error): throw AttestRefusal.refused(.chainUnavailable, "\(error)")
        }
    }
}
