import CanonicalBytes
import Consensus
import Ledger
import PeerTransport

/// Decides what a faulty validator says: what its correct replica wanted to say, bent, and things out of the blue.
///
/// It has its own keys and all that it has heard; it cannot sign for others.
struct Conduct: Sendable {
    private static let heardMax = 64

    /// What the replica last told of itself in a channel.
    struct Standing: Sendable {
        var status: Status?
        /// Its last view change, from which others are forged.
        var viewChange: ViewChange?
    }

    let number: ReplicaID
    let signer: any ReplicaSigner
    let committee: Committee
    let peers: [UInt16]
    let contexts: [Channel: ChainContext]
    private let reader: FrameReader
    private let agenda: Agenda
    var random: SeededGenerator
    var active: Set<Behaviour> = []
    private var ticksUntilChange = 0
    private var done: [Behaviour: Int] = [:]
    private var heard: [Outgoing] = []
    var standing: [Channel: Standing] = [:]
    /// Blocks of its own making, which others will ask for.
    var forged: [BlockHash: (channel: Channel, block: Block)] = [:]
    var forgedOrder: [BlockHash] = []
    var voted: Set<Slot> = []

    init(number: ReplicaID, genesis: Genesis, signer: any ReplicaSigner, agenda: Agenda, seed: UInt64) {
        self.number = number
        self.signer = signer
        self.committee = genesis.committee
        self.peers = genesis.committee.members.map(\.id.number).filter { $0 != number.number }
        self.contexts = Dictionary(uniqueKeysWithValues: Channel.allCases.map { ($0, genesis.context(of: $0)) })
        self.reader = FrameReader(chain: Array(genesis.chain.utf8))
        self.agenda = agenda
        self.random = SeededGenerator(seed: seed)
        if case .fixed(let behaviours) = agenda { self.active = Set(behaviours) }
    }

    mutating func takeDeeds() -> [Behaviour: Int] {
        defer { self.done = [:] }
        return self.done
    }

    mutating func note(_ behaviour: Behaviour) { self.done[behaviour, default: 0] += 1 }

    /// Whether it does this now; counts it.
    mutating func does(_ behaviour: Behaviour, _ share: Int = 1_000) -> Bool {
        guard self.active.contains(behaviour), self.random.chance(share) else { return false }
        self.note(behaviour)
        return true
    }

    // MARK: - What the replica says

    /// What leaves instead of an honest frame.
    mutating func bend(_ honest: Outgoing) -> [Outgoing] {
        if self.does(.mute) { return [] }
        if self.active.contains(.withhold) {
            let isLost = honest.kind == WireKind.transactions || honest.kind == WireKind.proposal
            if isLost || self.random.chance(500) {
                self.note(.withhold)
                return []
            }
        }
        guard let (channel, message) = self.reader.message(kind: honest.kind, honest.bytes) else {
            return honest.kind == WireKind.snapshot ? [self.bend(snapshot: honest)] : [honest]
        }
        self.remember(honest)
        switch message {
        case .prePrepare(let proposal): return self.bend(proposal, channel, honest)
        case .viewChange(let viewChange): return self.bend(viewChange, channel, honest)
        case .blocks(let blocks): return self.bend(blocks, channel, honest)
        case .status(let status):
            self.standing[channel, default: Standing()].status = status
            return [honest]
        default: return [honest]
        }
    }

    private mutating func remember(_ frame: Outgoing) {
        if self.heard.count < Self.heardMax {
            self.heard.append(frame)
        } else {
            self.heard[Int.random(in: 0..<Self.heardMax, using: &self.random)] = frame
        }
    }

    // MARK: - What others say

    /// What it adds on hearing a frame.
    mutating func hear(_ frame: PeerFrame) -> [Outgoing] {
        guard !self.active.contains(.mute), let (channel, message) = self.reader.message(kind: frame.kind, frame.bytes)
        else { return [] }
        self.remember(Outgoing(message, in: channel, to: []))
        switch message {
        case .prePrepare(let proposal): return self.voteTwice(proposal.slot, channel)
        case .prepare(let vote): return self.voteTwice(vote.slot, channel)
        case .bodyRequest(let hash):
            guard let found = self.forged[hash], found.channel == channel else { return [] }
            return [Outgoing(.body(found.block), in: channel, to: [frame.from])]
        case .blockRequest(let height): return self.forgeBlocks(from: height, channel, to: frame.from)
        default: return []
        }
    }

    // MARK: - Out of the blue

    /// Every 100 ms.
    mutating func tick() -> [Outgoing] {
        self.change()
        if self.active.contains(.mute) { return [] }
        var outgoing: [Outgoing] = []
        for channel in Channel.allCases where self.does(.views, 200) {
            outgoing += self.forgedViews(channel)
        }
        for channel in Channel.allCases where self.does(.forgedHistory, 20) {
            outgoing.append(self.unaskedSnapshot(channel))
        }
        if self.active.contains(.replay) { outgoing += self.repetitions(4, as: .replay) }
        if self.active.contains(.flood) { outgoing += self.repetitions(30, as: .flood) + self.questions(20) }
        if self.active.contains(.garbage) { outgoing += self.garbage() }
        return outgoing
    }

    private mutating func change() {
        guard case .changing = self.agenda else { return }
        self.ticksUntilChange -= 1
        guard self.ticksUntilChange < 0 else { return }
        self.ticksUntilChange = Int.random(in: 20...80, using: &self.random)
        self.active = []
        // In a fixed order, so that a seed repeats it.
        for behaviour in Behaviour.allCases where self.random.chance(behaviour.share) {
            self.active.insert(behaviour)
        }
    }

    private mutating func repetitions(_ count: Int, as behaviour: Behaviour) -> [Outgoing] {
        var frames: [Outgoing] = []
        for _ in 0..<count {
            guard let old = self.heard.randomElement(using: &self.random) else { break }
            self.note(behaviour)
            frames.append(
                Outgoing(bytes: old.bytes, kind: old.kind, frameClass: old.frameClass, peers: self.somebody())
            )
        }
        return frames
    }

    /// Something that was said before; not empty.
    mutating func repetition() -> Outgoing? {
        self.heard.randomElement(using: &self.random).flatMap { $0.bytes.isEmpty ? nil : $0 }
    }

    /// One to all peers.
    mutating func somebody() -> [UInt16] {
        let count = Int.random(in: 1...max(1, self.peers.count), using: &self.random)
        return Array(self.peers.shuffled(using: &self.random).prefix(count))
    }
}
