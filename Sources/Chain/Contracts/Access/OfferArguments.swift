package import CanonicalBytes
package import Certificates
package import Ledger

/// To whom an offer is made: `u8 kind || LP(text)`.
package enum Grantee: Hashable, Sendable {
    /// 1: a certified party, whatever certificate it has: `org:role:name`.
    case party(PartyName)
    /// 2: the certified parties of an organization: its word.
    case organization(String)
    /// 3: whoever holds a certificate, also one of a pseudonym, with this attribute: `name:value`.
    case attribute(String)
    /// 4: the holder of one certificate: its digest, as 64 lower-case hex digits.
    case certificate([UInt8])

    package var kind: UInt8 {
        switch self {
        case .party: 1
        case .organization: 2
        case .attribute: 3
        case .certificate: 4
        }
    }

    package var text: String {
        switch self {
        case .party(let name): name.description
        case .organization(let word), .attribute(let word): word
        case .certificate(let digest): digest.hex
        }
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.kind)
        writer.lengthPrefixed(self.text)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        switch try reader.u8() {
        case 1: self = .party(try reader.partyName())
        case 2: self = .organization(try reader.word(1...63))
        case 3:
            let text = try reader.text()
            try require(Self.isAttribute(text), .format, "not an attribute")
            self = .attribute(text)
        case 4:
            let text = try reader.text()
            guard let digest = [UInt8](hex: text), digest.count == 32, digest.hex.isSame(as: text) else {
                throw ProtocolFailure(.format, "not the digest of a certificate")
            }
            self = .certificate(digest)
        case let kind: throw ProtocolFailure(.format, "unknown kind of grantee \(kind)")
        }
    }

    private static func isAttribute(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return text.utf8.count <= 128 && parts.count == 2
            && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(Word.isCharacter) }
    }
}

/// A patient offers the data of scopes that are hers: `offer(32) || u16 n × scope(32) || u8 grantee kind || LP(grantee)
/// || LP(purpose) || u64 permission_seconds || u64 valid_until`.
package struct OfferAccess: MethodArguments {
    package static let contract = "access"
    package static let method = "offer"
    package static let channels: [Channel] = [.access]

    /// Random, 32 bytes.
    package let offer: [UInt8]
    /// Ascending, 1 to ``ConsentSubject/countMax``.
    package let scopes: [[UInt8]]
    package let grantee: Grantee
    /// A code, 1 to 64 characters `A-Z a-z 0-9 _ . -`.
    package let purpose: String
    /// The length of each permission that the offer brings, at least 1.
    package let permissionSeconds: UInt64
    /// The last moment for accepting it, milliseconds since 1970; permissions outlast it.
    package let validUntil: UInt64

    package init(
        offer: [UInt8],
        scopes: [[UInt8]],
        grantee: Grantee,
        purpose: String,
        permissionSeconds: UInt64,
        validUntil: UInt64
    ) {
        self.offer = offer
        self.scopes = scopes
        self.grantee = grantee
        self.purpose = purpose
        self.permissionSeconds = permissionSeconds
        self.validUntil = validUntil
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.offer)
        writer.list(self.scopes)
        self.grantee.write(to: &writer)
        writer.lengthPrefixed(self.purpose)
        writer.u64(self.permissionSeconds)
        writer.u64(self.validUntil)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.offer = try reader.hash()
        self.scopes = try reader.ascending(1...ConsentSubject.countMax, length: 32)
        self.grantee = try Grantee(from: &reader)
        self.purpose = try reader.word(1...64)
        self.permissionSeconds = try reader.u64()
        try require(self.permissionSeconds > 0, .format, "permissions of no length")
        self.validUntil = try reader.u64()
    }
}

/// Ends an offer and the permissions that stand on it: `offer(32)`.
package struct WithdrawOffer: MethodArguments {
    package static let contract = "access"
    package static let method = "offer-withdraw"
    package static let channels: [Channel] = [.access]

    package let offer: [UInt8]

    package init(offer: [UInt8]) { self.offer = offer }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.offer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.offer = try reader.hash() }
}

/// Takes an offer up for one of its scopes: `offer(32) || request(32) || scope(32) || nonce(32)`.
package struct AcceptOffer: MethodArguments {
    package static let contract = "access"
    package static let method = "accept"
    package static let channels: [Channel] = [.access]

    package let offer: [UInt8]
    /// Random, 32 bytes: names the request that the chain files and permits at once.
    package let request: [UInt8]
    package let scope: [UInt8]
    package let nonce: [UInt8]

    package init(offer: [UInt8], request: [UInt8], scope: [UInt8], nonce: [UInt8]) {
        self.offer = offer
        self.request = request
        self.scope = scope
        self.nonce = nonce
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.offer)
        writer.raw(self.request)
        writer.raw(self.scope)
        writer.raw(self.nonce)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.offer = try reader.hash()
        self.request = try reader.hash()
        self.scope = try reader.hash()
        self.nonce = try reader.hash()
    }
}
