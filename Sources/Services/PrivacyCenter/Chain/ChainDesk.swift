internal import CanonicalBytes
internal import Certificates
package import ChainReading
internal import Contracts
package import Ledger
package import Logging
internal import PrivacyCenterStore
internal import Records
internal import Signcryption
internal import Transcripts

/// What the consortium's chain lets the center do, and what the center tells it.
package struct ChainDesk: Sendable {
    /// How the center reads and writes the chain.
    package struct Access: Sendable {
        let facts: any ChainFacts
        let writer: any ChainWriting
        let issuers: [TrustedIssuer]
        /// Age of the newest confirmed head, s.
        let headSecondsMax: UInt64
        let logger: Logger

        package init(
            facts: any ChainFacts,
            writer: any ChainWriting,
            issuers: [TrustedIssuer],
            headSecondsMax: UInt64,
            logger: Logger
        ) {
            self.facts = facts
            self.writer = writer
            self.issuers = issuers
            self.headSecondsMax = headSecondsMax
            self.logger = logger
        }
    }

    /// That the chain carried a re-encryption when it was asked.
    struct Warrant: Sendable {
        let permission: Permission
        /// Of the access channel.
        let access: ChainFact
        /// When the reading began, ms since 1970.
        let readAt: UInt64

        /// Requires that what the permission is for covers an envelope.
        ///
        /// - Throws: ``CenterRefusal/Reason/anotherPolicy``.
        func require(_ header: EnvelopeHeader) throws(CenterRefusal) {
            // Offers and emergencies name no policy: there the scope is what was permitted.
            guard self.permission.kind == .decided || self.permission.kind == .proven else { return }
            guard header.policyDigest == self.permission.policy else {
                throw .refused(.anotherPolicy, "the envelope is under another policy than the permission")
            }
        }
    }

    /// What a grant on the chain says for good.
    private struct Link: Sendable {
        let permission: [UInt8]
        let organization: String
        /// ms since 1970.
        let notAfter: UInt64
    }

    let watch: HeadWatch
    let refusals: RefusalRecorder
    private let facts: any ChainFacts
    private let writer: any ChainWriting
    private let issuers: [TrustedIssuer]
    private let links: BoundedCache<Link>
    private let warrants: BoundedCache<KeptWarrant>
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64

    init(_ access: Access, entriesMax: Int, clock: @escaping @Sendable () -> UInt64) {
        self.facts = access.facts
        self.writer = access.writer
        self.issuers = access.issuers
        self.watch = HeadWatch(access.facts, secondsMax: access.headSecondsMax, clock: clock)
        self.refusals = RefusalRecorder(access.writer, step: .reencryption, logger: access.logger)
        self.links = BoundedCache(entriesMax: entriesMax)
        self.warrants = BoundedCache(entriesMax: entriesMax)
        self.clock = clock
    }

    // MARK: - Before a part is made

    /// Requires that grant, permission, consents and certificate stand on the chain now.
    ///
    /// A refusal that is the chain's word is recorded there.
    ///
    /// - Parameters:
    ///   - rekey: as it was registered.
    ///   - receiver: whose signature was verified.
    /// - Returns: what re-encryption rests on.
    /// - Throws: ``CenterRefusal``.
    func warrant(for rekey: Rekey, to receiver: CertifiedKey) async throws -> Warrant {
        let outcome: Result<Warrant, any Error>
        do { outcome = .success(try await self.readWarrant(rekey, receiver)) } catch { outcome = .failure(error) }
        guard case .failure(let error) = outcome else { return try outcome.get() }
        let refusal = self.refusal(for: error)
        self.note(refusal, under: rekey)
        throw refusal
    }

    /// Has a refusal recorded when it is a verdict about a permission.
    func note(_ refusal: CenterRefusal, under rekey: Rekey) {
        guard case .refused(let reason, _) = refusal, reason.isVerdict, let link = self.links[rekey.grantDigest]
        else { return }
        self.refusals.record(permission: link.permission, code: reason.rawValue)
    }

    /// Requires that a warrant is not too old to be acted on; otherwise reads it anew.
    ///
    /// - Throws: ``CenterRefusal``.
    func renewed(_ warrant: Warrant, for rekey: Rekey, to receiver: CertifiedKey) async throws -> Warrant {
        guard self.watch.isOver(warrant.readAt) else { return warrant }
        return try await self.warrant(for: rekey, to: receiver)
    }

    private func readWarrant(_ rekey: Rekey, _ receiver: CertifiedKey) async throws -> Warrant {
        if let kept = try await self.keptWarrant(for: rekey) { return kept }
        let before = self.watch.newest
        let time = self.clock()
        let noted = NotedFacts(self.facts)
        let permissions = PermissionCheck(chain: noted, clock: self.clock)
        let standing: PermissionCheck.Standing
        let link: Link
        if let known = self.links[rekey.grantDigest] {
            async let granted: Link = self.requireGrant(rekey)
            async let permitted = permissions.standing(of: self.claim(known, rekey, receiver))
            link = try await granted
            standing = try await permitted
        } else {
            link = try await self.requireGrant(rekey)
            standing = try await permissions.standing(of: self.claim(link, rekey, receiver))
        }
        self.watch.note(standing.access, readAt: time)
        if let before, standing.access.height < before.height {
            throw CenterRefusal.refused(.staleHead, "validators show an older block than before; try again")
        }
        let warrant = Warrant(permission: standing.permission, access: standing.access, readAt: time)
        if let height = noted.lowestAccess {
            let until = min(standing.permission.validUntil, link.notAfter)
            let kept = KeptWarrant(warrant: warrant, height: height, until: until)
            self.warrants.insert(kept, for: rekey.grantDigest)
        }
        return warrant
    }

    /// The last warrant under a grant, if a quorum shows that nothing happened on the access channel since.
    private func keptWarrant(for rekey: Rekey) async throws -> Warrant? {
        let time = self.clock()
        guard let kept = self.warrants[rekey.grantDigest], kept.isYoung(at: time) else { return nil }
        let key = AccessKey.permission(kept.warrant.permission.id)
        let head = try await self.facts.fact(of: key, on: .access)
        let isNewest = self.watch.newest.map { $0.height <= head.height } ?? true
        guard isNewest, kept.stands(under: head, at: self.clock()) else { return nil }
        self.watch.note(head, readAt: time)
        return kept.warrant
    }

    private func claim(_ link: Link, _ rekey: Rekey, _ receiver: CertifiedKey) throws -> PermissionCheck.Claim {
        let issuer: TrustedParty
        do { issuer = try TrustedParty.issuer(of: receiver.certificate, among: self.issuers) } catch {
            throw CenterRefusal.invalid(error)
        }
        return PermissionCheck.Claim(
            permission: link.permission,
            certificate: receiver.certificate,
            issuer: issuer,
            scope: rekey.scope.bytes,
            organization: link.organization
        )
    }

    private func requireGrant(_ rekey: Rekey) async throws -> Link {
        let fact = try await self.facts.fact(of: SharingKey.grant(rekey.grantDigest.bytes), on: .index)
        guard let grant = fact.value.flatMap({ try? Grant(bytes: $0) }) else {
            throw CenterRefusal.refused(.grantNotOnChain, "the grant is not recorded on the chain, or not yet")
        }
        let link = Link(
            permission: grant.permission,
            organization: grant.organization,
            notAfter: grant.notAfter
        )
        self.links.insert(link, for: rekey.grantDigest)
        guard grant.receiver == rekey.receiver.bytes else {
            throw CenterRefusal.refused(.notReceiver, "on the chain the grant is for another receiver")
        }
        guard grant.scope == rekey.scope.bytes else {
            throw CenterRefusal.refused(.anotherScope, "on the chain the grant is for another scope")
        }
        guard grant.revoked == 0 else {
            throw CenterRefusal.refused(.grantRevoked, "the owner revoked the grant on the chain")
        }
        // The later of both clocks, as for permissions.
        let now = max(self.clock(), fact.time)
        guard grant.notBefore <= now, now <= grant.notAfter else {
            throw CenterRefusal.refused(.grantExpired, "the grant is not valid now")
        }
        return link
    }

    private func refusal(for error: any Error) -> CenterRefusal {
        switch error {
        case let refusal as CenterRefusal: return refusal
        case let error as ChainReadingError:
            guard error.reason == .chainUnavailable, self.watch.isStale else { return CenterRefusal(error) }
            return .refused(.staleHead, "no quorum of validators has confirmed a block lately; \(error.detail)")
        default: return .refused(.chainUnavailable, "the chain cannot be read; try again later")
        }
    }

    // MARK: - Before a part is handed over

    /// Records what is about to be handed over.
    ///
    /// - Returns: the proof, once it is in a block.
    /// - Throws: ``CenterRefusal``; then nothing may be handed over.
    func deliver(_ request: ReencryptionRequest, under rekey: Rekey) async throws -> TransactionProof {
        let count = UInt32(request.envelopes.count)
        let delivery = RecordDelivery(
            grant: rekey.grantDigest.bytes,
            list: Self.list(request.nonce, request.envelopes),
            count: count,
            receiver: rekey.receiver.bytes,
            parts: count
        )
        let outcome: Result<TransactionProof, any Error>
        do { outcome = .success(try await self.writer.submit(delivery)) } catch { outcome = .failure(error) }
        guard case .failure(let error) = outcome else { return try outcome.get() }
        let refusal = CenterRefusal(ofDelivery: error)
        self.note(refusal, under: rekey)
        throw refusal
    }

    /// `H("DELIVERY-LIST", nonce, H1…)`: what a delivery says that it is of.
    static func list(_ nonce: [UInt8], _ envelopes: [Digest]) -> [UInt8] {
        TaggedHash.digest("DELIVERY-LIST", list: [nonce] + envelopes.map(\.bytes))
    }
}

