package import CanonicalBytes
package import P256Group
internal import Transcripts

/// The random values of one envelope; the compiler sees to it that they are used once.
package struct SealingRandomness: ~Copyable {
    fileprivate var eta: [UInt8]
    fileprivate var aux: [UInt8]

    /// Fresh values of the system's generator.
    package init() {
        self.eta = SecureRandom.bytes(32)
        self.aux = SecureRandom.bytes(32)
    }

    /// Given values, to reproduce an envelope.
    ///
    /// - Parameters:
    ///   - eta: 32 bytes that hide the batch; they must be random.
    ///   - aux: 32 bytes that hedge the nonces of the proofs.
    package init(eta: [UInt8], aux: [UInt8]) {
        self.eta = eta
        self.aux = aux
    }

    fileprivate mutating func wipe() {
        self.eta.wipe()
        self.aux.wipe()
    }
}

extension VerifiedScope {
    /// Signcrypts records to this scope (specification section 5.3).
    ///
    /// - Parameters:
    ///   - records: at least one, as many as the header says.
    ///   - header: names this scope.
    ///   - sender: the key `d_s` of the sender's certificate.
    ///   - epochKey: 32 bytes in mode 1, nil in mode 0.
    ///   - randomness: fresh for every envelope.
    /// - Returns: the envelope.
    /// - Throws: `CONTEXT` when the header names another scope; then as ``EnvelopeHeader/seal(_:to:by:epochKey:randomness:)``.
    package func seal(
        _ records: [EnvelopeRecord],
        under header: EnvelopeHeader,
        by sender: P256KeyPair,
        epochKey: [UInt8]? = nil,
        randomness: consuming SealingRandomness = SealingRandomness()
    ) throws(ProtocolFailure) -> [UInt8] {
        try self.requireNamed(by: header)
        return try header.seal(records, to: self.publicKey, by: sender, epochKey: epochKey, randomness: randomness)
    }
}

extension EnvelopeHeader {
    /// Signcrypts records to the scope key that stands in this header.
    ///
    /// A sender uses ``VerifiedScope/seal(_:under:by:epochKey:randomness:)``, which has checked whose key that is.
    ///
    /// - Parameters:
    ///   - records: at least one, as many as this header says.
    ///   - scopeKey: the header's scope key decoded, to save decoding it; nil decodes it.
    ///   - sender: the key `d_s` of the sender's certificate.
    ///   - epochKey: 32 bytes in mode 1, nil in mode 0.
    ///   - randomness: fresh for every envelope.
    /// - Returns: the envelope.
    /// - Throws: `FORMAT` for another number of records; `POINT` or `IDENTITY` for the scope key; `CONTEXT` when the
    ///   epoch key does not fit the mode; `SCALAR` when other randomness is needed, which does not happen in
    ///   practice.
    package func seal(
        _ records: [EnvelopeRecord],
        to scopeKey: P256PublicKey? = nil,
        by sender: P256KeyPair,
        epochKey: [UInt8]? = nil,
        randomness: consuming SealingRandomness = SealingRandomness()
    ) throws(ProtocolFailure) -> [UInt8] {
        var randomness = randomness
        defer { randomness.wipe() }
        // Records may be keys.
        var batch = try RecordBatch.encode(records)
        defer { batch.wipe() }
        let isComplete = records.count == Int(self.recordCount) && randomness.eta.count == 32
        try require(isComplete, .format, "the number of records is not the header's")
        let receiver = try self.decodedScopeKey(scopeKey)

        var r = try ContentKey.secret(eta: randomness.eta, header: self, batch: batch)
        defer { r.wipe() }
        let commitment = try P256Point.base(times: r).encoded()
        var key = try ContentKey.derive(
            from: r * receiver.point,
            epochKey: epochKey,
            header: self,
            commitment: commitment
        )
        defer { key.wipe() }
        var plaintext: [UInt8] = []
        plaintext.reserveCapacity(32 + batch.count)
        plaintext.append(contentsOf: randomness.eta)
        plaintext.append(contentsOf: batch)
        defer { plaintext.wipe() }
        let ciphertext = AuthenticatedEncryption.seal(
            key,
            associated: ContentKey.associatedData(self, commitment: commitment),
            plaintext: plaintext
        )
        let proof = try self.prove(r, sender, randomness.aux, commitment: commitment, ciphertext: ciphertext)

        var writer = CanonicalWriter(capacity: 141 + self.bytes.count + ciphertext.count)
        writer.magic("WLE1")
        writer.lengthPrefixed(self.bytes)
        writer.raw(commitment)
        writer.raw(proof)
        writer.lengthPrefixed(ciphertext)
        return writer.bytes
    }

    private func decodedScopeKey(_ known: P256PublicKey?) throws(ProtocolFailure) -> P256PublicKey {
        if let known, known.encoded == self.scopeKey { return known }
        return try P256PublicKey(self.scopeKey)
    }

    /// `g || z || zr`: knowledge of the sender's key and of `r` under one challenge (steps 5 and 6).
    private func prove(
        _ r: P256Scalar,
        _ sender: P256KeyPair,
        _ aux: [UInt8],
        commitment: [UInt8],
        ciphertext: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        try sender.withSecret { (d) throws(ProtocolFailure) in
            var k = try Self.nonce("CBSRE-NONCE", hiding: d, aux, commitment, ciphertext, self.bytes)
            defer { k.wipe() }
            // Derived from r, not from the sender's key: a stolen sender key must not open old envelopes.
            var kr = try Self.nonce("CBSRE-NONCE-R", hiding: r, aux, commitment, ciphertext, self.bytes)
            defer { kr.wipe() }
            let g = try EnvelopeChallenge.hash(
                senderNonce: P256Point.base(times: k),
                commitmentNonce: P256Point.base(times: kr),
                commitment: commitment,
                ciphertext: ciphertext,
                header: self,
                sender: sender.publicKey
            )
            let z = k - g * d
            let zr = kr - g * r
            try require(!z.isZero && !zr.isZero, .scalar, "choose other randomness")
            return g.bytes + z.bytes + zr.bytes
        }
    }

    private static func nonce(
        _ tag: String,
        hiding secret: P256Scalar,
        _ aux: [UInt8],
        _ commitment: [UInt8],
        _ ciphertext: [UInt8],
        _ header: [UInt8]
    ) throws(ProtocolFailure) -> P256Scalar {
        var bytes = secret.bytes
        defer { bytes.wipe() }
        return try P256Scalar.hash(tag, bytes, aux, commitment, ciphertext, header)
    }
}
