package import CanonicalBytes
package import IBTP
internal import Ledger
package import PathProofs

/// Judges what a chain says whose blocks only its verification nodes can judge: they certify a block in the first hop of
/// the path, and a proof shows that the message stands under it.
package protocol AttestedSource: Sendable {
    /// Of the proofs that it reads.
    var kind: ProofBundle.Kind { get }

    /// Checks what governors say about a chain of this rule.
    ///
    /// - Throws: `FORMAT`.
    func check(_ parameters: [UInt8]) throws(ProtocolFailure)

    /// Requires that the chain said exactly this message, its group included, in the block that the anchor names.
    ///
    /// - Parameters:
    ///   - message: without its proof.
    ///   - proof: the source's proof of the bundle.
    ///   - anchor: of the path's first hop, whose certificate is checked besides.
    ///   - parameters: of the registration.
    /// - Throws: whatever is wrong.
    func verify(
        _ message: InterchainMessage,
        _ proof: [UInt8],
        at anchor: HopRecord.Anchor,
        _ parameters: [UInt8]
    ) throws(ProtocolFailure)
}

/// What a chain's rule makes of a message's proof.
struct SourceRules: Sendable {
    let chains: ForeignChains
    let attested: (any AttestedSource)?

    /// Requires that the chain said the message.
    ///
    /// - Returns: where it stands on the chain.
    /// - Throws: `chain-expired`, `committee-unknown`, `committee-outdated`, `bad-proof`, `another-message`,
    ///   `rule-not-built`.
    func anchor(
        of message: InterchainMessage,
        _ bundle: ProofBundle,
        from name: String,
        _ chain: RegisteredChain,
        _ call: ContractCall
    ) throws(ContractFailure) -> HopRecord.Anchor {
        switch chain.rule {
        case .hub: throw .rejected(.ruleNotBuilt, "the relay chain itself has no services")
        case .wardline: return try self.wardline(message, bundle, name, call)
        case .attested: return try self.attested(message, bundle, chain, call)
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
        _ bundle: ProofBundle,
        _ chain: RegisteredChain,
        _ call: ContractCall
    ) throws(ContractFailure) -> HopRecord.Anchor {
        guard let attested = self.attested else { throw .rejected(.ruleNotBuilt, "no proofs of such chains") }
        guard bundle.kind == attested.kind, let hop = bundle.path?.hops.first else {
            throw .rejected(.badSourceProof, "a proof of another kind of chain, or no hop that certifies its block")
        }
        try call.charge(UInt64(bundle.source.count) / 8)
        do throws(ProtocolFailure) {
            try attested.verify(message, bundle.source, at: hop.record.anchor, chain.parameters)
        } catch { throw .rejected(.badSourceProof, error.description) }
        return hop.record.anchor
    }
}
