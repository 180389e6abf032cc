import CanonicalBytes
import Consensus
import ConsensusSimulation

/// Four validators with the simulator's quick signatures, and the messages that they exchange.
struct FuzzConsortium: Sendable {
    /// What the exercises are about.
    static let chain = ChainContext(chain: Array("fuzz".utf8), channel: "access")
    /// What seeds are signed for: no vote in them is one of an exercise's validators.
    static let elsewhere = ChainContext(chain: Array("fuzz".utf8), channel: "index")
    static let genesis = FuzzReader.hash(Array("genesis".utf8))
    static let keys = KeyRing(.fast)

    let committee: Committee
    /// With one more member: what a block may name.
    let successor: Committee

    let chain: ChainContext

    /// - Returns: nil never, in fact: the sizes are lawful.
    init?(_ chain: ChainContext = Self.chain) {
        func members(_ size: UInt16) -> [Member] { (0..<size).map { Self.keys.member(ReplicaID($0)) } }
        guard let committee = Committee(epoch: 0, members: members(4), blocksPerLeader: 0),
            let successor = Committee(epoch: 1, members: members(5), barredFromLeading: [ReplicaID(2)])
        else { return nil }
        self.chain = chain
        self.committee = committee
        self.successor = successor
    }

    func slot(_ block: Block, view: View, epoch: CommitteeEpoch = 0) -> Slot {
        Slot(epoch: epoch, view: view, height: block.height, block: block.hash, parent: block.parent)
    }

    func prepare(_ slot: Slot, by number: UInt16) -> Prepare {
        Prepare(signing: slot, as: ReplicaID(number), in: self.chain, with: Self.keys.signer(ReplicaID(number)))
    }

    func commit(_ slot: Slot, by number: UInt16) -> Commit {
        Commit(signing: slot, as: ReplicaID(number), in: self.chain, with: Self.keys.signer(ReplicaID(number)))
    }

    func prepared(_ slot: Slot, by numbers: [UInt16]) -> PreparedCertificate {
        let votes = numbers.map { self.prepare(slot, by: $0) }
        return PreparedCertificate(
            slot: slot,
            votes: votes.map { PreparedCertificate.Vote(replica: $0.replica, signature: $0.signature) }
        )
    }

    func certificate(_ slot: Slot, by numbers: [UInt16]) -> QuorumCertificate {
        QuorumCertificate(
            version: Self.keys.scheme.certificateVersion,
            epoch: slot.epoch,
            view: slot.view,
            height: slot.height,
            block: slot.block,
            signers: [numbers.reduce(0) { $0 | 1 << UInt8($1) }],
            proof: Self.keys.scheme.combine(numbers.map { self.commit(slot, by: $0).share })
        )
    }

    func viewChange(
        to view: View,
        stable: StablePoint = StablePoint(genesis: Self.genesis),
        prepared: [PreparedCertificate],
        epoch: CommitteeEpoch = 0,
        by number: UInt16
    ) -> ViewChange {
        ViewChange(
            epoch: epoch,
            view: view,
            stable: stable,
            prepared: prepared,
            signingAs: ReplicaID(number),
            in: self.chain,
            with: Self.keys.signer(ReplicaID(number))
        )
    }

    func newView(_ view: View, _ viewChanges: [ViewChange], epoch: CommitteeEpoch = 0, by number: UInt16) -> NewView {
        NewView(
            epoch: epoch,
            view: view,
            viewChanges: viewChanges,
            signingAs: ReplicaID(number),
            in: self.chain,
            with: Self.keys.signer(ReplicaID(number))
        )
    }
}

/// Blocks of the fuzz targets: height, parent, a byte that makes them differ, and at times a committee.
struct FuzzReader: BlockReader {
    func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block {
        var reader = CanonicalReader(payload)
        let height = try reader.u64()
        let parent = try reader.blockHash()
        _ = try reader.u8()
        let next = reader.remaining > 0 ? try Committee(from: &reader) : nil
        try reader.finish()
        return Block(height: height, parent: parent, hash: Self.hash(payload), nextCommittee: next, payload: payload)
    }

