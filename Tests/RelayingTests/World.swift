import IBTP

@testable import Relaying

/// What goes wrong in a world.
struct Troubles {
    /// Percent of answers that get lost; what was asked has happened or not.
    var lost: UInt64 = 0
    /// Percent of submissions that happen twice.
    var doubled: UInt64 = 0
    /// Percent of ticks in which a gateway is killed.
    var kills: UInt64 = 0
    /// Percent of questions that fail.
    var failures: UInt64 = 0
    /// Longest time that an action takes, in ticks; others overtake it.
    var latency: UInt64 = 4
    /// Percent of ticks in which a committee changes.
    var handovers: UInt64 = 0
    /// Blocks after which nobody has a block any more; nil: never.
    var prunedAfter: UInt64?
    /// Whether a restarted gateway has lost its height and begins at the first block.
    var forgetsHeight = false
    /// Percent of calls that fail at their service.
    var failingCalls: UInt64 = 20
    /// Ticks that a service takes at most.
    var serviceTime: UInt64 = 20
}

/// Application chains, one relay chain and gateways, with a clock of ticks.
final class World {
    let relay = ModelRelay()
    private(set) var applications: [String: ModelApplication] = [:]
    let names: [String]
    private(set) var gateways: [ModelGateway] = []
    var troubles: Troubles
    var chance: Chance
    private(set) var now: UInt64 = 0
    private var events: [UInt64: [() -> Void]] = [:]
    /// Who has the lease of a chain's lane, and until when.
    var leases: [String: (holder: Int, until: UInt64)] = [:]
    private(set) var kills = 0
    var watch: ((World) -> Void)?

    init(seed: UInt64, chains names: [String] = ["a", "b"], gateways count: Int = 1, _ troubles: Troubles = Troubles())
    {
        self.chance = Chance(seed: seed)
        self.troubles = troubles
        self.names = names
        for name in names { self.applications[name] = ModelApplication(name) }
        for name in names {
            for _ in 0..<count {
                self.gateways.append(ModelGateway(self, chain: name, number: self.gateways.count, shares: count > 1))
            }
        }
    }

    func application(_ name: String) -> ModelApplication {
        guard let chain = self.applications[name] else { preconditionFailure("no chain of this name") }
        return chain
    }

    func setUnordered(_ pair: ServicePair) {
        self.relay.unordered.insert(pair)
        for name in self.names { self.application(name).unordered.insert(pair) }
    }

    func at(_ ticks: UInt64, _ body: @escaping () -> Void) {
        self.events[self.now + max(1, ticks), default: []].append(body)
    }

    /// Lets time pass.
    func tick() {
        self.now += 1
        for event in self.events.removeValue(forKey: self.now) ?? [] { event() }
        self.finishCalls()
        if self.chance.happens(self.troubles.handovers) { self.changeCommittee() }
        for gateway in self.gateways {
            if self.chance.happens(self.troubles.kills) {
                gateway.kill()
                self.kills += 1
            }
            gateway.tick()
        }
        self.relay.close()
        for name in self.names { self.application(name).close() }
        self.watch?(self)
    }

    private func changeCommittee() {
        let place = Int(self.chance.below(UInt64(self.names.count + 1)))
        let chain: ModelChain = place < self.names.count ? self.application(self.names[place]) : self.relay
        chain.epoch += 1
    }

    private func finishCalls() {
        for name in self.names {
            let chain = self.application(name)
            for id in chain.waiting {
                let isSuccess = !self.chance.happens(self.troubles.failingCalls)
                self.at(1 + self.chance.below(self.troubles.serviceTime)) { chain.finish(id, isSuccess: isSuccess) }
            }
            chain.waiting = []
        }
    }

    /// Runs until nothing is left to do.
    ///
    /// - Returns: whether that came.
    func settle(within ticks: UInt64) -> Bool {
        let end = self.now + ticks
        while self.now < end {
            self.tick()
            if self.events.isEmpty, self.gateways.allSatisfy({ $0.isIdle }) { return true }
        }
        return false
    }

    /// What is not as it has to be when nothing is left to do.
    func faults() -> [String] {
        var faults: [String] = []
        for name in self.names {
            for id in self.application(name).opened { faults += self.faults(of: id) }
        }
        for gateway in self.gateways where !gateway.plan.isQuiet { faults.append("gateway \(gateway.number) holds on") }
        return faults
    }

    private func faults(of id: MessageID) -> [String] {
        let source = self.application(id.from.chain)
        let destination = self.application(id.to.chain)
        var faults: [String] = []
        let closings = source.closings[id] ?? []
        if closings.count != 1 { faults.append("\(id) was closed \(closings.count) times") }
        let calls = destination.calls[id] ?? 0
        let undoings = destination.undoings[id] ?? 0
        if calls > 1 || undoings > calls { faults.append("\(id): \(calls) calls, \(undoings) undoings") }
        if closings.first == .success, calls != 1 || undoings != 0 { faults.append("\(id) did not succeed") }
        guard let status = try? self.relay.book.status(of: id), status.isFinal else {
            return faults + ["\(id) is not over on the relay chain"]
        }
        if (status == .success) != (closings.first == .success) { faults.append("\(id): the ends differ") }
        return faults
    }
}
