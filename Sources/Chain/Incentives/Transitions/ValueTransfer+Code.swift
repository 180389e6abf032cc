/// A request to make a digest the code of a contract.
package struct CodeActivation: Hashable, Sendable {
    package let name: CodeName
    package let digest: CodeDigest
    /// Who pays for it.
    package let owner: AccountID
    /// The first height at which the digest counts.
    package let activeFrom: UInt64

    package init(name: CodeName, digest: CodeDigest, owner: AccountID, activeFrom: UInt64) {
        self.name = name
        self.digest = digest
        self.owner = owner
        self.activeFrom = activeFrom
    }
}

extension ValueTransfer {
    /// - Returns: nil for a contract that was never deployed.
    package func code(_ name: CodeName) throws(IncentiveFailure) -> ContractCode? {
        try self.state.record(ContractCode.self, at: IncentiveKey.code(name))
    }

    /// Deploys a contract: charges the fee, holds the deposit, and names the height from which the digest counts.
    ///
    /// - Throws: `code-exists`, also for a name that was given up; `activation-out-of-range`, `insufficient-credits`.
    package func deploy(_ activation: CodeActivation) throws(IncentiveFailure) {
        let costs = try self.parameters().code
        try ensure(try self.code(activation.name) == nil, .codeExists, "a contract of this name was deployed")
        try self.requireNotice(activation.activeFrom, costs)
        try self.move(costs.deploymentFee, from: .free(activation.owner), to: .pool)
        try self.move(costs.deploymentDeposit, from: .free(activation.owner), to: .escrow)
        let version = ContractCode.Version(
            digest: activation.digest,
            activeFrom: activation.activeFrom,
            deposit: .zero
        )
        let code = ContractCode(owner: activation.owner, deposit: costs.deploymentDeposit, base: version)
        try self.state.store(code, at: IncentiveKey.code(activation.name))
    }

    /// Announces an upgrade: charges the fee, and holds a deposit until its trial is over.
    ///
    /// The deposit of the upgrade before, if nobody asked for it, goes back to the owner.
    ///
    /// - Throws: `no-such-code`, `code-retired`, `not-the-owner`, `same-code`, `upgrade-pending` before the last version is
    ///   active, `trial-not-over`, `activation-out-of-range`, `insufficient-credits`.
    package func upgrade(_ activation: CodeActivation) throws(IncentiveFailure) {
        let costs = try self.parameters().code
        var code = try self.ownCode(activation.name, of: activation.owner)
        let newest = code.upgrade ?? code.base
        try ensure(newest.digest != activation.digest, .sameCode, "it is the newest already")
        try ensure(self.height >= newest.activeFrom, .upgradePending, "until \(newest.activeFrom)")
        if newest.deposit > .zero { try self.requireTrialOver(newest, costs) }
        try self.requireNotice(activation.activeFrom, costs)
        try self.move(newest.deposit, from: .escrow, to: .free(code.owner))
        try self.move(costs.upgradeFee, from: .free(code.owner), to: .pool)
        try self.move(costs.upgradeDeposit, from: .free(code.owner), to: .escrow)
        code.base = ContractCode.Version(digest: newest.digest, activeFrom: newest.activeFrom, deposit: .zero)
        code.upgrade = ContractCode.Version(
            digest: activation.digest,
            activeFrom: activation.activeFrom,
            deposit: costs.upgradeDeposit
        )
        try self.state.store(code, at: IncentiveKey.code(activation.name))
    }

    /// Takes an upgrade back before its activation; the deposit is returned, the fee is not.
    ///
    /// - Throws: `no-such-code`, `code-retired`, `not-the-owner`, `no-upgrade-pending`.
    package func cancelUpgrade(of name: CodeName, by owner: AccountID) throws(IncentiveFailure) {
        var code = try self.ownCode(name, of: owner)
        guard let upgrade = code.upgrade, self.height < upgrade.activeFrom else {
            throw .rejected(.noUpgradePending, "nothing waits for its activation")
        }
        try self.move(upgrade.deposit, from: .escrow, to: .free(code.owner))
        code.upgrade = nil
        try self.state.store(code, at: IncentiveKey.code(name))
    }

