internal import CanonicalBytes
internal import Consensus
internal import Ledger

/// Judges proofs of the access channel by the committees that the index channel's state knows.
struct Citation: Sendable {
    let scheme: any SignatureScheme

    /// Requires that a transaction of one of these methods took effect on the access channel.
    ///
    /// - Throws: `bad-citation`, `committee-not-followed`; `cites-something-else` for another method or a rejection.
    func check(
        _ proof: TransactionProof,
        isOf methods: [any MethodArguments.Type],
        _ call: ContractCall
    ) throws(ContractFailure) {
        let view = try self.view(proof.header, proof.certificate, call)
        do throws(ProtocolFailure) { try proof.verify(by: view) } catch {
            throw .rejected(.badCitation, error.description)
        }
        let body = proof.transaction.body
        let isRight = methods.contains { body.contract.isSame(as: $0.contract) && body.method.isSame(as: $0.method) }
        try ensure(
            isRight && proof.receipt.code == 0,
            .citesSomethingElse,
            "not a \(methods.map { "\($0.contract).\($0.method)" }.joined(separator: " or ")) that took effect"
        )
    }

    /// Requires that the access channel's state holds the value.
    ///
    /// - Throws: `bad-citation`, `committee-not-followed`.
    func check(_ proof: ValueProof, _ call: ContractCall) throws(ContractFailure) {
        let view = try self.view(proof.header, proof.certificate, call)
        do throws(ProtocolFailure) { try proof.verify(by: view) } catch {
            throw .rejected(.badCitation, error.description)
        }
    }

    /// The one committee that may have certified a header.
    ///
    /// Only heights of its own reign count: members of a committee that has gone must not be able to write history
    /// that comes after them.
    func view(
        _ header: BlockHeader,
        _ certificate: QuorumCertificate,
        _ call: ContractCall
    ) throws(ContractFailure) -> CommitteeView {
        let signers = certificate.signers.reduce(0) { $0 + UInt64($1.nonzeroBitCount) }
        try call.charge(signatureCost * signers)
        guard let committee = try call.committee(header.epoch),
            let first = try call.number(at: SystemKey.accessReign(header.epoch))
        else { throw .rejected(.committeeNotFollowed, "the committee of epoch \(header.epoch) is not known yet") }
        if header.epoch < .max, let next = try call.number(at: SystemKey.accessReign(header.epoch + 1)) {
            try ensure(header.height < next, .badCitation, "a block after its committee's reign")
        }
        try ensure(header.height >= first, .badCitation, "a block before its committee's reign")
        return CommitteeView(
            chain: call.block.chain,
            channel: .access,
            committees: CommitteeHistory(genesis: committee),
            scheme: self.scheme
        )
    }
}
