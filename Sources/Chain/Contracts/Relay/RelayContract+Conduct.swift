internal import CanonicalBytes
internal import IBTP
internal import Incentives
internal import Ledger
internal import PathProofs
internal import Transcripts

/// What is recorded of those who vouch for messages.
extension RelayContract {
    /// Counts the work of those whose signatures carried a message, and that the others of their list were absent.
    func credit(_ path: VerifiedPath, _ call: ContractCall) throws(ContractFailure) {
        for hop in path.hops {
            guard let signers = hop.signers else { continue }
            let (chain, epoch) = (hop.record.link.chain, hop.record.certifier.epoch)
            guard let list = try self.chains.reign(of: chain, epoch, call)?.list else { continue }
            for (seats, places) in zip(list.seats, signers) {
                for (place, seat) in seats.enumerated() {
                    let hasSigned = places.contains(place)
                    try self.change(chain, epoch, seat.name, call) { conduct in
                        if hasSigned {
                            conduct.work = conduct.work == .max ? .max : conduct.work + 1
                        } else {
                            conduct.absences = conduct.absences == .max ? .max : conduct.absences + 1
                        }
                    }
                }
            }
        }
    }

    func change(
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
        var culprits: [Culprit] = []
        var refusal: ContractFailure?
        for index in arguments.first.hops.indices where index < arguments.second.hops.count {
            do throws(ContractFailure) { culprits += try self.culprits(at: index, arguments, call) } catch {
                guard case .rejected = error else { throw error }
                refusal = refusal ?? error
            }
        }
        if culprits.isEmpty { throw refusal ?? .rejected(.notConflicting, "nobody signed both") }
        var new: [Culprit] = []
        for culprit in culprits {
            let isNew = try self.punish(culprit, .forging, first.identifier.bytes, call)
            if isNew { new.append(culprit) }
        }
        try ensure(!new.isEmpty, .faultsKnown, "all are recorded")
        while let chain = new.first?.chain {
            let names = new.filter { $0.chain.isSame(as: chain) }.map(\.node.name)
            new.removeAll { $0.chain.isSame(as: chain) }
            try self.tell(names, of: chain, certified: first.identifier, call)
        }
    }

    private func tell(
        _ names: [String],
        of chain: String,
        certified id: MessageIdentifier,
        _ call: ContractCall
    ) throws(ContractFailure) {
        var writer = CanonicalWriter(capacity: 256)
        writer.lengthPrefixed(chain)
        writer.lengthPrefixed("\(id.source)-\(id.destination)-\(id.sequence)")
        writer.u16(UInt16(names.count))
        for name in names { writer.lengthPrefixed(name) }
        try call.emit("relay.evidence", writer.bytes)
    }

    /// A verification node that signed what its chain has not said.
    struct Culprit {
        let node: VerificationNode
        let chain: String
        let epoch: UInt64
    }

    /// Whoever forwards a request answers for its hop alone: what came before may be worth nothing, as when a relay's
    /// nodes alter what they were given.
    private func culprits(
        at index: Int,
        _ arguments: ReportNodes,
        _ call: ContractCall
    ) throws(ContractFailure) -> [Culprit] {
        let first = try self.signers(of: arguments.first, index, call)
        let second = try self.signers(of: arguments.second, index, call)
        return first.filter { culprit in
            second.contains {
                $0.chain.isSame(as: culprit.chain) && $0.node.name.isSame(as: culprit.node.name)
                    && $0.node.keys == culprit.node.keys
            }
        }
    }

    /// Who signed a hop of a path, which has to verify by itself.
    ///
    /// A fault does not expire with the record.
    private func signers(
        of path: PathProof,
        _ index: Int,
        _ call: ContractCall
    ) throws(ContractFailure) -> [Culprit] {
        let record = path.hops[index].record
        guard let reign = try self.chains.reign(of: record.link.chain, record.certifier.epoch, call) else {
            throw .rejected(.sourceListUnknown, "no list of the hop's epoch")
        }
        try call.charge(signatureCost * 8)
        do throws(PathRefusal) {
            guard let signers = try PathVerifier.signers(ofHop: index, in: path, under: reign) else { return [] }
            return zip(reign.list.seats, signers).flatMap { seats, places in
                places.map { Culprit(node: seats[$0], chain: record.link.chain, epoch: record.certifier.epoch) }
            }
        } catch { throw .rejected(self.chains.codes.code(of: error), error.description) }
    }

    /// Records a fault of a verification node, and takes its share of the node's deposit.
    ///
    /// - Parameters:
    ///   - culprit: whose fault is proven.
    ///   - kind: says what it costs.
    ///   - what: of which each is punished once.
    ///   - call: that brings the evidence.
    /// - Returns: false when this fault of the node is recorded.
    /// - Throws: too much work, or a damaged state.
    func punish(
        _ culprit: Culprit,
        _ kind: Fault.Kind,
        _ what: [UInt8],
        _ call: ContractCall
    ) throws(ContractFailure) -> Bool {
        let (chain, name) = (culprit.chain, culprit.node.name)
        let digest = TaggedHash.digest("RELAY-FAULT", Array(chain.utf8), Array(name.utf8), what)
        let key = RelayKey.fault(digest)
        guard try call.value(of: key) == nil else { return false }
        try call.set(key, to: call.block.height.bigEndianBytes)
        try self.change(chain, culprit.epoch, name, call) { conduct in
            conduct.faults = conduct.faults == .max ? .max : conduct.faults + 1
        }
        try RelayCredits.slash(name, for: digest, kind, call)
        return true
    }
}
