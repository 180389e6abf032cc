internal import CanonicalBytes
internal import Certificates
internal import Contracts
internal import Ledger
internal import Signcryption

/// Something on the access channel that concerns the organization: not proven, the transaction is looked at.
struct ChainEntry: Sendable, Hashable {
    let place: ChainPlace
    let transaction: [UInt8]
}

/// A transaction with what became of it, as a quorum certified it.
struct ProvenTransaction: Sendable {
    let transaction: Transaction
    let receipt: TransactionReceipt
    let height: UInt64
    /// Of the block, milliseconds since 1970.
    let time: UInt64
}

/// What the share desk needs of the consortium's chain.
///
/// Every call may be made again after a crash: one that took effect before is no error.
protocol SharingChain: Sendable {
    /// What concerns the organization behind a place, ascending; some of it, as long as there is any.
    func entries(after place: ChainPlace?) async throws -> [ChainEntry]

    /// A committed transaction of the access channel; nil when nobody proves it.
    func transaction(_ id: [UInt8]) async throws -> ProvenTransaction?

    /// The transaction that made a request; nil when nobody names one.
    func transaction(ofRequest request: [UInt8]) async throws -> ProvenTransaction?

    /// A request as a quorum proves it now; nil when there is none.
    func request(_ id: [UInt8]) async throws -> AccessRequest?

    /// A permission as a quorum proves it now, whatever has become of it; nil when there is none.
    func permission(_ id: [UInt8]) async throws -> Permission?

    /// Requires that a permission, its consents, its requester's certificate and the issuer of that stand now.
    ///
    /// - Throws: `ChainReadingError`.
    func requireStanding(
        _ permission: [UInt8],
        of certificate: ImplicitCertificate,
        for scope: ScopeDescriptor
    ) async throws

    /// The digest of the grant that stands on a permission; nil when none does.
    func standingGrant(on permission: [UInt8]) async throws -> [UInt8]?

    /// Records a grant under the permission that a transaction gave.
    ///
    /// - Throws: `ChainSubmissionError`.
    func record(_ terms: KeptTerms, under item: ShareItem) async throws

    /// Records that no grant is made.
    func refuse(_ permission: [UInt8], code: String) async throws

    /// Permits an open request.
    ///
    /// - Parameters:
    ///   - request: its identifier.
    ///   - until: milliseconds since 1970.
    /// - Throws: `ChainSubmissionError`.
    func permit(_ request: [UInt8], until: UInt64) async throws

    func deny(_ request: [UInt8]) async throws

    /// Revokes a permission and then the grant on it, if there is one.
    func revoke(_ permission: [UInt8], grant: [UInt8]?) async throws
}

/// Why a permission gets no grant, for good.
struct ShareRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// A word of at most 64 characters, for the chain.
    let code: String
    let detail: String

    var description: String { "\(self.code): \(self.detail)" }
}

extension ProvenTransaction {
    /// What the transaction asked or gave within an organization; nil when neither.
    ///
    /// - Parameters:
    ///   - organization: the custodian's.
    ///   - requester: certificate and name of who signed the request, when this transaction did not make it.
    /// - Returns: the item as it begins.
    /// - Throws: `FORMAT` for what the contracts of this version would not have written.
    func item(
        in organization: String,
        requester: (Permission) async throws -> (certificate: [UInt8], name: String)
    ) async throws -> ShareItem? {
        guard self.receipt.code == 0 else { return nil }
        if let event = self.receipt.events.first(where: { $0.topic.utf8.elementsEqual(Permission.topic.utf8) }) {
            let permission = try Permission(bytes: event.data)
            guard permission.organization.utf8.elementsEqual(organization.utf8) else { return nil }
            let who: (certificate: [UInt8], name: String)
            if let signer = self.signer, signer.digest == permission.requester {
                who = (signer.bytes, signer.fields.subject)
            } else {
                who = try await requester(permission)
            }
            return ShareItem(permission, self.transaction.id, certificate: who.certificate, requester: who.name)
        }
        guard let asked = self.asked, asked.organization.utf8.elementsEqual(organization.utf8),
            let signer = self.signer
        else { return nil }
        return ShareItem(
            id: asked.request,
            subject: .request,
            transaction: self.transaction.id,
            request: asked.request,
            scope: asked.scope,
            kind: .decided,
            purpose: asked.purpose,
            certificate: signer.bytes,
            requester: signer.fields.subject,
            time: self.time,
            ends: asked.expires
        )
    }

    /// The certificate under which the transaction was signed.
    var signer: ImplicitCertificate? {
        switch self.transaction.authorization {
        case .identity(let certificate, _): return try? ImplicitCertificate(bytes: certificate)
        case .pseudonym(let signature):
            // "WLNS" || LP(certificate) || signature: the block's validators verified it.
            var reader = CanonicalReader(signature)
            guard (try? reader.magic("WLNS")) != nil, let bytes = try? reader.lengthPrefixed() else { return nil }
            return try? ImplicitCertificate(bytes: bytes)
        case .none: return nil
        }
    }

    private var asked: RequestAccess? {
        let body = self.transaction.body
        switch (body.contract, body.method) {
        case (RequestAccess.contract, RequestAccess.method): return try? RequestAccess(bytes: body.arguments)
        case (ProveAccess.contract, ProveAccess.method): return try? ProveAccess(bytes: body.arguments).access
        default: return nil
        }
    }
}

extension ShareItem {
    fileprivate init(_ permission: Permission, _ transaction: [UInt8], certificate: [UInt8], requester: String) {
        self.init(
            id: permission.id,
            subject: .permission,
            transaction: transaction,
            request: permission.request,
            scope: permission.scope,
            kind: ShareKind(permission.kind),
            purpose: permission.purpose,
            certificate: certificate,
            requester: requester,
            decider: permission.decider.description,
            basis: permission.basis,
            time: permission.granted,
            ends: permission.validUntil
        )
    }
}

extension ShareKind {
    init(_ kind: Permission.Kind) {
        switch kind {
        case .decided: self = .decided
        case .proven: self = .proven
        case .offered: self = .offered
        case .emergency: self = .emergency
        }
    }
}
