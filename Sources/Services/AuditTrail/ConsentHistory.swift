internal import CanonicalBytes
internal import Contracts
package import Ledger

/// What the chain holds about the sharing of scopes without being a share itself: consents, offers, and access that was
/// taken in an emergency.
package struct ConsentNote: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Nothing is shared without an allowing consent of the same author.
        case required
        /// One request, or all with the purpose: nil.
        case granted(request: [UInt8]?)
        case forbidden
        /// Whom it is for; patients are not named.
        case offered(to: String)
        /// The reason's word.
        case emergency(String)
    }

    package let kind: Kind
    /// Digests; of a consent about a label the label's.
    package let scopes: [[UInt8]]
    /// Whether it is about all scopes of a label.
    package let isOfLabel: Bool
    /// Whose scopes they are.
    package let organization: String
    /// Who said it, as text; patients are not named.
    package let author: String
    package let purpose: String
    /// Milliseconds since 1970.
    package let stated: UInt64
    /// The last moment of it, milliseconds since 1970.
    package let validUntil: UInt64
    /// When it was withdrawn or revoked, milliseconds since 1970; nil: it was not.
    package internal(set) var ended: UInt64?

    /// Whether it says anything at a time, milliseconds since 1970.
    package func stands(at time: UInt64) -> Bool { self.ended == nil && time <= self.validUntil }
}

/// The consents of a chain, gathered from its access channel block by block.
///
/// Blocks have to be verified before they come here, with the receipts that their execution gave.
package struct ConsentHistory: Sendable {
    /// Statements that are kept.
    package static let notesMax = 50_000

    /// Which statement it is: consents, offers and permissions choose their identifiers independently of each other.
    private struct Key: Hashable {
        enum Kind { case consent, offer, permission }

        let kind: Kind
        let id: [UInt8]
    }

    private var known: [Key: ConsentNote] = [:]
    /// In the order in which they were stated.
    private var order: [Key] = []
    private let notesMax: Int
    /// Changes with every statement, and with every end of one.
    package private(set) var revision: UInt64 = 0
    /// Whether statements were forgotten because there were too many.
    package private(set) var hasForgotten = false

    package init(notesMax: Int = Self.notesMax) { self.notesMax = max(1, notesMax) }

    /// In the order in which they were stated.
    package var notes: [ConsentNote] { self.order.compactMap { self.known[$0] } }

    /// Takes the next block of a channel in; only the access channel tells anything.
    ///
    /// - Parameters:
    ///   - block: verified.
    ///   - receipts: of its transactions, in their order.
    package mutating func append(_ block: LedgerBlock, _ receipts: [TransactionReceipt]) {
        guard block.header.channel == .access else { return }
        for (transaction, receipt) in zip(block.transactions, receipts) where receipt.code == 0 {
            do { try self.note(transaction, receipt, at: block.header.time) } catch {
                // Bytes that are no arguments were refused by the contract; they state nothing.
            }
        }
    }

    private mutating func note(
        _ transaction: Transaction,
        _ receipt: TransactionReceipt,
        at time: UInt64
    ) throws(ProtocolFailure) {
        let body = transaction.body
        // Only of what states something: who it is stands in a certificate that has to be read.
        var actor: AuditActor { AuditActor(transaction) }
        var reason = ""
        switch "\(body.contract).\(body.method)" {
        case "access.consent-set":
            let consent = try SetConsent(bytes: body.arguments)
            self.add(ConsentNote(consent, by: actor, at: time), Key(kind: .consent, id: consent.consent), at: time)
        case "access.consent-withdraw":
            self.end(Key(kind: .consent, id: try WithdrawConsent(bytes: body.arguments).consent), at: time)
        case "access.offer":
            let offer = try OfferAccess(bytes: body.arguments)
            self.add(ConsentNote(offer, by: actor, at: time), Key(kind: .offer, id: offer.offer), at: time)
        case "access.offer-withdraw":
            self.end(Key(kind: .offer, id: try WithdrawOffer(bytes: body.arguments).offer), at: time)
        case "access.revoke-permission":
            self.end(Key(kind: .permission, id: try RevokePermission(bytes: body.arguments).permission), at: time)
        case "access.emergency": reason = "\(try EmergencyAccess(bytes: body.arguments).reason)"
        default: break
        }
        guard !reason.isEmpty,
            let event = receipt.events.first(where: { $0.topic.utf8.elementsEqual(Permission.topic.utf8) })
        else { return }
        let permission = try Permission(bytes: event.data)
        let note = ConsentNote(
            kind: .emergency(reason),
            scopes: [permission.scope],
            isOfLabel: false,
            organization: permission.organization,
            author: actor.unnamedText,
            purpose: permission.purpose,
            stated: time,
            validUntil: permission.validUntil
        )
        self.add(note, Key(kind: .permission, id: permission.id), at: time)
    }

    private mutating func add(_ note: ConsentNote, _ key: Key, at time: UInt64) {
        guard self.known.updateValue(note, forKey: key) == nil else { return }
        self.order.append(key)
        self.revision += 1
        guard self.order.count > self.notesMax else { return }
        // What is over goes first; what still stands goes only when there is nothing else.
        self.hasForgotten = true
        let standing = self.order.filter { self.known[$0]?.stands(at: time) ?? false }
        let isEnough = standing.count <= self.notesMax * 3 / 4
        let kept = isEnough ? standing : Array(self.order.suffix(self.notesMax * 3 / 4))
        let keys = Set(kept)
        self.known = self.known.filter { keys.contains($0.key) }
        self.order = kept
    }

    private mutating func end(_ key: Key, at time: UInt64) {
        guard self.known[key] != nil else { return }
        self.known[key]?.ended = time
        self.revision += 1
    }
}

extension ConsentNote {
    fileprivate init(_ consent: SetConsent, by actor: AuditActor, at time: UInt64) {
        let kind: Kind
        switch consent.mode {
        case .allow, .offer: kind = .granted(request: consent.request == SetConsent.anyRequest ? nil : consent.request)
        case .require: kind = .required
        case .forbid: kind = .forbidden
        }
        let (scopes, isOfLabel): ([[UInt8]], Bool)
        switch consent.subject {
        case .scopes(let named): (scopes, isOfLabel) = (named, false)
        case .label(let digest): (scopes, isOfLabel) = ([digest], true)
        }
        self.init(
            kind: kind,
            scopes: scopes,
            isOfLabel: isOfLabel,
            organization: actor.organization,
            author: actor.unnamedText,
            purpose: consent.purpose,
            stated: time,
            validUntil: consent.validUntil
        )
    }

    fileprivate init(_ offer: OfferAccess, by actor: AuditActor, at time: UInt64) {
        self.init(
            kind: .offered(to: PatientNames.left(out: offer.grantee.text)),
            scopes: offer.scopes,
            isOfLabel: false,
            organization: actor.organization,
            author: actor.unnamedText,
            purpose: offer.purpose,
            stated: time,
            validUntil: offer.validUntil
        )
    }
}

extension AuditActor {
    /// Who it is for somebody who has no business with the patients' names.
    fileprivate var unnamedText: String {
        if case .party(let name) = self { return PatientNames.left(out: name) }
        return self.text
    }

    /// A party's organization; empty for those who have none.
    fileprivate var organization: String {
        guard case .party(let name) = self, let colon = name.firstIndex(of: ":") else { return "" }
        return String(name[..<colon])
    }
}
