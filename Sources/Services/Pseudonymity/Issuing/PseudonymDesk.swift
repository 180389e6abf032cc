internal import CanonicalBytes
internal import Certificates
internal import Pseudonyms
internal import Transcripts

/// Makes certificates for cocoon keys, finds them again, and revokes them: what an authority of pseudonyms does.
struct PseudonymDesk: Sendable {
    private static let listSeconds: UInt64 = 86_400

    let issuer: PseudonymIssuer
    let epochs: PseudonymEpochs
    let keys: EpochKeys
    let books: PseudonymBooks
    /// `name:value`, ascending: the same in all certificates.
    let attributes: [String]
    /// The registration authorities that it serves.
    let registrationAuthorities: [PartyName]
    /// nil: there is no chain to look for orders on.
    let orders: TraceOrders?
    /// Seconds since 1970.
    let now: @Sendable () -> UInt64

    // MARK: - Issuing

    /// The responses to a batch: made now, or those that were made for it before.
    ///
    /// - Throws: ``PseudonymityRefusal``, `ProtocolFailure`.
    func issue(_ bytes: [UInt8], batch id: [UInt8], to peer: PartyName) throws -> BoxedResponses {
        try self.requireServed(peer)
        let batch = try CocoonBatch(bytes: bytes)
        let content = TaggedHash.digest("PSEU-BATCH", bytes)
        if let known = try self.books.answer(to: id, content: content) { return BoxedResponses(boxes: known) }
        guard self.epochs.isOpen(batch.epoch, at: self.now()) else {
            throw PseudonymityRefusal(.anotherEpoch, "the epoch \(batch.epoch) neither runs nor is the next")
        }
        let authority = try self.authority(self.keys.key(of: batch.epoch))
        let window = self.epochs.window(of: batch.epoch)
        let entries = try batch.orders.map { order in
            let response = try authority.issue(
                cocoonKey: order.cocoonKey,
                handle: order.handle,
                terms: PseudonymTerms(
                    serial: .random(in: 1...UInt64.max),
                    notBefore: window.notBefore,
                    notAfter: window.notAfter,
                    attributes: self.attributes
                )
            )
            return PseudonymBooks.Entry(
                digest: response.certificate.digest,
                cocoonKey: order.cocoonKey,
                response: response.bytes
            )
        }
        return BoxedResponses(
            boxes: try self.books.enter(id, content: content, epoch: batch.epoch, entries)
        )
    }

    private func authority(_ key: SealingKey) -> PseudonymAuthority {
        PseudonymAuthority(name: self.issuer.issuer.name, key: self.issuer.key, extensionKey: key)
    }

    private func requireServed(_ peer: PartyName) throws {
        guard self.registrationAuthorities.contains(peer) else {
            throw PseudonymityRefusal(.anotherAuthority, "\(peer) is no registration authority that is served here")
        }
    }

    // MARK: - Revocation

    /// Revokes the certificates of cocoon keys; keys without a certificate are passed over.
    ///
    /// - Returns: how many were not revoked before.
    @discardableResult
    func revoke(_ bytes: [UInt8], for peer: PartyName) throws -> Int {
        try self.requireServed(peer)
        return try self.books.revoke(RevokedKeys(bytes: bytes).keys, at: self.now())
    }

    /// The signed list of what is revoked and not over.
    func revocations() throws -> PseudonymBooks.List {
        let now = self.now()
        return try self.books.list(since: self.epochs.epoch(at: now)) { newest, digests in
            let list = try RevocationList(bytes: newest.bytes)
            // Before half of its time is over it stays, unless it says less or more than is true.
            return list.revoked == digests && now <= list.thisUpdate + Self.listSeconds / 2
        } sign: { number, digests in
            try RevocationList.sign(
                digests,
                number: number,
                thisUpdate: now,
                nextUpdate: now + Self.listSeconds,
                by: CertificateAuthority(name: self.issuer.issuer.name, key: self.issuer.key)
            ).bytes
        }
    }

    // MARK: - Tracing

    /// Opens a certificate under an order, and tells the chain before anybody else.
    ///
    /// - Throws: ``PseudonymityRefusal``, `ProtocolFailure`, `ChainReadingError`, `ChainSubmissionError`.
    func trace(_ bytes: [UInt8], for peer: PartyName) async throws -> CertificateEvidence {
        let question = try CertificateQuestion(bytes: bytes)
        let certificate = try ImplicitCertificate(bytes: question.certificate)
        guard let orders = self.orders else {
            throw PseudonymityRefusal(.noChain, "this authority has no chain to look for orders on")
        }
        let order = try await orders.require(question.order, about: certificate.digest, by: peer)
        let evidence = try self.evidence(question, certificate)
        try await orders.record(evidence.digest, for: order, by: self.issuer.party)
        return evidence
    }

    /// The same for an order whenever it is asked for.
    private func evidence(
        _ question: CertificateQuestion,
        _ certificate: ImplicitCertificate
    ) throws -> CertificateEvidence {
        if let kept = try self.books.evidence(under: question.order) { return try CertificateEvidence(bytes: kept) }
        guard let epoch = try self.books.epoch(ofCertificate: certificate.digest),
            let key = try self.keys.existing(of: epoch)
        else {
            throw PseudonymityRefusal(
                .unknownCertificate,
                "the certificate is none of this authority's, or too old to be traced"
            )
        }
        let finding = try self.authority(key).trace(question.certificate)
        let made = CertificateEvidence(order: question.order, certificate: question.certificate, finding: finding)
        return try CertificateEvidence(bytes: self.books.keep(made.bytes, under: question.order))
    }
}
