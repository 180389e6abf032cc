internal import CanonicalBytes

/// The value-transfer contract: what happens to service credits when messages cross chains.
///
/// Every transition moves credits between free accounts, deposits, escrows and the pool, and none makes or loses one but
/// ``issue(_:to:)`` and ``retire(_:from:)``. Who may ask for a transition, and whether a proof is one, its caller has
/// verified.
package struct ValueTransfer {
    /// Where credits are.
    enum Pot: Hashable {
        case free(AccountID)
        case deposit(AccountID)
        /// Held for a message or for code, whose record says how much of it is theirs.
        case escrow
        case pool
    }

    let state: any CreditState
    /// Of the block that the transition is in; above 0.
    package let height: UInt64

    /// - Parameters:
    ///   - state: the contract's part of the chain's state.
    ///   - height: of the block that the transitions are in, above 0.
    package init(state: any CreditState, height: UInt64) {
        self.state = state
        self.height = height
    }

    // MARK: - What there is

    /// - Throws: what reading throws.
    package func account(_ id: AccountID) throws(IncentiveFailure) -> Account {
        try self.state.record(Account.self, at: IncentiveKey.account(id)) ?? .empty
    }

    /// - Throws: what reading throws.
    package func totals() throws(IncentiveFailure) -> CreditTotals {
        try self.state.record(CreditTotals.self, at: IncentiveKey.totals) ?? .none
    }

    /// - Throws: `not-configured` before parameters were set.
    package func parameters() throws(IncentiveFailure) -> IncentiveParameters {
        guard let known = try self.state.record(IncentiveParameters.self, at: IncentiveKey.parameters) else {
            throw .rejected(.notConfigured, "no parameters are set")
        }
        return known
    }

    /// - Returns: nil for a message that nothing was locked for.
    package func escrow(_ message: MessageKey) throws(IncentiveFailure) -> Escrow? {
        try self.state.record(Escrow.self, at: IncentiveKey.escrow(message))
    }

    /// - Returns: nil when the message has no such slot.
    package func slot(_ message: MessageKey, _ index: UInt8) throws(IncentiveFailure) -> RouteSlot? {
        try self.state.record(RouteSlot.self, at: IncentiveKey.slot(message, index))
    }

    // MARK: - Parameters and supply

    /// Sets all parameters; messages under way keep what they were locked with.
    ///
    /// - Throws: as ``IncentiveParameters/requireLawful()``.
    package func set(_ parameters: IncentiveParameters) throws(IncentiveFailure) {
        try parameters.requireLawful()
        try self.state.store(parameters, at: IncentiveKey.parameters)
    }

    /// Gives an institution the credits of a period, as the governors settled.
    ///
    /// - Throws: `amount-out-of-range`, `supply-exhausted` beyond ``Credits/limit``.
    package func issue(_ amount: Credits, to id: AccountID) throws(IncentiveFailure) {
        try ensure(amount > .zero, .amountOutOfRange, "nothing to issue")
        var totals = try self.totals()
        guard let supply = totals.supply.adding(amount) else {
            throw .rejected(.supplyExhausted, "more than \(Credits.limit) credits")
        }
        totals.supply = supply
        totals.free = try Self.sum(totals.free, amount)
        try self.state.store(totals, at: IncentiveKey.totals)
        try self.change(.free(id), of: id, by: amount, isIncrease: true)
    }

    /// Takes free credits out of circulation when a period is settled.
    ///
    /// - Throws: `amount-out-of-range`, `insufficient-credits`.
    package func retire(_ amount: Credits, from id: AccountID) throws(IncentiveFailure) {
        try ensure(amount > .zero, .amountOutOfRange, "nothing to retire")
        try self.change(.free(id), of: id, by: amount, isIncrease: false)
        var totals = try self.totals()
        totals.supply = try Self.difference(totals.supply, amount)
        totals.free = try Self.difference(totals.free, amount)
        try self.state.store(totals, at: IncentiveKey.totals)
    }

    // MARK: - Movements

    /// Moves credits from one pot to another: the only way in which transitions change anybody's credits.
    ///
    /// - Throws: `insufficient-credits`, `insufficient-pool`.
    func move(_ amount: Credits, from source: Pot, to target: Pot) throws(IncentiveFailure) {
        guard amount > .zero, source != target else { return }
        if case .free(let id) = source { try self.change(source, of: id, by: amount, isIncrease: false) }
        if case .deposit(let id) = source { try self.change(source, of: id, by: amount, isIncrease: false) }
        var totals = try self.totals()
        if source == .pool {
            try ensure(totals.pool >= amount, .insufficientPool, "the pool has \(totals.pool) of \(amount)")
        }
        totals[source] = try Self.difference(totals[source], amount)
        totals[target] = try Self.sum(totals[target], amount)
        try self.state.store(totals, at: IncentiveKey.totals)
        if case .free(let id) = target { try self.change(target, of: id, by: amount, isIncrease: true) }
        if case .deposit(let id) = target { try self.change(target, of: id, by: amount, isIncrease: true) }
    }

    private func change(
        _ pot: Pot,
        of id: AccountID,
        by amount: Credits,
        isIncrease: Bool
    ) throws(IncentiveFailure) {
        var account = try self.account(id)
        let before = if case .deposit = pot { account.deposit } else { account.free }
        guard let after = isIncrease ? before.adding(amount) : before.subtracting(amount) else {
            throw .rejected(.insufficientCredits, "\(before) of \(amount) credits")
        }
        if case .deposit = pot { account.deposit = after } else { account.free = after }
        try self.store(account, of: id)
    }

    func store(_ account: Account, of id: AccountID) throws(IncentiveFailure) {
        try self.state.set(IncentiveKey.account(id), to: account == .empty ? nil : account.bytes)
    }

    /// What the contract keeps fits in its limits, unless the state is not the contract's.
    static func sum(_ first: Credits, _ second: Credits) throws(IncentiveFailure) -> Credits {
        guard let sum = first.adding(second) else {
            throw .damaged(ProtocolFailure(.context, "more credits than there can be"))
        }
        return sum
    }

    static func difference(_ first: Credits, _ second: Credits) throws(IncentiveFailure) -> Credits {
        guard let difference = first.subtracting(second) else {
            throw .damaged(ProtocolFailure(.context, "fewer credits than were put there"))
        }
        return difference
    }
}

extension CreditTotals {
    fileprivate subscript(pot: ValueTransfer.Pot) -> Credits {
        get {
            switch pot {
            case .free: self.free
            case .deposit: self.deposit
            case .escrow: self.escrow
            case .pool: self.pool
            }
        }
        set {
            switch pot {
            case .free: self.free = newValue
            case .deposit: self.deposit = newValue
            case .escrow: self.escrow = newValue
            case .pool: self.pool = newValue
            }
        }
    }
}
