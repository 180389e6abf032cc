internal import Attesting
internal import CanonicalBytes
internal import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Uplink

/// Collects from the chains what shows how an exchange went.
package struct ExchangeTracer: Sendable {
    private let hub: ReadChain
    private let others: [ReadChain]

    /// - Parameters:
    ///   - hub: the relay chain.
    ///   - others: the asking and the asked chain, or one of them; of one that is not there the relay chain's and the
    ///     other's blocks tell.
    package init(hub: ReadChain, others: [ReadChain]) {
        self.hub = hub
        self.others = others
    }

    /// All that is found of an exchange; ``TraceAudit`` judges it.
    ///
    /// - Parameter exchange: `from-to-index`.
    /// - Returns: of all chains that were named.
    /// - Throws: when a chain does not say; `FORMAT` for another identifier.
    package func collect(_ exchange: String) async throws -> TraceEvidence {
        let id = try MessageID(exchange)
        let subject = EventSubjects.exchange(id)
        let chains = [self.hub] + self.others.filter { $0.name == id.from.chain || $0.name == id.to.chain }
        var steps: [TraceEvidence.Step] = []
        for chain in chains { steps += try await self.steps(subject, on: chain) }
        steps.sort { $0.proof.header.time < $1.proof.header.time }
        var lists: [ValueProof] = []
        for (chain, epoch) in try Self.certifiers(steps) {
            lists.append(try await self.hub.chain.value(of: RelayKey.list(chain, epoch), on: .access))
        }
        var evidence: [TraceEvidence.Chain] = []
        for chain in chains {
            evidence.append(
                TraceEvidence.Chain(
                    name: chain.name,
                    genesis: chain.genesis,
                    handovers: try await chain.committees.handovers(after: 0)
                )
            )
        }
        var registrations: [ValueProof] = []
        for chain in try Self.foreigners(steps, of: id) {
            registrations.append(try await self.hub.chain.value(of: RelayKey.chain(chain), on: .access))
        }
        return TraceEvidence(
            exchange: exchange,
            chains: evidence,
            steps: steps,
            lists: lists,
            registrations: registrations
        )
    }

    /// Chains of other makes, each once: what they said is proven by their own kind of proofs.
    private static func foreigners(_ steps: [TraceEvidence.Step], of id: MessageID) throws -> [String] {
        var found: [String] = []
        for step in steps {
            guard let bundle = try self.bundle(of: step.proof), bundle.kind != .outbound,
                let source = bundle.path?.hops.first?.record.link.chain,
                source == id.from.chain || source == id.to.chain, !found.contains(source)
            else { continue }
            found.append(source)
        }
        return found
    }

    private func steps(_ subject: [UInt8], on chain: ReadChain) async throws -> [TraceEvidence.Step] {
        var seen: Set<[UInt8]> = []
        var steps: [TraceEvidence.Step] = []
        for entry in try await chain.chain.events(of: subject, after: nil, on: .access) {
            guard seen.insert(entry.transaction).inserted else { continue }
            guard let proof = try await chain.chain.proof(of: entry.transaction, on: .access) else {
                throw UplinkFailure.malformed("\(chain.name) names a transaction that nobody proves")
            }
            steps.append(TraceEvidence.Step(chain: chain.name, proof: proof))
        }
        return steps
    }

    /// Whose lists the hops of all paths name, each once.
    private static func certifiers(_ steps: [TraceEvidence.Step]) throws -> [(chain: String, epoch: UInt64)] {
        var found: [(chain: String, epoch: UInt64)] = []
        for step in steps {
            for hop in try self.bundle(of: step.proof)?.path?.hops ?? [] {
                let (chain, epoch) = (hop.record.link.chain, hop.record.certifier.epoch)
                guard !found.contains(where: { $0.chain == chain && $0.epoch == epoch }) else { continue }
                found.append((chain, epoch))
            }
        }
        return found
    }

    private static func bundle(of proof: TransactionProof) throws -> ProofBundle? {
        let body = proof.transaction.body
        switch (body.contract, body.method) {
        case (RelayMessage.contract, RelayMessage.method):
            return try ProofBundle(bytes: try RelayMessage(bytes: body.arguments).bundle)
        case (DeliverMessage.contract, DeliverMessage.method):
            return try ProofBundle(bytes: try DeliverMessage(bytes: body.arguments).relayed.bundle)
        case (CloseCall.contract, CloseCall.method):
            return try ProofBundle(bytes: try CloseCall(bytes: body.arguments).relayed.bundle)
        default: return nil
        }
    }
}
