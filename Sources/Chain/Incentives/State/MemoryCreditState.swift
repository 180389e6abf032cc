package import CanonicalBytes

/// A state in memory, for simulations and tests.
package final class MemoryCreditState: CreditState {
    private var values: [[UInt8]: [UInt8]] = [:]
    /// What the transition at work has overwritten, oldest first.
    private var overwritten: [(key: [UInt8], value: [UInt8]?)] = []

    package init() {}

    package func value(of key: [UInt8]) -> [UInt8]? { self.values[key] }

    package func set(_ key: [UInt8], to value: [UInt8]?) {
        self.overwritten.append((key, self.values[key]))
        self.values[key] = value
    }

    /// Carries out transitions of one height; all of them, or none when one throws.
    ///
    /// - Parameters:
    ///   - height: of the block that they are in.
    ///   - transitions: what to do.
    /// - Returns: what the transitions return.
    /// - Throws: what they throw.
    package func attempt<Result>(
        at height: UInt64,
        _ transitions: (ValueTransfer) throws(IncentiveFailure) -> Result
    ) throws(IncentiveFailure) -> Result {
        self.overwritten.removeAll(keepingCapacity: true)
        do throws(IncentiveFailure) { return try transitions(ValueTransfer(state: self, height: height)) } catch {
            while let last = self.overwritten.popLast() { self.values[last.key] = last.value }
            throw error
        }
    }

    /// Everything, ascending by key.
    package var entries: [(key: [UInt8], value: [UInt8])] {
        self.values.map { ($0.key, $0.value) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
    }
}

extension CreditTotals {
    /// Counts every credit of a whole state anew, apart from the supply and the pool, which stand in one place.
    ///
    /// - Parameter entries: all keys of the contract with their values.
    /// - Returns: what ``ValueTransfer/totals()`` must be.
    /// - Throws: `FORMAT` for a record that the contract did not write, `CONTEXT` beyond the limit of credits.
    package static func recounted(
        _ entries: some Sequence<(key: [UInt8], value: [UInt8])>
    ) throws(ProtocolFailure) -> CreditTotals {
        var totals = CreditTotals.none
        for (key, value) in entries {
            switch key.first.flatMap(IncentiveKey.Kind.init(rawValue:)) {
            case .account:
                let account = try Account(bytes: value)
                totals.free = try totals.free.counting(account.free)
                totals.deposit = try totals.deposit.counting(account.deposit)
            case .escrow: totals.escrow = try totals.escrow.counting(try Escrow(bytes: value).remaining)
            case .code:
                let code = try ContractCode(bytes: value)
                totals.escrow = try totals.escrow.counting(code.deposit)
                totals.escrow = try totals.escrow.counting(code.base.deposit)
                totals.escrow = try totals.escrow.counting(code.upgrade?.deposit ?? .zero)
            case .totals:
                let known = try CreditTotals(bytes: value)
                totals.pool = known.pool
                totals.supply = known.supply
            case .fault, .parameters, .slot: continue
            case nil: throw ProtocolFailure(.format, "a key of an unknown kind")
            }
        }
        return totals
    }
}

extension Credits {
    fileprivate func counting(_ other: Credits) throws(ProtocolFailure) -> Credits {
        guard let sum = self.adding(other) else { throw ProtocolFailure(.context, "more credits than there can be") }
        return sum
    }
}
