package import CanonicalBytes
internal import Certificates
internal import IBTP
internal import Incentives
internal import Ledger
internal import Transcripts

/// The value-transfer contract over a call's state.
///
/// Payments never stop a message: what the rules of payment refuse is left out, and the exchange goes on. While governors
/// have set no parameters, nothing is paid at all.
enum RelayCredits {
    static var methods: [Method] {
        [Method(self.deposit), Method(self.unbond), Method(self.withdraw), Method(self.refund)] + self.codeMethods
    }

    /// Work that looking for bonded gateways may take, in accounts.
    private static let candidatesMax = 8

    static func transfer(_ call: ContractCall) -> ValueTransfer {
        ValueTransfer(state: CallCredits(call: call), height: call.block.height)
    }

    /// Takes a step of the value-transfer contract.
    ///
    /// - Throws: the code of what it refuses.
    static func paid<Result>(
        _ step: () throws(IncentiveFailure) -> Result
    ) throws(ContractFailure) -> Result {
        do throws(IncentiveFailure) { return try step() } catch { throw Self.failure(error) }
    }

    /// Takes a step that a message does not wait for.
    ///
    /// The rules refuse before they write, so that what is refused has changed nothing.
    ///
    /// - Returns: nil for what is refused.
    static func tried<Result>(
        _ step: () throws(IncentiveFailure) -> Result
    ) throws(ContractFailure) -> Result? {
        do throws(IncentiveFailure) { return try step() } catch {
            if case .rejected = error { return nil }
            throw Self.failure(error)
        }
    }

    private static func failure(_ failure: IncentiveFailure) -> ContractFailure {
        switch failure {
        case .rejected(let rejection, let detail): .rejected(.incentive(rejection), detail)
        case .damaged(let failure): .damaged(failure)
        case .outOfWork(let detail): .rejected(.tooMuchWork, detail)
        }
    }

    static func account(_ bytes: [UInt8]) -> AccountID? { try? AccountID(bytes) }

    static func account(of party: PartyName) throws(ContractFailure) -> AccountID {
        do throws(ProtocolFailure) { return try AccountID(Array(party.description.utf8)) } catch {
            throw .rejected(.notAllowed, error.description)
        }
    }

    /// The caller's account; nil for a pseudonym.
    private static func caller(_ call: ContractCall) -> AccountID? {
        guard case .party(let name, _) = call.caller else { return nil }
        return self.account(Array(name.description.utf8))
    }

    /// `H("RELAY-ESCROW", id)`.
    static func key(of id: MessageID) throws(ContractFailure) -> MessageKey {
        do throws(ProtocolFailure) {
            return try MessageKey(TaggedHash.digest("RELAY-ESCROW", Array(id.description.utf8)))
        } catch { throw .damaged(error) }
    }

    // MARK: - Messages

    /// Whether the asking chain's account has what a message costs; always while nothing is paid.
    static func canPay(_ id: MessageID, _ call: ContractCall) throws(ContractFailure) -> Bool {
        let transfer = self.transfer(call)
        guard let parameters = try self.tried({ () throws(IncentiveFailure) in try transfer.parameters() }),
            try self.gateways(parameters, transfer, call).count > 1, let payer = self.account(Array(id.from.chain.utf8))
        else { return true }
        let account = try self.paid { () throws(IncentiveFailure) in try transfer.account(payer) }
        return account.free >= self.budget(parameters)
    }

    private static func budget(_ parameters: IncentiveParameters) -> Credits {
        max(parameters.payments.budget, parameters.budget(hops: 2) ?? .limit)
    }

