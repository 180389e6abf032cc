/// What a party does in a consortium; its certificates name it as the attribute `role:<raw value>`.
package enum PartyRole: String, Sendable, CaseIterable {
    case authority
    case attributeAuthority = "attribute-authority"
    case clinician
    case custodian
    case gateway
    case institution
    case kgc
    case `operator`
    case patient
    case privacyCenter = "privacy-center"
    case pseudonymAuthority = "pseudonym-ca"
    case registrationAuthority = "registration-authority"
    case relay
    case researcher
    case steward
    case tracingAuthority = "tracing-authority"
    case validator

    /// What an implicit certificate of this role may be used for.
    package var usage: CertificateUsage {
        switch self {
        case .gateway, .validator, .relay, .operator, .steward, .kgc, .attributeAuthority, .tracingAuthority: [.sign]
        case .privacyCenter: [.sign, .proxy, .keyExchange]
        case .clinician, .custodian, .institution, .patient, .researcher, .registrationAuthority: [.sign, .keyExchange]
        case .authority, .pseudonymAuthority: [.sign, .authority]
        }
    }
}

/// Who a party is: `<organization>:<role>:<name>`, the subject of its implicit certificate.
///
/// In X.509 certificates the same text stands behind `urn:wardline:` as a URI subject alternative name.
package struct PartyName: Sendable, Hashable, CustomStringConvertible {
    package static let urnPrefix = "urn:wardline:"

    package let organization: String
    package let role: PartyRole
    package let name: String
    /// `<organization>:<role>:<name>`, put together once: keys of the state, events and records ask for it again and again.
    package let description: String

    /// - Returns: nil unless both texts consist of 1 to 63 of the characters `A-Z a-z 0-9 _ . -`.
    package init?(organization: String, role: PartyRole, name: String) {
        guard Self.isPart(organization), Self.isPart(name) else { return nil }
        self.organization = organization
        self.role = role
        self.name = name
        self.description = "\(organization):\(role.rawValue):\(name)"
    }

    /// Parses `<organization>:<role>:<name>`, with or without `urn:wardline:` before it.
    ///
    /// By bytes, because every anchor names its gateway: cutting text into characters takes ten times as long. Text that
    /// is not ASCII is no name either way.
    package init?(_ text: String) {
        var bare = text.utf8[...]
        if bare.starts(with: Self.urnPrefix.utf8) { bare = bare.dropFirst(Self.urnPrefix.utf8.count) }
        let colon = UInt8(ascii: ":")
        guard let first = bare.firstIndex(of: colon) else { return nil }
        let rest = bare[bare.index(after: first)...]
        guard let second = rest.firstIndex(of: colon),
            let role = PartyRole(rawValue: String(Substring(rest[..<second])))
        else { return nil }
        self.init(
            organization: String(Substring(bare[..<first])),
            role: role,
            name: String(Substring(rest[rest.index(after: second)...]))
        )
    }

    // No part holds a colon, so that equal texts are equal names; all of them are ASCII.
    package static func == (left: Self, right: Self) -> Bool { left.description == right.description }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.description) }

    package var urn: String { Self.urnPrefix + self.description }

    private static func isPart(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
