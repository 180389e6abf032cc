import CanonicalBytes
import Consensus
import ConsensusSimulation

/// A replica, number 0, among one liar with a valid key, peers that sign each place once, and an indifferent
/// ledger: whatever comes in, it must keep its own word, show a chain, accuse nobody but the liar and stay small.
struct ReplicaExercise {
    private static let effectsMax = 4_096
    /// The members that hand messages over, and a peer that is none.
    private static let senders = 5

    private var random: Randomness
    private var guide: MessageMaker
    private var replica: Replica
    private var verifier: MessageVerifier
    private var log: [LogRecord] = []
    private var delivered: [CertifiedBlock] = []
    private var timers: [TimerToken] = []
    private var answers: [Event] = []
    private var ownVotes: [OwnVote] = []
    private var fault: String?

    private struct OwnVote: Hashable {
        let kind: UInt8
        let slot: Slot
    }

    init?(_ random: Randomness) {
        guard let consortium = FuzzConsortium() else { return nil }
        var random = random
        self.guide = MessageMaker(consortium, liar: UInt16(1 + random.below(3)), random)
        self.random = random
        self.replica = Self.fresh(consortium)
        self.verifier = self.replica.verifier
    }

    private static func fresh(_ consortium: FuzzConsortium) -> Replica {
        var configuration = ReplicaConfiguration()
        configuration.window = 3
        return Replica(
            id: ReplicaID(0),
            chain: FuzzConsortium.chain,
            genesis: (FuzzConsortium.genesis, consortium.committee),
            configuration: configuration,
            signer: FuzzConsortium.keys.signer(ReplicaID(0)),
            scheme: FuzzConsortium.keys.scheme
        )
    }

    /// Lets 10 to 60 things happen, one of them the payload as a message of the liar's.
    mutating func run(_ payload: [UInt8]) -> Verdict {
        self.step(.start)
        let count = 10 + self.random.below(50)
        let place = self.random.below(count)
        for number in 0..<count where self.fault == nil {
            if number == place, let message = try? Message(bytes: payload, blocks: FuzzReader()) {
                self.hand(self.guide.resigned(message))
            } else {
                self.happen()
            }
        }
        if let fault = self.fault { return .broken(fault) }
        return self.delivered.isEmpty ? .refused("no block") : .accepted
    }

    private mutating func happen() {
        switch self.random.below(20) {
        case 0..<13: self.hand(self.guide.message(for: self.replica))
        case 13..<16:
            guard !self.answers.isEmpty else { return self.step(.work(isPending: true)) }
            self.step(self.answers.remove(at: self.random.below(self.answers.count)))
        case 16, 17:
            guard !self.timers.isEmpty else { return }
            self.step(.timer(self.timers.remove(at: self.random.below(self.timers.count))))
        case 18: self.step(self.random.once(in: 3) ? .complaint : .work(isPending: self.random.once(in: 2)))
        default: self.restart()
        }
    }

    /// The way of a message from a peer.
    private mutating func hand(_ message: Message) {
        let sender = ReplicaID(self.random.once(in: 20) ? 9 : UInt16(1 + self.random.below(4)))
        do throws(VerificationFailure) {
            self.step(.message(try self.verifier.verify(message, from: sender)))
        } catch {
            if error == .badCertificate, let evidence = self.verifier.evidence(in: message) { self.judge(evidence) }
        }
    }

    private mutating func step(_ event: Event) {
        let effects = self.replica.step(event)
        self.verifier = self.replica.verifier
        if effects.count > Self.effectsMax { self.fault = "\(effects.count) effects of one event" }
        for effect in effects { self.perform(effect) }
        let held = self.replica.heldObjects
        if held > self.replica.heldObjectsMax(senders: Self.senders) { self.fault = "\(held) objects kept" }
    }

    private mutating func perform(_ effect: Effect) {
        switch effect {
        case .persist(let record): self.log.append(record)
        case .broadcast(.prePrepare(let proposal)): self.note(1, proposal.slot)
        case .broadcast(.prepare(let vote)): self.note(1, vote.slot)
        case .broadcast(.commit(let vote)): self.note(2, vote.slot)
        case .startTimer(let token, _):
            self.timers.removeAll { $0.kind == token.kind }
            self.timers.append(token)
        case .validate(let block):
            let isValid = !self.random.once(in: 10)
            self.answers.append(.validated(block.hash, isValid: isValid))
        case .build(let height, let parent):
            let block = self.random.once(in: 10) ? nil : self.guide.block(height, on: parent)
            self.answers.append(.built(block, height: height, parent: parent))
        case .deliver(let certified): self.show(certified)
        case .report(let evidence): self.judge(evidence)
        default: break
        }
    }

    /// The replica's own votes: one for each kind and place, also after restarts.
    private mutating func note(_ kind: UInt8, _ slot: Slot) {
        if self.ownVotes.contains(where: { $0.kind == kind && $0.slot.contradicts(slot) }) {
            self.fault = "two votes at height \(slot.height) of view \(slot.view)"
        }
        self.ownVotes.append(OwnVote(kind: kind, slot: slot))
    }

    private mutating func show(_ certified: CertifiedBlock) {
        let last = self.delivered.last?.block
        if certified.block.height != (last?.height ?? 0) + 1
            || certified.block.parent != last?.hash ?? FuzzConsortium.genesis
        {
            self.fault = "height \(certified.block.height) does not follow"
        }
        if !self.verifier.isValid(certified.certificate) { self.fault = "a block without a certificate" }
        self.delivered.append(certified)
    }

    private mutating func judge(_ evidence: Evidence) {
        if evidence.culprit != ReplicaID(self.guide.liar) { self.fault = "\(evidence.culprit) is framed" }
        let stands = evidence.holds(
            chain: FuzzConsortium.chain,
            committees: self.replica.committees,
            scheme: FuzzConsortium.keys.scheme
        )
        if !stands { self.fault = "evidence that does not hold" }
    }

    /// Stops and starts from the block store and the log, whole or in its short form.
    private mutating func restart() {
        if self.random.once(in: 2) { self.log = self.replica.compactLog }
        let consortium = self.guide.consortium
        var committees = CommitteeHistory(genesis: consortium.committee)
        for certified in self.delivered {
            if let next = certified.block.nextCommittee { committees.follow(next, after: certified.block.height) }
        }
        let tip = self.delivered.last.map { StablePoint(certificate: $0.certificate) }
        self.replica = Self.fresh(consortium)
        self.replica.recover(
            Recovery(
                tip: tip ?? StablePoint(genesis: FuzzConsortium.genesis),
                committees: committees,
                records: self.log
            )
        )
        self.timers = []
        self.answers = []
        self.step(.start)
    }
}
