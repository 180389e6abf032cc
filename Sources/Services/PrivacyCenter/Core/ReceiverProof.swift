internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Records
internal import Signcryption
internal import Transcripts

/// Who asks for what a grant opens: a party by its certificate, or whoever shows a proof of being the receiver.
struct Visitor: Sendable {
    let peer: PartyName?
    let proof: ReceiverProof?
}

/// A receiver's word to one center that it reads under a grant now: `u64 seconds since 1970 || signature(64)`.
///
/// The signature is by the receiver's key, context `CENTER-READ`, over `T(center name, grant digest, u64 time)`: of no use
/// at another center, under another grant, or later. A requester under a pseudonym needs no other introduction.
struct ReceiverProof: Sendable, Hashable {
    /// Of the request's header field, in base64.
    static let fieldName = "wardline-receiver"
    /// s before and after the center's own time.
    static let secondsMax: UInt64 = 300
    private static let context = "CENTER-READ"

    let time: UInt64
    let signature: [UInt8]

    /// - Returns: nil for another length.
    init?(bytes: [UInt8]) {
        var reader = CanonicalReader(bytes)
        guard let time = try? reader.u64(), let signature = try? reader.take(Schnorr.signatureLength),
            (try? reader.finish()) != nil
        else { return nil }
        self.time = time
        self.signature = signature
    }

    /// Requires that the receiver said so lately.
    ///
    /// - Throws: `TIME`; `SCALAR`, `SIGNATURE`.
    func verify(
        _ receiver: CertifiedKey,
        center: String,
        grant: Digest,
        at now: UInt64
    ) throws(ProtocolFailure) {
        try self.requireTime(now)
        try Schnorr.verify(
            receiver.publicKey,
            context: Self.context,
            message: transcript(Array(center.utf8), grant.bytes, self.time.bigEndianBytes),
            signature: self.signature
        )
    }

    func requireTime(_ now: UInt64) throws(ProtocolFailure) {
        let distance = now > self.time ? now - self.time : self.time - now
        try CanonicalBytes.require(distance <= Self.secondsMax, .time, "the receiver's proof is not of now")
    }

    /// Under which a verified proof is remembered.
    func digest(_ receiver: CertifiedKey, grant: Digest) -> Digest? {
        Digest(
            bytes: TaggedHash.digest(
                "CENTER-READ-SEEN",
                receiver.digest,
                grant.bytes,
                self.time.bigEndianBytes,
                self.signature
            )
        )
    }
}

/// Requires that visitors are the receivers of grants; a proof is verified once while it lasts.
struct ReceiverCheck: Sendable {
    private let context: CenterContext
    private let seen: BoundedCache<Bool>

    init(_ context: CenterContext) {
        self.context = context
        self.seen = BoundedCache(entriesMax: context.limits.cacheEntriesMax)
    }

    /// - Throws: ``CenterRefusal``.
    func require(_ visitor: Visitor, is receiver: CertifiedKey, of grant: Digest) async throws {
        if let proof = visitor.proof { return try await self.require(proof, receiver, grant) }
        guard let peer = visitor.peer else {
            throw CenterRefusal.refused(.receiverProofRequired, "show a proof of being the grant's receiver")
        }
        guard peer.isNamed(by: receiver.subject) else {
            throw CenterRefusal.refused(.notReceiver, "the grant is for another receiver")
        }
    }

    private func require(_ proof: ReceiverProof, _ receiver: CertifiedKey, _ grant: Digest) async throws {
        let now = self.context.nowSeconds
        let digest = proof.digest(receiver, grant: grant)
        if let digest, self.seen[digest] != nil {
            do { return try proof.requireTime(now) } catch { throw CenterRefusal.invalid(error) }
        }
        let center = try self.context.keys().certificate.fields.subject
        try await self.context.verifying { try proof.verify(receiver, center: center, grant: grant, at: now) }
        if let digest { self.seen.insert(true, for: digest) }
    }
}
