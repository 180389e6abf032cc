internal import CanonicalBytes
internal import Incentives

/// A value-transfer contract with relays that play it, one message after the other.
struct RelayMarket {
    /// What one message brought one player.
    struct Round {
        /// Credits and what they stand for: rewards, fees, penalties, costs, gains outside.
        var payoff: Double
        /// Whether the player lost its place.
        var isEjected: Bool
    }

    private let state = MemoryCreditState()
    private let parameters: IncentiveParameters
    private let world: RelayForms.World
    private let members: [AccountID]
    private let backup: AccountID
    private let carrier: AccountID
    private let payer: AccountID
    private let stranger: AccountID
    private let accomplice: AccountID
    private var chance: RelayChance
    private var height: UInt64 = 1
    private var messages: UInt64 = 0
    private var faults: UInt64 = 0

    /// - Parameters:
    ///   - parameters: in force without the contract's check, since the simulation shows what it refuses.
    ///   - world: what the contract has no number for.
    ///   - seed: of every chance.
    /// - Throws: what the contract throws.
    init(_ parameters: IncentiveParameters, _ world: RelayForms.World, seed: UInt64) throws {
        self.parameters = parameters
        self.world = world
        self.chance = RelayChance(seed: seed)
        self.members = try (0..<parameters.game.coalitionMin).map { try Self.account("relay-\($0)") }
        self.backup = try Self.account("backup")
        self.carrier = try Self.account("carrier")
        self.payer = try Self.account("payer")
        self.stranger = try Self.account("stranger")
        self.accomplice = try Self.account("accomplice")
        self.state.set(IncentiveKey.parameters, to: parameters.bytes)
        for relay in [self.backup, self.carrier] { try self.fillUp(relay) }
    }

    private static func account(_ name: String) throws -> AccountID { try AccountID(Array(name.utf8)) }

    /// Plays one message by a strategy; a coalition plays one for each member, and shares alike.
    mutating func play(_ strategy: RelayStrategy) throws -> Round {
        let players = strategy == .collude || strategy == .selfReport ? self.members : [self.members[0]]
        self.height += 1
        for player in players { try self.fillUp(player) }
        let before = try self.wealth(of: players)
        let messages = try players.map { try self.lock(assignee: $0) }
        var round = Round(payoff: 0, isEjected: false)
        switch strategy {
        case .honest: round.payoff = try self.relay(messages[0])
        case .late: round.payoff = try self.relayLate(messages[0])
        case .lazy: round = try self.relayLazily(messages[0])
        case .drop: round = try self.drop(messages[0])
        case .censor: round = try self.censor(messages[0])
        case .forge: round = try self.forge(messages[0])
        case .collude: round = try self.collude(messages, reporter: self.stranger)
        case .selfReport: round = try self.collude(messages, reporter: self.accomplice)
        }
        round.payoff += try self.wealth(of: players) - before
        round.payoff /= Double(players.count)
        let totals = try self.state.attempt(at: self.height) { contract throws(IncentiveFailure) in
            try contract.totals()
        }
        guard totals.isBalanced else { throw ProtocolFailure(.context, "the contract's books do not balance") }
        return round
    }

    // MARK: - Strategies: what is returned are costs and gains that the contract does not see

    private mutating func relay(_ message: MessageKey) throws -> Double {
        self.height += 1
        try self.claim(message, by: self.members[0])
        return -self.parameters.game.cost.number
    }

    private mutating func relayLate(_ message: MessageKey) throws -> Double {
        self.height += self.parameters.periods.windowBlocks + 1
        if self.chance.happens(self.world.backupSpeed) { try self.claim(message, by: self.backup) }
        try self.claim(message, by: self.members[0])
        return -self.parameters.game.cost.number
    }

    private mutating func relayLazily(_ message: MessageKey) throws -> Round {
        let game = self.parameters.game
        let isBad = self.chance.happens(game.canaryRate.number)
        let cost = -(game.cost.number - game.verificationCost.number)
        if isBad, self.chance.happens(game.lazinessDetection.number) {
            // It did the work of forwarding, which the closed form leaves out as the contract does.
            try self.slash(self.members[0], for: .laziness, reporter: self.stranger)
            return Round(payoff: 0, isEjected: true)
        }
        self.height += 1
        try self.claim(message, by: self.members[0])
        return Round(payoff: cost, isEjected: false)
    }

