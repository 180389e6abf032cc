internal import Consensus

extension Simulation {
    mutating func apply(_ fault: Fault) {
        if self.isCalm {
            guard case .submit = fault else { return }
        }
        switch fault {
        case .partition(let groups): self.topology.partition(groups)
        case .heal: self.topology.heal()
        case .cut(let from, let to): self.topology.cut(from: from, to: to)
        case .slow(let from, let to, let microseconds): self.topology.slow(from: from, to: to, by: microseconds)
        case .quality(let quality): self.quality = quality
        case .crash(let number, let effects, let restart): self.scheduleCrash(number, effects, restart)
        case .restart(let number):
            for index in self.processes[ReplicaID(number)] ?? [] where !self.hosts[index].isUp { self.restart(index) }
        case .loseLog(let number):
            for index in self.processes[ReplicaID(number)] ?? [] {
                self.hosts[index].disk.lose()
                self.hosts[index].isLogLost = true
            }
        case .flipBit(let number, let choice):
            for index in self.processes[ReplicaID(number)] ?? [] { _ = self.hosts[index].disk.flip(choice) }
        case .crashInSnapshot(let number, let restart):
            for index in self.processes[ReplicaID(number)] ?? [] { self.hosts[index].crashInSnapshot = restart }
        case .submit(let count): self.submit(count)
        case .change(let change): self.propose(change)
        case .twinSides(let number, let first, let second):
            guard let twins = self.processes[ReplicaID(number)], twins.count == 2 else { return }
            self.sides[twins[0]] = first
            self.sides[twins[1]] = second
        case .censor(let number, let count):
            for index in self.processes[ReplicaID(number)] ?? [] {
                let next = UInt64(self.submitted.count) + 1
                self.hosts[index].application.censored = Set(next..<next + count)
            }
        case .split(let groups): self.split = groups
        }
    }

    private mutating func scheduleCrash(_ number: UInt16, _ effects: Int, _ restart: UInt64?) {
        for index in self.processes[ReplicaID(number)] ?? [] where self.hosts[index].isUp {
            self.hosts[index].effectsLeft = effects
            self.restartDelay[index] = restart
        }
    }

    private mutating func submit(_ count: Int) {
        for _ in 0..<count {
            let transaction = UInt64(self.submitted.count) + 1
            self.submitted.append(transaction)
            self.unsettled.append(transaction)
            self.known.insert(transaction)
        }
        let new = Array(self.submitted.suffix(count))
        for index in self.hosts.indices { self.offer(new, to: index) }
    }

    private mutating func offer(_ transactions: [UInt64], to index: Int) {
        guard self.hosts[index].isUp else { return }
        for transaction in transactions { self.hosts[index].application.submit(transaction, at: self.time) }
        self.tellWork(index, after: self.random.below(3_000))
    }

    private mutating func propose(_ change: CommitteeChange) {
        for index in self.hosts.indices {
            // A change that is already law somewhere is not offered again.
            guard self.hosts[index].replica.epoch < change.epoch else { continue }
            self.hosts[index].application.pendingChanges.append(change)
            self.tellWork(index, after: self.random.below(3_000))
        }
    }

    /// Clients look for their transactions and send them again; validators complain about what waits too long.
    mutating func tickClients() {
        self.queue.schedule(.clients, at: self.time + Self.clientPeriod)
        self.settle()
        for index in self.hosts.indices where self.hosts[index].isUp {
            self.offer(self.unsettled, to: index)
            guard let since = self.hosts[index].application.oldestWait else { continue }
            let start = max(since, self.hosts[index].patientSince)
            guard self.time > start + Self.complaintAfter else { continue }
            self.hosts[index].patientSince = self.time
            self.later(.complaint, index, after: 0)
        }
    }

    private mutating func settle() {
        let correct = self.hosts.indices.filter { self.isCorrect[$0] && self.hosts[$0].refusal == nil }
        self.unsettled.removeAll { transaction in
            correct.allSatisfy { self.hosts[$0].application.hasExecuted(transaction) }
        }
    }

    /// From here on the network works and every process runs.
    ///
    /// Faulty validators stay faulty.
    mutating func calm() {
        self.isCalm = true
        guard self.plan.healsAtCalm else { return }
        self.topology.heal()
        self.split = nil
        self.quality = .calm
        for index in self.hosts.indices {
            self.hosts[index].effectsLeft = nil
            self.hosts[index].crashInSnapshot = nil
            if !self.hosts[index].isUp { self.restart(index) }
        }
    }

    /// Whether every transaction is executed everywhere and all correct validators have the same chain.
    var isSettled: Bool {
        guard !self.plan.script.contains(where: { $0.time > self.time && $0.fault.isSubmission }) else { return false }
        let height = Height(self.monitor.chain.count)
        return self.hosts.indices.allSatisfy { index in
            guard self.isCorrect[index], self.hosts[index].isUp else { return true }
            let application = self.hosts[index].application
            return application.height == height && application.pendingChanges.isEmpty
                && self.unsettled.allSatisfy(application.hasExecuted)
        }
    }

    var stragglers: String {
        let height = self.monitor.chain.count
        let behind = self.hosts.indices.filter { self.isCorrect[$0] }.map { index in
            let host = self.hosts[index]
            return "\(host.id): height \(host.application.height) of \(height), view \(host.replica.view)"
                + (host.replica.isChangingView ? " wanted" : "") + ", waiting \(host.application.pool.count)"
        }
        return behind.joined(separator: "; ")
    }

    /// Measured from the calm, or a commit after it, to the next commit.
    private var longestStall: UInt64 {
        var last = self.plan.calmAt
        var longest: UInt64 = 0
        for time in self.monitor.commitTimes where time > last {
            longest = max(longest, time - last)
            last = time
        }
        return longest
    }

    mutating func conclusion() -> Outcome {
        self.settle()
        self.outcome.violation = self.monitor.violation
        self.outcome.height = Height(self.monitor.chain.count)
        self.outcome.transactions = self.submitted.count - self.unsettled.count
        self.outcome.viewChanges = self.monitor.viewChanges
        self.outcome.evidence = self.monitor.evidence
        self.outcome.archive = self.monitor.archive ?? []
        self.outcome.commitTimes = self.monitor.commitTimes
        self.outcome.settledAfter = self.time > self.plan.calmAt ? self.time - self.plan.calmAt : 0
        self.outcome.longestStall = self.longestStall
        for index in self.hosts.indices where self.isCorrect[index] {
            let host = self.hosts[index]
            self.outcome.mostBuffered = max(self.outcome.mostBuffered, host.mostBuffered)
            self.outcome.heights[host.id.number] = host.application.height
            self.outcome.stateHash = mix(self.outcome.stateHash ^ self.stateHash(of: host))
            self.outcome.epoch = max(self.outcome.epoch, host.replica.epoch)
            if let reason = host.refusal { self.outcome.refusals.append((host.id.number, reason)) }
            if host.replica.isSilent { self.outcome.silent.append(host.id.number) }
        }
        self.outcome.trace = mix(self.outcome.trace ^ UInt64(self.outcome.steps) ^ self.time)
        return self.outcome
    }
}

extension Simulation {
    private func stateHash(of host: Host) -> UInt64 {
        let state = host.application.state
        let place = mix(host.replica.view ^ host.replica.epoch << 48)
        return mix(UInt64(host.id.number) << 32 ^ state.height) ^ mix(state.root)
            ^ fastHash(state.hash.bytes, seed: place)
    }
}

extension Fault {
    fileprivate var isSubmission: Bool {
        if case .submit = self { true } else { false }
    }
}
