internal import BLSCertificates
internal import CanonicalBytes
internal import Consensus
internal import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Records

/// What became of one step of an exchange, as far as the evidence shows.
package struct TracedStep: Sendable {
    /// The step's number in the evidence, from 1.
    package let number: Int
    package let chain: String
    package let height: UInt64
    /// The block's time, milliseconds since 1970.
    package let time: UInt64
    /// Hash of the block, 32 bytes.
    package let block: [UInt8]
    /// Id of the transaction, 32 bytes.
    package let transaction: [UInt8]
    /// What the chain said: `request said`, `taken: SUCCESS` and so on.
    package let events: [String]
    /// The hops that came with it, each with the nodes that signed.
    package let hops: [String]
    /// What does not hold; empty when all does.
    package let faults: [String]
    /// What could not be judged, because no genesis of the chain is there.
    package let unknown: [String]
}

/// Judges the evidence of an exchange: each transaction by its chain's committee, each proof that it brought by the other
/// chain's, and each path by the lists that the relay chain's state proves.
package struct TraceAudit: Sendable {
    package let steps: [TracedStep]
    /// What is wrong with the evidence as a whole.
    package let faults: [String]
    /// Whether the asking chain has closed the exchange.
    package let isClosed: Bool

    /// Whether nothing is wrong.
    package var holds: Bool { self.faults.isEmpty && self.steps.allSatisfy { $0.faults.isEmpty } }

    /// - Throws: `ProtocolFailure` for evidence that cannot be judged at all.
    package init(_ evidence: TraceEvidence) throws {
        let court = try TraceCourt(evidence)
        self.steps = evidence.steps.enumerated().map { court.judge($1, number: $0 + 1) }
            .sorted { ($0.time, $0.number) < ($1.time, $1.number) }
        self.isClosed = court.isClosed(evidence)
        self.faults = court.faults
    }
}

/// What the evidence is judged by.
struct TraceCourt {
    let id: MessageID
    let hub: String
    /// The committees of each chain of which there is a genesis.
    private let views: [String: CommitteeView]
    private let reigns: [ListReign]
    /// How chains of other makes are registered.
    private let registered: [String: RegisteredChain]
    private(set) var faults: [String] = []

    init(_ evidence: TraceEvidence) throws {
        self.id = try MessageID(evidence.exchange)
        guard let hub = evidence.chains.first else { throw ProtocolFailure(.format, "no relay chain") }
        self.hub = hub.name
        var faults: [String] = []
        if !hub.genesis.chain.utf8.elementsEqual(self.id.from.hub.utf8) {
            faults.append("the genesis of \(hub.genesis.chain) is not that of the relay chain \(self.id.from.hub)")
        }
        var views: [String: CommitteeView] = [:]
        for chain in evidence.chains {
            do { views[chain.name] = try Self.view(of: chain) } catch {
                faults.append("committees of \(chain.name): \(error)")
            }
        }
        self.views = views
        var reigns: [ListReign] = []
        for proof in evidence.lists {
            do {
                guard let view = views[hub.name] else { throw ProtocolFailure(.context, "no relay chain") }
                try proof.verify(by: view)
                reigns.append(try Self.reign(proof))
            } catch { faults.append("a list of verification nodes: \(error)") }
        }
        self.reigns = reigns
        var registered: [String: RegisteredChain] = [:]
        for proof in evidence.registrations {
            do {
                guard let view = views[hub.name] else { throw ProtocolFailure(.context, "no relay chain") }
                try proof.verify(by: view)
                let name = [self.id.from.chain, self.id.to.chain].first { proof.key == RelayKey.chain($0) }
                guard let name, let value = proof.value else {
                    throw ProtocolFailure(.context, "not of a chain of the exchange")
                }
                registered[name] = try RegisteredChain(bytes: value)
            } catch { faults.append("the registration of a chain: \(error)") }
        }
        self.registered = registered
        self.faults = faults
    }

    private static func view(of chain: TraceEvidence.Chain) throws -> CommitteeView {
        var view = CommitteeView(
            genesis: chain.genesis,
            channel: .access,
            scheme: try ChainSignatures.required(of: chain.genesis.committee)
        )
        for handover in chain.handovers {
            try view.follow(handover.header, handover.certificate, next: handover.next)
        }
        return view
    }

