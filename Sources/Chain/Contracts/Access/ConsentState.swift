package import CanonicalBytes
package import Certificates
internal import Ledger

/// A consent: `LP(author) || u64 time || u64 withdrawn || LP(arguments)`; times are milliseconds since 1970.
package struct Consent: StateRecord {
    package let author: PartyName
    package let time: UInt64
    /// 0: it stands.
    package var withdrawn: UInt64
    package let arguments: SetConsent

    init(_ arguments: SetConsent, by author: PartyName, at time: UInt64) {
        self.author = author
        self.time = time
        self.withdrawn = 0
        self.arguments = arguments
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.author)
        writer.u64(self.time)
        writer.u64(self.withdrawn)
        writer.lengthPrefixed(self.arguments.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.author = try reader.partyName()
        self.time = try reader.u64()
        self.withdrawn = try reader.u64()
        self.arguments = try SetConsent(bytes: try reader.lengthPrefixed())
    }
}

/// The consents about one scope, oldest first: `u16 n × (consent(32) || u8 mode || request(32) || u64 valid_until ||
/// LP(author))`.
///
/// Decisions look here, so that their cost does not depend on how many consents there are.
package struct ScopeConsents: StateRecord {
    /// Consents about one scope, and of one author among them; both without those that are over.
    package static let countMax = 16
    package static let countOfAuthorMax = 4

    package struct Entry: Hashable, Sendable {
        package let consent: [UInt8]
        package let mode: ConsentMode
        package let request: [UInt8]
        package let validUntil: UInt64
        package let author: PartyName
    }

    package private(set) var entries: [Entry] = []

    init() {}

    /// Takes a consent in, and forgets those that are over.
    ///
    /// - Returns: false when there are too many.
    mutating func add(_ arguments: SetConsent, by author: PartyName, at time: UInt64) -> Bool {
        self.entries.removeAll { $0.validUntil < time }
        guard self.entries.count < Self.countMax,
            self.entries.count(where: { $0.author == author }) < Self.countOfAuthorMax
        else { return false }
        self.entries.append(
            Entry(
                consent: arguments.consent,
                mode: arguments.mode,
                request: arguments.request,
                validUntil: arguments.validUntil,
                author: author
            )
        )
        return true
    }

    mutating func remove(_ consent: [UInt8]) { self.entries.removeAll { $0.consent == consent } }

    /// Why a request may not be granted at a time; nil when it may.
    func objection(to request: [UInt8], at time: UInt64) -> RejectionCode? {
        let valid = self.entries.filter { $0.validUntil >= time }
        if valid.contains(where: { $0.mode == .forbid }) { return .consentForbids }
        let isMissing = valid.contains { entry in
            entry.mode == .require
                && !valid.contains { $0.mode == .allow && $0.author == entry.author && $0.request == request }
        }
        return isMissing ? .consentRequired : nil
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(self.entries.count))
        for entry in self.entries {
            writer.raw(entry.consent)
            writer.u8(entry.mode.rawValue)
            writer.raw(entry.request)
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
                    validUntil: try reader.u64(),
                    author: try reader.partyName()
                )
            )
        }
    }
}
