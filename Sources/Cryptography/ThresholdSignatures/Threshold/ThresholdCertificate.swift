internal import BLS12381
package import CanonicalBytes

/// The sum of the groups' signatures, "WLQB": 132 bytes for any number of signers, whom it hides (specification section
/// 9.2).
package struct ThresholdCertificate: Sendable {
    /// The canonical encoding.
    package let bytes: [UInt8]

    /// Joins the signatures of all groups over one message.
    ///
    /// - Parameters:
    ///   - committee: the groups.
    ///   - signatures: one of every group, each combined of its members' (``JointKey/combine(_:threshold:)``).
    /// - Throws: `THRESHOLD` for another number of signatures than groups; as ``BLSSignature/init(aggregating:)``.
    package init(committee: ThresholdCommittee, signatures: [[UInt8]]) throws(ProtocolFailure) {
        let isComplete = signatures.count == committee.groups.count
        try require(isComplete, .threshold, "one signature of every group is needed")
        var writer = CanonicalWriter()
        writer.magic("WLQB")
        writer.raw(committee.digest)
        writer.raw(try BLSSignature(aggregating: signatures).encoded)
        self.bytes = writer.bytes
    }

    /// Verifies a certificate of a message.
    ///
    /// - Parameters:
    ///   - certificate: bytes of any origin.
    ///   - message: what the groups signed, for example ``CrossChainMessage/signedBytes(committee:payload:)``.
    ///   - committee: with groups whose possession of their keys was verified.
    /// - Throws: `FORMAT`, `CONTEXT` for another committee, what a group's key has wrong, `IDENTITY` for keys that add
    ///   up to nothing, as ``BLSPublicKey/verify(_:of:)``.
    package static func verify(
        _ certificate: [UInt8],
        of message: [UInt8],
        by committee: ThresholdCommittee
    ) throws(ProtocolFailure) {
        var reader = CanonicalReader(certificate)
        try reader.magic("WLQB")
        try require(reader.take(32) == committee.digest, .context, "the certificate is of another committee")
        let signature = try reader.take(96)
        try reader.finish()
        var keys: [BLSPublicKey] = []
        for group in committee.groups { keys.append(try BLSPublicKey(group.key)) }
        try BLSPublicKey(aggregating: keys).verify(signature, of: message)
    }
}
