internal import CanonicalBytes
internal import Contracts
internal import EVMAdapter
internal import EVMProofs
internal import IBTP
internal import PathProofs
internal import Relaying
internal import ThresholdSignatures

/// Signs hops of a chain with an EVM: what its broker has said in a block that is final by this node's own view.
struct EVMHopDesk: Sendable {
    /// The chain's registered name.
    let name: String
    /// The relay chain's.
    let hub: String
    /// As this node's own node of it shows it.
    let chain: EVMChain
    let signer: BLSKeyPair
    let lists: any NodeListSource
    let ledger: SignedHops
    /// Seconds that a hop may be good for.
    let expirySecondsMax: UInt64
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64

    /// Answers a question.
    ///
    /// - Parameter bytes: "WLHE", of any origin.
    /// - Returns: the signature, 96 bytes; what it says is on the disk before.
    /// - Throws: ``AttestRefusal``, or an error of the database.
    func sign(_ bytes: [UInt8]) async throws -> [UInt8] {
        let question = try refusing { () throws(ProtocolFailure) in try EVMHopQuestion(bytes: bytes) }
        let now = self.clock()
        let passage = try self.passage(question, at: now)
        try await self.requireFinal(question.proof.header)
        let seats = SeatRule(chain: self.name, key: self.signer.publicKey, lists: self.lists)
        try await seats.require(question.record)
        try await self.ledger.note(SignedHops.Statement(question.record, passage), at: now)
        let signer = self.signer
        return try refusing { () throws(ProtocolFailure) in
            try signer.sign(question.record.signedBytes(of: question.path.message)).encoded
        }
    }

    private func passage(_ question: EVMHopQuestion, at now: UInt64) throws(AttestRefusal) -> HopRules.Passage {
        guard question.record.link.chain.utf8.elementsEqual(self.name.utf8) else {
            throw .refused(.anotherChain, "this node signs for \(self.name)")
        }
        let anchor = EVMAnchor(question.proof.header)
        let broker = self.chain.settings.broker
        let message = try refusing(.notProven) { () throws(ProtocolFailure) in
            try question.proof.event(at: anchor, broker: broker).message
        }
        let name = self.name
        let leaf = Contracts.OutboundLeaf.message(message).bytes
        let found = try refusing { () throws(ProtocolFailure) in try HopRules.passage(leaf, on: name) }
        guard let passage = found else { throw .refused(.anotherMessage, "the log hands on no message") }
        let sender = message.type.category == .response ? passage.id.to : passage.id.from
        let isOwn = sender.chain.utf8.elementsEqual(self.name.utf8) && sender.hub.utf8.elementsEqual(self.hub.utf8)
        guard isOwn else { throw .refused(.anotherMessage, "\(sender) is no service of \(self.hub):\(self.name)") }
        try HopRules.check(
            question,
            passage,
            HopRecord.Anchor(
                height: anchor.height,
                blockHash: anchor.blockHash,
                inclusionRoot: anchor.receiptsRoot
            ),
            at: now,
            expirySecondsMax: self.expirySecondsMax
        )
        return passage
    }

    /// The block must be this node's, and final.
    private func requireFinal(_ header: EVMBlockHeader) async throws(AttestRefusal) {
        let found: EVMBlockHeader?
        do throws(ChainAdapterFailure) { found = try await self.chain.finalHeader(at: header.number) } catch {
            throw .refused(.chainUnavailable, "\(error)")
        }
        guard let found else { throw .refused(.notProven, "block \(header.number) is not final yet") }
        guard found.hash == header.hash else {
            throw .refused(.notProven, "block \(header.number) is another one on this node's chain")
        }
    }
}

/// That a hop names the list of its height, and that a node has a seat in it.
struct SeatRule: Sendable {
    let chain: String
    let key: BLSPublicKey
    let lists: any NodeListSource

    func require(_ record: HopRecord) async throws(AttestRefusal) {
        let certifier = record.certifier
        guard let reign = try await self.reign(certifier.epoch) else {
            throw .refused(.anotherList, "no list of epoch \(certifier.epoch) is registered")
        }
        let isNamed = certifier.listRoot == reign.list.root && certifier.committee == reign.list.committee.digest
        guard isNamed, reign.covers(record.anchor.height) else {
            throw .refused(.anotherList, "not the list of height \(record.anchor.height)")
        }
        guard reign.list.seats.contains(where: { $0.contains { $0.keys.signature == self.key } }) else {
            throw .refused(.notANode, "this node has no seat in the list of epoch \(certifier.epoch)")
        }
    }

    private func reign(_ epoch: UInt64) async throws(AttestRefusal) -> ListReign? {
        do { return try await self.lists.reign(of: self.chain, epoch: epoch) } catch {
            throw .refused(.chainUnavailable, "\(error)")
        }
    }
}
