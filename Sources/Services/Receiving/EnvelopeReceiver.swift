internal import CanonicalBytes
internal import Certificates
package import ChainReading
package import Credentials
package import IdentityEncryption
package import Ledger
package import Records
package import Signcryption
internal import Transcripts

/// Reads what was granted: fetches envelopes and capsules, asks privacy centers for their parts, verifies all of it, and
/// opens with the grant and the keys of identities.
///
/// Nothing is believed that a center says. What it sends that is false is dropped and held against it by name; the other
/// centers are asked instead, as long as there are enough. Several batches are on their way at the same time: while one
/// waits for centers, others are verified and opened on all processors.
package struct EnvelopeReceiver: Sendable {
    /// Envelopes of one question for parts; a center takes 256, and records each question in a block.
    package static let batchLength = 128
    /// Batches that are on their way at once.
    package static let batchesAtOnce = 4
    /// Envelopes whose parts one task checks, or that it opens.
    static let envelopesPerTask = 16

    let grant: VerifiedGrant
    let digest: Digest
    let reader: GrantReader
    let receiver: RequesterKey
    let issuers: [TrustedIssuer]
    let centers: [any SharingCenter]
    let keys: IdentityKeyring
    let judge: (any DeliveryJudge)?
    let notes = ReceivingNotes()
    let capsules = CapsuleShelf()

    /// What centers did wrong so far, each once.
    package var faults: [CenterFault] { self.notes.faults }

    /// Envelopes that were left out because a grant does not open them.
    package var passedOver: [Digest] { self.notes.passedOver }

    /// - Parameters:
    ///   - file: the grant with what verifies it, from anywhere.
    ///   - receiver: the certificate that the grant is for, with its key.
    ///   - issuers: of the certificates of owners and gateways.
    ///   - keys: of the identities of the data; envelopes under dual control need theirs.
    ///   - centers: those of the grant, in its order.
    ///   - judge: of deliveries, if they are to be recorded on a chain.
    /// - Throws: ``ReceivingError/grant(_:)``, ``ReceivingError/anotherReceiver(_:)``.
    package init(
        _ file: GrantFile,
        receiver: RequesterKey,
        issuers: [TrustedIssuer],
        keys: [IdentityKey],
        centers: [any SharingCenter],
        judge: (any DeliveryJudge)? = nil
    ) throws {
        do throws(ProtocolFailure) {
            self.grant = try GrantVerification.verified(file, issuers: issuers)
        } catch { throw ReceivingError.grant("\(error)") }
        let terms = self.grant.terms
        guard terms.receiverCertificateDigest == receiver.certificate.digest else {
            throw ReceivingError.anotherReceiver(terms.receiver)
        }
        guard centers.count == terms.centers.count, let digest = Digest(bytes: self.grant.digest) else {
            throw ReceivingError.grant("it names \(terms.centers.count) privacy centers, not \(centers.count)")
        }
        self.digest = digest
        self.receiver = receiver
        self.issuers = issuers
        self.centers = centers.map { PatientCenter($0) }
        self.judge = judge
        self.keys = IdentityKeyring(keys, of: self.grant.scope.descriptor)
        self.reader = GrantReader(
            grant: self.grant,
            key: receiver.key,
            certificateDigest: receiver.certificate.digest
        )
    }

    /// For a party in its own name, within one authority.
    ///
    /// An earlier generation of the identity is taken when the grant is for its certificate.
    ///
    /// - Throws: as the other initializer; `CredentialsError`.
    package init(
        _ file: GrantFile,
        identity: Identity,
        keys: [IdentityKey],
        centers: [any SharingCenter]
    ) throws {
        let issuers = [TrustedIssuer(kind: .authority, issuer: identity.issuer)]
        let terms: GrantTerms
        do throws(ProtocolFailure) { terms = try ParsedGrant(bytes: file.grant).terms } catch {
            throw ReceivingError.grant("\(error)")
        }
        let receiver = try identity.generation(certified: terms.receiverCertificateDigest) ?? identity
        try self.init(
            file,
            receiver: RequesterKey(receiver),
            issuers: issuers,
            keys: keys,
            centers: centers
        )
    }

    /// Overwrites the epoch keys that were opened.
    package func forget() { self.keys.wipe() }

    // MARK: - Receiving

    /// Opens envelopes, several batches at a time.
    ///
    /// - Parameters:
    ///   - listed: as ``list(_:)`` gives them.
    ///   - batchLength: envelopes of one question, 1 to 256.
    ///   - kept: an envelope that is there already; its bytes are verified like all others.
    ///   - take: gets each batch, in the order of the list; what it throws ends everything.
    /// - Throws: what `take` throws.
    package func open(
        _ listed: [ListedAtCenters],
        batchLength: Int = Self.batchLength,
        kept: @escaping @Sendable (Digest) -> [UInt8]? = { _ in nil },
        take: (OpenedBatch) throws -> Void
    ) async throws {
        let batches = stride(from: 0, to: listed.count, by: batchLength).map {
            Array(listed[$0..<min($0 + batchLength, listed.count)])
        }
        try await withThrowingTaskGroup(of: (Int, OpenedBatch).self) { group in
            var ready: [Int: OpenedBatch] = [:]
            var taken = 0
            var started = 0
            for (number, batch) in batches.prefix(Self.batchesAtOnce).enumerated() {
                group.addTask { (number, await self.openBatch(batch, kept)) }
                started += 1
            }
            while let (number, opened) = try await group.next() {
                ready[number] = opened
                while let next = ready.removeValue(forKey: taken) {
                    try take(next)
                    taken += 1
                    // Only what was taken makes room, so that a slow disk does not fill the memory.
                    guard started < batches.count else { continue }
                    let (number, batch) = (started, batches[started])
                    group.addTask { (number, await self.openBatch(batch, kept)) }
                    started += 1
                }
            }
        }
    }

    private func openBatch(
        _ batch: [ListedAtCenters],
        _ kept: @escaping @Sendable (Digest) -> [UInt8]?
    ) async -> OpenedBatch {
        var outcome = OpenedBatch()
        var ready: [Fetched] = []
        for (entry, result) in zip(batch, await self.fetch(batch, kept)) {
            do {
                guard let fetched = try result.get() else { continue }
                // Before any center works for it: without the key nothing opens.
                _ = try self.epochKey(of: fetched)
                ready.append(fetched)
            } catch { outcome.failed.append((entry.h1, error)) }
        }
        guard !ready.isEmpty else { return outcome }
        let nonce = SecureRandom.bytes(32)
        let parts = await self.collectParts(of: ready, nonce)
        for (fetched, result) in zip(ready, await self.opened(ready, parts, nonce)) {
            do { outcome.opened.append(try result.get()) } catch { outcome.failed.append((fetched.h1, error)) }
        }
        return outcome
    }

    /// Opens on all processors, in the order of the batch.
    private func opened(
        _ ready: [Fetched],
        _ parts: [Digest: PartsInHand],
        _ nonce: [UInt8]
    ) async -> [Result<OpenedEnvelope, any Error>] {
        await withTaskGroup(of: (Int, [Result<OpenedEnvelope, any Error>]).self) { group in
            for start in stride(from: 0, to: ready.count, by: Self.envelopesPerTask) {
                let some = Array(ready[start..<min(start + Self.envelopesPerTask, ready.count)])
                group.addTask { (start, some.map { self.opened($0, parts[$0.h1], nonce) }) }
            }
            var results: [Int: [Result<OpenedEnvelope, any Error>]] = [:]
            for await (start, opened) in group { results[start] = opened }
            return results.keys.sorted().flatMap { results[$0] ?? [] }
        }
    }

    private func opened(
        _ fetched: Fetched,
        _ hand: PartsInHand?,
        _ nonce: [UInt8]
    ) -> Result<OpenedEnvelope, any Error> {
        do {
            let (content, records) = try self.open(fetched, self.sufficient(hand, for: fetched.h1), nonce)
            let opened = OpenedEnvelope(
                h1: fetched.h1,
                envelope: fetched.envelope,
                capsule: fetched.capsule,
                content: content,
                records: records
            )
            return .success(opened)
        } catch { return .failure(error) }
    }

    /// Everything of one envelope that the privacy centers give under the grant, verified but not opened.
    ///
    /// - Parameter only: H1 of the envelope; nil for the first one that is under dual control.
    /// - Returns: what opens it together with the epoch key.
    /// - Throws: ``ReceivingError``.
    package func material(of only: Digest? = nil) async throws -> ReceivedMaterial {
        for entry in try await self.list(only) {
            guard let fetched = try await self.fetch([entry], { _ in nil }).first?.get() else { continue }
            let nonce = SecureRandom.bytes(32)
            let hands = await self.collectParts(of: [fetched], nonce)
            let parts = try self.sufficient(hands[fetched.h1], for: fetched.h1).bytes
            return ReceivedMaterial(
                reader: self.reader,
                envelope: fetched.envelope,
                capsule: fetched.capsule,
                parts: parts,
                nonce: nonce
            )
        }
        throw ReceivingError.unlisted(self.faults)
    }

    // MARK: - Opening

    func epochKey(of fetched: Fetched) throws -> [UInt8] {
        try self.keys.epochKey(fetched.capsule, of: fetched.envelope.header.sender)
    }

    private func sufficient(_ hand: PartsInHand?, for h1: Digest) throws -> PartsInHand {
        let needed = self.grant.terms.threshold
        guard let hand, hand.bytes.count >= needed else {
            throw ReceivingError.parts(h1, count: hand?.bytes.count ?? 0, needed: needed, self.faults)
        }
        return hand
    }

    private func open(
        _ fetched: Fetched,
        _ parts: PartsInHand,
        _ nonce: [UInt8]
    ) throws -> (EnvelopeContent, [EnvelopeRecord]) {
        let epochKey = try self.epochKey(of: fetched)
        let context = GrantReader.Context(nonce: nonce, epochKey: epochKey, capsule: fetched.capsule)
        do throws(ProtocolFailure) {
            let selection = try PartsInHand.required(parts.selection)
            let content = try self.reader.content(of: fetched.envelope, parts: selection, context: context)
            return (content, try content.records().filter { !$0.isPadding })
        } catch { throw ReceivingError.envelope(fetched.h1, "\(error)") }
    }
}
