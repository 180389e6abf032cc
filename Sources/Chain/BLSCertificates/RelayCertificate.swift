package import CanonicalBytes
package import Consensus
package import ThresholdSignatures

extension PrivilegedCommittee {
    /// Name of the one group of a committee of validators.
    package static let validatorGroup = "validators"

    /// Validators as other chains know them, a "WLQC" of one group whose threshold is the quorum.
    ///
    /// - Throws: `FORMAT` for share keys that are not of BLS, `DUPLICATE` for one that occurs twice.
    package init(validators: Committee) throws(ProtocolFailure) {
        let isBLS = validators.members.allSatisfy { $0.shareKey.count == ShareKey.byteCount }
        try require(isBLS, .format, "validators without keys of aggregated certificates")
        let quorum = UInt16(validators.quorum)
        let keys = validators.members.map { Array($0.shareKey.prefix(48)) }
        try self.init(
            threshold: quorum,
            groups: [Group(name: Self.validatorGroup, threshold: quorum, keys: keys)]
        )
    }
}

extension QuorumCertificate {
    /// This certificate as a "WLQA", which ``CommitMessage/verify(_:by:)`` takes.
    ///
    /// - Parameter validators: the committee that decided the block.
    /// - Returns: the canonical encoding.
    /// - Throws: `CONTEXT` for a certificate of another version or committee; as
    ///   ``PrivilegedCommittee/init(validators:)``; what the signature has wrong.
    package func relayCertificate(of validators: Committee) throws(ProtocolFailure) -> [UInt8] {
        let isAggregate = self.version == .blsAggregate && self.epoch == validators.epoch
        guard isAggregate, let signers = self.signers(in: validators) else {
            throw ProtocolFailure(.context, "no aggregated certificate of this committee")
        }
        return try BitmapCertificate(
            committee: PrivilegedCommittee(validators: validators),
            signers: [signers.compactMap { validators.position(of: $0.id) }],
            signatures: [self.proof]
        ).bytes
    }
}
