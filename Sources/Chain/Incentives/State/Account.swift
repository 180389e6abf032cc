package import CanonicalBytes

/// What one account has: `u64 free || u64 deposit || u64 unbonding at`.
package struct Account: CreditRecord {
    package static let empty = Account(free: .zero, deposit: .zero, unbondingAt: 0)

    /// To be used for messages and fees.
    package internal(set) var free: Credits
    /// What answers for faults, also while it is unbonding.
    package internal(set) var deposit: Credits
    /// The height at which unbonding began; 0: it did not.
    package internal(set) var unbondingAt: UInt64

    init(free: Credits, deposit: Credits, unbondingAt: UInt64) {
        self.free = free
        self.deposit = deposit
        self.unbondingAt = unbondingAt
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.credits(self.free)
        writer.credits(self.deposit)
        writer.u64(self.unbondingAt)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.free = try reader.credits()
        self.deposit = try reader.credits()
        self.unbondingAt = try reader.u64()
    }
}

/// All credits by where they are: `u64 free || u64 deposit || u64 escrow || u64 pool || u64 supply`.
package struct CreditTotals: CreditRecord {
    package static let none = CreditTotals(free: .zero, deposit: .zero, escrow: .zero, pool: .zero, supply: .zero)

    package internal(set) var free: Credits
    package internal(set) var deposit: Credits
    /// What is held for messages and for contract code.
    package internal(set) var escrow: Credits
    /// Fees and penalties, from which canaries are paid.
    package internal(set) var pool: Credits
    /// What was issued and not retired.
    package internal(set) var supply: Credits

    init(free: Credits, deposit: Credits, escrow: Credits, pool: Credits, supply: Credits) {
        self.free = free
        self.deposit = deposit
        self.escrow = escrow
        self.pool = pool
        self.supply = supply
    }

    /// Whether free credits, deposits, escrows and pool are the supply: the contract's invariant.
    package var isBalanced: Bool {
        var sum: UInt64 = 0
        for part in [self.free, self.deposit, self.escrow, self.pool] {
            let (next, overflow) = sum.addingReportingOverflow(part.millionths)
            guard !overflow else { return false }
            sum = next
        }
        return sum == self.supply.millionths
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.credits(self.free)
        writer.credits(self.deposit)
        writer.credits(self.escrow)
        writer.credits(self.pool)
        writer.credits(self.supply)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.free = try reader.credits()
        self.deposit = try reader.credits()
        self.escrow = try reader.credits()
        self.pool = try reader.credits()
        self.supply = try reader.credits()
    }
}
