internal import CanonicalBytes
internal import IBTP
internal import Ledger
internal import PathProofs

/// What a chain's rule makes of a message's proof.
struct SourceRules: Sendable {
    let chains: ForeignChains
    let attested: (any AttestedSource)?

    /// Requires that the chain said the message.
    ///
    /// - Returns: where it stands on the chain.
    /// - Throws: `chain-expired`, `committee-unknown`, `committee-outdated`, `bad-proof`, `another-message`,
    ///   `rule-not-built`, `path-missing`, `another-request`.
    func anchor(
        of message: InterchainMessage,
        _ id: MessageID,
        _ bundle: ProofBundle,
        from name: String,
        _ chain: RegisteredChain,
        _ call: ContractCall
    ) throws(ContractFailure) -> HopRecord.Anchor {
        switch chain.rule {
        case .hub: throw .rejected(.ruleNotBuilt, "the relay chain itself has no services")
        case .wardline: return try self.wardline(message, bundle, name, call)
        case .attested: return try self.attested(message, id, bundle, chain, call)
        }
    }

    private func wardline(
        _ message: InterchainMessage,
        _ bundle: ProofBundle,
        _ name: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> HopRecord.Anchor {
        guard let client = try self.chains.client(of: name, call) else {
            throw .damaged(ProtocolFailure(.format, "a chain without client"))
        }
        let proof: OutboundProof
        do throws(ProtocolFailure) {
            try require(bundle.kind == .outbound, .context, "a proof of another kind of chain")
            proof = try OutboundProof(bytes: bundle.source)
        } catch { throw .rejected(.badSourceProof, error.description) }
        // Compared whole: the group is in no hash, and is taken from nowhere but the source's own words.
        try ensure(proof.leaf == OutboundLeaf.message(message).bytes, .anotherLeaf, "the source said another message")
        do throws(ProtocolFailure) { try proof.verifyPlace() } catch {
            throw .rejected(.badSourceProof, error.description)
        }
        try self.chains.accept(proof.header, proof.certificate, of: name, client, call)
        return HopRecord.Anchor(proof)
    }

    private func attested(
        _ message: InterchainMessage,
        _ id: MessageID,
        _ bundle: ProofBundle,
        _ chain: RegisteredChain,
        _ call: ContractCall
    ) throws(ContractFailure) -> HopRecord.Anchor {
        guard let attested = self.attested else { throw .rejected(.ruleNotBuilt, "no proofs of such chains") }
        try ensure(bundle.kind == attested.kind, .badSourceProof, "a proof of another kind of chain")
        guard let hop = bundle.path?.hops.first else {
            throw .rejected(.sourcePathMissing, "no hop that certifies the block")
        }
        try call.charge(UInt64(bundle.source.count) / 8)
        let statement: AttestedStatement
        do throws(ProtocolFailure) {
            statement = try attested.statement(of: bundle.source, at: hop.record.anchor, chain.parameters)
        } catch { throw .rejected(.badSourceProof, error.description) }
        try ensure(statement.message == message, .anotherLeaf, "the source said another message")
        if let hash = statement.requestHash {
            let known = try self.requestHash(of: id, call)
            try ensure(known == nil || known == hash, .answersAnother, "the source has answered another request")
        }
        return hop.record.anchor
    }

    /// The hash of an exchange's request; nil for one that is not known.
    private func requestHash(of id: MessageID, _ call: ContractCall) throws(ContractFailure) -> [UInt8]? {
        let book = InterchainBook(hub: try call.hub(), storage: call, prefix: RelayKey.prefix)
        return try self.chains.codes.book { () throws(BookFailure<ContractFailure>) in try book.requestHash(of: id) }
    }
}
