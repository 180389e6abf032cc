import Testing

@testable import Incentives

/// What each strategy is worth by adding up the outcomes of its round, with the future as its own sum: the meaning of the
/// conditions, in floating point.
struct ExpectedValues {
    let game: RelayGame
    let timeoutReward: Double
    private let margin: Double
    private let deposit: Double
    /// The sum over later rounds, each discounted once more, until the rest does not matter.
    let future: Double

    init(_ parameters: IncentiveParameters) {
        self.game = parameters.game
        self.timeoutReward = Self.number(parameters.payments.timeoutReward)
        self.margin = Self.number(self.game.reward) - Self.number(self.game.cost)
        self.deposit = Self.number(self.game.deposit)
        let discount = Self.number(self.game.discount)
        var (sum, weight) = (0.0, discount)
        while weight > 1e-12 {
            sum += weight
            weight *= discount
        }
        self.future = sum * self.margin
    }

    private static func number(_ share: Millionths) -> Double { Double(share.count) / 1_000_000 }
    private static func number(_ amount: Credits) -> Double { Double(amount.millionths) / 1_000_000 }

    var honest: Double { self.margin + self.future }

    var dropping: Double {
        let (proven, ejected) = (Self.number(self.game.dropDetection), Self.number(self.game.dropEjection))
        let loss = Self.number(self.game.dropSlash) * self.deposit
        let gain = Self.number(self.game.droppingGain) + self.timeoutReward
        return (1 - proven) * (gain + self.future) + proven * ejected * (gain - loss)
            + proven * (1 - ejected) * (gain - loss + self.future)
    }

    var forging: Double {
        let (accepted, proven) = (Self.number(self.game.forgeryAcceptance), Self.number(self.game.forgeryDetection))
        let gain = Self.number(self.game.forgeryGain)
        let loss = Self.number(self.game.forgerySlash) * self.deposit
        return accepted * gain + proven * -loss + (1 - proven) * (self.margin + self.future)
    }

    var laziness: Double {
        let (bad, proven) = (Self.number(self.game.canaryRate), Self.number(self.game.lazinessDetection))
        let earned = self.margin + Self.number(self.game.verificationCost)
        let loss = Self.number(self.game.lazinessSlash) * self.deposit
        return (1 - bad) * (earned + self.future) + bad * proven * -loss + bad * (1 - proven) * (earned + self.future)
    }

    /// Of all members together, without what they would earn later; caught with the chance of a proof.
    func coalition(_ size: UInt16, reportsItself: Bool) -> Double {
        let loss = Double(size) * Self.number(self.game.forgerySlash) * self.deposit
        let kept = reportsItself ? Self.number(self.game.reporterShare) : 0
        return Self.number(self.game.coalitionGain) - Self.number(self.game.forgeryDetection) * loss * (1 - kept)
    }
}

@Suite("The equilibrium condition") struct EquilibriumTests {
    private func amount(_ range: ClosedRange<UInt64>, _ generator: inout SeededGenerator) throws -> Credits {
        try #require(Credits(millionths: .random(in: range, using: &generator)))
    }

    private func share(_ range: ClosedRange<UInt32>, _ generator: inout SeededGenerator) throws -> Millionths {
        try #require(Millionths(.random(in: range, using: &generator)))
    }

    private func randomParameters(_ generator: inout SeededGenerator) throws -> IncentiveParameters {
        var parameters = IncentiveParameters.standard
        var game = RelayGame.standard
        game.reward = try self.amount(0...5_000_000, &generator)
        game.cost = try self.amount(0...(game.reward.millionths * 13 / 10), &generator)
        game.verificationCost = try self.amount(0...game.cost.millionths, &generator)
        game.deposit = try self.amount(0...200_000_000, &generator)
        game.discount = try self.share(0...950_000, &generator)
        game.canaryRate = try self.share(0...200_000, &generator)
        game.dropDetection = try self.share(0...1_000_000, &generator)
        game.dropSlash = try self.share(0...200_000, &generator)
        game.dropEjection = try self.share(0...1_000_000, &generator)
        game.droppingGain = try self.amount(0...30_000_000, &generator)
        game.forgeryDetection = try self.share(0...1_000_000, &generator)
        game.forgerySlash = try self.share(300_000...1_000_000, &generator)
        game.forgeryAcceptance = try self.share(0...1_000_000, &generator)
        game.forgeryGain = try self.amount(0...400_000_000, &generator)
        game.lazinessDetection = try self.share(0...1_000_000, &generator)
        game.lazinessSlash = try self.share(0...500_000, &generator)
        game.coalitionMin = .random(in: 1...20, using: &generator)
        game.coalitionMax = game.coalitionMin + .random(in: 0...20, using: &generator)
        game.coalitionGain = try self.amount(0...2_000_000_000, &generator)
        game.reporterShare = try self.share(1...999_999, &generator)
        parameters.game = game
        parameters.payments.timeoutReward = try self.amount(0...500_000, &generator)
        parameters.payments.acknowledgementReward = try self.amount(0...2_000_000, &generator)
        parameters.payments.budget = try self.amount(0...20_000_000, &generator)
        return parameters
    }

