internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import PrivacyCenterStore
internal import Records
internal import Signcryption
internal import Transcripts

/// What a receiver asks for.
struct ReencryptionRequest: Sendable {
    let grant: Digest
    let envelopes: [Digest]
    /// 32 bytes, never used before under the grant.
    let nonce: [UInt8]
    /// By the receiver's key, context `REENC-REQ`, over `T(grant_digest, nonce, H1…)`.
    let signature: [UInt8]
    let wantsEnvelopes: Bool
}

/// One envelope of an answer.
struct ReencryptionAnswer: Sendable {
    let h1: Digest
    let part: [UInt8]
    /// nil when it was not asked for.
    let envelope: [UInt8]?
}

/// Re-encrypts for receivers (specification section 5.6).
struct ReencryptionDesk: Sendable {
    private static let requestContext = "REENC-REQ"

    private let context: CenterContext
    private let vault: ShareVault

    init(_ context: CenterContext, vault: ShareVault) {
        self.context = context
        self.vault = vault
    }

    /// A request that was found to be the receiver's own, with what is needed to answer it.
    private struct Admitted: Sendable {
        let grant: VerifiedGrant
        let share: KeyShare
        let singleControl: Bool
    }

    /// Transforms the envelopes; all or none.
    ///
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func answer(_ request: ReencryptionRequest, to peer: PartyName) async throws -> [ReencryptionAnswer] {
        try self.requireForm(request)
        let admitted = try await self.admit(request, peer)
        // After the signature: nobody but the receiver can use a nonce up.
        let isFresh = try await self.context.store.useNonce(
            request.nonce,
            grant: request.grant,
            at: self.context.clock()
        )
        guard isFresh else { throw CenterRefusal.refused(.nonceUsed, "the nonce was used; take a random one") }
        var answers: [ReencryptionAnswer] = []
        var bytes = 0
        for h1 in request.envelopes {
            let answer = try await self.transform(h1, request, admitted)
            bytes += answer.envelope?.count ?? 0
            guard bytes <= self.context.limits.answerBytesMax else {
                throw CenterRefusal.refused(.answerTooLarge, "ask for fewer envelopes at once")
            }
            answers.append(answer)
        }
        return answers
    }

    private func requireForm(_ request: ReencryptionRequest) throws {
        let limit = self.context.limits.reencryptionsMax
        guard (1...limit).contains(request.envelopes.count) else {
            throw CenterRefusal.refused(.malformedBody, "a request names 1 to \(limit) envelopes")
        }
        guard request.nonce.count == 32 else {
            throw CenterRefusal.invalid(ProtocolFailure(.format, "a request's nonce has 32 bytes"))
        }
        guard Set(request.envelopes).count == request.envelopes.count else {
            throw CenterRefusal.invalid(ProtocolFailure(.duplicate, "an envelope is named twice"))
        }
    }

    private func admit(_ request: ReencryptionRequest, _ peer: PartyName) async throws -> Admitted {
        guard let rekey = try await self.context.store.rekey(request.grant) else {
            throw CenterRefusal.refused(.unknownGrant, "no rekey was registered for the grant")
        }
        guard !rekey.isRevoked else { throw CenterRefusal.refused(.grantRevoked, "the owner revoked the grant") }
        let receiver = try await self.context.certificates.requiredKey(rekey.receiver, of: "receiver")
        guard peer.isNamed(by: receiver.subject) else {
            throw CenterRefusal.refused(.notReceiver, "the grant is for another receiver")
        }
        let owner = try await self.context.certificates.requiredKey(rekey.owner, of: "owner")
        try self.context.requireUnrevoked(receiver.digest, of: "receiver")
        try self.context.requireUnrevoked(owner.digest, of: "owner")
        let now = self.context.nowSeconds
        return try await self.context.verifying {
            try receiver.require(.keyExchange, at: now)
            try Schnorr.verify(
                receiver.publicKey,
                context: Self.requestContext,
                message: transcript([request.grant.bytes, request.nonce] + request.envelopes.map(\.bytes)),
                signature: request.signature
            )
            let grant = try ParsedGrant(bytes: rekey.grant)
                .verify(owner: owner, descriptor: rekey.descriptor, at: now)
            return try self.open(rekey, grant)
        }
    }

    private func open(_ rekey: Rekey, _ grant: VerifiedGrant) throws -> Admitted {
        let entry: ShareVault.Entry
        do {
            entry = try self.vault.open(rekey.sealedShare, grant: rekey.grantDigest, index: rekey.index)
        } catch {
            throw StoreError.damaged("the share of a grant does not open; restore \(ShareVault.fileName)")
        }
        var secret = entry.share
        defer { secret.wipe() }
        let share = KeyShare(index: rekey.index, keyPair: try P256KeyPair(secret: P256Scalar(secret)))
        return Admitted(grant: grant, share: share, singleControl: entry.singleControl != nil)
    }

    private func transform(
        _ h1: Digest,
        _ request: ReencryptionRequest,
        _ admitted: Admitted
    ) async throws -> ReencryptionAnswer {
        guard let stored = try await self.context.store.envelope(h1) else { throw CenterRefusal.missingEnvelope(h1) }
        let sender = try await self.context.certificates.requiredKey(stored.envelope.sender, of: "sender")
        let now = self.context.nowSeconds
        let part = try await self.context.verifying {
            // Again, although it was verified at arrival: the share must never touch a Y that nobody vouches for.
            let envelope = try ParsedEnvelope(bytes: stored.envelope.bytes).verify(sender: sender)
            return try envelope.reencrypt(
                under: admitted.grant,
                share: admitted.share,
                nonce: request.nonce,
                at: now,
                singleControl: admitted.singleControl
            )
        }
        return ReencryptionAnswer(
            h1: h1,
            part: part,
            envelope: request.wantsEnvelopes ? stored.envelope.bytes : nil
        )
    }
}
