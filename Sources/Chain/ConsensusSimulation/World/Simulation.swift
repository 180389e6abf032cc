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
        case snapshotWritten(at: Int, life: Int)
        case snapshotRequest(from: Int, to: Int)
        indirect case snapshot([UInt8], to: Int)
        /// The process is killed.
        case death(Int, life: Int)
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
    /// Microseconds after the calm that no work can take.
    static let longestRun: UInt64 = 600_000_000

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
    /// Blocks that faulty validators have for final, for when a correct one goes on from their snapshot.
    var heldByFaulty: [Height: CertifiedBlock] = [:]
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
        if plan.keepsArchive { self.monitor.archive = [] }
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
        while self.monitor.violation == nil, let (time, happening) = self.queue.next() {
            if time > self.plan.calmAt && !self.isCalm { self.calm() }
            if time > self.end {
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

    /// When patience ends.
    private var end: UInt64 {
        let last = max(self.plan.calmAt, self.monitor.commitTimes.last ?? 0)
        return min(last + self.plan.patience, self.plan.calmAt + Self.longestRun)
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
        case .snapshotWritten(let index, let life): self.finishSnapshot(index, life)
        case .snapshotRequest(let from, let index): self.serveSnapshot(index, to: from)
        case .snapshot(let bytes, let index): self.install(bytes, index)
        case .death(let index, let life):
            if self.hosts[index].isUp && self.hosts[index].life == life { self.kill(index) }
        }
        return false
    }

    // MARK: - Processes

    mutating func step(_ index: Int, _ event: Event) {
        let effects = self.hosts[index].step(event, at: self.time)
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
        case .fetchSnapshot(let peer): self.requestSnapshot(index, from: peer)
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
            if !self.isCorrect[index] { self.heldByFaulty[certified.block.height] = certified }
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
        self.beginSnapshotIfDue(index)
    }

    mutating func tellWork(_ index: Int, after microseconds: UInt64) {
        let life = self.hosts[index].life
        self.queue.schedule(.work(at: index, life: life), at: self.time + microseconds)
    }

    private mutating func serve(from height: Height, _ index: Int, to peer: ReplicaID) {
        let blocks = self.hosts[index].application.store.blocks(from: height, max: Message.blocksPerAnswer)
        if !blocks.isEmpty { self.send(.blocks(blocks), from: index, to: [peer]) }
    }

    /// The process dies at this effect.
    ///
    /// A record that was being written is not there, whole or torn.
    private mutating func crash(_ index: Int, during effect: Effect) {
        if case .persist(let record) = effect {
            switch self.random.index(3) {
            case 0: break
            case 1: self.persist(record, index)
            default: self.hosts[index].disk.tear(record, share: self.random.index(1_000))
            }
        }
        self.kill(index)
    }

    private mutating func kill(_ index: Int) {
        self.hosts[index].crash(share: self.random.index(1_000))
        if let delay = self.restartDelay[index] { self.scheduleRestart(index, after: delay) }
    }

    mutating func scheduleRestart(_ index: Int, after microseconds: UInt64) {
        self.queue.schedule(.restart(index, life: self.hosts[index].life), at: self.time + microseconds)
    }

    /// What nobody has shown yet counts as shown by this start.
    private mutating func reviewStore(_ index: Int) {
        let known = self.known
        let unseen = Height(self.monitor.chain.count) + 1
        for certified in self.hosts[index].application.store.blocks(from: unseen, max: .max) {
            self.monitor.found(certified, by: self.hosts[index]) { known.contains($0) }
        }
    }

    mutating func restart(_ index: Int) {
        guard let ignored = self.hosts[index].restart() else { return }
        if self.isCorrect[index] {
            self.outcome.snapshotsIgnored += ignored
            self.reviewStore(index)
        }
        self.step(index, .start)
    }
}
