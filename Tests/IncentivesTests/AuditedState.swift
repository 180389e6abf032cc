import CanonicalBytes

@testable import Incentives

/// A state that counts the credits of its records itself, write by write, whatever the contract's totals say.
final class AuditedState: CreditState {
    private var values: [[UInt8]: [UInt8]] = [:]
    private var overwritten: [(key: [UInt8], value: [UInt8]?)] = []
    private var free: Int128 = 0
    private var deposit: Int128 = 0
    private var escrow: Int128 = 0
    /// Equal for equal states, and hardly for others.
    private(set) var fingerprint = 0

    func value(of key: [UInt8]) -> [UInt8]? { self.values[key] }

    func set(_ key: [UInt8], to value: [UInt8]?) throws(IncentiveFailure) {
        self.overwritten.append((key, self.values[key]))
        try self.replace(key, value)
    }

    func attempt<Result>(
        at height: UInt64,
        _ transitions: (ValueTransfer) throws(IncentiveFailure) -> Result
    ) throws(IncentiveFailure) -> Result {
        defer { self.overwritten.removeAll(keepingCapacity: true) }
        do throws(IncentiveFailure) { return try transitions(ValueTransfer(state: self, height: height)) } catch {
            while let last = self.overwritten.popLast() { try self.replace(last.key, last.value) }
            throw error
        }
    }

    func agrees(with totals: CreditTotals) -> Bool {
        self.free == Int128(totals.free.millionths) && self.deposit == Int128(totals.deposit.millionths)
            && self.escrow == Int128(totals.escrow.millionths)
    }

    var entries: [(key: [UInt8], value: [UInt8])] { self.values.map { ($0.key, $0.value) } }

    private func replace(_ key: [UInt8], _ value: [UInt8]?) throws(IncentiveFailure) {
        if let old = self.values[key] { try self.count(key, old, -1) }
        if let value { try self.count(key, value, 1) }
        self.values[key] = value
    }

    private func count(_ key: [UInt8], _ value: [UInt8], _ sign: Int128) throws(IncentiveFailure) {
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(value)
        self.fingerprint ^= hasher.finalize()
        let totals: CreditTotals
        do throws(ProtocolFailure) { totals = try CreditTotals.recounted([(key, value)]) } catch {
            throw .damaged(error)
        }
        self.free += sign * Int128(totals.free.millionths)
        self.deposit += sign * Int128(totals.deposit.millionths)
        self.escrow += sign * Int128(totals.escrow.millionths)
    }
}