    /// Locks what a message that begins may cost, and assigns its slots.
    ///
    /// The first slot is that of whoever brought the request, if it has a deposit: its work is done. Who has the others
    /// comes from the message's key, so that nobody chooses.
    static func lock(_ id: MessageID, _ message: InterchainMessage, _ call: ContractCall) throws(ContractFailure) {
        let transfer = self.transfer(call)
        guard let parameters = try self.tried({ () throws(IncentiveFailure) in try transfer.parameters() }),
            let payer = self.account(Array(id.from.chain.utf8))
        else { return }
        let key = try self.key(of: id)
        let gateways = try self.gateways(parameters, transfer, call)
        guard gateways.count > 1 else { return }
        let start = Int(key.bytes[0]) << 8 | Int(key.bytes[1])
        func assignment(_ place: Int) -> Assignment {
            Assignment(
                assignee: gateways[(start + place) % gateways.count],
                backup: gateways[(start + place + 1) % gateways.count]
            )
        }
        let bringer = self.caller(call).flatMap { gateways.contains($0) ? $0 : nil }
        let first = bringer.flatMap { bringer in
            gateways.first { $0 != bringer }.map { Assignment(assignee: bringer, backup: $0) }
        }
        let hops = (first.map { [$0] } ?? []) + [assignment(0)]
        let earliest = parameters.deadlineBlocksMin(hops: UInt8(hops.count))
        let latest = parameters.periods.deadlineBlocksMax
        let wanted = message.timeoutHeight > 0 ? UInt64(message.timeoutHeight) : latest
        let order = TransferOrder(
            message: key,
            payer: payer,
            budget: self.budget(parameters),
            hops: hops,
            acknowledgement: assignment(1),
            deadline: call.block.height + min(max(wanted, earliest), latest)
        )
        let isLocked = try self.tried { () throws(IncentiveFailure) in try transfer.lock(order) } != nil
        guard isLocked, let bringer else { return }
        _ = try self.tried { () throws(IncentiveFailure) in try transfer.claim(key, slot: 0, by: bringer) }
    }

    /// Pays for an exchange that was answered: whoever the destination's chain says brought the request there, and whoever
    /// brought the answer.
    static func settle(_ id: MessageID, _ answer: InterchainMessage, _ call: ContractCall) throws(ContractFailure) {
        let transfer = self.transfer(call)
        let key = try self.key(of: id)
        let escrow = try self.paid { () throws(IncentiveFailure) in try transfer.escrow(key) }
        guard let escrow, escrow.state == .open, escrow.slots >= 2 else { return }
        let carrier = ((try? answer.relayExtension) ?? nil)?.carrier.flatMap(self.account)
        let claims = [(carrier, escrow.slots - 2), (self.caller(call), escrow.slots - 1)]
        for (relay, slot) in claims {
            guard let relay else { continue }
            _ = try self.tried { () throws(IncentiveFailure) in try transfer.claim(key, slot: slot, by: relay) }
        }
    }

    /// Ends the escrow of an exchange whose time is over, if its own is.
    static func timeOut(_ id: MessageID, _ call: ContractCall) throws(ContractFailure) {
        guard let bringer = self.caller(call) else { return }
        let transfer = self.transfer(call)
        let key = try self.key(of: id)
        _ = try self.tried { () throws(IncentiveFailure) in try transfer.timeOut(key, broughtBy: bringer) }
    }

    /// Takes a share of a node's deposit; the account has the node's name.
    static func slash(
        _ node: String,
        for digest: [UInt8],
        _ kind: Fault.Kind,
        _ call: ContractCall
    ) throws(ContractFailure) {
        guard let culprit = self.account(Array(node.utf8)), let reporter = self.caller(call),
            let id = try? FaultID(digest)
        else { return }
        let fault = Fault(id: id, kind: kind, culprit: culprit, height: call.block.height)
        let transfer = self.transfer(call)
        _ = try self.tried { () throws(IncentiveFailure) in try transfer.slash(fault, reportedBy: reporter) }
    }

    /// Gateways whose deposits are large enough now.
    private static func gateways(
        _ parameters: IncentiveParameters,
        _ transfer: ValueTransfer,
        _ call: ContractCall
    ) throws(ContractFailure) -> [AccountID] {
        let list = try call.record(GatewayList.self, at: RelayKey.gateways) ?? GatewayList()
        var found: [AccountID] = []
        for bytes in list.accounts.prefix(self.candidatesMax) {
            guard let id = self.account(bytes) else { continue }
            let account = try self.paid { () throws(IncentiveFailure) in try transfer.account(id) }
            if account.deposit >= parameters.game.deposit, account.unbondingAt == 0 { found.append(id) }
        }
        return found
    }

    // MARK: - Deposits

    @Sendable private static func deposit(_ arguments: DepositCredits, _ call: ContractCall) throws(ContractFailure) {
        let id = try self.account(of: try call.party(in: [.relay, .gateway]))
        guard let amount = Credits(millionths: arguments.millionths) else {
            throw .rejected(.incentive(.amountOutOfRange), "more credits than there can be")
        }
        let transfer = self.transfer(call)
        try self.paid { () throws(IncentiveFailure) in try transfer.deposit(amount, by: id) }
        let parameters = try self.paid { () throws(IncentiveFailure) in try transfer.parameters() }
        let account = try self.paid { () throws(IncentiveFailure) in try transfer.account(id) }
        if account.deposit >= parameters.game.deposit { try self.editGateways(call) { $0.insert(id.bytes) } }
        try self.tell(id, transfer, call)
    }

