internal import CanonicalBytes
internal import Certificates
internal import Foundation
internal import Records

/// A consent as a FHIR R4 `Consent`, for exchange with other systems.
///
/// The chain knows patients by party names and data by digests, so identifiers of these systems stand where FHIR has
/// references; nothing in the resource names a person.
package enum FHIRConsent {
    /// Identifiers and codes of the resources.
    enum System {
        static let consent = "urn:wardline:consent"
        static let party = "urn:wardline:party"
        static let scope = "urn:wardline:scope"
        static let label = "urn:wardline:label"
        static let request = "urn:wardline:request"
        static let purpose = "urn:wardline:purpose"
        static let organization = "urn:wardline:organization"
        static let attribute = "urn:wardline:attribute"
        static let certificate = "urn:wardline:certificate"
        static let rule = "urn:wardline:consent-rule"
        static let permission = "urn:wardline:permission-seconds"
        static let actCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
        static let scopes = "http://terminology.hl7.org/CodeSystem/consentscope"
        static let participation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
    }

    /// The resource of a statement, JSON with sorted keys.
    ///
    /// - Parameters:
    ///   - statement: as the chain has it.
    ///   - now: milliseconds since 1970; a statement that is over or withdrawn is `inactive`, and so is one that allows
    ///     no request and no purpose: nothing stands on it on the chain, and FHIR would read it as any purpose.
    /// - Returns: the resource.
    /// - Throws: never for text that is UTF-8.
    package static func json(_ statement: ConsentStatement, at now: UInt64) throws -> String {
        let isActive = statement.withdrawn == nil && now <= statement.validUntil && !statement.isWithoutEffect
        let object = self.object(statement, isActive: isActive)
        let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    private static func object(_ statement: ConsentStatement, isActive: Bool) -> [String: Any] {
        [
            "resourceType": "Consent",
            "identifier": [self.identifier(System.consent, statement.id.hex)],
            "status": isActive ? "active" : "inactive",
            "scope": self.concept(System.scopes, "patient-privacy"),
            // LOINC: privacy policy acknowledgment document / patient consent.
            "category": [self.concept("http://loinc.org", "59284-0")],
            "patient": ["identifier": self.identifier(System.party, statement.author)],
            "dateTime": FHIRTime.text(statement.stated),
            "performer": [["identifier": self.identifier(System.party, statement.author)]],
            "policyRule": [
                "coding": [
                    ["system": System.actCode, "code": statement.rule.isPermitting ? "OPTIN" : "OPTOUT"],
                    ["system": System.rule, "code": statement.rule.code],
                ]
            ],
            "provision": self.provision(statement),
        ]
    }

    private static func provision(_ statement: ConsentStatement) -> [String: Any] {
        var provision: [String: Any] = [
            "type": statement.rule.isPermitting ? "permit" : "deny",
            "period": ["start": FHIRTime.text(statement.stated), "end": FHIRTime.text(statement.validUntil)],
            "data": self.data(statement),
        ]
        if !statement.purpose.isEmpty {
            provision["purpose"] = [["system": System.purpose, "code": statement.purpose]]
        }
        switch statement.rule {
        case .allow(let request?): provision["code"] = [self.concept(System.request, request.hex)]
        case .offer(let grantee, let seconds):
            provision["actor"] = [
                [
                    "role": self.concept(System.participation, "IRCP"),
                    "reference": ["identifier": self.identifier(grantee.system, grantee.value)],
                ] as [String: Any]
            ]
            provision["code"] = [self.concept(System.permission, "\(seconds)")]
        case .allow, .require, .forbid: break
        }
        return provision
    }

    /// Scopes themselves, or whatever belongs to a label.
    private static func data(_ statement: ConsentStatement) -> [[String: Any]] {
        if let label = statement.label {
            let reference = ["identifier": self.identifier(System.label, label.hex)]
            return [["meaning": "related", "reference": reference]]
        }
        return statement.scopes.map { scope in
            ["meaning": "instance", "reference": ["identifier": self.identifier(System.scope, scope.hex)]]
        }
    }

    private static func identifier(_ system: String, _ value: String) -> [String: Any] {
        ["system": system, "value": value]
    }

    private static func concept(_ system: String, _ code: String) -> [String: Any] {
        ["coding": [["system": system, "code": code]]]
    }
}

extension ConsentStatement {
    /// Whether it allows neither a request nor a purpose: the chain takes that, and permits nothing by it.
    var isWithoutEffect: Bool { self.rule == .allow(request: nil) && self.purpose.isEmpty }
}

extension ConsentStatement.Rule {
    var code: String {
        switch self {
        case .allow: "allow"
        case .require: "require"
        case .forbid: "forbid"
        case .offer: "offer"
        }
    }

    var isPermitting: Bool {
        switch self {
        case .allow, .offer: true
        case .require, .forbid: false
        }
    }
}

extension ConsentStatement.Grantee {
    var system: String {
        switch self {
        case .party: FHIRConsent.System.party
        case .organization: FHIRConsent.System.organization
        case .attribute: FHIRConsent.System.attribute
        case .certificate: FHIRConsent.System.certificate
        }
    }

    var value: String {
        switch self {
        case .party(let text), .organization(let text), .attribute(let text): text
        case .certificate(let digest): digest.hex
        }
    }

    /// - Returns: nil for another system, and for a value that can name nobody on the chain.
    init?(system: String, value: String) {
        let parts = value.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        switch system {
        case FHIRConsent.System.party:
            guard let name = PartyName(value), name.description.utf8.elementsEqual(value.utf8) else { return nil }
            self = .party(value)
        case FHIRConsent.System.organization:
            guard FHIRConsent.isWord(value.utf8, 1...63) else { return nil }
            self = .organization(value)
        case FHIRConsent.System.attribute:
            guard value.utf8.count <= 128, parts.count == 2,
                parts.allSatisfy({ FHIRConsent.isWord($0, 1...128) })
            else { return nil }
            self = .attribute(value)
        case FHIRConsent.System.certificate:
            guard let digest = FHIRConsent.digest(value) else { return nil }
            self = .certificate(digest)
        default: return nil
        }
    }
}

extension FHIRConsent {
    /// Whether a text is of the characters that the chain has for codes, `A-Z a-z 0-9 _ . -`.
    static func isWord(_ text: some Collection<UInt8>, _ lengths: ClosedRange<Int>) -> Bool {
        lengths.contains(text.count)
            && text.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || [45, 46, 95].contains($0)
            }
    }

    /// 32 bytes of 64 lower-case hexadecimal digits, their one spelling; nil for anything else.
    static func digest(_ text: String) -> [UInt8]? {
        guard let bytes = [UInt8](hex: text), bytes.count == 32, bytes.hex.utf8.elementsEqual(text.utf8) else {
            return nil
        }
        return bytes
    }
}

/// FHIR `instant`s, UTC with milliseconds.
enum FHIRTime {
    static func text(_ milliseconds: UInt64) -> String {
        // Seconds and thousandths apart: as a fraction some would come out one too small.
        let seconds = Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601)
        let thousandths = String(milliseconds % 1_000 + 1_000).dropFirst()
        return "\(seconds.dropLast()).\(thousandths)Z"
    }

    /// - Returns: milliseconds since 1970; nil for anything but a date and time of 1970 to 2262 with a zone and at most
    ///   milliseconds.
    static func milliseconds(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8)
        // FHIR has `T` and `Z` in upper case alone, unlike RFC 3339.
        guard bytes.count > 19, bytes[10] == UInt8(ascii: "T"), bytes.last != UInt8(ascii: "z"),
            let time = DateTime(rfc3339: bytes), time.nanosecondsSinceEpoch >= 0,
            time.nanosecondsSinceEpoch.isMultiple(of: 1_000_000)
        else { return nil }
        return UInt64(time.millisecondsSinceEpoch)
    }
}
