internal import CanonicalBytes
internal import Consensus
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Records

/// `interchain`: an application chain's side of what happens between chains; it trusts the relay chains that governors
/// have connected it to, each for its own exchanges alone.
///
/// Anybody may bring what the relay chain says: the proofs speak.
struct InterchainContract: Sendable {
    let chains: ForeignChains
    /// Judges proofs of this chain's own index channel.
    let scheme: any SignatureScheme

    var methods: [Method] {
        [
            Method(self.follow), Method(self.bringList), Method(self.open), Method(self.deliver), Method(self.finish),
            Method(self.close), Method(self.tell), Method(self.followIndex), Method(self.repeatMessage),
        ]
    }

    /// The relay chain of this name; the first where it is none of those that this chain is connected to, whose rules
    /// then refuse what is another's.
    ///
    /// - Throws: `not-connected`.
    func relay(_ hub: String?, _ call: ContractCall) throws(ContractFailure) -> ConnectedRelay {
        guard let first = try call.record(InterchainLink.self, at: InterchainKey.link) else {
            throw .rejected(.notConnected, "governors connect a chain to a relay chain")
        }
        let relay = ConnectedRelay(link: first, isFirst: true)
        guard let hub, !first.hub.isSame(as: hub) else { return relay }
        return try call.connectedRelays().first { $0.link.hub.isSame(as: hub) } ?? relay
    }

    /// The relay chain's client.
    func client(_ link: InterchainLink, _ call: ContractCall) throws(ContractFailure) -> ForeignClient {
        guard let client = try self.chains.client(of: link.hub, call) else {
            throw .damaged(ProtocolFailure(.format, "a connection without client"))
        }
        return client
    }

    /// Requires the relay chain's newest header to be young enough.
    ///
    /// - Throws: `relay-frozen`.
    func requireTrust(in client: ForeignClient, _ call: ContractCall) throws(ContractFailure) {
        let isOver = client.isExpired(at: call.block.time)
        try ensure(!isOver, .relayFrozen, "no header of the relay chain for \(client.trustSeconds) seconds")
    }

    func broker(_ link: InterchainLink, _ call: ContractCall) -> ServiceBroker<ContractCall> {
        ServiceBroker(chain: "\(link.hub):\(link.name)", storage: call, prefix: InterchainKey.prefix)
    }

    /// Says something to the relay chain.
    ///
    /// - Returns: SHA-256 of the leaf.
    @discardableResult
    func say(_ message: InterchainMessage, _ call: ContractCall) throws(ContractFailure) -> [UInt8] {
        let leaf = OutboundLeaf.message(message).bytes
        try call.emit(OutboundTree.out.topic, leaf)
        return Digest.sha256(of: leaf).bytes
    }

    // MARK: - The relay chain's committees, the lists of verification nodes

    @Sendable private func follow(_ arguments: FollowRelay, _ call: ContractCall) throws(ContractFailure) {
        let link = try self.relay(String(decoding: arguments.step.header.chain, as: UTF8.self), call).link
        let client = try self.client(link, call)
        try self.chains.take(arguments.step, of: link.hub, client, call)
        let now = try self.client(link, call)
        var writer = CanonicalWriter(capacity: 96)
        writer.lengthPrefixed(link.hub)
        writer.u64(now.height)
        writer.u64(now.epoch)
        try call.emit("interchain.followed", writer.bytes)
    }

    @Sendable private func bringList(_ arguments: BringNodeList, _ call: ContractCall) throws(ContractFailure) {
        let list: VerificationNodeList
        switch arguments.source {
        case .succession(let succession): list = try self.succeed(succession, call)
        case .registry(let proof):
            let relay = try self.relay(String(decoding: proof.header.chain, as: UTF8.self), call)
            let client = try self.client(relay.link, call)
            try self.requireTrust(in: client, call)
            list = try self.adopt(proof, relay, client, call)
        }
        var writer = CanonicalWriter(capacity: 96)
        writer.lengthPrefixed(list.chain)
        writer.u64(list.epoch)
        try call.emit("interchain.list", writer.bytes)
    }

