internal import Incentives

/// What a relay does with a message, from what it should do to what it could.
enum RelayStrategy: String, CaseIterable, Sendable {
    /// Verifies and delivers within its window.
    case honest
    /// Delivers after its window, against its backup.
    case late
    /// Delivers without verifying.
    case lazy
    /// Does nothing; the backup delivers.
    case drop
    /// Withholds the messages that somebody pays it to withhold.
    case censor
    /// Alters the message, alone.
    case forge
    /// Certifies a falsehood with others.
    case collude
    /// The same, with an accomplice who brings the evidence first when it comes out.
    case selfReport = "self-report"

    /// Whether a message gets through when this is what its backup does.
    var standsIn: Bool { self != .drop && self != .censor }
}

/// What a strategy is worth: the conditions' own terms, in floating point.
struct RelayForms {
    /// What the world does that the contract has no number for.
    struct World {
        /// That a backup is faster than a late relay.
        var backupSpeed = 0.5
        /// Messages that somebody pays for not to arrive.
        var withheldShare = 0.1
    }

    let reward: Double
    let cost: Double
    let deposit: Double
    let future: Double
    private let parameters: IncentiveParameters
    private let world: World

    init(_ parameters: IncentiveParameters, _ world: World) {
        let game = parameters.game
        self.parameters = parameters
        self.world = world
        self.reward = game.reward.number
        self.cost = game.cost.number
        self.deposit = game.deposit.number
        self.future = game.discount.number / (1 - game.discount.number) * (self.reward - self.cost)
    }

    func value(of strategy: RelayStrategy) -> Double {
        let game = self.parameters.game
        let honest = self.reward - self.cost
        let dropped =
            self.future * (1 - game.dropDetection.number * game.dropEjection.number)
            - game.dropDetection.number * game.dropSlash.number * self.deposit
        let proven = game.forgeryDetection.number
        let free = (1 - proven) * (honest + self.future)
        switch strategy {
        case .honest: return honest + self.future
        case .late:
            let speed = self.world.backupSpeed
            let late = self.reward * (1 - self.parameters.payments.lateDiscount.number)
            return (1 - speed) * late - speed * self.parameters.payments.checkFee.number - self.cost + self.future
        case .lazy:
            let caught = game.canaryRate.number * game.lazinessDetection.number
            let earned = honest + game.verificationCost.number
            return (1 - caught) * (earned + self.future) - caught * game.lazinessSlash.number * self.deposit
        case .drop: return dropped
        case .censor:
            let share = self.world.withheldShare
            return share * (game.droppingGain.number + dropped) + (1 - share) * (honest + self.future)
        case .forge:
            return game.forgeryAcceptance.number * game.forgeryGain.number + free
                - proven * game.forgerySlash.number * self.deposit
        case .collude, .selfReport:
            let lost = strategy == .collude ? 1 : 1 - game.reporterShare.number
            return game.coalitionGain.number / Double(game.coalitionMin) + free
                - proven * lost * game.forgerySlash.number * self.deposit
        }
    }
}

extension Credits {
    /// Credits, as far as floating point can say.
    var number: Double { Double(self.millionths) / Double(Millionths.scale) }

    /// - Returns: nil for what is no amount.
    init?(_ number: Double) {
        let millionths = (number * Double(Millionths.scale)).rounded()
        guard millionths >= 0, millionths <= Double(Self.limit.millionths) else { return nil }
        self.init(millionths: UInt64(millionths))
    }
}

extension Millionths {
    var number: Double { Double(self.count) / Double(Self.scale) }

    /// - Returns: nil for what is no share.
    init?(_ number: Double) {
        let count = (number * Double(Self.scale)).rounded()
        guard count >= 0, count <= Double(Self.scale) else { return nil }
        self.init(UInt32(count))
    }
}
