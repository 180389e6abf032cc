internal import Consensus

/// A whole consortium in one process, under virtual time.
package struct Simulation {
    enum Happening: Sendable {
        case deliver(Envelope, to: Int)
        indirect case event(Event, at: Int, life: Int)
        /// The ledger tells whether transactions wait, as of then.
        case work(at: Int, life: Int)
        case restart(Int, life: Int)
        case fault(Int)
        /// Clients send again what is not committed.
        case clients
    }

    /// A message on its way; shared by all receivers of a broadcast.
    final class Envelope: Sendable {
        let message: Message
        let sender: ReplicaID

        init(_ message: Message, from sender: ReplicaID) {
            self.message = message
            self.sender = sender
        }
    }

    static let clientPeriod: UInt64 = 250_000
    static let complaintAfter: UInt64 = 2_500_000

    let plan: Plan
    let keys: KeyRing
    let correct: Set<ReplicaID>
    var queue = EventQueue<Happening>()
    var random: RandomSource
    var hosts: [Host] = []
    var adversaries: [Int: Adversary] = [:]
    var isCorrect: [Bool] = []
    /// Processes of one key; two for twins.
    var processes: [ReplicaID: [Int]] = [:]
    /// Which replicas reach which twin process.
    var sides: [Int: UInt32] = [:]
    var topology = Topology()
    var quality: LinkQuality
    var monitor: Monitor
    var time: UInt64 = 0
    var isCalm = false
    var submitted: [UInt64] = []
    var known: Set<UInt64> = []
    var outcome: Outcome
    /// Transactions that some correct validator has not executed yet.
    var unsettled: [UInt64] = []
    /// The group of each process while processes, not replicas, are split.
    var split: [UInt8]?
    var restartDelay: [Int: UInt64] = [:]

    /// Sets up a run.
    ///
    /// - Returns: nil when the plan describes no lawful committee.
    package init?(_ plan: Plan) {
        let keys = KeyRing(plan.signatures)
        let members = (0..<plan.size).map { keys.member(ReplicaID(UInt16($0))) }
        guard
            let genesis = Committee(
                epoch: 0,
                members: members,
                barredFromLeading: plan.barred.map { ReplicaID($0) },
                blocksPerLeader: plan.blocksPerLeader
            )
        else { return nil }
        let faulty = Set(plan.faulty.keys).union(plan.twins)
        let all = (0..<plan.size + plan.spare).map { ReplicaID(UInt16($0)) }
        let correct = Set(all.filter { !faulty.contains($0.number) })
        self.plan = plan
        self.keys = keys
        self.correct = correct
        self.random = RandomSource(seed: plan.seed)
        self.quality = plan.quality
        self.monitor = Monitor(keys: keys, correct: correct, genesis: genesis)
        self.outcome = Outcome(plan: plan)
        self.populate(all, genesis)
    }

    private mutating func populate(_ all: [ReplicaID], _ genesis: Committee) {
        let setting = Host.Setting(
            keys: self.keys,
            genesis: genesis,
            configuration: self.plan.configuration,
            broken: self.plan.broken,
            transactionsPerBlock: self.plan.transactionsPerBlock
        )
        for id in all {
            self.add(Host(id: id, setting: setting))
            if self.plan.twins.contains(id.number) { self.add(Host(id: id, setting: setting)) }
            if let misdeeds = self.plan.faulty[id.number] {
                let seed = self.random.next()
                self.adversaries[self.hosts.count - 1] = Adversary(
                    id: id,
                    misdeeds: misdeeds,
                    keys: self.keys,
                    seed: seed
                )
            }
        }
    }

    private mutating func add(_ host: Host) {
        // Two processes with one key build different blocks, as they would with their own clocks.
        host.application.salt = UInt32(self.hosts.count) * 100_000
        self.processes[host.id, default: []].append(self.hosts.count)
        self.isCorrect.append(self.correct.contains(host.id))
        self.hosts.append(host)
    }

    /// Runs the plan to its end, or to the first violation.
    package mutating func run() -> Outcome {
        for index in self.hosts.indices {
            self.queue.schedule(.event(.start, at: index, life: 0), at: self.random.below(10_000))
        }
        for (index, scripted) in self.plan.script.enumerated() {
            self.queue.schedule(.fault(index), at: scripted.time)
        }
        self.queue.schedule(.clients, at: Self.clientPeriod)
        let end = self.plan.calmAt + self.plan.patience
        while self.monitor.violation == nil, let (time, happening) = self.queue.next() {
            if time > self.plan.calmAt && !self.isCalm { self.calm() }
            if time > end {
                self.monitor.fail(.liveness, self.stragglers)
                break
            }
            self.time = time
            self.monitor.time = time
            self.outcome.steps += 1
            if self.handle(happening) { break }
        }
        return self.conclusion()
    }

    /// - Returns: whether the run is over.
    private mutating func handle(_ happening: Happening) -> Bool {
        switch happening {
        case .deliver(let envelope, let index): self.deliver(envelope, to: index)
        case .event(let event, let index, let life):
            if self.hosts[index].isUp && self.hosts[index].life == life { self.step(index, event) }
        case .work(let index, let life):
            guard self.hosts[index].isUp && self.hosts[index].life == life else { return false }
            self.step(index, .work(isPending: self.hosts[index].application.hasWork))
        case .restart(let index, let life):
            if !self.hosts[index].isUp && self.hosts[index].life == life { self.restart(index) }
        case .fault(let index): self.apply(self.plan.script[index].fault)
        case .clients:
            if self.isCalm && self.isSettled { return true }
            self.tickClients()
        }
        return false
    }

    // MARK: - Processes

    mutating func step(_ index: Int, _ event: Event) {
        let effects = self.hosts[index].replica.step(event)
        self.outcome.trace = mix(self.outcome.trace ^ self.time ^ UInt64(effects.count) << 48 ^ UInt64(index) << 40)
        for effect in effects {
            if let left = self.hosts[index].effectsLeft {
                if left <= 0 { return self.crash(index, during: effect) }
                self.hosts[index].effectsLeft = left - 1
            }
            self.perform(effect, index)
        }
        // Only here: in the middle of the effects the replica's state is ahead of the block store.
        if self.random.chance(self.plan.compaction) {
            self.hosts[index].disk.compact(self.hosts[index].replica.compactLog)
        }
    }

    private mutating func perform(_ effect: Effect, _ index: Int) {
        switch effect {
        case .persist(let record): self.persist(record, index)
        case .send(let message, let peer): self.send(message, from: index, to: [peer])
        case .broadcast(let message):
            let peers = self.hosts[index].replica.committee.members.map(\.id).filter { $0 != self.hosts[index].id }
            self.send(message, from: index, to: peers)
        case .startTimer(let token, let milliseconds):
            self.later(.timer(token), index, after: milliseconds * 1_000)
        case .validate(let block):
            let known = self.known
            let isValid = self.hosts[index].application.validate(block) { known.contains($0) }
            self.later(.validated(block.hash, isValid: isValid), index, after: self.random.within(50...1_500))
        case .build(let height, let parent):
            let block = self.hosts[index].application.build(height: height, parent: parent)
            let answer = Event.built(block, height: height, parent: parent)
            self.later(answer, index, after: self.random.within(50...1_500))
        case .deliver(let certified): self.expose(certified, index)
        case .serveBlocks(let height, let peer): self.serve(from: height, index, to: peer)
        case .fetchSnapshot: break
        case .report(let evidence):
            if self.isCorrect[index] { self.monitor.reported(evidence, by: self.hosts[index]) }
        case .alarm(let alarm):
            if self.isCorrect[index] { self.outcome.alarms.append(alarm) }
        }
    }

    mutating func later(_ event: Event, _ index: Int, after microseconds: UInt64) {
        let life = self.hosts[index].life
        self.queue.schedule(.event(event, at: index, life: life), at: self.time + microseconds)
    }

    private mutating func persist(_ record: LogRecord, _ index: Int) {
        if case .committed(let certified) = record {
            self.hosts[index].application.append(certified)
        } else {
            self.hosts[index].disk.append(record)
            if self.isCorrect[index] { self.monitor.logged(record, by: self.hosts[index]) }
        }
    }

    private mutating func expose(_ certified: CertifiedBlock, _ index: Int) {
        if self.isCorrect[index] {
            let known = self.known
            self.monitor.delivered(certified, by: self.hosts[index]) { known.contains($0) }
        }
        self.tellWork(index, after: 0)
    }

    mutating func tellWork(_ index: Int, after microseconds: UInt64) {
        let life = self.hosts[index].life
        self.queue.schedule(.work(at: index, life: life), at: self.time + microseconds)
    }

    private mutating func serve(from height: Height, _ index: Int, to peer: ReplicaID) {
        let chain = self.hosts[index].application.chain
        guard height > 0, height <= Height(chain.count) else { return }
        let blocks = chain[Int(height - 1)...].prefix(Message.blocksPerAnswer)
        self.send(.blocks(Array(blocks)), from: index, to: [peer])
    }

    /// The process dies at this effect.
    ///
    /// A record that was being written is whole or torn.
    private mutating func crash(_ index: Int, during effect: Effect) {
        if case .persist(let record) = effect, self.random.chance(50) { self.persist(record, index) }
        self.hosts[index].crash()
        if let delay = self.restartDelay[index] { self.scheduleRestart(index, after: delay) }
    }

    mutating func scheduleRestart(_ index: Int, after microseconds: UInt64) {
        self.queue.schedule(.restart(index, life: self.hosts[index].life), at: self.time + microseconds)
    }

    mutating func restart(_ index: Int) {
        self.hosts[index].restart()
        self.step(index, .start)
    }

    // MARK: - Network

    private mutating func deliver(_ envelope: Envelope, to index: Int) {
        guard self.hosts[index].isUp else { return }
        if var adversary = self.adversaries[index] {
            let extra = adversary.hear(envelope.message, from: envelope.sender, as: self.hosts[index].replica)
            self.adversaries[index] = adversary
            for outgoing in extra { self.transmit(outgoing.message, from: index, to: outgoing.to) }
        }
        do throws(VerificationFailure) {
            let verified = try self.hosts[index].replica.verifier.verify(envelope.message, from: envelope.sender)
            self.step(index, .message(verified))
            if self.isCorrect[index] {
                self.outcome.mostBuffered = max(self.outcome.mostBuffered, self.hosts[index].replica.bufferedMessages)
            }
        } catch {}
    }

    private mutating func send(_ message: Message, from index: Int, to peers: [ReplicaID]) {
        guard var adversary = self.adversaries[index] else {
            self.transmit(message, from: index, to: peers)
            return
        }
        let outgoing = adversary.bend(message, to: peers, as: self.hosts[index].replica)
        self.adversaries[index] = adversary
        for (bent, peer) in outgoing { self.transmit(bent, from: index, to: peer) }
    }

    private mutating func transmit(_ message: Message, from index: Int, to peer: ReplicaID) {
        self.transmit(message, from: index, to: [peer])
    }

    private mutating func transmit(_ message: Message, from index: Int, to peers: [ReplicaID]) {
        let host = self.hosts[index]
        self.monitor.sent(message, by: host, isCorrect: self.isCorrect[index])
        let envelope = Envelope(message, from: host.id)
        for peer in peers where peer != host.id {
            guard self.topology.connects(host.id.number, peer.number), self.reaches(index, peer) else { continue }
            for target in self.processes[peer] ?? [] where self.reaches(target, host.id) {
                if let split = self.split, split[index] != split[target] { continue }
                self.carry(envelope, from: host.id, to: target)
            }
        }
    }

    /// Whether this process (a twin's reaches only its side) is in touch with the replica.
    private func reaches(_ index: Int, _ replica: ReplicaID) -> Bool {
        guard let side = self.sides[index] else { return true }
        return side & 1 << UInt32(replica.number) != 0
    }

    private mutating func carry(_ envelope: Envelope, from sender: ReplicaID, to target: Int) {
        if self.random.chance(self.quality.loss) { return }
        let copies = self.random.chance(self.quality.duplication) ? 2 : 1
        for _ in 0..<copies {
            var delay = self.random.within(self.quality.delay)
            if self.random.chance(self.quality.stalled) { delay += self.random.below(self.quality.stall) }
            delay += self.topology.extraDelay(sender.number, self.hosts[target].id.number)
            self.queue.schedule(.deliver(envelope, to: target), at: self.time + delay)
        }
    }
}
