package import CanonicalBytes
package import Ledger

/// What a consent says.
package enum ConsentMode: UInt8, Hashable, Sendable {
    /// Permissions may be given.
    case allow = 1
    /// Each permission needs an allowing consent of the same author, for that very request or for its purpose.
    case require = 2
    /// No permission may be given.
    case forbid = 3
    /// Permissions stand on the author's offer; stated by ``OfferAccess`` and not by ``SetConsent``.
    case offer = 4
}

/// What a consent speaks of.
package enum ConsentSubject: Hashable, Sendable {
    /// Digests of scopes, ascending, 1 to ``countMax``.
    case scopes([[UInt8]])
    /// A digest of a label that only the custodian can read: all scopes that are of it (``SetScopeLabel``), those of later
    /// weeks too.
    case label([UInt8])

    /// Scopes of one consent.
    package static let countMax = 64
}

/// States a consent: `consent(32) || u8 mode || u8 kind || (u16 n × scope(32) or label(32)) || request(32) ||
/// LP(purpose) || u64 valid_until`; kind 1 stands for scopes, 2 for a label.
package struct SetConsent: MethodArguments {
    package static let contract = "access"
    package static let method = "consent-set"
    package static let channels: [Channel] = [.access]
    /// In the place of a request: any.
    package static let anyRequest = [UInt8](repeating: 0, count: 32)

    /// Random, 32 bytes.
    package let consent: [UInt8]
    package let mode: ConsentMode
    package let subject: ConsentSubject
    /// The one request that an allowing consent is for, or ``anyRequest``.
    package let request: [UInt8]
    /// The purpose that an allowing consent for any request is for, a word of at most 64 characters; empty: none is
    /// named.
    package let purpose: String
    /// Milliseconds since 1970.
    package let validUntil: UInt64

    package init(
        consent: [UInt8],
        mode: ConsentMode,
        subject: ConsentSubject,
        request: [UInt8] = Self.anyRequest,
        purpose: String = "",
        validUntil: UInt64
    ) {
        self.consent = consent
        self.mode = mode
        self.subject = subject
        self.request = request
        self.purpose = purpose
        self.validUntil = validUntil
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.consent)
        writer.u8(self.mode.rawValue)
        switch self.subject {
        case .scopes(let scopes):
            writer.u8(1)
            writer.list(scopes)
        case .label(let digest):
            writer.u8(2)
            writer.raw(digest)
        }
        writer.raw(self.request)
        writer.lengthPrefixed(self.purpose)
        writer.u64(self.validUntil)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.consent = try reader.hash()
        guard let mode = ConsentMode(rawValue: try reader.u8()), mode != .offer else {
            throw ProtocolFailure(.format, "no such mode of consent")
        }
        self.mode = mode
        switch try reader.u8() {
        case 1: self.subject = .scopes(try reader.ascending(1...ConsentSubject.countMax, length: 32))
        case 2: self.subject = .label(try reader.hash())
        case let kind: throw ProtocolFailure(.format, "a consent about \(kind)")
        }
        self.request = try reader.hash()
        self.purpose = try reader.word(0...64)
        let isForAny = self.request == Self.anyRequest
        try require(
            mode == .allow || isForAny && self.purpose.isEmpty,
            .format,
            "only an allowing consent names a request or a purpose"
        )
        try require(isForAny || self.purpose.isEmpty, .format, "a consent names a request or a purpose, not both")
        self.validUntil = try reader.u64()
    }
}

/// Withdraws a consent: `consent(32)`.
package struct WithdrawConsent: MethodArguments {
    package static let contract = "access"
    package static let method = "consent-withdraw"
    package static let channels: [Channel] = [.access]

    package let consent: [UInt8]

    package init(consent: [UInt8]) { self.consent = consent }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.consent) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.consent = try reader.hash() }
}
