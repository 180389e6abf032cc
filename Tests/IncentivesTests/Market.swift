import CanonicalBytes
import Testing

@testable import Incentives

func account(_ name: String) throws -> AccountID { try AccountID(Array(name.utf8)) }

func message(_ number: UInt64) throws -> MessageKey {
    try MessageKey([UInt8](repeating: 0, count: 24) + number.bigEndianBytes)
}

func faultID(_ number: UInt64) throws -> FaultID {
    try FaultID([UInt8](repeating: 1, count: 24) + number.bigEndianBytes)
}

func digest(_ number: UInt8) throws -> CodeDigest { try CodeDigest([UInt8](repeating: number, count: 32)) }

/// A state with relays that have deposits, and a payer.
struct Market {
    let state = MemoryCreditState()
    let parameters: IncentiveParameters
    let payer: AccountID
    let first: AccountID
    let second: AccountID
    let third: AccountID

    init(_ parameters: IncentiveParameters = .standard) throws {
        self.parameters = parameters
        self.payer = try account("clinic:institution:billing")
        self.first = try account("relay:gateway:first")
        self.second = try account("relay:gateway:second")
        self.third = try account("relay:gateway:third")
        try self.at(1) { market throws(IncentiveFailure) in
            try market.set(parameters)
            try market.issue(Credits(1_000), to: self.payer)
            for relay in [self.first, self.second, self.third] {
                try market.issue(Credits(150), to: relay)
                try market.deposit(Credits(100), by: relay)
            }
        }
    }

    @discardableResult
    func at<Result>(
        _ height: UInt64,
        _ transitions: (ValueTransfer) throws(IncentiveFailure) -> Result
    ) throws(IncentiveFailure) -> Result {
        try self.state.attempt(at: height, transitions)
    }

    /// Why a transition is not allowed; nil when it is.
    func rejection(
        _ height: UInt64,
        _ transitions: (ValueTransfer) throws(IncentiveFailure) -> Void
    ) -> IncentiveRejection? {
        do throws(IncentiveFailure) { try self.state.attempt(at: height, transitions) } catch {
            guard case .rejected(let rejection, _) = error else {
                Issue.record("\(error)")
                return nil
            }
            return rejection
        }
        return nil
    }

    /// One hop by `first`, backed up by `second`; the acknowledgement by `second`, backed up by `third`.
    func order(_ number: UInt64 = 1, deadline: UInt64 = 100) throws -> TransferOrder {
        TransferOrder(
            message: try message(number),
            payer: self.payer,
            budget: Credits(5),
            hops: [Assignment(assignee: self.first, backup: self.second)],
            acknowledgement: Assignment(assignee: self.second, backup: self.third),
            deadline: deadline
        )
    }

    func free(_ id: AccountID) throws -> Credits {
        try self.at(1) { m throws(IncentiveFailure) in try m.account(id) }.free
    }

    func deposit(_ id: AccountID) throws -> Credits {
        try self.at(1) { m throws(IncentiveFailure) in try m.account(id) }.deposit
    }

    func pool() throws -> Credits { try self.at(1) { m throws(IncentiveFailure) in try m.totals() }.pool }

    /// The invariant, by the contract's own sums and by counting every record.
    func requireBalance(_ comment: Comment? = nil) throws {
        let totals = try self.at(1) { m throws(IncentiveFailure) in try m.totals() }
        #expect(totals.isBalanced, comment)
        #expect(try CreditTotals.recounted(self.state.entries) == totals, comment)
    }
}

/// SplitMix64: the same choices for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
