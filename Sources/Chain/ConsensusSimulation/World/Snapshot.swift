internal import CanonicalBytes
internal import Consensus

/// What executing blocks has led to.
struct SimulatedState: Sendable {
    private(set) var executed: Set<UInt64> = []
    /// Stands for the tree hash of a real ledger; blocks carry it.
    private(set) var root: UInt64 = 0
    /// The last executed block; nil at the genesis.
    private(set) var top: CertifiedBlock?
    /// The blocks that changed the membership: with them a newcomer gets from the genesis to today's committee.
    private(set) var handovers: [CertifiedBlock] = []

    var height: Height { self.top?.block.height ?? 0 }

    var hash: BlockHash { self.top?.block.hash ?? SimulatedWorld.genesis }

    /// The root after executing transactions on top of another root.
    static func root(_ below: UInt64, _ transactions: some Sequence<UInt64>) -> UInt64 {
        transactions.reduce(below) { $0 ^ mix($1 &+ 0x5747) }
    }

    init() {}

    fileprivate init(_ executed: Set<UInt64>, top: CertifiedBlock, handovers: [CertifiedBlock]) {
        self.executed = executed
        self.root = Self.root(0, executed)
        self.top = top
        self.handovers = handovers
    }

    mutating func execute(_ certified: CertifiedBlock) {
        self.top = certified
        if certified.block.nextCommittee != nil { self.handovers.append(certified) }
        guard let block = try? SimulatedBlock(payload: certified.block.payload) else { return }
        self.executed.formUnion(block.transactions)
        self.root = Self.root(self.root, block.transactions)
    }
}

/// A ledger's state in a file: on the own disk, or from a peer that nobody trusts.
struct Snapshot: Sendable {
    let state: SimulatedState

    init(_ state: SimulatedState) { self.state = state }

    /// The file; nil at the genesis, of which there is nothing to write.
    var bytes: [UInt8]? {
        guard let top = self.state.top else { return nil }
        var writer = CanonicalWriter(capacity: 1_024 + self.state.executed.count * 8)
        writer.magic("SIMS")
        writer.u16(UInt16(self.state.handovers.count))
        for handover in self.state.handovers { handover.write(to: &writer) }
        top.write(to: &writer)
        writer.u32(UInt32(self.state.executed.count))
        for transaction in self.state.executed.sorted() { writer.u64(transaction) }
        writer.u64(fastHash(writer.bytes, seed: 5))
        return writer.bytes
    }

    /// Reads a file; one that was not written to its end does not have its checksum.
    init(bytes: [UInt8], blocks reader: any BlockReader) throws(ProtocolFailure) {
        var input = CanonicalReader(bytes)
        try input.magic("SIMS")
        var handovers: [CertifiedBlock] = []
        for _ in 0..<(try input.u16()) { handovers.append(try CertifiedBlock(from: &input, blocks: reader)) }
        let top = try CertifiedBlock(from: &input, blocks: reader)
        var executed: Set<UInt64> = []
        for _ in 0..<(try input.u32()) { executed.insert(try input.u64()) }
        let expected = fastHash(input.consumed, seed: 5)
        try require(try input.u64() == expected, .format, "checksum")
        try input.finish()
        self.state = SimulatedState(executed, top: top, handovers: handovers)
    }

    /// Follows the changes of membership from what the validator knows, each certified by the committee before, to
    /// the committee that certified the top block, whose root must be the state's.
    ///
    /// - Returns: nil when anything is not proven.
    func proven(knowing known: CommitteeHistory, scheme: any SignatureScheme) -> CommitteeHistory? {
        var committees = known
        for handover in self.state.handovers {
            guard let next = handover.block.nextCommittee else { return nil }
            guard next.epoch > committees.current.epoch else { continue }
            guard next.isLawfulSuccessor(of: committees.current),
                Self.isCertified(handover, committees.current, scheme)
            else { return nil }
            committees.follow(next, after: handover.block.height)
        }
        guard let top = self.state.top, let committee = committees.committee(deciding: top.block.height),
            Self.isCertified(top, committee, scheme),
            let content = try? SimulatedBlock(payload: top.block.payload), content.root == self.state.root
        else { return nil }
        return committees
    }

    /// A file of a state in which something else was executed, with a right checksum: what a liar makes.
    static func adding(transaction: UInt64, to bytes: [UInt8], blocks reader: any BlockReader) -> [UInt8]? {
        guard let snapshot = try? Snapshot(bytes: bytes, blocks: reader), let top = snapshot.state.top else {
            return nil
        }
        let executed = snapshot.state.executed.union([transaction])
        return Snapshot(SimulatedState(executed, top: top, handovers: snapshot.state.handovers)).bytes
    }

    private static func isCertified(
        _ certified: CertifiedBlock,
        _ committee: Committee,
        _ scheme: any SignatureScheme
    ) -> Bool {
        certified.certificate.isValid(chain: SimulatedWorld.chain, committee: committee, scheme: scheme)
    }
}