    @Test(
        "closed forms say what adding up the outcomes says, on 20,000 random games",
        arguments: [1, 2, 3, 4] as [UInt64]
    )
    func closedForms(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var verdicts: [Equilibrium.Condition: Set<Bool>] = [:]
        for _ in 0..<5_000 {
            let parameters = try self.randomParameters(&generator)
            let game = parameters.game
            let values = ExpectedValues(parameters)
            let differences: [(Equilibrium.Condition, Double)] = [
                (.dropping, values.honest - values.dropping), (.forging, values.honest - values.forging),
                (.laziness, values.honest - values.laziness),
                (.coalition, -values.coalition(game.coalitionMin, reportsItself: false)),
                (.selfReporting, -values.coalition(game.coalitionMin, reportsItself: true)),
            ]
            let equilibrium = Equilibrium(parameters)
            for (condition, difference) in differences where abs(difference) > 1e-6 {
                let holds = equilibrium.holds(condition)
                verdicts[condition, default: []].insert(holds)
                #expect(holds == (difference >= 0), "\(condition) \(difference) \(game)")
            }
        }
        #expect(verdicts.count == 5 && verdicts.values.allSatisfy { $0.count == 2 }, "both verdicts of each condition")
    }

    @Test("what would mend a condition does, and nothing smaller", arguments: [11, 12] as [UInt64])
    func mends(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var kinds: Set<String> = []
        for _ in 0..<1_500 {
            let parameters = try self.randomParameters(&generator)
            for violation in Equilibrium(parameters).violations {
                if violation.needsAllMends {
                    var all = parameters
                    for mend in violation.mends { all = try #require(all.applying(mend, 0)) }
                    #expect(Equilibrium(all).holds(violation.condition), "\(violation)")
                }
                for mend in violation.mends {
                    kinds.insert("\(violation.condition) \(mend.description.prefix { !$0.isNumber })")
                    let mended = try #require(parameters.applying(mend, 0))
                    if violation.mends.count == 1 || !violation.needsAllMends {
                        #expect(Equilibrium(mended).holds(violation.condition), "\(violation)")
                    }
                    if let almost = parameters.applying(mend, 1) {
                        #expect(!Equilibrium(almost).holds(violation.condition), "\(violation)")
                    }
                }
            }
        }
        #expect(kinds.count >= 10, "\(kinds.sorted())")
    }

    @Test("0.00133 of all messages must be canaries for a deposit of 100, and standard parameters have 3.7 times that")
    func canaryRate() throws {
        var parameters = IncentiveParameters.standard
        #expect(Equilibrium(parameters).violations.isEmpty)
        parameters.game.canaryRate = .zero
        let violation = try #require(Equilibrium(parameters).violations.first)
        #expect(violation.condition == .laziness)
        #expect(
            violation.mends == [.canaryRateAtLeast(try #require(Millionths(1_332)))],
            "no deposit helps without any"
        )
        parameters.game.canaryRate = try #require(Millionths(1_331))
        #expect(Equilibrium(parameters).violations.map(\.condition) == [.laziness])
        parameters.game.canaryRate = try #require(Millionths(1_332))
        #expect(Equilibrium(parameters).violations.isEmpty)
    }

    @Test(
        "a relay that plays once needs a deposit for every chance that a forgery is accepted",
        arguments: [(0, nil), (10_000, 49_200), (100_000, 499_200)] as [(UInt32, UInt32?)]
    )
    func oneShotDeposit(_ acceptance: UInt32, _ thousandths: UInt32?) throws {
        var parameters = IncentiveParameters.standard
        parameters.game.discount = .zero
        parameters.game.deposit = .zero
        parameters.game.forgeryAcceptance = try #require(Millionths(acceptance))
        let violation = Equilibrium(parameters).violations.first { $0.condition == .forging }
        #expect(violation?.mends == thousandths.map { [.depositAtLeast(.thousandths($0))] })
    }

    @Test(
        "deposits cover coalitions by their smallest size",
        arguments: [(3, 6_666_666_667), (5, 4_000_000_000), (7, 2_857_142_858)] as [(UInt16, UInt64)]
    )
    func coalitions(_ size: UInt16, _ millionths: UInt64) throws {
        var parameters = IncentiveParameters.standard
        parameters.game.coalitionMin = size
        parameters.game.coalitionMax = size + 4
        parameters.game.coalitionGain = Credits(20_000)
        let violation = try #require(Equilibrium(parameters).violations.first { $0.condition == .coalition })
        #expect(violation.mends == [.depositAtLeast(try #require(Credits(millionths: millionths)))])
    }

    @Test("a coalition with a reporter of its own keeps that share, which the deposit must make up for")
    func selfReporting() throws {
        var parameters = IncentiveParameters.standard
        parameters.game.coalitionGain = Credits(180)
        let violations = Equilibrium(parameters).violations
        #expect(violations.map(\.condition) == [.selfReporting])
        #expect(violations[0].mends == [.depositAtLeast(.thousandths(112_500)), .reporterShareAtMost(.percent(10))])
        for share in [Millionths.zero, .one] {
            parameters = .standard
            parameters.game.reporterShare = share
            #expect(!Equilibrium(parameters).holds(.selfReporting))
        }
    }

    @Test("amounts at the limit are compared exactly")
    func extremes() throws {
        var parameters = IncentiveParameters.standard
        parameters.game.deposit = .limit
        parameters.game.reward = .limit
        parameters.game.cost = .limit
        parameters.game.verificationCost = .limit
        parameters.game.forgeryGain = .limit
        parameters.game.droppingGain = .limit
        parameters.game.coalitionGain = .limit
        parameters.game.bribe = .limit
        parameters.game.coalitionMin = 65_535
        parameters.game.coalitionMax = 65_535
        parameters.payments.timeoutReward = .limit
        for discount in [0, 999_999] as [UInt32] {
            for share in [Millionths.zero, .smallest, .one] {
                parameters.game.discount = try #require(Millionths(discount))
                parameters.game.canaryRate = share
                parameters.game.lazinessSlash = share
                parameters.game.forgeryAcceptance = share
                for condition in Equilibrium.Condition.allCases { _ = Equilibrium(parameters).holds(condition) }
                // All bad, all caught, everything lost: d + v + F ≥ v.
                #expect(Equilibrium(parameters).holds(.laziness) == (share == .one))
                // d ≥ q g.
                #expect(Equilibrium(parameters).holds(.forging))
            }
        }
        parameters.game.forgerySlash = try #require(Millionths(999_999))
        parameters.game.forgeryAcceptance = .one
        parameters.game.discount = .zero
        #expect(!Equilibrium(parameters).holds(.forging))
        parameters.game.lazinessSlash = .zero
        parameters.game.reward = .zero
        #expect(!Equilibrium(parameters).holds(.laziness) && !Equilibrium(parameters).holds(.dropping))
    }
}

extension IncentiveParameters {
    /// The parameters with one number changed, or changed by so many millionths too little.
    ///
    /// - Returns: nil when there is no such number; for a step of 0 there is.
    fileprivate func applying(_ mend: EquilibriumViolation.Mend, _ step: UInt32) -> IncentiveParameters? {
        var other = self
        func less(_ amount: Credits) -> Credits? { amount.subtracting(Credits(millionths: UInt64(step)) ?? .zero) }
        func less(_ share: Millionths) -> Millionths? { share.count >= step ? Millionths(share.count - step) : nil }
        switch mend {
        case .rewardAtLeast(let amount):
            guard let value = less(amount) else { return nil }
            other.game.reward = value
        case .acknowledgementAtLeast(let amount):
            guard let value = less(amount) else { return nil }
            other.payments.acknowledgementReward = value
        case .depositAtLeast(let amount):
            guard let value = less(amount) else { return nil }
            other.game.deposit = value
        case .canaryRateAtLeast(let rate):
            guard let value = less(rate) else { return nil }
            other.game.canaryRate = value
        case .reporterShareAtLeast(let share):
            guard let value = less(share) else { return nil }
            other.game.reporterShare = value
        case .reporterShareAtMost(let share):
            guard let value = Millionths(share.count + step) else { return nil }
            other.game.reporterShare = value
        case .budgetAtLeast(let amount):
            guard let value = less(amount) else { return nil }
            other.payments.budget = value
        }
        return other
    }
}
