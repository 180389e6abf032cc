import Testing

@testable import Incentives

@Suite("Setting parameters") struct ParameterTests {
    typealias Change = @Sendable (inout IncentiveParameters) -> Void

    private func refusal(_ change: Change) throws -> (IncentiveRejection, String)? {
        let market = try Market()
        let before = market.state.entries.map(\.value)
        var parameters = IncentiveParameters.standard
        change(&parameters)
        do throws(IncentiveFailure) {
            try market.at(2) { m throws(IncentiveFailure) in try m.set(parameters) }
        } catch {
            #expect(market.state.entries.map(\.value) == before)
            guard case .rejected(let rejection, let detail) = error else { return nil }
            return (rejection, detail)
        }
        #expect(try market.at(2) { m throws(IncentiveFailure) in try m.parameters() } == parameters)
        return nil
    }

    static let violations: [(IncentiveRejection, String, Change)] = [
        (
            .relayingDoesNotPay,
            "a reward of at least 1.375 and a reward for the acknowledgement of at least 1.1 would mend",
            { $0.game.cost = .thousandths(1_100) }
        ),
        (
            .relayingDoesNotPay, "a reward for the acknowledgement of at least 0.2 would mend",
            { $0.payments.acknowledgementReward = .thousandths(199) }
        ),
        (.relayingDoesNotPay, "no single number mends", { $0.payments.lateDiscount = .one }),
        (.droppingPays, "a deposit of at least", { $0.game.droppingGain = Credits(6) }),
        (.forgingPays, "a deposit of at least 420 would mend", { $0.game.forgeryAcceptance = .percent(10) }),
        (
            .forgingPays, "no single number mends",
            {
                $0.game.forgeryDetection = .zero
                $0.game.forgeryAcceptance = .smallest
            }
        ),
        (
            .lazinessPays,
            "a rate of canaries of at least 0.001332, or a deposit of at least 398.8 would mend",
            { $0.game.canaryRate = .perMille(1) }
        ),
        (.coalitionPays, "a deposit of at least 150 would mend", { $0.game.coalitionGain = Credits(300) }),
        (.selfReportingPays, "a reporter's share of at most 0.1 would mend", { $0.game.coalitionGain = Credits(180) }),
        (.selfReportingPays, "a reporter's share of at most", { $0.game.reporterShare = .one }),
        (
            .briberyPays, "a deposit of at least 102.5, or a reporter's share of at least 0.205 would mend",
            {
                $0.game.bribe = Credits(41)
            }
        ),
        (.budgetDoesNotCover, "a budget of at least 4.6 would mend", { $0.payments.budget = .thousandths(4_599) }),
        (
            .budgetDoesNotCover, "a reward for the acknowledgement of at least 0.6 would mend",
            { $0.payments.timeoutReward = .thousandths(600) }
        ),
    ]

    @Test("a refusal names the violated condition and what would mend it", arguments: violations.indices)
    func equilibrium(_ index: Int) throws {
        let (rejection, detail, change) = Self.violations[index]
        let refusal = try #require(try self.refusal(change))
        #expect(refusal.0 == rejection, "\(refusal)")
        #expect(refusal.1.contains(detail), "\(refusal)")
    }

    static let outOfRange: [(IncentiveRejection, Change)] = [
        (.parameterOutOfRange, { $0.game.reward = .zero }), (.parameterOutOfRange, { $0.game.deposit = .zero }),
        (.parameterOutOfRange, { $0.game.verificationCost = Credits(1) }),
        (.parameterOutOfRange, { $0.game.discount = .one }), (.parameterOutOfRange, { $0.game.coalitionMin = 0 }),
        (.parameterOutOfRange, { $0.game.coalitionMax = 1 }), (.parameterOutOfRange, { $0.game.coalitionMax = 0 }),
        (.parameterOutOfRange, { $0.payments.hopsMax = 0 }), (.parameterOutOfRange, { $0.payments.hopsMax = 5 }),
        (.parameterOutOfRange, { $0.periods.windowBlocks = 0 }),
        (.parameterOutOfRange, { $0.periods.windowBlocks = .max }),
        (.parameterOutOfRange, { $0.periods.deadlineBlocksMax = 119 }),
        (.parameterOutOfRange, { $0.periods.deadlineBlocksMax = .max }),
        (.parameterOutOfRange, { $0.periods.evidenceBlocks = 0 }),
        (.parameterOutOfRange, { $0.periods.evidenceBlocks = .max }),
        (.parameterOutOfRange, { $0.periods.trustBlocks = .max }),
        (.parameterOutOfRange, { $0.periods.unbondingBlocks = .max }),
        (.parameterOutOfRange, { $0.code.noticeBlocks = 0 }), (.parameterOutOfRange, { $0.code.trialBlocks = .max }),
        (.unbondingTooShort, { $0.periods.unbondingBlocks = 29_999 }),
        (.unbondingTooShort, { $0.periods.trustBlocks = 20_001 }),
    ]

    @Test("numbers that the contract cannot work with are refused", arguments: outOfRange.indices)
    func ranges(_ index: Int) throws {
        let (rejection, change) = Self.outOfRange[index]
        #expect(try self.refusal(change)?.0 == rejection)
    }

    @Test("lawful changes are taken")
    func lawful() throws {
        let changes: [Change] = [
            { $0.payments.hopsMax = 1 }, { $0.periods.deadlineBlocksMax = 120 }, { $0.game.discount = .percent(95) },
            { $0.periods.unbondingBlocks = 100_000 }, { $0.payments.checkFee = .zero },
            {
                $0.game.cost = .zero
                $0.game.verificationCost = .zero
                $0.game.canaryRate = .zero
            },
        ]
        for change in changes { #expect(try self.refusal(change) == nil) }
    }

    @Test("all violated conditions are told, in their order")
    func several() {
        var parameters = IncentiveParameters.standard
        parameters.game.deposit = Credits(1)
        parameters.payments.budget = Credits(1)
        let conditions = Equilibrium(parameters).violations.map(\.condition)
        #expect(conditions == [.coalition, .selfReporting, .bribery, .budget])
    }
}
