import ArgumentParser
internal import Incentives

/// Lets rational relays play the value-transfer contract, and shows whether honest relay is what pays best.
struct IncentivesCommand: ParsableCommand {
    /// Which numbers are varied.
    enum Sweep: String, CaseIterable, ExpressibleByArgument {
        case deposits, canaries, forgeries, all
    }

    static let configuration = CommandConfiguration(
        commandName: "incentives",
        abstract: "Let rational relays play the value-transfer contract, and see what pays them best.",
        discussion: """
            Each strategy plays the real contract for many messages with canaries, proofs of faults and penalties. What it \
            brought on average stands beside its closed form; then relays with random strategies choose what pays them best \
            until nobody wants to change. Amounts are service credits; a value counts what a relay that kept its place \
            earns later. Exit code 1 if honest relay is not the best response under these parameters, if the contract \
            refuses them, or if what it pays does not fit the closed forms.
            """
    )

    @Option(help: "Of every chance; equal seeds give equal runs.")
    var seed: UInt64 = 1

    @Option(help: "Messages that each strategy plays.")
    var rounds: Int = 20_000

    @Option(
        help: "Also vary one number, and show where honest relay stops being best: deposits, canaries, forgeries, all."
    )
    var sweep: Sweep?

    @Option(help: "What every relay has deposited.")
    var deposit: Double = RelayGame.standard.deposit.number

    @Option(help: "Share of messages that must be refused, canaries included.")
    var canaryRate: Double = RelayGame.standard.canaryRate.number

    @Option(help: "Chance that a forgery of one relay alone is accepted (q_F).")
    var forgeryAcceptance: Double = RelayGame.standard.forgeryAcceptance.number

    @Option(help: "What forgeries bring one relay until they are proven.")
    var forgeryGain: Double = RelayGame.standard.forgeryGain.number

    @Option(help: "What a credit of the next message counts for today; 0: relays play once.")
    var discount: Double = RelayGame.standard.discount.number

    @Option(help: "The fewest signers who can certify a falsehood.")
    var coalitionSize: UInt16 = RelayGame.standard.coalitionMin

    @Option(help: "What a certified falsehood brings all of them.")
    var coalitionGain: Double = RelayGame.standard.coalitionGain.number

    @Option(help: "What somebody pays for a message that does not arrive.")
    var droppingGain: Double = RelayGame.standard.droppingGain.number

    @Option(help: "Share of a penalty for whoever proves the fault.")
    var reporterShare: Double = RelayGame.standard.reporterShare.number

    @Option(help: "Chance that a backup is faster than a late relay.")
    var backupSpeed: Double = 0.5

    @Option(help: "Relays that look for their best response.")
    var relays: Int = 16

    func validate() throws {
        guard (100...10_000_000).contains(self.rounds) else { throw ValidationError("--rounds is 100 to 10000000.") }
        guard (2...1_000).contains(self.relays) else { throw ValidationError("--relays is 2 to 1000.") }
        guard (1...64).contains(self.coalitionSize) else { throw ValidationError("--coalition-size is 1 to 64.") }
        guard (0...1).contains(self.backupSpeed) else { throw ValidationError("--backup-speed is 0 to 1.") }
        guard self.discount < 1 else { throw ValidationError("--discount is below 1.") }
        _ = try self.parameters()
    }

    func run() throws {
        let parameters = try self.parameters()
        let world = RelayForms.World(backupSpeed: self.backupSpeed)
        let base = RelayMeasurements(parameters: parameters, world: world, seed: self.seed, rounds: self.rounds)
        print(
            "seed \(self.seed), \(self.rounds) messages a strategy, deposit \(parameters.game.deposit), "
                + "canaries \(parameters.game.canaryRate), q_F \(parameters.game.forgeryAcceptance)\n"
        )
        let found = try base.all()
        Self.show(found)
        let isHonestBest = Self.tellBest(found)
        let isAccepted = Self.tellConditions(parameters)
        try self.showDynamics(found, base)
        for sweep in self.sweeps(parameters) { try Self.show(sweep, base) }
        guard isHonestBest, isAccepted, found.allSatisfy(\.fitsForm) else { throw ExitCode.failure }
    }

    private func parameters() throws -> IncentiveParameters {
        var parameters = IncentiveParameters.standard
        parameters.game.deposit = try Self.amount(self.deposit, "--deposit")
        parameters.game.canaryRate = try Self.share(self.canaryRate, "--canary-rate")
        parameters.game.forgeryAcceptance = try Self.share(self.forgeryAcceptance, "--forgery-acceptance")
        parameters.game.forgeryGain = try Self.amount(self.forgeryGain, "--forgery-gain")
        parameters.game.discount = try Self.share(self.discount, "--discount")
        parameters.game.coalitionMin = self.coalitionSize
        parameters.game.coalitionMax = max(self.coalitionSize, parameters.game.coalitionMax)
        parameters.game.coalitionGain = try Self.amount(self.coalitionGain, "--coalition-gain")
        parameters.game.droppingGain = try Self.amount(self.droppingGain, "--dropping-gain")
        parameters.game.reporterShare = try Self.share(self.reporterShare, "--reporter-share")
        return parameters
    }

