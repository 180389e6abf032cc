package import CanonicalBytes
package import Certificates
internal import Ledger

/// The consents and offers about one scope, or about one label, oldest first: `u16 n × (consent or offer(32) || u8 mode ||
/// request(32) || LP(purpose) || u64 valid_until || LP(author))`; of a scope whose label the chain knows `u16 0x8000 + n ||
/// label(32) || n × …`.
///
/// Decisions look here, so that their cost does not depend on how many consents there are. Whoever acts on a permission
/// reads the record from the chain and evaluates it too (``ConsentJudgement``): consents act on permissions that exist.
/// A label's record stands under the label's digest in the place of a scope's, and has no label itself.
package struct ScopeConsents: StateRecord {
    /// Entries about one scope, and of one author among them; both without those that are over.
    package static let countMax = 64
    package static let countOfAuthorMax = 32
    /// Of the count, when a label follows it; records of scopes whose label nobody told have none.
    private static let labelMark: UInt16 = 0x8000

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
    /// The label that the scope is of, as ``SetScopeLabel`` told, 32 bytes; nil: nobody told.
    package internal(set) var label: [UInt8]?

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

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(self.entries.count) | (self.label == nil ? 0 : Self.labelMark))
        if let label = self.label { writer.raw(label) }
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
        let count = try reader.u16()
        if count & Self.labelMark != 0 { self.label = try reader.hash() }
        for _ in 0..<(count & ~Self.labelMark) {
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
}

extension OfferAccess {
    /// The end of the last permission that the offer can bring, milliseconds since 1970.
    package var lastMoment: UInt64 {
        let (length, isTooLong) = self.permissionSeconds.multipliedReportingOverflow(by: 1_000)
        let (end, isTooLate) = self.validUntil.addingReportingOverflow(length)
        return isTooLong || isTooLate ? .max : end
    }
}