extension CenterRefusal {
    fileprivate init(_ error: ChainReadingError) {
        let reason: Reason =
            switch error.reason {
            case .chainUnavailable: .chainUnavailable
            case .noPermission: .noPermission
            case .permissionRevoked: .permissionRevoked
            case .permissionExpired: .permissionExpired
            case .consentForbids: .consentForbids
            case .consentRequired: .consentRequired
            case .labelForbids: .labelForbids
            case .labelConsentRequired: .labelConsentRequired
            case .offerWithdrawn: .offerWithdrawn
            case .anotherScope, .senderNotListed: .anotherScope
            case .certificateRevoked: .certificateRevoked
            }
        self = .refused(reason, error.detail)
    }

    /// Why a delivery is not on the chain.
    fileprivate init(ofDelivery error: any Error) {
        let text = "the chain did not take the delivery, nothing is handed over: \(error)"
        guard let code = (error as? ChainSubmissionError)?.code else {
            self = .refused(.chainUnavailable, text)
            return
        }
        let reason: Reason =
            switch RejectionCode(code, "") {
            case .noSuchGrant: .grantNotOnChain
            case .grantRevoked: .grantRevoked
            case .grantNotValidNow: .grantExpired
            case .permissionRevoked: .permissionRevoked
            case .permissionExpired: .permissionExpired
            case .anotherReceiver: .notReceiver
            case .consentObjects: .consentForbids
            default: .deliveryRejected
            }
        self = .refused(reason, text)
    }
}

extension CenterRefusal.Reason {
    /// Whether it is a judgement about a permission, not about the moment or the question.
    fileprivate var isVerdict: Bool {
        switch self {
        case .permissionRevoked, .permissionExpired, .consentForbids, .consentRequired, .labelForbids,
            .labelConsentRequired, .offerWithdrawn, .anotherScope, .anotherPolicy, .certificateRevoked, .grantRevoked,
            .grantExpired:
            true
        default: false
        }
    }
}
