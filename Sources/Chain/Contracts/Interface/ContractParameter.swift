internal import Ledger

/// Numbers of the contracts that governors may change, beside the ledger's own (``ChainParameter``).
package enum ContractParameter: String, CaseIterable, Sendable {
    /// Seconds that an anchor's newest envelope may lie ahead of the block's time.
    case anchorAheadSeconds = "anchor.ahead_seconds"
    /// Seconds after which an anchor is marked late.
    case anchorLateSeconds = "anchor.late_seconds"
    /// 1: scopes without a list of writers may be anchored, with a mark.
    case anchorOpenScopes = "anchor.open_scopes"
    /// Seconds that a permission of an emergency lasts.
    case emergencySeconds = "access.emergency_seconds"
    /// Seconds from a permission to its end, at most.
    case permissionSecondsMax = "access.permission_seconds_max"
    /// Seconds from a proposal to its end, at most.
    case proposalSecondsMax = "governance.proposal_seconds_max"
    /// Seconds from a request to its end, at most.
    case requestSecondsMax = "access.request_seconds_max"
    /// Work that a proof of a policy counts for, which bounds how many a block has.
    case proofCost = "zk.proof_cost"
    /// Seconds for which a root of credentials is good after a revocation.
    case revokedRootSeconds = "zk.revoked_root_seconds"
    /// Seconds for which a root of credentials is good after credentials were added.
    case rootSecondsMax = "zk.root_seconds_max"
    /// Requests that a holder can make in an epoch.
    case slotsPerEpoch = "zk.slots_per_epoch"

    package var defaultValue: UInt64 {
        switch self {
        case .anchorAheadSeconds: 300
        case .anchorLateSeconds: 3_600
        case .anchorOpenScopes: 1
        case .emergencySeconds: 3_600
        case .permissionSecondsMax: 31_536_000
        case .proposalSecondsMax, .requestSecondsMax: 2_592_000
        case .proofCost: 200_000
        case .revokedRootSeconds: 0
        case .rootSecondsMax: 86_400
        case .slotsPerEpoch: 32
        }
    }

    /// Values that governors may choose.
    package var range: ClosedRange<UInt64> {
        switch self {
        case .anchorAheadSeconds: 0...86_400
        case .anchorLateSeconds: 0...31_536_000
        case .anchorOpenScopes: 0...1
        case .emergencySeconds: 60...3_600
        case .permissionSecondsMax: 3_600...315_360_000
        case .proposalSecondsMax, .requestSecondsMax: 3_600...31_536_000
        case .proofCost: 10_000...500_000
        case .revokedRootSeconds, .rootSecondsMax: 0...31_536_000
        case .slotsPerEpoch: 1...65_536
        }
    }

    /// The values that governors may give to a parameter of either kind.
    ///
    /// - Returns: nil when there is no such parameter.
    package static func range(of name: String) -> ClosedRange<UInt64>? {
        if let parameter = ChainParameter.allCases.first(where: { $0.rawValue.isSame(as: name) }) {
            return parameter.range
        }
        return Self.allCases.first { $0.rawValue.isSame(as: name) }?.range
    }
}

extension ContractCall {
    /// A parameter's value; one that a genesis put out of range counts as the nearest in it.
    func parameter(_ parameter: ContractParameter) throws(ContractFailure) -> UInt64 {
        let value = try self.number(at: StateKey.parameter(parameter.rawValue)) ?? parameter.defaultValue
        return min(max(value, parameter.range.lowerBound), parameter.range.upperBound)
    }

    /// The epoch of scopes, `floor(seconds / epoch.seconds)`, at a time in seconds since 1970.
    func scopeEpoch(at seconds: UInt64) throws(ContractFailure) -> UInt64 {
        let parameter = ChainParameter.epochSeconds
        let length = try self.number(at: StateKey.parameter(parameter.rawValue)) ?? parameter.defaultValue
        return seconds / min(max(length, parameter.range.lowerBound), parameter.range.upperBound)
    }

    /// Requires that a moment lies after the block's time, and not further than a parameter allows.
    ///
    /// - Parameters:
    ///   - moment: milliseconds since 1970.
    ///   - limit: the parameter, in seconds.
    ///   - code: of the rejection.
    /// - Throws: the code.
    func requireSoon(
        _ moment: UInt64,
        within limit: ContractParameter,
        _ code: RejectionCode
    ) throws(ContractFailure) {
        let limitMilliseconds = try self.parameter(limit) * 1_000
        let isSoon = moment > self.block.time && moment - self.block.time <= limitMilliseconds
        try ensure(isSoon, code, "not between now and the limit of \(limit.rawValue)")
    }
}
