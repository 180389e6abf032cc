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

    /// - Returns: nil unless both texts consist of 1 to 63 of the characters `A-Z a-z 0-9 _ . -`.
    package init?(organization: String, role: PartyRole, name: String) {
        guard Self.isPart(organization), Self.isPart(name) else { return nil }
        self.organization = organization
        self.role = role
        self.name = name
    }

    /// Parses `<organization>:<role>:<name>`, with or without `urn:wardline:` before it.
    package init?(_ text: String) {
        let bare = text.hasPrefix(Self.urnPrefix) ? String(text.dropFirst(Self.urnPrefix.count)) : text
        let parts = bare.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let role = PartyRole(rawValue: parts[1]) else { return nil }
        self.init(organization: parts[0], role: role, name: parts[2])
    }

    package var description: String { "\(self.organization):\(self.role.rawValue):\(self.name)" }
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
