internal import CanonicalBytes
package import Consensus

/// The ledger of the simulation: a block is a list of transaction numbers.
struct SimulatedBlock: Hashable, Sendable {
    var height: Height
    var parent: BlockHash
    var transactions: [UInt64]
    /// The state's root after execution: a block with another one is not valid.
    var root: UInt64 = 0
    /// Makes two blocks of the same content differ.
    var salt: UInt32 = 0
    var change: CommitteeChange?

    var payload: [UInt8] {
        var writer = CanonicalWriter(capacity: 80 + self.transactions.count * 8)
        writer.magic("SIMB")
        writer.u64(self.height)
        self.parent.write(to: &writer)
        writer.u64(self.root)
        writer.u32(self.salt)
        writer.u16(UInt16(self.transactions.count))
        for transaction in self.transactions { writer.u64(transaction) }
        writer.u8(self.change == nil ? 0 : 1)
        self.change?.write(to: &writer)
        return writer.bytes
    }

    init(height: Height, parent: BlockHash, transactions: [UInt64]) {
        self.height = height
        self.parent = parent
        self.transactions = transactions
    }

    init(payload: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(payload)
        try reader.magic("SIMB")
        self.height = try reader.u64()
        self.parent = try reader.blockHash()
        self.root = try reader.u64()
        self.salt = try reader.u32()
        let count = Int(try reader.u16())
        self.transactions = []
        for _ in 0..<count { self.transactions.append(try reader.u64()) }
        switch try reader.u8() {
        case 0: break
        case 1: self.change = try CommitteeChange(from: &reader)
        default: throw ProtocolFailure(.format, "neither a change nor none")
        }
        try reader.finish()
    }
}

/// A change of membership as the simulated governance writes it.
package struct CommitteeChange: Hashable, Sendable {
    package var epoch: CommitteeEpoch
    package var members: [ReplicaID]
    package var barred: [ReplicaID] = []
    package var blocksPerLeader: UInt64 = 0

    func committee(_ keys: KeyRing) -> Committee? {
        Committee(
            epoch: self.epoch,
            members: self.members.map(keys.member),
            barredFromLeading: self.barred,
            blocksPerLeader: self.blocksPerLeader
        )
    }

    func write(to writer: inout CanonicalWriter) {
        writer.u64(self.epoch)
        writer.u64(self.blocksPerLeader)
        writer.u16(UInt16(self.members.count))
        for id in self.members { writer.u16(id.number) }
        writer.u16(UInt16(self.barred.count))
        for id in self.barred { writer.u16(id.number) }
    }

    init(epoch: CommitteeEpoch, members: [ReplicaID], barred: [ReplicaID] = [], blocksPerLeader: UInt64 = 0) {
        self.epoch = epoch
        self.members = members
        self.barred = barred
        self.blocksPerLeader = blocksPerLeader
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.epoch = try reader.u64()
        self.blocksPerLeader = try reader.u64()
        self.members = []
        for _ in 0..<(try reader.u16()) { self.members.append(ReplicaID(try reader.u16())) }
        for _ in 0..<(try reader.u16()) { self.barred.append(ReplicaID(try reader.u16())) }
    }
}

/// Reads simulated blocks.
struct SimulatedReader: BlockReader {
    let keys: KeyRing

    func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block {
        try self.block(SimulatedBlock(payload: payload), payload)
    }

    func block(_ simulated: SimulatedBlock) throws(ProtocolFailure) -> Block {
        try self.block(simulated, simulated.payload)
    }

    private func block(_ simulated: SimulatedBlock, _ payload: [UInt8]) throws(ProtocolFailure) -> Block {
        var next: Committee?
        if let change = simulated.change {
            next = change.committee(self.keys)
            try require(next != nil, .format, "no committee")
        }
        return Block(
            height: simulated.height,
            parent: simulated.parent,
            hash: Self.hash(payload),
            nextCommittee: next,
            payload: payload
        )
    }

    static func hash(_ payload: [UInt8]) -> BlockHash {
        var writer = CanonicalWriter(capacity: 32)
        for seed in 1...4 as ClosedRange<UInt64> { writer.u64(fastHash(payload, seed: seed)) }
        return BlockHash(writer.bytes) ?? .zero
    }
}
