import CanonicalBytes
import Consensus
import Testing

@testable import ConsensusSimulation

/// The simulated disk: what a start makes of damaged files.
@Suite struct StorageTests {
    private let reader = SimulatedReader(keys: KeyRing(.fast))
    private let chain: [CertifiedBlock]
    private let committee: Committee

    init() throws {
        let keys = KeyRing(.fast)
        let genesis = try #require(Committee(epoch: 0, members: (0..<4).map { keys.member(ReplicaID($0)) }))
        self.committee = genesis
        var chain: [CertifiedBlock] = []
        var root: UInt64 = 0
        var members = genesis
        for height in 1...6 as ClosedRange<Height> {
            var block = SimulatedBlock(
                height: height,
                parent: chain.last?.block.hash ?? SimulatedWorld.genesis,
                transactions: [height * 2, height * 2 + 1]
            )
            root = SimulatedState.root(root, block.transactions)
            block.root = root
            if height == 3 { block.change = CommitteeChange(epoch: 1, members: (0...4).map { ReplicaID($0) }) }
            let made = try self.reader.block(block)
            chain.append(CertifiedBlock(block: made, certificate: Self.certificate(made, members)))
            if let next = made.nextCommittee { members = next }
        }
        self.chain = chain
    }

    private static func certificate(_ block: Block, _ committee: Committee) -> QuorumCertificate {
        let message = SimulatedWorld.chain.commitMessage(
            epoch: committee.epoch,
            view: 0,
            height: block.height,
            block: block.hash
        )
        let signers = committee.members.prefix(committee.quorum)
        return QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: committee.epoch,
            view: 0,
            height: block.height,
            block: block.hash,
            signers: [signers.indices.reduce(0) { $0 | 1 << UInt8($1) }],
            proof: signers.flatMap { FastSigner(id: $0.id).signShare(message) }
        )
    }

    private var records: [LogRecord] {
        (0..<4 as Range<UInt64>).map { number in
            let viewChange = ViewChange(
                epoch: 0,
                view: number,
                stable: StablePoint(genesis: SimulatedWorld.genesis),
                prepared: [],
                signingAs: ReplicaID(1),
                in: SimulatedWorld.chain,
                with: FastSigner(id: ReplicaID(1))
            )
            return .viewChange(viewChange)
        }
    }

    private var frames: [[UInt8]] { self.records.enumerated().map { LogImage.frame($1, number: $0) } }

    @Test("a log that was cut off anywhere is a beginning of itself")
    func torn() {
        let whole = Array(self.frames.joined())
        for length in whole.indices {
            guard case .records(let read, let torn) = LogImage.read(Array(whole[..<length]), blocks: self.reader) else {
                Issue.record("damaged at \(length)")
                continue
            }
            #expect(read == Array(self.records.prefix(read.count)))
            #expect(torn == length - self.frames.prefix(read.count).joined().count)
        }
    }

    @Test("every bit that turns over before the last record is found")
    func flipped() {
        let frames = self.frames
        let whole = Array(frames.joined())
        let last = whole.count - (frames.last?.count ?? 0)
        for position in 0..<last {
            for bit in 0..<8 as Range<UInt8> {
                var changed = whole
                changed[position] ^= 1 << bit
                guard case .damaged(let frame, let offset) = LogImage.read(changed, blocks: self.reader) else {
                    Issue.record("bit \(bit) of byte \(position) is not noticed")
                    continue
                }
                #expect(frames.prefix(frame).joined().count == offset)
                #expect(offset <= position && position < offset + frames[frame].count)
            }
        }
    }

    private func state(upTo height: Int) -> SimulatedState {
        var state = SimulatedState()
        for certified in self.chain.prefix(height) { state.execute(certified) }
        return state
    }

    private func proven(_ bytes: [UInt8]) -> CommitteeHistory? {
        (try? Snapshot(bytes: bytes, blocks: self.reader))?
            .proven(knowing: CommitteeHistory(genesis: self.committee), scheme: FastScheme())
    }

    @Test("a snapshot proves itself to somebody who knows the genesis only, across a change of membership")
    func snapshot() throws {
        let bytes = try #require(Snapshot(self.state(upTo: 6)).bytes)
        #expect(self.proven(bytes)?.current.size == 5)
        let early = try #require(Snapshot(self.state(upTo: 2)).bytes)
        #expect(self.proven(early)?.current.size == 4)
    }

    @Test("a snapshot that was not written to its end is none")
    func halfSnapshot() throws {
        let bytes = try #require(Snapshot(self.state(upTo: 6)).bytes)
        for length in bytes.indices {
            #expect(throws: ProtocolFailure.self) { try Snapshot(bytes: Array(bytes[..<length]), blocks: self.reader) }
        }
    }

    @Test("a snapshot with another state than the certified one is refused")
    func lyingSnapshot() throws {
        let bytes = try #require(Snapshot(self.state(upTo: 6)).bytes)
        let lie = try #require(Snapshot.adding(transaction: 99, to: bytes, blocks: self.reader))
        #expect(self.proven(lie) == nil)
    }

    @Test("a half-written snapshot is passed over and the one before is used")
    func recovery() throws {
        var store = BlockStore()
        for (index, certified) in self.chain.enumerated() {
            store.append(certified)
            guard (index + 1).isMultiple(of: 2) else { continue }
            store.beginSnapshot(Snapshot(self.state(upTo: index + 1)))
            if index < 5 { store.finishSnapshot() }
        }
        #expect(store.base == 2)
        store.crash(share: 700)
        #expect(store.snapshots.count == 3)
        let (state, ignored) = store.recover(blocks: self.reader)
        #expect(ignored == 1)
        #expect(store.snapshots.map(\.height) == [2, 4])
        #expect(state?.root == self.state(upTo: 6).root)
        #expect(store.blocks(from: 2, max: 9).isEmpty)
        #expect(store.blocks(from: 3, max: 2).map(\.block.height) == [3, 4])
    }
}
