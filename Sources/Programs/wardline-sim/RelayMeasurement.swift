internal import Incentives

/// What playing a strategy brought on average, with the future that those who kept their place have.
struct RelayMeasurement {
    let strategy: RelayStrategy
    /// Average of a round and of the honest rounds after it.
    let value: Double
    /// Of the average; at least what one outcome more would change that chance has not brought yet.
    let standardError: Double
    let ejected: Double
    /// What the conditions' terms say.
    let closedForm: Double

    /// Whether it is better than another beyond what chance explains.
    func isBetter(than other: RelayMeasurement) -> Bool {
        self.value - other.value > RelayMeasurement.significance * self.doubt(beside: other)
    }

    /// Whether the contract pays what the closed form says.
    var fitsForm: Bool {
        abs(self.value - self.closedForm) <= 5 * self.standardError + 1e-6 * abs(self.closedForm) + 1e-6
    }

    private static let significance = 3.0

    private func doubt(beside other: RelayMeasurement) -> Double {
        (self.standardError * self.standardError + other.standardError * other.standardError).squareRoot()
    }
}

/// Plays strategies and measures them.
struct RelayMeasurements {
    let parameters: IncentiveParameters
    let world: RelayForms.World
    let seed: UInt64
    let rounds: Int

    /// One measurement for each strategy, honest relay first.
    func all(_ strategies: [RelayStrategy] = RelayStrategy.allCases) throws -> [RelayMeasurement] {
        var future = 0.0
        var found: [RelayMeasurement] = []
        for (place, strategy) in ([.honest] + strategies.filter { $0 != .honest }).enumerated() {
            var market = try RelayMarket(self.parameters, self.world, seed: self.seed &+ UInt64(place) &* 1_000_003)
            var played: [RelayMarket.Round] = []
            for _ in 0..<self.rounds(of: strategy) { played.append(try market.play(strategy)) }
            if strategy == .honest {
                let discount = self.parameters.game.discount.number
                future = discount / (1 - discount) * played.map(\.payoff).reduce(0, +) / Double(played.count)
            }
            found.append(self.measurement(of: strategy, played, future))
        }
        return found
    }

    /// What depends on no chance, or on a certain one, needs fewer messages.
    private func rounds(of strategy: RelayStrategy) -> Int {
        switch strategy {
        case .honest, .collude, .selfReport: max(100, self.rounds / 20)
        case .late, .lazy, .drop, .censor, .forge: self.rounds
        }
    }

    /// What a rare outcome takes or gives at most.
    private func rarest(_ strategy: RelayStrategy, _ future: Double) -> Double {
        let game = self.parameters.game
        switch strategy {
        case .honest, .collude, .selfReport: return 0
        case .late: return game.reward.number
        case .lazy, .drop, .censor: return abs(future) + game.deposit.number
        case .forge: return game.forgeryAcceptance > .zero ? game.forgeryGain.number : 0
        }
    }

    private func measurement(
        of strategy: RelayStrategy,
        _ played: [RelayMarket.Round],
        _ future: Double
    ) -> RelayMeasurement {
        let count = Double(played.count)
        let values = played.map { $0.payoff + ($0.isEjected ? 0 : future) }
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
        return RelayMeasurement(
            strategy: strategy,
            value: mean,
            standardError: max((variance / count).squareRoot(), self.rarest(strategy, future) / count),
            ejected: Double(played.count { $0.isEjected }) / count,
            closedForm: RelayForms(self.parameters, self.world).value(of: strategy)
        )
    }
}

/// Relays that look again and again for what would pay them more.
struct BestResponses {
    /// How many play each strategy, in the order of ``RelayStrategy``.
    private(set) var counts: [[Int]] = []
    private var relays: [RelayStrategy] = []
    private var chance: RelayChance
    /// What each is worth beside a backup that stands in, and beside one that does not.
    private let present: [RelayStrategy: Double]
    private let absent: [RelayStrategy: Double]

    /// - Parameters:
    ///   - count: of relays, which begin with random strategies.
    ///   - present: measurements beside backups that stand in.
    ///   - absent: beside backups that do not.
    ///   - seed: of every choice.
    init(count: Int, present: [RelayMeasurement], absent: [RelayMeasurement], seed: UInt64) {
        self.chance = RelayChance(seed: seed)
        self.present = Dictionary(uniqueKeysWithValues: present.map { ($0.strategy, $0.value) })
        self.absent = Dictionary(uniqueKeysWithValues: absent.map { ($0.strategy, $0.value) })
        for _ in 0..<count {
            let place = Int.random(in: RelayStrategy.allCases.indices, using: &self.chance)
            self.relays.append(RelayStrategy.allCases[place])
        }
        self.note()
    }

    /// Lets one relay after the other choose, in random order, until nobody wants to change.
    ///
    /// - Parameter turnsMax: rounds through all relays, at most.
    /// - Returns: whether nobody does.
    mutating func run(turnsMax: Int) -> Bool {
        for _ in 0..<turnsMax {
            var hasChanged = false
            for place in self.relays.indices.shuffled(using: &self.chance) {
                let best = self.best(for: place)
                hasChanged = hasChanged || best != self.relays[place]
                self.relays[place] = best
            }
            self.note()
            if !hasChanged { return true }
        }
        return false
    }

    private mutating func note() {
        self.counts.append(RelayStrategy.allCases.map { strategy in self.relays.count { $0 == strategy } })
    }

    /// What pays a relay most while the others do what they do.
    private func best(for place: Int) -> RelayStrategy {
        let others = self.relays.indices.filter { $0 != place }.map { self.relays[$0] }
        let share = Double(others.count { $0.standsIn }) / Double(max(1, others.count))
        var best = (strategy: RelayStrategy.honest, value: -Double.infinity)
        for strategy in RelayStrategy.allCases {
            let beside = (self.present[strategy] ?? -.infinity, self.absent[strategy] ?? -.infinity)
            let value = share * beside.0 + (1 - share) * beside.1
            if value > best.value { best = (strategy, value) }
        }
        return best.strategy
    }
}
