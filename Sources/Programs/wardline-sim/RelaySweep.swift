internal import Incentives

/// A series of games that differ in one number, until honest relay is or is no longer the best response.
struct RelaySweep {
    let title: String
    /// What varies.
    let column: String
    let strategy: RelayStrategy
    let values: [Double]
    /// Where the contract's condition changes its verdict.
    let bound: Double?
    let change: (Double, inout IncentiveParameters) -> Void

    /// One line of the table.
    struct Row {
        let value: Double
        let honest: RelayMeasurement
        let other: RelayMeasurement

        var verdict: String {
            if self.honest.isBetter(than: self.other) { return "honest" }
            return self.other.isBetter(than: self.honest) ? self.other.strategy.rawValue : "undecided"
        }

        var difference: Double { self.honest.value - self.other.value }
    }

    func rows(_ base: RelayMeasurements) throws -> [Row] {
        try self.values.enumerated().map { place, value in
            var parameters = base.parameters
            self.change(value, &parameters)
            let found = try RelayMeasurements(
                parameters: parameters,
                world: base.world,
                seed: base.seed &+ UInt64(place) &* 7_919,
                rounds: base.rounds
            )
            .all([self.strategy])
            return Row(value: value, honest: found[0], other: found[1])
        }
    }

    /// Where the measured difference changes its sign: that of the straight line which fits the rows best, each by what its
    /// standard error lets it count, since all conditions are linear in what varies.
    static func breakPoint(_ rows: [Row]) -> Double? {
        guard rows.contains(where: { $0.difference < 0 }), rows.contains(where: { $0.difference >= 0 }) else {
            return nil
        }
        var (weights, xs, ys, xxs, xys) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for row in rows {
            let weight = 1 / (row.other.standardError * row.other.standardError + 1e-6)
            weights += weight
            xs += weight * row.value
            ys += weight * row.difference
            xxs += weight * row.value * row.value
            xys += weight * row.value * row.difference
        }
        let slope = (weights * xys - xs * ys) / (weights * xxs - xs * xs)
        return slope == 0 ? nil : (xs / weights) - (ys / weights) / slope
    }

    /// All sweeps over the canary rate.
    static func canaries(_ parameters: IncentiveParameters) -> [RelaySweep] {
        let change: (Double, inout IncentiveParameters) -> Void = { value, other in
            other.game.canaryRate = Millionths(value) ?? .one
        }
        let bound = Self.bound(parameters, .laziness, upTo: Millionths.scale) { other, count in
            other.game.canaryRate = Millionths(count) ?? .one
        }
        let middle = Double(bound ?? Millionths.scale) / Double(Millionths.scale)
        let values = [0] + [0.25, 0.5, 0.75, 1.25, 1.5, 2, 4].map { min(1, $0 * middle) }
        return [
            RelaySweep(
                title: "canaries against laziness",
                column: "canary rate",
                strategy: .lazy,
                values: values,
                bound: bound.map { Double($0) / Double(Millionths.scale) },
                change: change
            )
        ]
    }

    /// All sweeps over the deposit: relays that play once, alone and together.
    static func deposits(_ parameters: IncentiveParameters) -> [RelaySweep] {
        let alone = [0.0, 0.01, 0.1].map { acceptance in
            Self.deposit(
                "lone forgery, accepted with \(RelayTable.number(acceptance)), played once",
                .forge,
                parameters
            ) {
                $0.game.forgeryAcceptance = Millionths(acceptance) ?? .zero
            }
        }
        let together = [3, 5, 7].flatMap { (size: UInt16) in
            [RelayStrategy.collude, .selfReport].map { strategy in
                Self.deposit("\(strategy.rawValue): \(size) signers, 20000 in all, played once", strategy, parameters) {
                    $0.game.coalitionMin = size
                    $0.game.coalitionMax = max(size, $0.game.coalitionMax)
                    $0.game.coalitionGain = Credits(20_000)
                }
            }
        }
        return alone + together
    }

    private static func deposit(
        _ title: String,
        _ strategy: RelayStrategy,
        _ parameters: IncentiveParameters,
        _ change: @escaping (inout IncentiveParameters) -> Void
    ) -> RelaySweep {
        var base = parameters
        base.game.discount = .zero
        change(&base)
        let condition: Equilibrium.Condition =
            switch strategy {
            case .forge: .forging
            case .selfReport: .selfReporting
            default: .coalition
            }
        let bound = Self.bound(base, condition, upTo: 1_000_000_000) { other, thousandths in
            other.game.deposit = .thousandths(thousandths)
        }
        let middle = Double(bound ?? 0) / 1_000
        let values = middle > 0 ? [0, 0.5, 0.9, 1.1, 2].map { $0 * middle } : [0, 50, 100]
        return RelaySweep(
            title: title,
            column: "deposit",
            strategy: strategy,
            values: values,
            bound: bound.map { Double($0) / 1_000 }
        ) { value, other in
            other.game.discount = .zero
            change(&other)
            other.game.deposit = Credits(value) ?? .limit
        }
    }

    /// All sweeps over the chance that a lone forgery is accepted: relays that stay, and relays that play once.
    static func forgeries(_ parameters: IncentiveParameters) -> [RelaySweep] {
        [parameters.game.discount, .zero].map { discount in
            var base = parameters
            base.game.discount = discount
            // The condition holds below the bound.
            let bound = Self.largest(base, .forging, upTo: Millionths.scale) { other, count in
                other.game.forgeryAcceptance = Millionths(count) ?? .one
            }
            let middle = Double(bound ?? 0) / Double(Millionths.scale)
            return RelaySweep(
                title: "lone forgery by what is accepted, discount \(RelayTable.number(discount.number))",
                column: "q_F",
                strategy: .forge,
                values: [0] + [0.5, 0.75, 1.25, 1.5, 2].map { min(1, $0 * max(middle, 0.000_1)) },
                bound: middle
            ) { value, other in
                other.game.discount = discount
                other.game.forgeryAcceptance = Millionths(value) ?? .one
            }
        }
    }

    /// The smallest number with which the contract's condition holds.
    private static func bound(
        _ parameters: IncentiveParameters,
        _ condition: Equilibrium.Condition,
        upTo most: UInt32,
        _ change: (inout IncentiveParameters, UInt32) -> Void
    ) -> UInt32? {
        func holds(_ number: UInt32) -> Bool {
            var other = parameters
            change(&other, number)
            return Equilibrium(other).holds(condition)
        }
        guard holds(most) else { return nil }
        var (low, high): (UInt32, UInt32) = (0, most)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The largest number with which the contract's condition holds.
    private static func largest(
        _ parameters: IncentiveParameters,
        _ condition: Equilibrium.Condition,
        upTo most: UInt32,
        _ change: (inout IncentiveParameters, UInt32) -> Void
    ) -> UInt32? {
        let rest = Self.bound(parameters, condition, upTo: most) { other, number in change(&other, most - number) }
        return rest.map { most - $0 }
    }
}