    @Sendable private static func unbond(_ arguments: UnbondDeposit, _ call: ContractCall) throws(ContractFailure) {
        let id = try self.account(of: try call.party(in: [.relay, .gateway]))
        let transfer = self.transfer(call)
        try self.paid { () throws(IncentiveFailure) in try transfer.unbond(id) }
        try self.editGateways(call) { $0.accounts.removeAll { $0 == id.bytes } }
        try self.tell(id, transfer, call)
    }

    @Sendable private static func withdraw(
        _ arguments: WithdrawDeposit,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let id = try self.account(of: try call.party(in: [.relay, .gateway]))
        let transfer = self.transfer(call)
        _ = try self.paid { () throws(IncentiveFailure) in try transfer.withdraw(id) }
        try self.tell(id, transfer, call)
    }

    @Sendable private static func refund(_ arguments: RefundEscrow, _ call: ContractCall) throws(ContractFailure) {
        let id = try self.account(of: try call.party())
        let transfer = self.transfer(call)
        let key = try self.key(of: arguments.id)
        let outcome = try self.paid { () throws(IncentiveFailure) in try transfer.timeOut(key, broughtBy: id) }
        try call.emit(
            EscrowRefunded(
                id: arguments.id,
                reward: outcome.reward.millionths,
                refund: outcome.refund.millionths
            )
        )
    }

    private static func editGateways(
        _ call: ContractCall,
        _ edit: (inout GatewayList) -> Void
    ) throws(ContractFailure) {
        var list = try call.record(GatewayList.self, at: RelayKey.gateways) ?? GatewayList()
        edit(&list)
        try call.store(list, at: RelayKey.gateways)
    }

    static func tell(_ id: AccountID, _ transfer: ValueTransfer, _ call: ContractCall) throws(ContractFailure) {
        let account = try self.paid { () throws(IncentiveFailure) in try transfer.account(id) }
        var writer = CanonicalWriter(capacity: 128)
        writer.lengthPrefixed(id.bytes)
        account.write(to: &writer)
        try call.emit("relay.credits", writer.bytes)
    }
}

/// The contract's part of the chain's state.
struct CallCredits: CreditState {
    let call: ContractCall

    func value(of key: [UInt8]) throws(IncentiveFailure) -> [UInt8]? {
        do throws(ContractFailure) { return try self.call.value(of: RelayKey.credit(key)) } catch {
            throw Self.failure(error)
        }
    }

    func set(_ key: [UInt8], to value: [UInt8]?) throws(IncentiveFailure) {
        do throws(ContractFailure) { try self.call.set(RelayKey.credit(key), to: value) } catch {
            throw Self.failure(error)
        }
    }

    /// Access to the state ends with nothing else than too much work, or a damaged store.
    private static func failure(_ failure: ContractFailure) -> IncentiveFailure {
        switch failure {
        case .rejected(_, let detail): .outOfWork(detail)
        case .damaged(let failure): .damaged(failure)
        }
    }
}

/// Governors issue credits to an account, or retire them: `u8 (1 issue, 2 retire) || LP(account) || u64 millionths`.
package struct ChangeCredits: StateRecord {
    package enum Action: UInt8, Hashable, Sendable {
        case issue = 1
        case retire = 2
    }

    package let action: Action
    /// A party's name, or that of a registered chain.
    package let account: [UInt8]
    package let millionths: UInt64

    package init(action: Action, account: [UInt8], millionths: UInt64) {
        self.action = action
        self.account = account
        self.millionths = millionths
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.action.rawValue)
        writer.lengthPrefixed(self.account)
        writer.u64(self.millionths)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let action = Action(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no such action") }
        self.action = action
        self.account = try reader.lengthPrefixed()
        try require((1...AccountID.lengthMax).contains(self.account.count), .format, "no account")
        self.millionths = try reader.u64()
    }

    /// - Throws: the value-transfer contract's codes.
    func carryOut(_ call: ContractCall) throws(ContractFailure) {
        guard let amount = Credits(millionths: self.millionths), let id = RelayCredits.account(self.account) else {
            throw .rejected(.incentive(.amountOutOfRange), "more credits than there can be")
        }
        let transfer = RelayCredits.transfer(call)
        switch self.action {
        case .issue: try RelayCredits.paid { () throws(IncentiveFailure) in try transfer.issue(amount, to: id) }
        case .retire: try RelayCredits.paid { () throws(IncentiveFailure) in try transfer.retire(amount, from: id) }
        }
        try RelayCredits.tell(id, transfer, call)
    }
}