    /// Returns the deposit of an upgrade whose trial is over.
    ///
    /// - Returns: what was returned.
    /// - Throws: `no-such-code`, `code-retired`, `not-the-owner`, `no-upgrade-pending` when nothing is held for an upgrade,
    ///   `trial-not-over`.
    package func releaseUpgrade(of name: CodeName, by owner: AccountID) throws(IncentiveFailure) -> Credits {
        var code = try self.ownCode(name, of: owner)
        guard let upgrade = code.upgrade, upgrade.deposit > .zero else {
            throw .rejected(.noUpgradePending, "nothing is held for an upgrade")
        }
        try self.requireTrialOver(upgrade, try self.parameters().code)
        try self.move(upgrade.deposit, from: .escrow, to: .free(code.owner))
        code.upgrade?.deposit = .zero
        try self.state.store(code, at: IncentiveKey.code(name))
        return upgrade.deposit
    }

    /// Gives a contract up: no digest counts from this height on.
    ///
    /// - Throws: `no-such-code`, `code-retired`, `not-the-owner`.
    package func retireCode(_ name: CodeName, by owner: AccountID) throws(IncentiveFailure) {
        var code = try self.ownCode(name, of: owner)
        code.retiredAt = self.height
        try self.state.store(code, at: IncentiveKey.code(name))
    }

    /// Returns what is held for a contract that was given up, when a deposit of a relay would be free too.
    ///
    /// - Returns: what was returned, nothing the second time.
    /// - Throws: `no-such-code`, `code-in-use`, `not-the-owner`, `still-bonded`.
    package func releaseCode(_ name: CodeName, by owner: AccountID) throws(IncentiveFailure) -> Credits {
        guard var code = try self.code(name) else { throw .rejected(.noSuchCode, "no such contract") }
        try ensure(code.owner == owner, .notTheOwner, "somebody else's contract")
        try ensure(code.retiredAt > 0, .codeInUse, "it was not given up")
        let (until, overflow) = code.retiredAt.addingReportingOverflow(try self.parameters().periods.unbondingBlocks)
        try ensure(!overflow && self.height > until, .stillBonded, "until \(until)")
        return try self.empty(&code, of: name, into: .free(owner))
    }

    /// Takes what is held for a contract that the governors condemned, and ends it.
    ///
    /// - Returns: what the pool got.
    /// - Throws: `no-such-code`.
    package func forfeitCode(_ name: CodeName) throws(IncentiveFailure) -> Credits {
        guard var code = try self.code(name) else { throw .rejected(.noSuchCode, "no such contract") }
        if code.retiredAt == 0 { code.retiredAt = self.height }
        return try self.empty(&code, of: name, into: .pool)
    }

    private func empty(
        _ code: inout ContractCode,
        of name: CodeName,
        into pot: Pot
    ) throws(IncentiveFailure) -> Credits {
        let held = try Self.sum(code.deposit, code.upgrade?.deposit ?? .zero)
        try self.move(held, from: .escrow, to: pot)
        code.deposit = .zero
        code.upgrade?.deposit = .zero
        try self.state.store(code, at: IncentiveKey.code(name))
        return held
    }

    private func ownCode(_ name: CodeName, of owner: AccountID) throws(IncentiveFailure) -> ContractCode {
        guard let code = try self.code(name) else { throw .rejected(.noSuchCode, "no such contract") }
        try ensure(code.retiredAt == 0, .codeRetired, "given up at \(code.retiredAt)")
        try ensure(code.owner == owner, .notTheOwner, "somebody else's contract")
        return code
    }

    private func requireNotice(
        _ activeFrom: UInt64,
        _ costs: IncentiveParameters.Code
    ) throws(IncentiveFailure) {
        let isAhead =
            activeFrom > self.height && activeFrom - self.height >= costs.noticeBlocks
            && activeFrom - self.height <= IncentiveParameters.blocksLimit
        try ensure(isAhead, .activationOutOfRange, "at least \(costs.noticeBlocks) blocks ahead")
    }

    private func requireTrialOver(
        _ version: ContractCode.Version,
        _ costs: IncentiveParameters.Code
    ) throws(IncentiveFailure) {
        let (until, overflow) = version.activeFrom.addingReportingOverflow(costs.trialBlocks)
        try ensure(!overflow && self.height > until, .trialNotOver, "until \(until)")
    }
}
