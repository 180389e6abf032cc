import CanonicalBytes
import Transcripts

@testable import Consensus

/// Blocks of the tests: height, parent and one byte that makes them differ.
struct TestReader: BlockReader {
    static let genesis = BlockHash(TaggedHash.digest("TEST-GENESIS")) ?? .zero

    func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block {
        var reader = CanonicalReader(payload)
        let height = try reader.u64()
        let parent = try reader.blockHash()
        _ = try reader.u8()
        try reader.finish()
        guard let hash = BlockHash(TaggedHash.digest("TEST-BLOCK", payload)) else {
            throw ProtocolFailure(.format, "hash")
        }
        return Block(height: height, parent: parent, hash: hash, payload: payload)
    }

    static func block(height: Height, parent: BlockHash = Self.genesis, salt: UInt8 = 0) throws -> Block {
        var writer = CanonicalWriter()
        writer.u64(height)
        parent.write(to: &writer)
        writer.u8(salt)
        return try TestReader().block(of: writer.bytes)
    }
}

/// Validators with real Ed25519 keys, a network that loses nothing and a log for each.
struct TestConsortium {
    static let chain = ChainContext(chain: Array("test".utf8), channel: "access")

    let signers: [Ed25519Signer]
    let scheme: any SignatureScheme
    let committee: Committee
    var replicas: [Replica] = []
    var logs: [[LogRecord]]
    var delivered: [[CertifiedBlock]]
    var evidence: [Evidence] = []
    var timers: [[TimerToken]]
    var sent: [(from: Int, message: Message)] = []
    /// Replicas that neither hear nor speak.
    var isolated: Set<Int> = []
    private var inbox: [(from: Int, to: Int, message: Message)] = []

    var alarms: [Alarm] = []

    init(
        size: Int = 4,
        configuration: ReplicaConfiguration = ReplicaConfiguration(),
        scheme: any SignatureScheme = Ed25519Scheme()
    ) throws {
        self.scheme = scheme
        self.signers = (0..<size).compactMap { index in
            Ed25519Signer(
                votingSeed: TaggedHash.digest("TEST-VOTING", [UInt8(index)]),
                shareSeed: TaggedHash.digest("TEST-SHARE", [UInt8(index)])
            )
        }
        let members = self.signers.enumerated().map { $1.member(ReplicaID(UInt16($0))) }
        guard let committee = Committee(epoch: 0, members: members) else { throw ProtocolFailure(.format, "committee") }
        self.committee = committee
        self.logs = Array(repeating: [], count: size)
        self.delivered = Array(repeating: [], count: size)
        self.timers = Array(repeating: [], count: size)
        self.replicas = (0..<size).map { self.fresh($0, configuration) }
    }

    func fresh(_ index: Int, _ configuration: ReplicaConfiguration = ReplicaConfiguration()) -> Replica {
        Replica(
            id: ReplicaID(UInt16(index)),
            chain: Self.chain,
            genesis: (TestReader.genesis, self.committee),
            configuration: configuration,
            signer: self.signers[index],
            scheme: self.scheme
        )
    }

    var verifier: MessageVerifier { self.replicas[0].verifier }

    func slot(_ block: Block, view: View = 0) -> Slot {
        Slot(epoch: 0, view: view, height: block.height, block: block.hash, parent: block.parent)
    }

    func prepare(_ slot: Slot, by index: Int) -> Prepare {
        Prepare(signing: slot, as: ReplicaID(UInt16(index)), in: Self.chain, with: self.signers[index])
    }

    func commit(_ slot: Slot, by index: Int) -> Commit {
        Commit(signing: slot, as: ReplicaID(UInt16(index)), in: Self.chain, with: self.signers[index])
    }

    func certificate(_ slot: Slot, by indices: [Int]) -> PreparedCertificate {
        let votes = indices.map { self.prepare(slot, by: $0) }
        return PreparedCertificate(
            slot: slot,
            votes: votes.map { PreparedCertificate.Vote(replica: $0.replica, signature: $0.signature) }
        )
    }