    private mutating func drop(_ message: MessageKey) throws -> Round {
        let game = self.parameters.game
        self.height += self.parameters.periods.windowBlocks + 1
        try self.claim(message, by: self.backup)
        guard self.chance.happens(game.dropDetection.number) else { return Round(payoff: 0, isEjected: false) }
        try self.slash(self.members[0], for: .dropping, reporter: self.stranger)
        return Round(payoff: 0, isEjected: self.chance.happens(game.dropEjection.number))
    }

    private mutating func censor(_ message: MessageKey) throws -> Round {
        guard self.chance.happens(self.world.withheldShare) else {
            return Round(payoff: try self.relay(message), isEjected: false)
        }
        var round = try self.drop(message)
        round.payoff += self.parameters.game.droppingGain.number
        return round
    }

    private mutating func forge(_ message: MessageKey) throws -> Round {
        let game = self.parameters.game
        let gain = self.chance.happens(game.forgeryAcceptance.number) ? game.forgeryGain.number : 0
        guard self.chance.happens(game.forgeryDetection.number) else {
            return Round(payoff: gain + (try self.relay(message)), isEjected: false)
        }
        try self.slash(self.members[0], for: .forging, reporter: self.stranger)
        return Round(payoff: gain, isEjected: true)
    }

    private mutating func collude(_ messages: [MessageKey], reporter: AccountID) throws -> Round {
        let game = self.parameters.game
        var payoff = game.coalitionGain.number
        guard self.chance.happens(game.forgeryDetection.number) else {
            self.height += 1
            for (member, message) in zip(self.members, messages) {
                try self.claim(message, by: member)
                payoff -= game.cost.number
            }
            return Round(payoff: payoff, isEjected: false)
        }
        for member in self.members { try self.slash(member, for: .forging, reporter: reporter) }
        return Round(payoff: payoff, isEjected: true)
    }

    // MARK: - The contract

    private mutating func lock(assignee: AccountID) throws -> MessageKey {
        self.messages += 1
        let message = try MessageKey([UInt8](repeating: 0, count: 24) + self.messages.bigEndianBytes)
        let order = TransferOrder(
            message: message,
            payer: self.payer,
            budget: self.parameters.payments.budget,
            hops: [Assignment(assignee: assignee, backup: self.backup)],
            acknowledgement: Assignment(assignee: self.carrier, backup: self.backup),
            deadline: self.height + self.parameters.deadlineBlocksMin(hops: 1)
        )
        try self.state.attempt(at: self.height) { contract throws(IncentiveFailure) in
            try contract.issue(order.budget, to: order.payer)
            try contract.lock(order)
        }
        return message
    }

    private func claim(_ message: MessageKey, by relay: AccountID) throws {
        _ = try self.state.attempt(at: self.height) { contract throws(IncentiveFailure) in
            try contract.claim(message, slot: 0, by: relay)
        }
    }

    /// Punishes a fault; a deposit of nothing has nothing to lose.
    private mutating func slash(_ culprit: AccountID, for kind: Fault.Kind, reporter: AccountID) throws {
        self.faults += 1
        let id = try FaultID([UInt8](repeating: 0, count: 24) + self.faults.bigEndianBytes)
        let fault = Fault(id: id, kind: kind, culprit: culprit, height: self.height)
        do throws(IncentiveFailure) {
            _ = try self.state.attempt(at: self.height) { contract throws(IncentiveFailure) in
                try contract.slash(fault, reportedBy: reporter)
            }
        } catch {
            if case .rejected(.nothingToSlash, _) = error { return }
            throw error
        }
    }

    /// A relay that goes on has its deposit, and enough for a fee.
    private func fillUp(_ relay: AccountID) throws {
        let (needed, fee) = (self.parameters.game.deposit, self.parameters.payments.checkFee)
        try self.state.attempt(at: self.height) { contract throws(IncentiveFailure) in
            let account = try contract.account(relay)
            if let missing = needed.subtracting(account.deposit), missing > .zero {
                try contract.issue(missing, to: relay)
                try contract.deposit(missing, by: relay)
            }
            if account.free < fee { try contract.issue(fee, to: relay) }
        }
    }

    /// What players and their accomplice have, free and deposited.
    private func wealth(of players: [AccountID]) throws -> Double {
        var sum = 0.0
        for id in players + [self.accomplice] {
            let account = try self.state.attempt(at: self.height) { contract throws(IncentiveFailure) in
                try contract.account(id)
            }
            sum += account.free.number + account.deposit.number
        }
        return sum
    }
}

/// Chances that a seed repeats: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct RelayChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func happens(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
}
