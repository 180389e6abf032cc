internal import CanonicalBytes
internal import Consensus
internal import Contracts
internal import EVMAdapter
internal import EVMProofs
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Records
internal import Relaying
internal import Secp256k1
internal import Uplink

/// Signs for a broker what the relay chain tells its chain: in the contract's place, which cannot judge the relay chain's
/// certificates, the attesters do what a chain of this software does with a notice.
struct EVMStatementDesk: Sendable {
    /// The chain's registered name.
    let name: String
    /// The relay chain's.
    let hub: String
    let chain: EVMChain
    let key: Secp256k1Key
    /// Of the relay chain.
    let committees: CommitteeFollower
    let lists: any NodeListSource
    /// Not that of hops: heights in it are the relay chain's.
    let ledger: SignedHops
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64

    /// Answers a question.
    ///
    /// - Parameter bytes: "WLES", of any origin.
    /// - Returns: the signature, 65 bytes; what it says is on the disk before.
    /// - Throws: ``AttestRefusal``, or an error of the database.
    func sign(_ bytes: [UInt8]) async throws -> [UInt8] {
        let question = try refusing { () throws(ProtocolFailure) in try EVMStatementQuestion(bytes: bytes) }
        let now = self.clock()
        let notice = try self.notice(question)
        let statement = try refusing { () throws(ProtocolFailure) in
            try BrokerStatement(notice, request: question.request)
        }
        try await self.requireCertified(question.proof)
        try await self.requirePath(question, notice, at: now)
        try await self.requireBelieved(question.epoch)
        let broker = BrokerIdentity(
            chainID: self.chain.settings.chainID,
            address: self.chain.settings.broker
        )
        let said = try refusing { () throws(ProtocolFailure) in
            SignedHops.Statement(notice, try statement.digest(for: broker, epoch: 0), question.proof.header)
        }
        try await self.ledger.note(said, at: now)
        let key = self.key
        return try refusing { () throws(ProtocolFailure) in
            try key.sign(try statement.digest(for: broker, epoch: question.epoch)).bytes
        }
    }

    private func notice(_ question: EVMStatementQuestion) throws(AttestRefusal) -> ExchangeNotice {
        guard question.proof.header.channel == .access else {
            throw .refused(.notProven, "messages stand on the channel access")
        }
        let leaf = question.proof.leaf
        let found = try refusing { () throws(ProtocolFailure) in try Contracts.OutboundLeaf(bytes: leaf) }
        guard case .notice(let notice) = found, notice.tree == question.proof.tree else {
            throw .refused(.anotherMessage, "not what a relay chain tells")
        }
        let isOurs =
            notice.chain.utf8.elementsEqual(self.name.utf8) && notice.id.from.hub.utf8.elementsEqual(self.hub.utf8)
            && notice.id.to.hub.utf8.elementsEqual(self.hub.utf8)
        guard isOurs else { throw .refused(.anotherChain, "told to \(notice.chain)") }
        return notice
    }

    private func requireCertified(_ proof: OutboundProof) async throws(AttestRefusal) {
        try refusing(.notProven) { () throws(ProtocolFailure) in try proof.verifyPlace() }
        let view: CommitteeView
        do throws(UplinkFailure) { view = try await self.committees.view(reaching: proof.header.epoch) } catch {
            throw .refused(.chainUnavailable, "\(error)")
        }
        try refusing(.notProven) { () throws(ProtocolFailure) in try proof.verify(by: view) }
    }

    /// A message that is handed on must have come the whole way: certified by its source's nodes and by the relay chain's.
    private func requirePath(
        _ question: EVMStatementQuestion,
        _ notice: ExchangeNotice,
        at now: UInt64
    ) async throws(AttestRefusal) {
        guard let message = notice.message else {
            guard question.path == nil else { throw .refused(.badPath, "nothing is handed on") }
            return
        }
        let proof = question.proof
        let name = self.hub
        let found = try refusing { () throws(ProtocolFailure) in try HopRules.passage(proof.leaf, on: name) }
        guard let path = question.path, let passage = found, path.hops.count == 2, path.message == passage.path else {
            throw .refused(.badPath, "a path of two hops is needed, of this message")
        }
        let anchor = HopRecord.Anchor(proof)
        guard let last = path.hops.last?.record, last.link.chain.utf8.elementsEqual(self.hub.utf8),
            last.anchor.height == anchor.height, last.anchor.blockHash == anchor.blockHash,
            last.anchor.inclusionRoot == anchor.inclusionRoot
        else { throw .refused(.badPath, "the last hop is not about the proven block") }
        var reigns: [ListReign] = []
        for hop in path.hops {
            let (chain, epoch) = (hop.record.link.chain, hop.record.certifier.epoch)
            if let reign = try await self.reign(of: chain, epoch) { reigns.append(reign) }
        }
        let known = reigns
        let verifier = PathVerifier(
            chain: self.name,
            place: .destination,
            now: now,
            lists: { chain, epoch in
                known.first { $0.list.chain.utf8.elementsEqual(chain.utf8) && $0.list.epoch == epoch }
            },
            // The broker takes each exchange once.
            isKnown: { _ in false }
        )
        do throws(PathRefusal) {
            _ = try verifier.verify(path, payloadHash: message.hash.bytes)
        } catch { throw .refused(.badPath, "\(error)") }
    }

    private func reign(of chain: String, _ epoch: UInt64) async throws(AttestRefusal) -> ListReign? {
        do { return try await self.lists.reign(of: chain, epoch: epoch) } catch {
            throw .refused(.chainUnavailable, "\(error)")
        }
    }

    /// A signature for another set than the broker's is worthless now, and may be worth too much later.
    private func requireBelieved(_ epoch: UInt64) async throws(AttestRefusal) {
        let own: EVMAddress
        do throws(ProtocolFailure) { own = try EVMAddress(publicKey: self.key.publicKey.coordinates) } catch {
            throw .invalid(error)
        }
        let (current, group): (UInt64, Int?)
        do throws(ChainAdapterFailure) {
            current = try await self.chain.attesterEpoch()
            group = try await self.chain.attesterGroup(of: own)
        } catch { throw .refused(.chainUnavailable, "\(error)") }
        guard current == epoch else {
            throw .refused(.anotherList, "the broker believes the attesters of epoch \(current)")
        }
        guard group != nil else { throw .refused(.notANode, "the broker does not know \(own)") }
    }
}

extension SignedHops.Statement {
    /// What an attester tells a broker: of one exchange, one thing for each status.
    init(_ notice: ExchangeNotice, _ digest: [UInt8], _ header: BlockHeader) {
        self.message = notice.id.description
        self.type = notice.status.rawValue
        self.place = notice.side.rawValue
        self.path = digest
        self.nextChain = notice.chain
        self.height = header.height
        self.blockHash = header.hash.bytes
    }
}