    func quorumCertificate(_ slot: Slot, by indices: [Int] = [0, 1, 2]) -> QuorumCertificate {
        QuorumCertificate(
            joining: indices.map { self.commit(slot, by: $0) },
            committee: self.committee,
            scheme: Ed25519Scheme()
        )
    }

    func viewChange(to view: View, prepared: [PreparedCertificate] = [], by index: Int) -> ViewChange {
        ViewChange(
            epoch: 0,
            view: view,
            stable: StablePoint(genesis: TestReader.genesis),
            prepared: prepared,
            signingAs: ReplicaID(UInt16(index)),
            in: Self.chain,
            with: self.signers[index]
        )
    }

    func newView(_ view: View, _ viewChanges: [ViewChange], by index: Int) -> NewView {
        NewView(
            epoch: 0,
            view: view,
            viewChanges: viewChanges,
            signingAs: ReplicaID(UInt16(index)),
            in: Self.chain,
            with: self.signers[index]
        )
    }

    /// One event at one replica; its effects are done, its messages wait.
    @discardableResult
    mutating func step(_ index: Int, _ event: Event) throws -> [Effect] {
        let effects = self.replicas[index].step(event)
        for effect in effects {
            switch effect {
            case .persist(let record): self.logs[index].append(record)
            case .send(let message, let peer): self.post(message, from: index, to: Int(peer.number))
            case .broadcast(let message):
                self.sent.append((index, message))
                for peer in self.replicas.indices where peer != index { self.post(message, from: index, to: peer) }
            case .startTimer(let token, _):
                self.timers[index].removeAll { $0.kind == token.kind }
                self.timers[index].append(token)
            case .validate(let block): try self.step(index, .validated(block.hash, isValid: true))
            case .build(let height, let parent):
                let block = height <= 3 ? try TestReader.block(height: height, parent: parent) : nil
                try self.step(index, .built(block, height: height, parent: parent))
            case .deliver(let block): self.delivered[index].append(block)
            case .report(let evidence): self.evidence.append(evidence)
            case .serveBlocks(let height, let peer):
                let blocks = self.delivered[index].filter { $0.block.height >= height }
                self.post(.blocks(blocks), from: index, to: Int(peer.number))
            case .alarm(let alarm): self.alarms.append(alarm)
            case .fetchSnapshot: break
            }
        }
        return effects
    }

    private mutating func post(_ message: Message, from: Int, to: Int) {
        guard !self.isolated.contains(from), !self.isolated.contains(to) else { return }
        self.inbox.append((from, to, message))
    }

    /// Loses everything that is on its way.
    mutating func loseMessages() { self.inbox = [] }

    /// Delivers messages until none is left.
    mutating func settle() throws {
        while !self.inbox.isEmpty {
            let next = self.inbox.removeFirst()
            try self.hand(next.message, to: next.to, from: next.from)
        }
    }

    /// Verifies a message and gives it to a replica.
    @discardableResult
    mutating func hand(_ message: Message, to index: Int, from sender: Int) throws -> [Effect] {
        let verified = try self.replicas[index].verifier.verify(message, from: ReplicaID(UInt16(sender)))
        return try self.step(index, .message(verified))
    }

    /// Lets a running timer of this kind go off.
    mutating func fire(_ kind: TimerToken.Kind, at index: Int) throws {
        guard let token = self.timers[index].first(where: { $0.kind == kind }) else { return }
        self.timers[index].removeAll { $0 == token }
        try self.step(index, .timer(token))
    }

    /// Three blocks are proposed and committed by everybody who is connected.
    mutating func commitThreeBlocks() throws {
        for index in self.replicas.indices { try self.step(index, .work(isPending: true)) }
        try self.settle()
    }
}
