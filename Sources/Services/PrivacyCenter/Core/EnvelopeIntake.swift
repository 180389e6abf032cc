internal import CanonicalBytes
internal import Certificates
internal import Merkle
internal import PrivacyCenterStore
internal import Receipts
internal import Records
internal import Signcryption

/// Takes envelopes in: verified, durable, acknowledged, in this order.
struct EnvelopeIntake: Sendable {
    /// Roles whose certificates may seal envelopes.
    static let senderRoles: Set<PartyRole> = [.gateway, .institution, .custodian, .patient]

    private let context: CenterContext
    private let capsules: CapsuleDirectory

    init(_ context: CenterContext, capsules: CapsuleDirectory) {
        self.context = context
        self.capsules = capsules
    }

    /// Stores an envelope.
    ///
    /// - Parameters:
    ///   - bytes: the canonical envelope.
    ///   - h1: the address under which it is put.
    ///   - peer: who delivers it; of the sender's organization.
    /// - Returns: the receipt, and whether the envelope was not there before.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func take(_ bytes: [UInt8], as h1: Digest, from peer: PartyName) async throws -> (receipt: Receipt, isNew: Bool) {
        let envelope = try await self.verified(bytes, as: h1, from: peer)
        let header = envelope.header
        try await self.capsules.requireCapsule(of: header)
        let new = NewEnvelope(
            h1: h1,
            bytes: bytes,
            sender: try Digest(checking: header.senderCertificateDigest),
            scope: try Digest(checking: header.scopeDigest),
            sequence: header.sequence,
            created: header.created,
            receivedMilliseconds: self.context.clock()
        )
        return try self.receipt(for: new, await self.context.appender.append(new))
    }

    private func verified(_ bytes: [UInt8], as h1: Digest, from peer: PartyName) async throws -> VerifiedEnvelope {
        let certificates = self.context.certificates
        let (parsed, early) = try await self.context.verifying {
            let parsed = try ParsedEnvelope(bytes: bytes)
            guard try Digest(checking: parsed.indexPointer) == h1 else {
                throw CenterRefusal.refused(.digestMismatch, "the path names another envelope than the body")
            }
            // A sender that was seen before costs one visit to the threads instead of two.
            let sender = certificates.cached(try Digest(checking: parsed.header.senderCertificateDigest))
            return (parsed, try sender.map { try self.verify(parsed, sender: $0, from: peer) })
        }
        if let early { return early }
        let digest = try Digest(checking: parsed.header.senderCertificateDigest)
        let sender = try await certificates.requiredKey(digest, of: "sender")
        return try await self.context.verifying { try self.verify(parsed, sender: sender, from: peer) }
    }

    private func verify(
        _ envelope: ParsedEnvelope,
        sender: CertifiedKey,
        from peer: PartyName
    ) throws -> VerifiedEnvelope {
        guard let name = PartyName(sender.subject), Self.senderRoles.contains(name.role),
            sender.certificate.has(attribute: "role:\(name.role.rawValue)")
        else { throw CenterRefusal.refused(.senderNotPermitted, "the sender's role seals no envelopes") }
        guard name.organization.utf8.elementsEqual(peer.organization.utf8) else {
            throw CenterRefusal.refused(.foreignOrganization, "the envelope was sealed in another organization")
        }
        // Judged at arrival: a revoked sender's key may be a thief's, whatever time the header claims.
        try self.context.requireUnrevoked(sender.digest, of: "sender")
        let latest = self.context.nowSeconds + self.context.limits.createdAheadSecondsMax
        guard envelope.header.created <= latest else {
            throw ProtocolFailure(.time, "the envelope was created in the future; check the sender's clock")
        }
        return try envelope.verify(sender: sender)
    }

    private func receipt(for new: NewEnvelope, _ appended: Appended) throws -> (receipt: Receipt, isNew: Bool) {
        switch appended.outcome {
        case .stored(let proof):
            (try self.receipt(new.h1, new.receivedMilliseconds, proof, appended.head), true)
        case .alreadyStored(let proof, let receivedMilliseconds):
            (try self.receipt(new.h1, receivedMilliseconds, proof, appended.head), false)
        case .sequenceRepeated:
            throw CenterRefusal.refused(
                .sequenceRepeated,
                "the sender used sequence number \(new.sequence) for another envelope of the scope"
            )
        case .certificateUnknown:
            throw CenterRefusal.refused(.unknownCertificate, "put the certificate of the sender first")
        }
    }

    private func receipt(
        _ h1: Digest,
        _ receivedMilliseconds: UInt64,
        _ proof: InclusionProof,
        _ head: PrivacyCenterStore.TreeHead
    ) throws -> Receipt {
        let claim = EnvelopeClaim(
            h1: h1,
            receivedMilliseconds: receivedMilliseconds,
            leafIndex: proof.leafIndex,
            tree: TreeClaim(size: head.size, root: head.root)
        )
        do {
            return try Receipt.sign(claim, auditPath: proof.path, by: self.context.keys().signer)
        } catch let failure as ProtocolFailure {
            // The store's own hashes do not fit together: nothing may be acknowledged until it was scrubbed.
            throw StoreError.damaged("no receipt for leaf \(proof.leafIndex): \(failure.detail)")
        }
    }
}