    static func make(_ height: Height, on parent: BlockHash, salt: UInt8, next: Committee? = nil) -> Block {
        var writer = CanonicalWriter(capacity: 48)
        writer.u64(height)
        parent.write(to: &writer)
        writer.u8(salt)
        next?.write(to: &writer)
        let payload = writer.bytes
        return Block(height: height, parent: parent, hash: Self.hash(payload), nextCommittee: next, payload: payload)
    }

    /// Quick, and good enough where nobody looks for collisions.
    static func hash(_ payload: [UInt8]) -> BlockHash {
        var writer = CanonicalWriter(capacity: 32)
        var random = Randomness(seed: UInt64(payload.count), index: 0)
        for byte in payload { random = Randomness(seed: random.next(), index: UInt64(byte)) }
        for _ in 0..<4 { writer.u64(random.next()) }
        return BlockHash(writer.bytes) ?? .zero
    }
}

/// Valid encodings of everything that consensus reads.
enum ConsensusSeeds {
    static let all: [[UInt8]] = FuzzConsortium(FuzzConsortium.elsewhere).map(Self.make) ?? []

    private static func make(_ consortium: FuzzConsortium) -> [[UInt8]] {
        let block = FuzzReader.make(1, on: FuzzConsortium.genesis, salt: 1)
        let change = FuzzReader.make(2, on: block.hash, salt: 2, next: consortium.successor)
        let slot = consortium.slot(block, view: 1)
        let other = consortium.slot(FuzzReader.make(1, on: FuzzConsortium.genesis, salt: 9), view: 1)
        let certificate = consortium.certificate(slot, by: [0, 1, 2])
        let certified = CertifiedBlock(block: block, certificate: certificate)
        let last = CertifiedBlock(
            block: change,
            certificate: consortium.certificate(consortium.slot(change, view: 1), by: [1, 2, 3])
        )
        let prepared = consortium.prepared(consortium.slot(change, view: 0), by: [0, 2, 3])
        let viewChanges = ([1, 2, 3] as [UInt16]).map {
            consortium.viewChange(to: 5, stable: StablePoint(certificate: certificate), prepared: [prepared], by: $0)
        }
        let proposal = PrePrepare(vote: consortium.prepare(slot, by: 1), block: block)
        let opening = consortium.newView(5, viewChanges, by: 1)
        let own = consortium.prepare(slot, by: 0)
        let commit = consortium.commit(slot, by: 0)
        let status = Status(epoch: 0, view: 5, isChangingView: true, committed: 2, earliest: 1)
        let messages: [Message] = [
            .prePrepare(proposal), .prepare(own), .commit(commit), .viewChange(viewChanges[0]), .newView(opening),
            .status(status), .blockRequest(from: 2), .blocks([certified, last]), .bodyRequest(block.hash),
            .body(change),
        ]
        let records: [LogRecord] = [
            .prepared(proposal, own: own), .committing(prepared, change, own: commit), .viewChange(viewChanges[1]),
            .newView(opening), .committed(last),
        ]
        let evidence: [Evidence] = [
            .prepares(own, consortium.prepare(other, by: 0)), .commits(commit, consortium.commit(other, by: 0)),
            .crossed(own, consortium.commit(other, by: 0)), .viewChanges(viewChanges[0], viewChanges[1]),
            .newViews(opening, opening), .forgedCertificate(viewChanges[2]),
        ]
        return messages.map(\.bytes) + records.map(\.bytes) + evidence.map(\.bytes)
            + Self.committees(consortium) + [Self.bytes(certificate)]
    }

    private static func committees(_ consortium: FuzzConsortium) -> [[UInt8]] {
        var history = CommitteeHistory(genesis: consortium.committee)
        history.follow(consortium.successor, after: 2)
        return [consortium.committee.bytes, consortium.successor.bytes, history.bytes]
    }

    static func bytes(_ certificate: QuorumCertificate) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        certificate.write(to: &writer)
        return writer.bytes
    }
}
