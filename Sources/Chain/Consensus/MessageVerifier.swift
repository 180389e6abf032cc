/// A message whose signatures, certificates and structure have been checked: the only kind a replica accepts.
package struct VerifiedMessage: Hashable, Sendable {
    package let message: Message
    /// Who handed it over, as the transport knows; not always who signed it.
    package let sender: ReplicaID

    fileprivate init(message: Message, sender: ReplicaID) {
        self.message = message
        self.sender = sender
    }
}

/// Why a message is not let in.
package enum VerificationFailure: Error, Hashable, Sendable {
    /// Of a committee that this replica does not know yet (it is behind) or that has gone.
    case otherEpoch(CommitteeEpoch)
    case notAMember(ReplicaID)
    case badSignature(ReplicaID)
    /// A quorum or prepared certificate that does not hold.
    case badCertificate
    case badStructure(String)
}

/// Checks messages before they become events.
///
/// To be taken anew from the replica whenever the committee changes.
package struct MessageVerifier: Sendable {
    package let chain: ChainContext
    package let genesis: BlockHash
    package let committees: CommitteeHistory
    /// Blocks that may be in flight above a stable one.
    package let window: Int
    package let scheme: any SignatureScheme
    var broken: BrokenRules = []

    /// A verifier apart from a replica: for a light client, or for the ledger.
    ///
    /// - Parameters:
    ///   - chain: what signatures are bound to.
    ///   - genesis: the hash of block 0.
    ///   - committees: every committee up to the current one.
    ///   - window: as configured on the chain's replicas.
    ///   - scheme: how votes and certificates are signed.
    package init(
        chain: ChainContext,
        genesis: BlockHash,
        committees: CommitteeHistory,
        window: Int,
        scheme: any SignatureScheme
    ) {
        self.chain = chain
        self.genesis = genesis
        self.committees = committees
        self.window = window
        self.scheme = scheme
    }

    /// Checks one message.
    ///
    /// - Parameters:
    ///   - message: as decoded.
    ///   - sender: the peer that the transport has authenticated.
    /// - Returns: the message, of transferred blocks only the proven beginning.
    /// - Throws: ``VerificationFailure``; the message must then be dropped and the sender scored.
    package func verify(
        _ message: Message,
        from sender: ReplicaID
    ) throws(VerificationFailure) -> VerifiedMessage {
        switch message {
        case .prePrepare(let prePrepare):
            guard prePrepare.isConsistent else { throw .badStructure("a vote for another block") }
            try self.check(prePrepare.vote)
        case .prepare(let prepare): try self.check(prepare)
        case .commit(let commit): try self.check(commit)
        case .viewChange(let viewChange): try self.check(viewChange)
        case .newView(let newView): try self.check(newView)
        case .blocks(let blocks): return VerifiedMessage(message: .blocks(self.provenPrefix(blocks)), sender: sender)
        case .status, .blockRequest, .bodyRequest, .body: break
        }
        return VerifiedMessage(message: message, sender: sender)
    }

    /// Proof of misbehaviour in a message that ``verify(_:from:)`` refused with
    /// ``VerificationFailure/badCertificate``, for the chain: a view change, or one inside of a new view, whose signer
    /// vouches for a prepared certificate that no quorum signed.
    package func evidence(in refused: Message) -> Evidence? {
        let viewChanges: [ViewChange]
        switch refused {
        case .viewChange(let viewChange): viewChanges = [viewChange]
        case .newView(let opening): viewChanges = Array(opening.viewChanges.prefix(self.committees.current.size))
        default: return nil
        }
        for viewChange in viewChanges {
            let evidence = Evidence.forgedCertificate(viewChange)
            if evidence.holds(under: self) { return evidence }
        }
        return nil
    }

    /// The member that signs in this epoch.
    private func signer(_ id: ReplicaID, _ epoch: CommitteeEpoch) throws(VerificationFailure) -> Member {
        guard let member = try self.committee(epoch).member(id) else { throw .notAMember(id) }
        return member
    }

    private func committee(_ epoch: CommitteeEpoch) throws(VerificationFailure) -> Committee {
        guard epoch == self.committees.current.epoch else { throw .otherEpoch(epoch) }
        return self.committees.current
    }

    private func require(_ isValid: Bool, _ replica: ReplicaID) throws(VerificationFailure) {
        guard isValid else { throw .badSignature(replica) }
    }

    func check(_ prepare: Prepare) throws(VerificationFailure) {
        let member = try self.signer(prepare.replica, prepare.slot.epoch)
        let bytes = self.chain.signedBytes(.prepare, body: prepare.slot.bytes)
        try self.require(self.scheme.verify(prepare.signature, of: bytes, by: member), prepare.replica)
    }

    func check(_ commit: Commit) throws(VerificationFailure) {
        let slot = commit.slot
        let member = try self.signer(commit.replica, slot.epoch)
        let bytes = Commit.signedBytes(slot, commit.share, self.chain)
        try self.require(self.scheme.verify(commit.signature, of: bytes, by: member), commit.replica)
        if self.scheme.checksSharesJointly { return }
        let message = self.chain.commitMessage(
            epoch: slot.epoch,
            view: slot.view,
            height: slot.height,
            block: slot.block
        )
        try self.require(self.scheme.verifyShare(commit.share, of: message, by: member), commit.replica)
    }

    func check(_ viewChange: ViewChange) throws(VerificationFailure) {
        let member = try self.signer(viewChange.replica, viewChange.epoch)
        let bytes = self.chain.signedBytes(.viewChange, body: viewChange.body)
        try self.require(self.scheme.verify(viewChange.signature, of: bytes, by: member), viewChange.replica)
        guard self.isValid(viewChange.stable) else { throw .badCertificate }
        if self.broken.contains(.checkedPreparedSet) { return }
        try self.checkPrepared(of: viewChange)
    }

    /// The set P: heights ascending within the window above the stable block, every certificate of a lower view.
    private func checkPrepared(of viewChange: ViewChange) throws(VerificationFailure) {
        var below = viewChange.stable.height
        let highest = below.addingReportingOverflow(UInt64(self.window))
        guard !highest.overflow else { throw .badStructure("heights overflow") }
        for certificate in viewChange.prepared {
            let slot = certificate.slot
            guard slot.height > below, slot.height <= highest.partialValue else {
                throw .badStructure("prepared heights")
            }
            guard slot.epoch == viewChange.epoch, slot.view < viewChange.view else {
                throw .badStructure("prepared in a later view")
            }
            guard self.isValid(certificate) else { throw .badCertificate }
            below = slot.height
        }
    }

    func check(_ newView: NewView) throws(VerificationFailure) {
        let member = try self.signer(newView.replica, newView.epoch)
        let committee = try self.committee(newView.epoch)
        guard newView.replica == committee.coordinator(of: newView.view) else {
            throw .badStructure("a view opened by another than its coordinator")
        }
        let signers = newView.viewChanges.map(\.replica)
        let isDistinct = zip(signers, signers.dropFirst()).allSatisfy { $0 < $1 }
        guard isDistinct || self.broken.contains(.distinctViewChanges) else { throw .badStructure("repeated signers") }
        guard signers.count == committee.quorum else { throw .badStructure("no quorum of view changes") }
        let bytes = self.chain.signedBytes(.newView, body: newView.body)
        try self.require(self.scheme.verify(newView.signature, of: bytes, by: member), newView.replica)
        for viewChange in newView.viewChanges {
            guard viewChange.view == newView.view else { throw .badStructure("a view change of another view") }
            try self.check(viewChange)
        }
    }

    /// Whether a quorum of distinct members signed the slot.
    package func isValid(_ certificate: PreparedCertificate) -> Bool {
        certificate.isSigned(chain: self.chain, committees: self.committees, scheme: self.scheme)
    }

    /// Whether the committee that decides this height signed it.
    package func isValid(_ stable: StablePoint) -> Bool {
        guard let certificate = stable.certificate else {
            return stable.height == 0 && stable.hash == self.genesis
        }
        return self.isValid(certificate)
    }

    package func isValid(_ certificate: QuorumCertificate) -> Bool {
        guard let committee = self.committees.committee(deciding: certificate.height) else { return false }
        return certificate.isValid(chain: self.chain, committee: committee, scheme: self.scheme)
    }

    /// The blocks up to the first one that does not prove itself: later ones may need a committee that the earlier
    /// ones name, and are asked for again.
    private func provenPrefix(_ blocks: [CertifiedBlock]) -> [CertifiedBlock] {
        if self.broken.contains(.checkedTransfer) { return blocks }
        var proven: [CertifiedBlock] = []
        for block in blocks.prefix(Message.blocksPerAnswer) {
            guard block.certificate.block == block.block.hash, block.certificate.height == block.block.height,
                self.isValid(block.certificate)
            else { break }
            proven.append(block)
            if block.block.nextCommittee != nil { break }
        }
        return proven
    }
}