    private static func amount(_ number: Double, _ option: String) throws -> Credits {
        // A limit far below the contract's keeps floating point exact enough.
        guard number <= 1_000_000_000, let amount = Credits(number) else {
            throw ValidationError("\(option) is 0 to 1000000000.")
        }
        return amount
    }

    private static func share(_ number: Double, _ option: String) throws -> Millionths {
        guard let share = Millionths(number) else { throw ValidationError("\(option) is 0 to 1.") }
        return share
    }

    // MARK: - Output

    private static func show(_ found: [RelayMeasurement]) {
        let widths = [12, 12, 10, 12, 9]
        print(RelayTable.row(["strategy", "measured", "± s.e.", "closed form", "ejected"], widths: widths))
        for one in found {
            let numbers = [one.value, one.standardError, one.closedForm, one.ejected].map(RelayTable.number)
            print(RelayTable.row([one.strategy.rawValue] + numbers, widths: widths))
        }
        for one in found where !one.fitsForm { print("\(one.strategy.rawValue) does not fit its closed form") }
    }

    /// - Returns: whether nothing beats honest relay, measured and by the closed forms.
    private static func tellBest(_ found: [RelayMeasurement]) -> Bool {
        guard let honest = found.first else { return false }
        let better = found.filter { $0.isBetter(than: honest) || $0.closedForm > honest.closedForm }
        guard !better.isEmpty else {
            print("\nbest response: honest")
            return true
        }
        print(
            "\nhonest relay is not the best response; better: \(better.map(\.strategy.rawValue).joined(separator: ", "))"
        )
        return false
    }

    private static func tellConditions(_ parameters: IncentiveParameters) -> Bool {
        do throws(IncentiveFailure) { try parameters.requireLawful() } catch {
            guard case .rejected(let rejection, let detail) = error else { return false }
            print("the contract refuses these parameters: \(rejection.name)")
            let violations = Equilibrium(parameters).violations
            for violation in violations { print("  \(violation)") }
            if violations.isEmpty { print("  \(detail)") }
            return false
        }
        print("the contract accepts these parameters")
        return true
    }

    private func showDynamics(_ present: [RelayMeasurement], _ base: RelayMeasurements) throws {
        var world = base.world
        world.backupSpeed = 0
        // Only a late relay minds whether its backup stands in.
        let late = try RelayMeasurements(
            parameters: base.parameters,
            world: world,
            seed: self.seed,
            rounds: self.rounds
        )
        .all([.late])
        let absent = present.map { one in one.strategy == .late ? late[1] : one }
        var responses = BestResponses(count: self.relays, present: present, absent: absent, seed: self.seed)
        let isSettled = responses.run(turnsMax: 50)
        print("\nbest responses of \(self.relays) relays")
        let widths = [6] + RelayStrategy.allCases.map { max(6, $0.rawValue.count) }
        print(RelayTable.row(["turn"] + RelayStrategy.allCases.map(\.rawValue), widths: widths))
        for (turn, counts) in responses.counts.enumerated() {
            print(RelayTable.row(["\(turn)"] + counts.map(String.init), widths: widths))
        }
        print(isSettled ? "nobody wants to change" : "they still change after 50 turns")
    }

    private func sweeps(_ parameters: IncentiveParameters) -> [RelaySweep] {
        switch self.sweep {
        case nil: []
        case .canaries: RelaySweep.canaries(parameters)
        case .deposits: RelaySweep.deposits(parameters)
        case .forgeries: RelaySweep.forgeries(parameters)
        case .all:
            RelaySweep.canaries(parameters) + RelaySweep.deposits(parameters) + RelaySweep.forgeries(parameters)
        }
    }

    private static func show(_ sweep: RelaySweep, _ base: RelayMeasurements) throws {
        let widths = [14, 12, 12, 10, 12]
        print("\n\(sweep.title)")
        let names = [sweep.column, "honest", sweep.strategy.rawValue, "± s.e.", "pays best"]
        print(RelayTable.row(names, widths: widths))
        let rows = try sweep.rows(base)
        for row in rows {
            let numbers = [row.honest.value, row.other.value, row.other.standardError].map(RelayTable.number)
            print(RelayTable.row([RelayTable.number(row.value)] + numbers + [row.verdict], widths: widths))
        }
        let measured = RelaySweep.breakPoint(rows).map(RelayTable.number) ?? "none"
        let computed = sweep.bound.map(RelayTable.number) ?? "none"
        print("break point: measured \(measured), by the contract's condition \(computed)")
    }
}
