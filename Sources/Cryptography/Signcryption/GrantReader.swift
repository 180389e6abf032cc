package import CanonicalBytes
package import P256Group
internal import Transcripts

/// The receiver's side of one grant: opens the envelopes of its scope with parts of the privacy centers.
///
/// `S` is computed once, so a receiver of many envelopes keeps this value.
package struct GrantReader: Sendable {
    package let grant: VerifiedGrant
    private let certificateDigest: [UInt8]
    /// A failure is thrown where the specification checks the key.
    private let blinding: Result<SecretScalar, ProtocolFailure>

    /// - Parameters:
    ///   - grant: verified, without time for stored data.
    ///   - key: the key `d_r` of the receiver's certificate.
    ///   - certificateDigest: of that certificate.
    package init(grant: VerifiedGrant, key: P256KeyPair, certificateDigest: [UInt8]) {
        self.grant = grant
        self.certificateDigest = certificateDigest
        self.blinding = Result { () throws(ProtocolFailure) in try Self.blinding(grant, key) }
    }

    /// What opens an envelope besides the parts.
    package struct Context: Sendable {
        /// Of the request, 32 bytes.
        package var nonce: [UInt8]
        /// 32 bytes in mode 1, nil in mode 0.
        package var epochKey: [UInt8]?
        /// The capsule of the epoch key in mode 1, nil in mode 0.
        package var capsule: EpochCapsule?
        /// Whether the data set's entry on the chain allows mode 0.
        package var singleControl: Bool

        package init(
            nonce: [UInt8],
            epochKey: [UInt8]? = nil,
            capsule: EpochCapsule? = nil,
            singleControl: Bool = false
        ) {
            self.nonce = nonce
            self.epochKey = epochKey
            self.capsule = capsule
            self.singleControl = singleControl
        }
    }

    /// Opens an envelope; the first faulty part ends it (specification section 5.6).
    ///
    /// - Returns: all records, padding included.
    /// - Throws: `CONTEXT` for another scope, receiver, mode or capsule; `KEY` when the owner is at fault; what
    ///   ``VerifiedGrant/check(_:of:nonce:)`` throws when a privacy center is; `DUPLICATE`, `THRESHOLD`; `CONTEXT` for
    ///   the epoch key; `AEAD`, `FO`, `FORMAT`.
    package func open(
        _ envelope: VerifiedEnvelope,
        parts: [[UInt8]],
        context: Context
    ) throws(ProtocolFailure) -> [EnvelopeRecord] {
        let blinding = try self.admit(envelope, context)
        let selection = try PartSelection(
            strictly: parts,
            of: envelope.envelope,
            under: self.grant,
            nonce: context.nonce
        )
        return try self.content(of: envelope, blinding, selection.accepted, context.epochKey).records()
    }

    /// Opens an envelope with the good parts and names the privacy centers that sent the others.
    ///
    /// - Throws: as ``open(_:parts:context:)``, but for faulty parts: too few good ones are `THRESHOLD`.
    package func openDroppingFaults(
        _ envelope: VerifiedEnvelope,
        parts: [[UInt8]],
        context: Context
    ) throws(ProtocolFailure) -> (records: [EnvelopeRecord], faults: [CheatingPrivacyCenter]) {
        let selection = PartSelection(parts, of: envelope.envelope, under: self.grant, nonce: context.nonce)
        return (try self.open(envelope, parts: selection, context: context), selection.faults)
    }

    /// Opens an envelope with parts that were checked as they arrived.
    ///
    /// - Throws: as ``open(_:parts:context:)``, but for faulty parts.
    package func open(
        _ envelope: VerifiedEnvelope,
        parts: PartSelection,
        context: Context
    ) throws(ProtocolFailure) -> [EnvelopeRecord] {
        try self.content(of: envelope, parts: parts, context: context).records()
    }

    /// Opens with parts that were checked as they arrived, for who wants to show others what the envelope held.
    ///
    /// - Throws: as ``open(_:parts:context:)``, but for faulty parts.
    package func content(
        of envelope: VerifiedEnvelope,
        parts: PartSelection,
        context: Context
    ) throws(ProtocolFailure) -> EnvelopeContent {
        try self.content(of: envelope, self.admit(envelope, context), parts.accepted, context.epochKey)
    }

    private func admit(
        _ envelope: VerifiedEnvelope,
        _ context: Context
    ) throws(ProtocolFailure) -> SecretScalar {
        try self.grant.requireScope(of: envelope.header)
        let isOurs = self.certificateDigest == self.grant.terms.receiverCertificateDigest
        try require(isOurs, .context, "the grant is for another receiver")
        try envelope.header.requireModeAllowed(singleControl: context.singleControl)
        try envelope.header.requireCapsule(context.capsule, of: self.grant.scope.descriptor)
        return try self.blinding.get()
    }

    /// `K = S·Y'` with `Y' = Σ λ_i·Y'_i` over the lowest indices.
    private func content(
        of envelope: VerifiedEnvelope,
        _ blinding: SecretScalar,
        _ accepted: [CheckedPart],
        _ epochKey: [UInt8]?
    ) throws(ProtocolFailure) -> EnvelopeContent {
        let threshold = self.grant.terms.threshold
        try require(accepted.count >= threshold, .threshold, "\(accepted.count) parts of \(threshold)")
        let parts = accepted.sorted { $0.index < $1.index }.prefix(threshold)
        let indices = parts.map(\.index)
        let shared = blinding.withValue { secret in
            parts.map { part in
                var factor = secret * P256Scalar.lagrangeAtZero(part.index, among: indices)
                defer { factor.wipe() }
                return factor * part.transformed.point
            }
        }
        guard let first = shared.first else { throw ProtocolFailure(.threshold, "no parts") }
        return try envelope.content(shared: shared.dropFirst().reduce(first, +), epochKey: epochKey)
    }

    private static func blinding(
        _ grant: VerifiedGrant,
        _ key: P256KeyPair
    ) throws(ProtocolFailure) -> SecretScalar {
        let (scopeShared, ephemeralShared) = key.withSecret {
            ($0 * grant.keys.scopeKey.point, $0 * grant.keys.ephemeral.point)
        }
        var scalar = try GrantBlinding.scalar(
            grant.terms,
            receiver: key.publicKey,
            scopeShared: scopeShared,
            ephemeralShared: ephemeralShared
        )
        defer { scalar.wipe() }
        let fits = scalar * grant.keys.commitments[0].point == grant.keys.scopeKey.point
        try require(fits, .key, "the grant's re-encryption key is not for this receiver and scope")
        return SecretScalar(scalar)
    }
}

extension P256Scalar {
    /// `λ_i = Π j / (j - i)` over the other indices: the weight of share `i` in the value at zero.
    package static func lagrangeAtZero(_ index: UInt8, among indices: [UInt8]) -> P256Scalar {
        guard indices.count > 1 else { return .one }
        let i = P256Scalar(UInt64(index))
        var numerator = P256Scalar.one
        var denominator = P256Scalar.one
        for other in indices where other != index {
            let j = P256Scalar(UInt64(other))
            numerator = numerator * j
            denominator = denominator * (j - i)
        }
        return numerator * denominator.inverse
    }
}
