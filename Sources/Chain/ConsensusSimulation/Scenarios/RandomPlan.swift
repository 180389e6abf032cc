internal import Consensus

extension Plan {
    /// The plan of a random run: everything is drawn from the seed.
    ///
    /// `sizes` are the committees to draw from.
    package static func random(seed: UInt64, sizes: [Int] = [4, 5, 6, 7, 10]) -> Plan {
        var random = RandomSource(seed: seed ^ 0x5EED)
        let size = random.pick(sizes)
        let duration = random.within(800...2_400)
        var plan = Plan(name: "random", seed: seed, size: size, calmAtMilliseconds: duration)
        plan.configuration.window = random.pick([1, 2, 4, 4, 8])
        plan.configuration.progressTimeout = random.within(60...250)
        plan.blocksPerLeader = random.pick([0, 0, 0, 1, 3])
        plan.transactionsPerBlock = random.pick([1, 2, 5])
        plan.quality.loss = random.pick([0, 0, 2, 10, 30])
        plan.quality.duplication = random.pick([0, 5, 20])
        plan.quality.stalled = random.pick([0, 5, 20])
        plan.quality.delay = 300...random.pick([3_000, 10_000, 40_000])
        plan.submit(random.pick([1, 2, 4]), every: random.within(15...80), from: 20, to: duration)
        if random.chance(35) { plan.drawStorm(&random) }
        plan.snapshotEvery = random.pick([0, 0, 0, 3, 8, 20])
        plan.drawFaulty(&random)
        plan.drawDamage(&random, duration)
        if seed % 2 == 1 {
            // Views are opened for those who wait for one, as often as a run is long enough for.
            plan.configuration.waitingTicks = 3
            plan.configuration.favourTicks = 8
        }
        plan.drawPartitions(&random, duration)
        plan.drawCrashes(&random, duration)
        plan.drawChange(&random, duration)
        return plan
    }

    /// Time-outs as short as the network's delays and much loss: views change in the middle of everything.
    private mutating func drawStorm(_ random: inout RandomSource) {
        self.name = "storm"
        self.configuration.progressTimeout = random.within(12...50)
        self.configuration.tick = random.within(20...50)
        self.configuration.doublings = 6
        self.quality.loss = random.pick([10, 20, 30, 40])
        self.quality.stalled = random.pick([0, 10, 30])
        self.quality.delay = 300...random.pick([8_000, 20_000])
    }

    private var faults: Int { (self.size - 1) / 3 }

    /// Up to `f` faulty validators: twins, or a mixture of misdeeds.
    private mutating func drawFaulty(_ random: inout RandomSource) {
        let numbers = random.shuffle(Array(0..<UInt16(self.size)))
        // The first leaders are the interesting ones.
        let preferred = random.chance(50) ? Array(0..<UInt16(self.size)) : numbers
        for number in preferred.prefix(random.index(self.faults + 1)) {
            if random.chance(40) {
                self.twins.append(number)
            } else {
                var misdeeds = Misdeeds()
                for _ in 0..<random.within(1...4) { misdeeds.formUnion(random.pick(Misdeeds.all)) }
                if misdeeds.contains(.mute), random.chance(80) { misdeeds.remove(.mute) }
                self.faulty[number] = misdeeds
            }
        }
    }

    /// At times a log rots or is lost, and that validator is as good as faulty from its next start on.
    private mutating func drawDamage(_ random: inout RandomSource, _ duration: UInt64) {
        guard random.chance(12), self.faulty.count + self.twins.count < self.faults else { return }
        let correct = (0..<UInt16(self.size)).filter { self.faulty[$0] == nil && !self.twins.contains($0) }
        let victim = random.pick(correct)
        self.damaged = victim
        let time = random.within(50...duration)
        let restart = random.within(1_000...300_000)
        let choice = random.next()
        if choice % 2 == 0 {
            self.at(time, .flipBit(victim, choice: choice / 2))
            self.at(time, .crash(victim, afterEffects: 0, restartAfter: restart))
        } else {
            self.at(time, .crash(victim, afterEffects: 0, restartAfter: nil))
            self.at(time + 60, .loseLog(victim))
            self.at(time + 60 + restart / 1_000, .restart(victim))
            // Once it votes again, its next start must know what it voted for since.
            let again = time + 100 + restart / 1_000 + choice / 2 % 1_000
            self.at(again, .crash(victim, afterEffects: Int(choice % 23), restartAfter: 20_000))
        }
    }

