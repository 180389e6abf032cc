internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Ledger
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

/// What is handed over at once.
struct ReencryptionDelivery: Sendable {
    let answers: [ReencryptionAnswer]
    /// That it is recorded on the chain ("WLTP"); empty without a chain.
    let record: [UInt8]
    /// The head of the access channel by which the permission was judged; empty without a chain.
    let head: [UInt8]
}

/// Re-encrypts for receivers (specification section 5.6).
struct ReencryptionDesk: Sendable {
    private static let requestContext = "REENC-REQ"
    /// Envelopes of one job of a verification thread: an upload waits no longer than for so many.
    private static let envelopesPerJob = 16

    private let context: CenterContext
    private let vault: ShareVault
    private let chain: ChainDesk?

    init(_ context: CenterContext, vault: ShareVault, chain: ChainDesk?) {
        self.context = context
        self.vault = vault
        self.chain = chain
    }

    /// A request that was found to be the receiver's own, with what is needed to answer it.
    private struct Admitted: Sendable {
        let rekey: Rekey
        let receiver: CertifiedKey
        let grant: VerifiedGrant
        let share: KeyShare
        let singleControl: Bool
    }

    private struct Transformed: Sendable {
        let answer: ReencryptionAnswer
        let header: EnvelopeHeader
    }

