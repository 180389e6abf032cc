package import CanonicalBytes
package import P256Group
internal import Transcripts

/// A privacy center's answer to one request for one envelope, as read (specification section 5.6).
package struct ReencryptionPart: Sendable, Hashable {
    package let grantDigest: [UInt8]
    /// The center's number in the grant, as the part claims.
    package let index: UInt8
    /// `H1` of the envelope.
    package let indexPointer: [UInt8]
    /// The 32 bytes of the request.
    package let nonce: [UInt8]
    /// `E(Y'_i)` as read.
    package let transformed: [UInt8]
    package let proof: [UInt8]

    /// Parses a part.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLP1")
        self.grantDigest = try reader.take(32)
        self.index = try reader.u8()
        self.indexPointer = try reader.take(32)
        self.nonce = try reader.take(32)
        self.transformed = try reader.take(33)
        self.proof = try reader.take(64)
        try reader.finish()
    }

    /// What the proof is bound to.
    fileprivate static func proofContext(
        _ grantDigest: [UInt8],
        _ index: UInt8,
        _ indexPointer: [UInt8],
        _ nonce: [UInt8]
    ) -> [UInt8] {
        transcript(Array("REENC".utf8), grantDigest, [index], indexPointer, nonce)
    }
}

extension VerifiedEnvelope {
    /// Transforms the envelope's `Y` with one share of the re-encryption key and proves that it did.
    ///
    /// Before it answers, a privacy center has also consulted the chain: a permission of this receiver for the
    /// header's scope and policy, and the envelope's index pointer anchored.
    ///
    /// - Parameters:
    ///   - grant: verified at the same time.
    ///   - share: this center's share.
    ///   - nonce: the request's 32 bytes, never seen before.
    ///   - now: seconds since 1970.
    ///   - singleControl: whether the data set's entry on the chain allows mode 0.
    ///   - aux: 32 random bytes that hedge the proof's nonce.
    /// - Returns: the part.
    /// - Throws: `CONTEXT` for another scope or a mode that is not allowed, `TIME`, `FORMAT` for the nonce.
    package func reencrypt(
        under grant: VerifiedGrant,
        share: KeyShare,
        nonce: [UInt8],
        at now: UInt64,
        singleControl: Bool = false,
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> [UInt8] {
        try grant.requireScope(of: self.header)
        try self.header.requireModeAllowed(singleControl: singleControl)
        try grant.terms.requireValid(at: now)
        try require(nonce.count == 32, .format, "a request's nonce has 32 bytes")
        let context = ReencryptionPart.proofContext(grant.digest, share.index, self.indexPointer, nonce)
        let commitment = self.envelope.commitment
        let (transformed, proof) = try share.keyPair.withSecret { (secret) throws(ProtocolFailure) in
            let transformed = try P256PublicKey(secret * commitment.point)
            let statement = DiscreteLogEquality(
                base1: .generator,
                value1: share.keyPair.publicKey,
                base2: commitment,
                value2: transformed
            )
            return (transformed, try statement.prove(witness: secret, context: context, aux: aux))
        }
        var writer = CanonicalWriter(capacity: 198)
        writer.magic("WLP1")
        writer.raw(grant.digest)
        writer.u8(share.index)
        writer.raw(self.indexPointer)
        writer.raw(nonce)
        writer.raw(transformed.encoded)
        writer.raw(proof)
        return writer.bytes
    }
}

/// A part whose proof holds; made by ``VerifiedGrant/check(_:of:nonce:)`` alone.
package struct CheckedPart: Sendable {
    package let index: UInt8
    /// `Y'_i`.
    package let transformed: P256PublicKey

    fileprivate init(index: UInt8, transformed: P256PublicKey) {
        self.index = index
        self.transformed = transformed
    }
}

extension VerifiedGrant {
    /// Checks one part; a `PROOF` failure names the privacy center at fault.
    ///
    /// - Parameters:
    ///   - part: as the center sent it.
    ///   - envelope: what was to be transformed.
    ///   - nonce: of the request.
    /// - Returns: the part, as one that may be combined with others.
    /// - Throws: `FORMAT`; `CONTEXT` for another grant, envelope, nonce or center; `POINT`; `SCALAR`, `PROOF`.
    package func check(
        _ part: [UInt8],
        of envelope: ParsedEnvelope,
        nonce: [UInt8]
    ) throws(ProtocolFailure) -> CheckedPart {
        try self.check(ReencryptionPart(bytes: part), of: envelope, nonce: nonce)
    }

    func check(
        _ part: ReencryptionPart,
        of envelope: ParsedEnvelope,
        nonce: [UInt8]
    ) throws(ProtocolFailure) -> CheckedPart {
        let isOurs =
            part.grantDigest == self.digest && part.indexPointer == envelope.indexPointer && part.nonce == nonce
            && self.hasCenter(part.index)
        try require(isOurs, .context, "the part is of another request")
        let transformed = try P256PublicKey(part.transformed)
        let statement = DiscreteLogEquality(
            base1: .generator,
            value1: try self.shareCommitment(part.index),
            base2: envelope.commitment,
            value2: transformed
        )
        let context = ReencryptionPart.proofContext(self.digest, part.index, part.indexPointer, nonce)
        do {
            try statement.verify(part.proof, context: context)
        } catch {
            let center = self.terms.centers[Int(part.index) - 1].id
            throw ProtocolFailure(error.code, "privacy center \(part.index) (\(center)): \(error.detail)")
        }
        return CheckedPart(index: part.index, transformed: transformed)
    }
}
