internal import CanonicalBytes
internal import Certificates
internal import IBTP
package import Ledger
internal import PathProofs
internal import Records

/// `relay`: a relay chain's registry of chains and services, and the exchanges between them.
///
/// Anybody may bring messages, headers and lists: the proofs speak.
struct RelayContract: Sendable {
    /// Services of one group: so that what one call tells has room for all its chains, twice, in a receipt.
    static let groupMax = 12

    let chains: ForeignChains
    let rules: SourceRules

    init(chains: ForeignChains, attested: (any AttestedSource)?) {
        self.chains = chains
        self.rules = SourceRules(chains: chains, attested: attested)
    }

    var methods: [Method] {
        [
            Method(self.follow), Method(self.followList), Method(self.registerService), Method(self.take),
            Method(self.expire), Method(self.repeatNotice), Method(self.appeal), Method(self.lease),
            Method(self.report), Method(self.leave), Method(self.reportCanary),
        ] + RelayCredits.methods
    }

    func book(_ hub: String, _ call: ContractCall) -> InterchainBook<ContractCall> {
        InterchainBook(hub: hub, storage: call, prefix: RelayKey.prefix)
    }

    // MARK: - Chains

    @Sendable private func follow(_ arguments: FollowChain, _ call: ContractCall) throws(ContractFailure) {
        let chain = try call.registered(arguments.chain)
        try ensure(chain.standing != .retired, .chainRetired, "\(arguments.chain) has left")
        guard let client = try self.chains.client(of: arguments.chain, call) else {
            throw .rejected(.noSuchChain, "not a chain that is followed by its headers")
        }
        try self.chains.take(arguments.step, of: arguments.chain, client, call)
        guard let now = try self.chains.client(of: arguments.chain, call) else { return }
        var writer = CanonicalWriter(capacity: 96)
        writer.lengthPrefixed(arguments.chain)
        writer.u64(now.height)
        writer.u64(now.epoch)
        try call.emit("relay.followed", writer.bytes)
    }

    @Sendable private func followList(_ arguments: FollowNodeList, _ call: ContractCall) throws(ContractFailure) {
        let chain = try call.registered(arguments.chain)
        try ensure(chain.standing != .retired, .chainRetired, "\(arguments.chain) has left")
        let list = try self.chains.follow(arguments.succession, of: arguments.chain, call)
        var writer = CanonicalWriter(capacity: 96)
        writer.lengthPrefixed(arguments.chain)
        writer.u64(list.epoch)
        try call.emit("relay.list", writer.bytes)
    }

    @Sendable private func registerService(
        _ arguments: RegisterService,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let chain = try call.registered(arguments.chain)
        try self.requireOperator(of: chain, call)
        try ensure(chain.standing != .retired, .chainRetired, "\(arguments.chain) has left")
        let key = RelayKey.service(arguments.chain, arguments.service)
        let known = try call.record(RegisteredService.self, at: key)
        let service = RegisteredService(
            isOrdered: arguments.isOrdered,
            isFrozenByOperator: arguments.isFrozen,
            isFrozenByGovernors: known?.isFrozenByGovernors ?? false,
            allowed: arguments.allowed
        )
        try call.store(service, at: key)
        var writer = CanonicalWriter(capacity: 160)
        writer.lengthPrefixed(arguments.chain)
        writer.lengthPrefixed(arguments.service)
        try call.emit("relay.service", writer.bytes)
    }

    @Sendable private func appeal(_ arguments: AppealFreeze, _ call: ContractCall) throws(ContractFailure) {
        var chain = try call.registered(arguments.chain)
        try self.requireOperator(of: chain, call)
        try ensure(chain.standing == .frozen, .notFrozen, "\(arguments.chain) is not frozen")
        try ensure(chain.appeal == RegisteredChain.noAppeal, .appealedAlready, "one appeal against each freeze")
        chain.appeal = arguments.statement
        try call.store(chain, at: RelayKey.chain(arguments.chain))
        try call.emit("relay.appealed", arguments.bytes)
    }

    private func requireOperator(of chain: RegisteredChain, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party()
        try ensure(party == chain.operatorName, .notTheOperator, "the chain's operator is \(chain.operatorName)")
    }

    // MARK: - Who carries

    @Sendable private func lease(_ arguments: TakeLease, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: [.relay, .gateway, .operator]).description
        let key = RelayKey.lease(arguments.lane)
        let known = try call.record(RelayLease.self, at: key)
        let isMine = known?.holder.isSame(as: party) ?? false
        let isOver = known.map { $0.until <= call.block.time } ?? true
        try ensure(isMine || isOver && arguments.seconds > 0, .leased, "another carries it")
        let changes = isMine ? 0 : 1
        let token = (known?.token ?? 0).addingReportingOverflow(UInt64(changes)).partialValue
        let until = call.block.time.addingReportingOverflow(UInt64(arguments.seconds) * 1_000).partialValue
        let lease = RelayLease(holder: arguments.seconds == 0 ? "" : party, token: token, until: until)
        try call.store(lease, at: key)
        var writer = CanonicalWriter(capacity: 192)
        writer.lengthPrefixed(arguments.lane)
        lease.write(to: &writer)
        try call.emit("relay.leased", writer.bytes)
    }

    // MARK: - Repeating

    @Sendable private func repeatNotice(_ arguments: RepeatNotice, _ call: ContractCall) throws(ContractFailure) {
        let notice = arguments.notice
        let leaf = OutboundLeaf.notice(notice).bytes
        let said = try call.value(of: RelayKey.said(notice.side, notice.id))
        let isKnown = said == Digest.sha256(of: leaf).bytes
        try ensure(isKnown, .nothingToSayAgain, "not what was said last")
        try call.emit(notice.tree.topic, leaf)
    }
}

extension ExchangeNotice {
    /// The tree that the notice is a leaf of.
    package var tree: OutboundTree { self.status == .beginRollback ? .timeout : .out }
}
