package import CanonicalBytes
package import Consensus

/// Why a transaction of a block had no effect, or the block cannot be judged.
package enum ContractFailure: Error, Hashable, Sendable {
    /// The transaction stays in the block with this code; its writes are undone.
    case rejected(RejectionCode, String)
    /// The store is damaged.
    case damaged(ProtocolFailure)
}

/// The contracts of a chain: a fixed set of deterministic transitions.
package protocol ContractLogic: Sendable {
    /// The state of block 0, ascending by key.
    func genesisState(of channel: Channel, _ genesis: Genesis) -> [StateChange]

    /// Carries out one admitted transaction.
    ///
    /// - Throws: ``ContractFailure/rejected(_:_:)`` with a stable code for whatever the contract does not allow.
    func execute(_ call: ContractCall) throws(ContractFailure)

    /// Does ahead, and at once, what executing several transactions of one block would do one by one.
    ///
    /// It is called before a block's transactions are executed, and must change nothing of what ``execute(_:)`` then
    /// does but the time that it takes.
    ///
    /// - Parameters:
    ///   - transactions: of the block, or those that it is to be made of.
    ///   - block: that they are for.
    ///   - state: after the parent block.
    func prepare(_ transactions: [VerifiedTransaction], for block: BlockContext, _ state: any StateReader)
}

extension ContractLogic {
    /// Does nothing ahead.
    package func prepare(_ transactions: [VerifiedTransaction], for block: BlockContext, _ state: any StateReader) {}
}

/// The block that transactions are executed in.
package struct BlockContext: Sendable {
    package let chain: [UInt8]
    package let channel: Channel
    package let height: Height
    /// Milliseconds since 1970.
    package let time: UInt64
    /// The committee that decides this block.
    package let committee: Committee

    package init(chain: [UInt8], channel: Channel, height: Height, time: UInt64, committee: Committee) {
        self.chain = chain
        self.channel = channel
        self.height = height
        self.time = time
        self.committee = committee
    }
}

/// What a contract sees of one transaction, and its only way to act.
///
/// Every access is charged, so that no transaction works without bound.
package final class ContractCall {
    package let block: BlockContext
    package let caller: Caller
    package let transaction: Transaction
    private let state: StateSession
    private let costMax: UInt64
    private(set) var cost: UInt64 = 0
    private(set) var events: [ContractEvent] = []
    private(set) var nextCommittee: Committee?

    package init(block: BlockContext, verified: VerifiedTransaction, state: StateSession, costMax: UInt64) {
        self.block = block
        self.caller = verified.caller
        self.transaction = verified.transaction
        self.state = state
        self.costMax = costMax
    }

    /// The method's bytes.
    package var arguments: [UInt8] { self.transaction.arguments }

    /// Reads the value of a whole key (``StateKey``); costs 10 and one for each 32 bytes.
    package func value(of key: [UInt8]) throws(ContractFailure) -> [UInt8]? {
        let value: [UInt8]?
        do throws(ProtocolFailure) { value = try self.state.value(of: key) } catch { throw .damaged(error) }
        try self.charge(10 + UInt64(value?.count ?? 0) / 32)
        return value
    }

    /// Writes or removes a value; costs 20 and one for each 16 bytes.
    package func set(_ key: [UInt8], to value: [UInt8]?) throws(ContractFailure) {
        try self.charge(20 + UInt64(key.count + (value?.count ?? 0)) / 16)
        self.state.set(key, to: value)
    }

    /// Tells the world; costs 5 and one for each 32 bytes.
    package func emit(_ topic: String, _ data: [UInt8]) throws(ContractFailure) {
        try self.charge(5 + UInt64(data.count) / 32)
        guard self.events.count < TransactionReceipt.eventsMax else {
            throw .rejected(.tooMuchWork, "more than \(TransactionReceipt.eventsMax) events")
        }
        self.events.append(ContractEvent(topic: topic, data: data))
    }

    /// Charges work that a contract does itself; a signature check is worth about 200.
    package func charge(_ units: UInt64) throws(ContractFailure) {
        let (sum, overflow) = self.cost.addingReportingOverflow(units)
        guard !overflow, sum <= self.costMax else {
            throw .rejected(.tooMuchWork, "more than \(self.costMax) units of work")
        }
        self.cost = sum
    }

    /// Names the committee of the next epoch, which decides from the next block on.
    package func changeCommittee(to committee: Committee) throws(ContractFailure) {
        guard committee.isLawfulSuccessor(of: self.block.committee) else {
            throw .rejected(.unlawfulCommittee, "too many members come or go at once, or fewer than four stay")
        }
        self.nextCommittee = committee
    }
}

extension RejectionCode {
    /// 1 to 99 belong to the ledger itself, the hundreds above to one contract each.
    package static let tooMuchWork = RejectionCode(1, "too-much-work")
    package static let unknownContract = RejectionCode(2, "unknown-contract")
    package static let unknownMethod = RejectionCode(3, "unknown-method")
    package static let malformedArguments = RejectionCode(4, "malformed-arguments")
    package static let notAllowed = RejectionCode(5, "not-allowed")
    package static let unlawfulCommittee = RejectionCode(6, "unlawful-committee")
    package static let wrongChannel = RejectionCode(8, "wrong-channel")
}
