internal import CanonicalBytes
internal import Incentives
internal import Ledger
internal import PathProofs

/// What verification nodes say of themselves, and what canaries show of them.
extension RelayContract {
    /// Notes that a node gives its seat up at the next boundary: its own key says so, whoever brings it.
    @Sendable func leave(_ arguments: LeaveList, _ call: ContractCall) throws(ContractFailure) {
        _ = try call.hub()
        let epoch = try call.number(at: RelayKey.listEpoch(arguments.chain))
        guard epoch == arguments.epoch, let reign = try self.chains.reign(of: arguments.chain, arguments.epoch, call)
        else { throw .rejected(.sourceListUnknown, "not the newest list of \(arguments.chain)") }
        try call.charge(signatureCost * 4)
        do throws(ProtocolFailure) {
            try reign.list.requireLeaving(of: arguments.node, signature: arguments.signature)
        } catch { throw .rejected(.noSuchNode, error.description) }
        let key = RelayKey.conduct(arguments.chain, arguments.epoch, arguments.node)
        let known = try call.record(NodeConduct.self, at: key)
        try ensure(known?.isLeaving != true, .leavingAlready, "it has said so")
        try self.change(arguments.chain, arguments.epoch, arguments.node, call) { $0.isLeaving = true }
        try self.tell("relay.leaving", arguments.node, of: arguments.chain, arguments.epoch, call)
    }

    /// Records, and punishes, a verification node that certified a canary.
    ///
    /// Once for every list: who sends a hundred at a time learns no more than by one.
    @Sendable func reportCanary(_ arguments: ReportCanary, _ call: ContractCall) throws(ContractFailure) {
        _ = try call.hub()
        guard let record = arguments.evidence.record else { throw .rejected(.notACanary, "a path without hops") }
        let (chain, epoch) = (record.link.chain, record.certifier.epoch)
        guard let reign = try self.chains.reign(of: chain, epoch, call) else {
            throw .rejected(.sourceListUnknown, "no list of the hop's epoch")
        }
        try call.charge(signatureCost * 4)
        let node: VerificationNode
        do throws(ProtocolFailure) { node = try arguments.evidence.verify(by: reign.list) } catch {
            throw .rejected(.notACanary, error.description)
        }
        let culprit = Culprit(node: node, chain: chain, epoch: epoch)
        let isNew = try self.punish(culprit, .laziness, Array("canary".utf8) + epoch.bigEndianBytes, call)
        try ensure(isNew, .faultsKnown, "it is recorded for this list")
        try self.tell("relay.canary", node.name, of: chain, epoch, call)
    }

    private func tell(
        _ topic: String,
        _ node: String,
        of chain: String,
        _ epoch: UInt64,
        _ call: ContractCall
    ) throws(ContractFailure) {
        var writer = CanonicalWriter(capacity: 160)
        writer.lengthPrefixed(chain)
        writer.lengthPrefixed(node)
        writer.u64(epoch)
        try call.emit(topic, writer.bytes)
    }
}