    private mutating func drawPartitions(_ random: inout RandomSource, _ duration: UInt64) {
        let everybody = UInt32(1) << UInt32(self.size + 1) - 1
        var time = random.within(50...400)
        let isStormy = random.chance(50)
        while time < duration {
            if isStormy { self.at(time, self.drawNetworkFault(&random)) }
            for twin in self.twins {
                let first = UInt32(truncatingIfNeeded: random.next()) & everybody
                let second = random.chance(70) ? ~first & everybody : UInt32(truncatingIfNeeded: random.next())
                self.at(time - min(time, 40), .twinSides(twin, first: first, second: second))
            }
            time += self.name == "storm" ? random.within(10...120) : random.within(60...500)
        }
        if !self.twins.isEmpty { self.at(0, .twinSides(self.twins[0], first: 0x5555_5555, second: 0xAAAA_AAAA)) }
    }

    private func drawNetworkFault(_ random: inout RandomSource) -> Fault {
        let numbers = random.shuffle(Array(0..<UInt16(self.size)))
        switch random.index(6) {
        case 0, 1: return .heal
        case 2: return .partition([[numbers[0]], Array(numbers.dropFirst())])
        case 3:
            let cut = 1 + random.index(self.size - 1)
            return .partition([Array(numbers.prefix(cut)), Array(numbers.dropFirst(cut))])
        case 4: return .cut(from: numbers[0], to: numbers[1])
        default: return .slow(from: numbers[0], to: numbers[1], microseconds: random.within(20_000...300_000))
        }
    }

    /// Correct validators may crash, even all of them: nothing that was shown may be lost.
    private mutating func drawCrashes(_ random: inout RandomSource, _ duration: UInt64) {
        guard random.chance(60) else { return }
        for _ in 0..<random.within(1...6) {
            let victim = UInt16(random.index(self.size))
            let time = random.within(20...duration)
            let effects = random.index(25)
            let restart = random.chance(80) ? random.within(1_000...600_000) : nil
            self.at(time, .crash(victim, afterEffects: effects, restartAfter: restart))
            guard self.snapshotEvery > 0, random.chance(40) else { continue }
            self.at(time / 2, .crashInSnapshot(victim, restartAfter: restart ?? 40_000))
        }
        if random.chance(15) {
            let time = random.within(20...duration)
            for victim in 0..<UInt16(self.size) {
                let restart = random.within(10_000...300_000)
                self.at(time, .crash(victim, afterEffects: random.index(30), restartAfter: restart))
            }
        }
    }

    /// At times one validator comes and one goes.
    private mutating func drawChange(_ random: inout RandomSource, _ duration: UInt64) {
        guard random.chance(25) else { return }
        self.spare = 1
        let newcomer = UInt16(self.size)
        var members = Array(0..<newcomer)
        let faultyCount = self.faulty.count + self.twins.count + (self.damaged == nil ? 0 : 1)
        let correct = members.filter { self.faulty[$0] == nil && !self.twins.contains($0) }
        // Whoever goes, the next committee must bear its faulty members.
        let mayShrink = self.size > 4 && faultyCount <= (self.size - 2) / 3
        let leaver = random.pick(correct)
        switch random.index(3) {
        case 0 where mayShrink: members.removeAll { $0 == leaver }
        case 1: members = members.filter { $0 != leaver } + [newcomer]
        default: members.append(newcomer)
        }
        let change = CommitteeChange(
            epoch: 1,
            members: members.map { ReplicaID($0) },
            blocksPerLeader: random.pick([0, 2])
        )
        self.at(random.within(100...max(101, duration - 100)), .change(change))
    }
}