    /// Transforms the envelopes; all or none.
    ///
    /// - Parameters:
    ///   - request: the receiver's own by its signature.
    ///   - peer: the connection's party; nil for a stranger.
    /// - Returns: what may be handed over now.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func answer(_ request: ReencryptionRequest, to peer: PartyName?) async throws -> ReencryptionDelivery {
        try self.requireForm(request)
        let admitted = try await self.admit(request, peer)
        // After the signature: nobody but the receiver can use a nonce up.
        let isFresh = try await self.context.store.useNonce(
            request.nonce,
            grant: request.grant,
            at: self.context.clock()
        )
        guard isFresh else { throw CenterRefusal.refused(.nonceUsed, "the nonce was used; take a random one") }
        guard let chain = self.chain else {
            let transformed = try await self.transform(request, admitted)
            return ReencryptionDelivery(answers: transformed.map(\.answer), record: [], head: [])
        }
        // While validators are asked, the processors work; nothing is handed over before both are done.
        async let asked = chain.warrant(for: admitted.rekey, to: admitted.receiver)
        async let made = self.transform(request, admitted)
        let warrant = try await asked
        let transformed = try await made
        try self.require(warrant, transformed, admitted, chain)
        let proof = try await chain.deliver(request, under: admitted.rekey)
        let last = try await chain.renewed(warrant, for: admitted.rekey, to: admitted.receiver)
        return ReencryptionDelivery(
            answers: transformed.map(\.answer),
            record: proof.bytes,
            head: last.access.head?.bytes ?? []
        )
    }

    private func require(
        _ warrant: ChainDesk.Warrant,
        _ transformed: [Transformed],
        _ admitted: Admitted,
        _ chain: ChainDesk
    ) throws(CenterRefusal) {
        for entry in transformed {
            do throws(CenterRefusal) { try warrant.require(entry.header) } catch {
                chain.note(error, under: admitted.rekey)
                throw error
            }
        }
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

    // MARK: - The receiver

    private func admit(_ request: ReencryptionRequest, _ peer: PartyName?) async throws -> Admitted {
        guard let rekey = try await self.context.store.rekey(request.grant) else {
            throw CenterRefusal.refused(.unknownGrant, "no rekey was registered for the grant")
        }
        guard !rekey.isRevoked else { throw CenterRefusal.refused(.grantRevoked, "the owner revoked the grant") }
        let receiver = try await self.context.certificates.requiredKey(rekey.receiver, of: "receiver")
        // The signature says who asks; a party that shows a certificate asks for itself, unless it has a pseudonym.
        if let peer, !receiver.subject.isEmpty, !peer.isNamed(by: receiver.subject) {
            throw CenterRefusal.refused(.notReceiver, "the grant is for another receiver")
        }
        let owner = try await self.context.certificates.requiredKey(rekey.owner, of: "owner")
        let now = self.context.nowSeconds
        try rekey.requireTime(now)
        let admitted = try await self.context.verifying {
            try receiver.require(.keyExchange, at: now)
            try Schnorr.verify(
                receiver.publicKey,
                context: Self.requestContext,
                message: transcript([request.grant.bytes, request.nonce] + request.envelopes.map(\.bytes)),
                signature: request.signature
            )
            let grant = try ParsedGrant(bytes: rekey.grant)
                .verify(owner: owner, descriptor: rekey.descriptor, at: now)
            return try self.open(rekey, receiver, grant)
        }
        do {
            try self.context.requireUnrevoked(receiver.digest, of: "receiver")
            try self.context.requireUnrevoked(owner.digest, of: "owner")
        } catch let refusal as CenterRefusal {
            self.chain?.note(refusal, under: rekey)
            throw refusal
        }
        return admitted
    }

    private func open(_ rekey: Rekey, _ receiver: CertifiedKey, _ grant: VerifiedGrant) throws -> Admitted {
        let entry: ShareVault.Entry
        do {
            entry = try self.vault.open(rekey.sealedShare, grant: rekey.grantDigest, index: rekey.index)
        } catch {
            throw StoreError.damaged("the share of a grant does not open; restore \(ShareVault.fileName)")
        }
        var secret = entry.share
        defer { secret.wipe() }
        let share = KeyShare(index: rekey.index, keyPair: try P256KeyPair(secret: P256Scalar(secret)))
        return Admitted(
            rekey: rekey,
            receiver: receiver,
            grant: grant,
            share: share,
            singleControl: entry.singleControl != nil
        )
    }

    // MARK: - The parts

    private func transform(_ request: ReencryptionRequest, _ admitted: Admitted) async throws -> [Transformed] {
        let stored = try await self.stored(request)
        var senders: [Digest: CertifiedKey] = [:]
        for entry in stored where senders[entry.sender] == nil {
            senders[entry.sender] = try await self.context.certificates.requiredKey(entry.sender, of: "sender")
        }
        let known = senders
        let starts = stride(from: 0, to: stored.count, by: Self.envelopesPerJob)
        let jobs = starts.map { Array(stored[$0..<min($0 + Self.envelopesPerJob, stored.count)]) }
        return try await withThrowingTaskGroup(of: (Int, [Transformed]).self) { group in
            for (place, job) in jobs.enumerated() {
                group.addTask { (place, try await self.transform(job, of: known, request, admitted)) }
            }
            var results = [[Transformed]](repeating: [], count: jobs.count)
            for try await (place, result) in group { results[place] = result }
            return results.flatMap { $0 }
        }
    }

    /// The envelopes in the order of the request.
    private func stored(_ request: ReencryptionRequest) async throws -> [NewEnvelope] {
        let found = try await self.context.store.envelopes(request.envelopes)
        var bytes = 0
        return try request.envelopes.map { h1 in
            guard let stored = found[h1] else { throw CenterRefusal.missingEnvelope(h1) }
            bytes += request.wantsEnvelopes ? stored.envelope.bytes.count : 0
            guard bytes <= self.context.limits.answerBytesMax else {
                throw CenterRefusal.refused(.answerTooLarge, "ask for fewer envelopes at once")
            }
            return stored.envelope
        }
    }

    private func transform(
        _ envelopes: [NewEnvelope],
        of senders: [Digest: CertifiedKey],
        _ request: ReencryptionRequest,
        _ admitted: Admitted
    ) async throws -> [Transformed] {
        let now = self.context.nowSeconds
        return try await self.context.verifying {
            try envelopes.map { stored in
                guard let sender = senders[stored.sender] else { throw CenterRefusal.missingEnvelope(stored.h1) }
                // Again, although it was verified at arrival: the share must never touch a Y that nobody vouches for.
                let envelope = try ParsedEnvelope(bytes: stored.bytes).verify(sender: sender)
                let part = try envelope.reencrypt(
                    under: admitted.grant,
                    share: admitted.share,
                    nonce: request.nonce,
                    at: now,
                    singleControl: admitted.singleControl
                )
                let answer = ReencryptionAnswer(
                    h1: stored.h1,
                    part: part,
                    envelope: request.wantsEnvelopes ? stored.bytes : nil
                )
                return Transformed(answer: answer, header: envelope.header)
            }
        }
    }
}
