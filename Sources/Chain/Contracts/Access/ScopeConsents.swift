package import CanonicalBytes
package import Certificates
package import Ledger

/// The consents and offers about one scope, oldest first: `u16 n × (consent or offer(32) || u8 mode || request(32) ||
/// LP(purpose) || u64 valid_until || LP(author))`.
///
/// Decisions look here, so that their cost does not depend on how many consents there are. Whoever acts on a permission
/// reads the record from the chain and evaluates it too: consents act on permissions that exist.
package struct ScopeConsents: StateRecord {
    /// Entries about one scope, and of one author among them; both without those that are over.
    package static let countMax = 64
    package static let countOfAuthorMax = 32

    package struct Entry: Hashable, Sendable {
        /// The consent's identifier, or the offer's.
        package let consent: [UInt8]
        package let mode: ConsentMode
        package let request: [UInt8]
        /// Empty: none is named.
        package let purpose: String
        /// The last moment at which it says anything, milliseconds since 1970; of an offer the end of the last
        /// permission that it can bring.
        package let validUntil: UInt64
        package let author: PartyName
    }

    package private(set) var entries: [Entry] = []

    /// No consents: also what a scope without a record has.
    package init() {}

    /// Takes an entry in, and forgets those that are over.
    ///
    /// - Returns: false when there are too many.
    mutating func add(_ entry: Entry, at time: UInt64) -> Bool {
        self.entries.removeAll { $0.validUntil < time }
        guard self.entries.count < Self.countMax,
            self.entries.count(where: { $0.author == entry.author }) < Self.countOfAuthorMax
        else { return false }
        self.entries.append(entry)
        return true
    }

    /// Takes an author's consent or offer away; identifiers of others may be the same.
    mutating func remove(_ id: [UInt8], of author: PartyName, isOffer: Bool) {
        self.entries.removeAll { $0.consent == id && $0.author == author && ($0.mode == .offer) == isOffer }
    }

    /// Why nobody may act on a permission at a time, milliseconds since 1970, as far as consents say; nil when they do
    /// not object.
    ///
    /// Revocation and time are the permission's own (``Permission/isValid(at:)``).
    package func objection(to permission: Permission, at time: UInt64) -> RejectionCode? {
        self.objection(to: permission.ground, at: time)
    }

    /// Why a permission may not be given, or not be acted on, at a time, milliseconds since 1970; nil when consents do
    /// not object.
    package func objection(to ground: PermissionGround, at time: UInt64) -> RejectionCode? {
        // An emergency does not wait for anybody's consent; it is told to everybody instead.
        guard ground.kind != .emergency else { return nil }
        let valid = self.entries.filter { $0.validUntil >= time }
        if valid.contains(where: { $0.mode == .forbid }) { return .consentForbids }
        var offer: Entry?
        if ground.kind == .offered {
            offer = valid.first { $0.mode == .offer && $0.consent == ground.basis }
            guard offer != nil else { return .offerWithdrawn }
        }
        let isMissing = valid.contains { entry in
            // Whoever offered has consented.
            entry.mode == .require && entry.author != offer?.author
                && !valid.contains { $0.author == entry.author && $0.allows(ground) }
        }
        return isMissing ? .consentRequired : nil
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(self.entries.count))
        for entry in self.entries {
            writer.raw(entry.consent)
            writer.u8(entry.mode.rawValue)
            writer.raw(entry.request)
            writer.lengthPrefixed(entry.purpose)
            writer.u64(entry.validUntil)
            writer.party(entry.author)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        for _ in 0..<(try reader.u16()) {
            let consent = try reader.hash()
            guard let mode = ConsentMode(rawValue: try reader.u8()) else {
                throw ProtocolFailure(.format, "no such mode of consent")
            }
            self.entries.append(
                Entry(
                    consent: consent,
                    mode: mode,
                    request: try reader.hash(),
                    purpose: try reader.word(0...64),
                    validUntil: try reader.u64(),
                    author: try reader.partyName()
                )
            )
        }
    }
}

extension ScopeConsents.Entry {
    init(_ consent: SetConsent, by author: PartyName) {
        self.consent = consent.consent
        self.mode = consent.mode
        self.request = consent.request
        self.purpose = consent.purpose
        self.validUntil = consent.validUntil
        self.author = author
    }

    init(_ offer: OfferAccess, by author: PartyName) {
        self.consent = offer.offer
        self.mode = .offer
        self.request = SetConsent.anyRequest
        self.purpose = offer.purpose
        self.validUntil = offer.lastMoment
        self.author = author
    }

    /// Whether it allows this very request, or its purpose.
    fileprivate func allows(_ ground: PermissionGround) -> Bool {
        guard self.mode == .allow else { return false }
        guard self.request == SetConsent.anyRequest else { return self.request == ground.request }
        return !self.purpose.isEmpty && self.purpose.isSame(as: ground.purpose)
    }
}

extension OfferAccess {
    /// The end of the last permission that the offer can bring, milliseconds since 1970.
    package var lastMoment: UInt64 {
        let (length, isTooLong) = self.permissionSeconds.multipliedReportingOverflow(by: 1_000)
        let (end, isTooLate) = self.validUntil.addingReportingOverflow(length)
        return isTooLong || isTooLate ? .max : end
    }
}