    private static func reign(_ proof: ValueProof) throws -> ListReign {
        guard let value = proof.value else { throw ProtocolFailure(.context, "there is no such list") }
        let record = try ListRecord(bytes: value)
        let list = try VerificationNodeList(bytes: record.list)
        guard proof.key == RelayKey.list(list.chain, list.epoch) else {
            throw ProtocolFailure(.context, "the list of \(list.chain) stands under another key")
        }
        let last = record.lastHeight == 0 ? nil : record.lastHeight
        return try ListReign(list: list, firstHeight: record.firstHeight, lastHeight: last)
    }

    func isClosed(_ evidence: TraceEvidence) -> Bool {
        evidence.steps.contains { step in
            step.chain == self.id.from.chain
                && step.proof.receipt.events.contains { $0.topic == ExchangeClosed.topic && self.isOurs($0) }
        }
    }

    private func isOurs(_ event: ContractEvent) -> Bool {
        EventSubjects.subjects(of: event).contains(EventSubjects.exchange(self.id))
    }

    // MARK: - One step

    func judge(_ step: TraceEvidence.Step, number: Int) -> TracedStep {
        let proof = step.proof
        var (faults, unknown, hops): ([String], [String], [String]) = ([], [], [])
        if let view = self.views[step.chain] {
            do throws(ProtocolFailure) { try proof.verify(by: view) } catch { faults.append("\(error)") }
        } else {
            unknown.append("no genesis of \(step.chain)")
        }
        let events = proof.receipt.events.filter { self.isOurs($0) }
        if proof.receipt.code != 0 || events.isEmpty { faults.append("the transaction says nothing of the exchange") }
        do {
            if let brought = try self.brought(by: proof, on: step.chain) {
                hops = try self.judge(brought, at: proof.header.time / 1_000, on: step.chain, &unknown)
            }
        } catch { faults.append("\(error)") }
        return TracedStep(
            number: number,
            chain: step.chain,
            height: proof.header.height,
            time: proof.header.time,
            block: proof.header.hash.bytes,
            transaction: proof.transaction.id,
            events: events.map(Self.text),
            hops: hops,
            faults: faults,
            unknown: unknown
        )
    }

    /// What a transaction brought from another chain.
    private struct Brought {
        let message: InterchainMessage?
        let bundle: ProofBundle
        /// The chain that said it.
        let chain: String
        /// Chains whose hops its path must have.
        let hops: [String]
    }

    /// - Returns: nil for a transaction that brought nothing.
    private func brought(by proof: TransactionProof, on chain: String) throws -> Brought? {
        let body = proof.transaction.body
        let isHub = chain.utf8.elementsEqual(self.hub.utf8)
        switch (body.contract, body.method) {
        case (RelayMessage.contract, RelayMessage.method) where isHub:
            let call = try RelayMessage(bytes: body.arguments)
            // Another exchange's message may have had this one told, or undone.
            guard try call.message.id == self.id else { return nil }
            let source = call.message.type.category == .response ? self.id.to.chain : self.id.from.chain
            return try self.brought(call.message, call.bundle, from: source, hops: [source])
        case (DeliverMessage.contract, DeliverMessage.method) where !isHub:
            let call = try DeliverMessage(bytes: body.arguments)
            return try self.brought(call.relayed, from: self.id.from.chain)
        case (CloseCall.contract, CloseCall.method) where !isHub:
            return try self.brought(try CloseCall(bytes: body.arguments).relayed, from: self.id.to.chain)
        default: return nil
        }
    }

    private func brought(_ relayed: RelayedMessage, from source: String) throws -> Brought {
        try self.brought(relayed.message, relayed.bundle, from: self.hub, hops: [source, self.hub])
    }

    private func brought(
        _ message: InterchainMessage?,
        _ bytes: [UInt8],
        from chain: String,
        hops: [String]
    ) throws -> Brought {
        let bundle = try ProofBundle(bytes: bytes)
        if let message { try require(message.proof == bundle.digest, .context, "the message names another bundle") }
        return Brought(message: message, bundle: bundle, chain: chain, hops: hops)
    }

