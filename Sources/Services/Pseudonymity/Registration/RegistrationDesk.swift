internal import CanonicalBytes
internal import Certificates
internal import Contracts
internal import Credentials
internal import P256Group
internal import Pseudonyms

/// Takes requests of users whom it knows, and tells who is behind a cocoon key: what a registration authority does.
struct RegistrationDesk: Sendable {
    let party: PartyName
    let epochs: PseudonymEpochs
    let keys: EpochKeys
    let books: RegistrationBooks
    /// Of users' identity certificates.
    let issuers: [CertificateIssuer]
    let revocations: any RevocationSource
    /// Certificates of one user for one epoch.
    let countPerEpoch: UInt32
    /// nil: there is no chain to look for orders on.
    let orders: TraceOrders?
    /// Seconds since 1970.
    let now: @Sendable () -> UInt64

    // MARK: - Requests

    /// Keeps a request, after which its certificates will be issued; one that is kept already changes nothing.
    ///
    /// - Throws: ``PseudonymityRefusal``, `ProtocolFailure`.
    func accept(_ bytes: [UInt8], from peer: PartyName) throws {
        let submitted = try SubmittedRequest(bytes: bytes)
        let certificate = submitted.certificate
        guard certificate.fields.subject.utf8.elementsEqual(peer.description.utf8) else {
            throw PseudonymityRefusal(
                .anotherRequester,
                "the request is of \(certificate.fields.subject), not of \(peer)"
            )
        }
        guard !self.revocations.contains(certificate.digest) else {
            throw PseudonymityRefusal(.certificateRevoked, "the certificate of \(peer) is revoked")
        }
        let request = submitted.request
        let id = SubmittedRequest.id(of: request)
        // A repetition is answered even when its epoch has passed in the meantime.
        guard try self.books.state(of: id, subject: peer.description) == nil else { return }
        guard (1...SubmittedRequest.countMax).contains(Int(request.count)) else {
            throw PseudonymityRefusal(.tooMany, "one request is for 1 to \(SubmittedRequest.countMax) pseudonyms")
        }
        guard self.epochs.isOpen(request.epoch, at: self.now()) else {
            throw PseudonymityRefusal(.anotherEpoch, "the epoch \(request.epoch) neither runs nor is the next")
        }
        let authority = RegistrationAuthority(
            name: self.party.description,
            handleKey: try self.keys.key(of: request.epoch)
        )
        let verified = try authority.accept(
            request,
            from: certificate,
            issuer: self.issuer(of: certificate),
            at: self.now(),
            countMax: UInt32(SubmittedRequest.countMax)
        )
        // Outside of the transaction: it takes a while, and may fail.
        let orders = try authority.orders(for: verified)
        try self.books.enter(
            RegistrationBooks.StoredRequest(
                id: id,
                subject: request.subject,
                epoch: request.epoch,
                count: Int(request.count),
                bytes: request.bytes,
                certificate: certificate.bytes
            ),
            countMax: Int(self.countPerEpoch),
            at: self.now()
        ) { orders }
    }

    /// The boxed certificates of a user's request.
    ///
    /// - Throws: ``PseudonymityRefusal``.
    func responses(to id: [UInt8], for peer: PartyName) throws -> BoxedResponses {
        switch try self.books.state(of: id, subject: peer.description) {
        case nil: throw PseudonymityRefusal(.unknownRequest, "\(peer) has no such request")
        case .waiting: throw PseudonymityRefusal(.notReady, "the certificates are being issued; ask again in a moment")
        case .gone: throw PseudonymityRefusal(.gone, "the certificates were fetched, or their epoch has passed")
        case .ready: return BoxedResponses(boxes: try self.books.responses(to: id))
        }
    }

    /// Drops the boxes that a user has fetched.
    ///
    /// - Throws: ``PseudonymityRefusal``.
    func confirm(_ id: [UInt8], for peer: PartyName) throws {
        switch try self.books.state(of: id, subject: peer.description) {
        case nil: throw PseudonymityRefusal(.unknownRequest, "\(peer) has no such request")
        case .waiting: throw PseudonymityRefusal(.notReady, "the certificates are being issued")
        case .gone: return
        case .ready: try self.books.drop(id)
        }
    }

    private func issuer(of certificate: ImplicitCertificate) throws -> CertificateIssuer {
        let name = certificate.fields.issuer.utf8
        guard let issuer = self.issuers.first(where: { $0.name.utf8.elementsEqual(name) }) else {
            throw ProtocolFailure(.context, "the certificate is of no authority that is trusted here")
        }
        return issuer
    }

    // MARK: - Revocation

    /// Gives a user no more pseudonyms and has those of the running epoch and the next revoked.
    ///
    /// - Returns: how many certificates that concerns.
    func revoke(_ user: PartyName) throws -> Int {
        let now = self.now()
        return try self.books.revoke(user.description, since: self.epochs.epoch(at: now), at: now)
    }

    // MARK: - Tracing

    /// Tells whose cocoon key it is, under an order, and tells the chain before anybody else.
    ///
    /// - Throws: ``PseudonymityRefusal``, `ProtocolFailure`, `ChainReadingError`, `ChainSubmissionError`.
    func trace(_ bytes: [UInt8], for peer: PartyName) async throws -> HolderEvidence {
        let question = try HolderQuestion(bytes: bytes)
        guard let orders = self.orders else {
            throw PseudonymityRefusal(.noChain, "this authority has no chain to look for orders on")
        }
        let found = question.evidence
        let order = try await orders.require(
            question.order,
            about: ImplicitCertificate(bytes: found.certificate).digest,
            by: peer
        )
        guard found.order == question.order else {
            throw PseudonymityRefusal(.noOrder, "the evidence is of another order")
        }
        // Not the tracing authority's word: the other authority's proof that the certificate is of this key.
        let certificate = try found.verify()
        guard let stored = try self.books.request(ofKey: found.cocoonKey),
            let key = try self.keys.existing(of: stored.epoch)
        else {
            throw PseudonymityRefusal(.unknownCertificate, "the key is of no request here, or too old to be traced")
        }
        let signer = try ImplicitCertificate(bytes: stored.certificate)
        let identity = try self.issuer(of: signer).publicKey(of: signer, at: nil, usage: .sign)
        let handle = try RegistrationAuthority(name: self.party.description, handleKey: key).trace(
            handle: found.handle,
            cocoonKey: found.cocoonKey,
            request: stored.bytes,
            identity: identity
        )
        // The halves of two authorities, each of which did its part for itself and said so on the chain.
        let isAnswered = order.answers.contains {
            $0.evidence == found.digest && $0.party.description.utf8.elementsEqual(certificate.fields.issuer.utf8)
        }
        guard isAnswered else {
            throw PseudonymityRefusal(.noOrder, "the chain does not hold that the pseudonym's authority answered so")
        }
        let evidence = HolderEvidence(
            order: question.order,
            index: handle.index,
            request: stored.bytes,
            certificate: stored.certificate
        )
        try await orders.record(evidence.digest, for: order, by: self.party)
        return evidence
    }
}