    /// Takes a list that the one before it certifies.
    ///
    /// The certificate does not say in which relay chain's registry it follows: it is tried with all that this chain is
    /// connected to, and where two have the same lists it follows in both.
    private func succeed(
        _ succession: ListSuccession,
        _ call: ContractCall
    ) throws(ContractFailure) -> VerificationNodeList {
        var (taken, refusal): (VerificationNodeList?, ContractFailure?) = (nil, nil)
        _ = try self.relay(nil, call)
        for relay in try call.connectedRelays() {
            do throws(ContractFailure) {
                try self.requireTrust(in: try self.client(relay.link, call), call)
                let chain: String
                do throws(ProtocolFailure) { chain = try self.chains.lists.list(succession.list).chain } catch {
                    throw .rejected(.badNodeList, error.description)
                }
                taken = try self.chains.of(relay).follow(succession, of: chain, call)
            } catch {
                // Nothing is written before everything is checked, but by a call whose work is used up, which ends it.
                guard case .rejected(let code, _) = error, code != .tooMuchWork else { throw error }
                // Where it is known nothing is left to do, whatever the others say of it.
                refusal = code == .nodeListKnown ? error : refusal ?? error
            }
        }
        if let taken { return taken }
        throw refusal ?? .rejected(.badNodeList, "no list of its chain is known")
    }

    /// Takes the first list of a chain from the relay chain's registry; later ones are certified by the one before, so
    /// that the relay chain alone cannot replace who speaks for a source.
    private func adopt(
        _ proof: ValueProof,
        _ relay: ConnectedRelay,
        _ client: ForeignClient,
        _ call: ContractCall
    ) throws(ContractFailure) -> VerificationNodeList {
        let chains = self.chains.of(relay)
        try chains.accept(proof.header, proof.certificate, of: relay.link.hub, client, call)
        do throws(ProtocolFailure) { try proof.verifyPath() } catch {
            throw .rejected(.badRelayProof, error.description)
        }
        guard let value = proof.value, let record = try? ListRecord(bytes: value) else {
            throw .rejected(.badNodeList, "not a list of the relay chain")
        }
        let anchor = ListAnchor(list: record.list, firstHeight: record.firstHeight)
        let list = try chains.read(anchor, of: nil, call)
        let isItsKey = proof.key == ForeignKeys.relay.list(list.chain, list.epoch)
        try ensure(isItsKey && record.lastHeight == 0, .badNodeList, "not the chain's newest list")
        let known = try call.value(of: chains.keys.listEpoch(list.chain))
        try ensure(known == nil, .nodeListKnown, "lists of \(list.chain) follow each other")
        try chains.set(anchor, list, call)
        return list
    }

    // MARK: - Repeating

    @Sendable private func repeatMessage(_ arguments: RepeatMessage, _ call: ContractCall) throws(ContractFailure) {
        _ = try self.relay(nil, call)
        let message = arguments.message
        let id: MessageID
        do throws(ProtocolFailure) { id = try message.id } catch {
            throw .rejected(.nothingToRepeat, error.description)
        }
        let leaf = Digest.sha256(of: OutboundLeaf.message(message).bytes).bytes
        let isKnown: Bool
        switch message.type.category {
        case .request:
            let record = try call.record(OpenedCall.self, at: InterchainKey.call(id))
            isKnown = record?.leaf == leaf && record?.status == .begin
        case .response: isKnown = try call.record(AskedService.self, at: InterchainKey.asked(id))?.answer == leaf
        }
        try ensure(isKnown, .nothingToRepeat, "neither an open request of \(id.from.chain) nor its newest answer")
        try self.say(message, call)
    }
}

extension ForeignChains {
    /// Learns a header, and a committee where one comes with it.
    func take(
        _ step: ClientStep,
        of name: String,
        _ client: ForeignClient,
        _ call: ContractCall
    ) throws(ContractFailure) {
        if let next = step.next {
            try self.follow(step.header, step.certificate, next: next, of: name, client, call)
        } else {
            let isNews = step.header.height > client.height
            try ensure(isNews, self.codes.followedAlready, "block \(client.height) is known")
            try self.accept(step.header, step.certificate, of: name, client, call)
        }
    }
}