    /// - Returns: of each hop, who signed.
    private func judge(
        _ brought: Brought,
        at now: UInt64,
        on chain: String,
        _ unknown: inout [String]
    ) throws -> [String] {
        guard brought.bundle.kind == .outbound else {
            if let registered = self.registered[brought.chain] {
                try self.judge(brought, of: registered)
            } else {
                unknown.append("what \(brought.chain) says is proven by the rules of its own chain")
            }
            return try self.judgePath(brought, nil, at: now, on: chain)
        }
        let proof = try OutboundProof(bytes: brought.bundle.source)
        if let view = self.views[brought.chain] {
            try proof.verify(by: view)
        } else {
            try proof.verifyPlace()
            unknown.append("no genesis of \(brought.chain)")
        }
        let leaf = try OutboundLeaf(bytes: proof.leaf)
        var bare = brought.message
        bare?.proof = []
        switch leaf {
        case .message(let said):
            try require(said == bare, .context, "the leaf says another message than was brought")
        case .notice(let notice):
            try require(notice.id == self.id, .context, "the leaf is of another exchange")
            try require(notice.message == bare, .context, "the leaf says another message than was brought")
        }
        guard brought.message != nil else { return [] }
        return try self.judgePath(brought, HopRecord.Anchor(proof), at: now, on: chain)
    }

    /// What a chain of another make said, in the block that its verification nodes certify by the path's first hop.
    private func judge(_ brought: Brought, of registered: RegisteredChain) throws {
        let source = EVMSource()
        guard registered.rule == .attested, brought.bundle.kind == source.kind,
            let anchor = brought.bundle.path?.hops.first?.record.anchor
        else { throw ProtocolFailure(.context, "a proof of another kind than \(brought.chain) is registered with") }
        let said = try source.statement(of: brought.bundle.source, at: anchor, registered.parameters)
        var bare = brought.message
        bare?.proof = []
        try require(said.message == bare, .context, "the log says another message than was brought")
    }

    private func judgePath(
        _ brought: Brought,
        _ anchor: HopRecord.Anchor?,
        at now: UInt64,
        on chain: String
    ) throws -> [String] {
        guard let path = brought.bundle.path, let message = brought.message else {
            throw ProtocolFailure(.context, "the message came without a path")
        }
        let isMeant = path.hops.map(\.record.link.chain) == brought.hops
        try require(isMeant, .context, "the path leads over other chains")
        if let anchor, let last = path.hops.last?.record.anchor {
            let isSame =
                last.height == anchor.height && last.blockHash == anchor.blockHash
                && last.inclusionRoot == anchor.inclusionRoot
            try require(isSame, .context, "the last hop is about another block than the proof")
        }
        let reigns = self.reigns
        let verifier = PathVerifier(
            chain: chain,
            place: chain.utf8.elementsEqual(self.hub.utf8) ? .transit : .destination,
            now: now,
            lists: { name, epoch in
                reigns.first { $0.list.chain.utf8.elementsEqual(name.utf8) && $0.list.epoch == epoch }
            },
            isKnown: { _ in false }
        )
        let verified = try verifier.verify(path, payloadHash: message.hash.bytes)
        return verified.hops.map { hop in Self.text(hop, reigns) }
    }

    // MARK: - Words

    private static func text(_ hop: VerifiedPath.Hop, _ reigns: [ListReign]) -> String {
        let (chain, epoch) = (hop.record.link.chain, hop.record.certifier.epoch)
        let list = reigns.first { $0.list.chain.utf8.elementsEqual(chain.utf8) && $0.list.epoch == epoch }?.list
        let names = zip(list?.seats ?? [], hop.signers ?? []).flatMap { seats, places in
            places.compactMap { seats.indices.contains($0) ? seats[$0].name : nil }
        }
        let signers = hop.signers == nil ? "a joint signature" : names.joined(separator: " ")
        return "hop \(hop.record.link.index) \(chain) -> \(hop.record.link.nextChain) by \(hop.record.link.gateway), "
            + "block \(hop.record.anchor.height), list \(epoch): \(signers)"
    }

    private static func text(_ event: ContractEvent) -> String {
        switch event.topic {
        case OutboundTree.out.topic, OutboundTree.timeout.topic:
            switch try? OutboundLeaf(bytes: event.data) {
            case .message(let message)?: return message.type == .interchain ? "asks" : "answers: \(message.type)"
            case .notice(let notice)?: return "tells \(notice.chain): \(notice.status)"
            case nil: return event.topic
            }
        case ExchangeTaken.topic:
            return (try? ExchangeTaken(bytes: event.data)).map { "takes \($0.type): \($0.status)" } ?? event.topic
        case ExchangeReceived.topic: return "is asked"
        case ExchangeUndone.topic: return "undoes it"
        case ExchangeClosed.topic:
            return (try? ExchangeClosed(bytes: event.data)).map { "ends it: \($0.status)" } ?? event.topic
        case ExchangeContradicted.topic: return "refuses it: the source has made two requests of this identifier"
        default: return event.topic
        }
    }
}
