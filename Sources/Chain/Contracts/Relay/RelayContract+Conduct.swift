internal import CanonicalBytes
internal import IBTP
internal import Incentives
internal import Ledger
internal import PathProofs
internal import Transcripts

/// What is recorded of those who vouch for messages.
extension RelayContract {
    /// Counts the work of those whose signatures carried a message.
    func credit(_ path: VerifiedPath, _ call: ContractCall) throws(ContractFailure) {
        for hop in path.hops {
            guard let signers = hop.signers else { continue }
            let (chain, epoch) = (hop.record.link.chain, hop.record.certifier.epoch)
            guard let list = try self.chains.reign(of: chain, epoch, call)?.list else { continue }
            for (seats, places) in zip(list.seats, signers) {
                for place in places {
                    try self.change(chain, epoch, seats[place].name, call) { conduct in
                        conduct.work = conduct.work == .max ? .max : conduct.work + 1
                    }
                }
            }
        }
    }

    private func change(
        _ chain: String,
        _ epoch: UInt64,
        _ node: String,
        _ call: ContractCall,
        _ edit: (inout NodeConduct) -> Void
    ) throws(ContractFailure) {
        let key = RelayKey.conduct(chain, epoch, node)
        var conduct = try call.record(NodeConduct.self, at: key) ?? NodeConduct()
        edit(&conduct)
        try call.store(conduct, at: key)
    }

    /// Keeps two certified statements of one request, and freezes the chain that made them: more of its validators are
    /// faulty than it survives, so nothing that it says can be believed until governors have looked.
    func record(
        conflict id: MessageID,
        _ name: String,
        _ chain: RegisteredChain,
        first: [UInt8],
        second: [UInt8],
        _ call: ContractCall
    ) throws(ContractFailure) {
        let record = ConflictRecord(first: first, second: second, height: call.block.height)
        try call.store(record, at: RelayKey.conflict(id))
        var chain = chain
        chain.standing = .frozen
        chain.cause = .conflict
        chain.appeal = RegisteredChain.noAppeal
        try call.store(chain, at: RelayKey.chain(name))
        try call.emit(ExchangeContradicted(id: id, first: first, second: second))
    }

    /// Records, and punishes, verification nodes that certified two requests of one identifier.
    ///
    /// A request has one content. Of an answer there may be two: a service that had succeeded is undone and says so.
    @Sendable func report(_ arguments: ReportNodes, _ call: ContractCall) throws(ContractFailure) {
        let hub = try call.hub()
        let (first, second) = (arguments.first.message, arguments.second.message)
        guard let from = try? ServiceID(first.identifier.source) else {
            throw .rejected(.notConflicting, "no service of this name")
        }
        let conflicts =
            first.identifier == second.identifier && first.sourceChain.isSame(as: second.sourceChain)
            && first.sourceChain.isSame(as: from.chain) && from.hub.isSame(as: hub)
            && first.payloadHash != second.payloadHash
        try ensure(conflicts, .notConflicting, "not two requests of one identifier")
        let firstNodes = try self.signers(of: arguments.first, from.chain, hub, call)
        let secondNodes = try self.signers(of: arguments.second, from.chain, hub, call)
        let culprits = firstNodes.filter { node in
            secondNodes.contains { $0.name.isSame(as: node.name) && $0.keys == node.keys }
        }
        try ensure(!culprits.isEmpty, .notConflicting, "nobody signed both")
        var new: [String] = []
        for node in culprits {
            let isNew = try self.punish(node, first.identifier, from.chain, arguments, call)
            if isNew { new.append(node.name) }
        }
        try ensure(!new.isEmpty, .faultsKnown, "all are recorded")
        var writer = CanonicalWriter(capacity: 256)
        writer.lengthPrefixed(from.chain)
        writer.lengthPrefixed("\(first.identifier.source)-\(first.identifier.destination)-\(first.identifier.sequence)")
        writer.u16(UInt16(new.count))
        for name in new { writer.lengthPrefixed(name) }
        try call.emit("relay.evidence", writer.bytes)
    }

    /// Who signed the first hop of a path, which has to verify by itself.
    private func signers(
        of path: PathProof,
        _ chain: String,
        _ hub: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> [VerificationNode] {
        guard let hop = path.hops.first, let alone = try? PathProof(message: path.message, hops: [hop]),
            let reign = try self.chains.reign(of: chain, hop.record.certifier.epoch, call)
        else { throw .rejected(.sourceListUnknown, "no list of the hop's epoch") }
        try call.charge(signatureCost * 8)
        let verifier = PathVerifier(
            chain: hub,
            place: .transit,
            // A fault does not expire with the record.
            now: 0,
            lists: { name, epoch in name.isSame(as: chain) && epoch == reign.list.epoch ? reign : nil },
            isKnown: { _ in false }
        )
        do throws(PathRefusal) {
            let verified = try verifier.verify(alone, payloadHash: path.message.payloadHash)
            guard let signers = verified.hops.first?.signers else { return [] }
            return zip(reign.list.seats, signers).flatMap { seats, places in places.map { seats[$0] } }
        } catch { throw .rejected(self.chains.codes.code(of: error), error.description) }
    }

    /// - Returns: false when this fault of the node is recorded.
    private func punish(
        _ node: VerificationNode,
        _ message: MessageIdentifier,
        _ chain: String,
        _ arguments: ReportNodes,
        _ call: ContractCall
    ) throws(ContractFailure) -> Bool {
        let digest = TaggedHash.digest(
            "RELAY-FAULT",
            Array(chain.utf8),
            Array(node.name.utf8),
            message.bytes
        )
        let key = RelayKey.fault(digest)
        guard try call.value(of: key) == nil else { return false }
        try call.set(key, to: call.block.height.bigEndianBytes)
        let epoch = arguments.first.hops.first?.record.certifier.epoch ?? 0
        try self.change(chain, epoch, node.name, call) { conduct in
            conduct.faults = conduct.faults == .max ? .max : conduct.faults + 1
        }
        try RelayCredits.slash(node.name, for: digest, call)
        return true
    }
}
