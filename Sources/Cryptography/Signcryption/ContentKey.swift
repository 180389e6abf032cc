internal import CanonicalBytes
internal import P256Group
internal import Transcripts

/// What encrypts an envelope's batch (specification section 5.3, steps 1 to 4).
enum ContentKey {
    /// `r = hn("CBSRE-H1", eta, header, m)`; the caller wipes it.
    static func secret(
        eta: [UInt8],
        header: EnvelopeHeader,
        batch: [UInt8]
    ) throws(ProtocolFailure) -> P256Scalar {
        try P256Scalar.hash("CBSRE-H1", eta, header.bytes, batch)
    }

    /// `k44` of the point `K = r·Q_scope`; the caller wipes it.
    ///
    /// - Throws: `IDENTITY`; `CONTEXT` when the epoch key does not fit the mode.
    static func derive(
        from shared: P256Point,
        epochKey: [UInt8]?,
        header: EnvelopeHeader,
        commitment: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        var point = try shared.encoded()
        defer { point.wipe() }
        // Room for the epoch key behind it: growing the array would leave a copy in freed memory.
        var material: [UInt8] = []
        material.reserveCapacity(64)
        var scopePart = KeyDerivation.hkdf(
            "CBSRE-KEM",
            secret: point,
            info: transcript(commitment, header.bytes),
            length: 32
        )
        material.append(contentsOf: scopePart)
        scopePart.wipe()
        defer { material.wipe() }
        switch header.mode {
        case .scopeKey:
            try require(epochKey == nil, .context, "an envelope of mode 0 takes no epoch key")
        case .scopeAndEpochKey:
            guard let epochKey, epochKey.count == 32 else {
                throw ProtocolFailure(.context, "an envelope of mode 1 needs the epoch key")
            }
            material.append(contentsOf: epochKey)
        }
        return KeyDerivation.hkdf(
            "CBSRE-CONTENT",
            secret: material,
            info: transcript([header.mode.rawValue], commitment, header.bytes),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
    }

    /// What the batch is authenticated with; the order is not the one of the key derivation.
    static func associatedData(_ header: EnvelopeHeader, commitment: [UInt8]) -> [UInt8] {
        transcript(header.bytes, commitment)
    }
}
