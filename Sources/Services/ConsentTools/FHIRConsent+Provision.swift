internal import CanonicalBytes
internal import Contracts

/// What a provision says, without anything left out.
extension FHIRConsent {
    // MARK: - Rule

    /// The rule, which policy, type and code have to tell alike.
    static func rule(
        _ resource: FHIRElement,
        _ provision: FHIRElement
    ) throws(ProtocolFailure) -> ConsentStatement.Rule {
        let (rule, direction) = try self.policy(resource.object("policyRule", known: FHIRElement.concept))
        let isPermitting = rule == "allow" || rule == "offer"
        if let direction, (direction == "OPTIN") != isPermitting {
            throw self.contradiction(resource, "policyRule", direction, rule, isPermitting ? "OPTIN" : "OPTOUT")
        }
        // In a root provision FHIR lets the policy speak alone.
        if provision.has("type") {
            let type = try provision.text("type")
            guard type == "permit" || type == "deny" else {
                throw provision.refusal("type", "is \(FHIRElement.shown(type)), neither permit nor deny")
            }
            guard (type == "permit") == isPermitting else {
                throw self.contradiction(provision, "type", type, rule, isPermitting ? "permit" : "deny")
            }
        } else if direction == nil {
            throw provision.refusal("type", "is missing, and Consent.policyRule has neither OPTIN nor OPTOUT: say one")
        }
        if rule != "offer", provision.has("actor") {
            throw provision.refusal(
                "actor",
                "stands with the rule \(rule), which is for everybody: only an offer names one"
            )
        }
        switch rule {
        case "allow": return .allow(request: try self.request(provision))
        case "offer": return .offer(to: try self.grantee(provision), permissionSeconds: try self.seconds(provision))
        default:
            guard !provision.has("code") else {
                throw provision.refusal("code", "stands with the rule \(rule), which is for everything: leave it out")
            }
            return rule == "require" ? .require : .forbid
        }
    }

    /// The rule's code, and OPTIN or OPTOUT where it is there.
    private static func policy(_ policy: FHIRElement) throws(ProtocolFailure) -> (rule: String, direction: String?) {
        var rule: String?
        var direction: String?
        for coding in try policy.list("coding", upTo: 16, known: FHIRElement.coding) {
            let system = try coding.text("system")
            let code = try coding.text("code")
            switch system {
            case System.rule:
                guard rule == nil else { throw coding.refusal("system", "is there twice: a consent has one rule") }
                guard ["allow", "require", "forbid", "offer"].contains(code) else {
                    throw coding.refusal(
                        "code",
                        "is \(FHIRElement.shown(code)), an unknown rule: allow, require, forbid, offer are known"
                    )
                }
                rule = code
            case System.actCode:
                guard direction == nil else { throw coding.refusal("system", "is there twice: leave OPTIN or OPTOUT") }
                guard code == "OPTIN" || code == "OPTOUT" else {
                    throw coding.refusal("code", "is \(FHIRElement.shown(code)), neither OPTIN nor OPTOUT")
                }
                direction = code
            default:
                throw coding.refusal("system", "is \(FHIRElement.shown(system)), which is not understood: leave it out")
            }
        }
        guard let rule else { throw policy.refusal("coding", "has nothing of \(System.rule): name the rule") }
        return (rule, direction)
    }

    private static func contradiction(
        _ element: FHIRElement,
        _ name: String,
        _ found: String,
        _ rule: String,
        _ wanted: String
    ) -> ProtocolFailure {
        element.refusal(name, "is \(found) and contradicts the rule \(rule) of Consent.policyRule, which is \(wanted)")
    }

    // MARK: - Purpose

    /// A code for offers and for what allows any request; empty for the others, which have none.
    static func purpose(
        _ provision: FHIRElement,
        _ rule: ConsentStatement.Rule
    ) throws(ProtocolFailure) -> String {
        let purposes = try provision.list("purpose", upTo: 64, known: FHIRElement.coding)
        switch rule {
        case .allow(request: nil), .offer:
            guard let purpose = purposes.first else {
                let what =
                    rule == .allow(request: nil) ? "an allowing consent has one, or one request" : "an offer has one"
                throw provision.refusal("purpose", "is missing, which would mean any: \(what)")
            }
            guard purposes.count == 1 else {
                throw provision.refusal(
                    "purpose",
                    "names \(purposes.count): make a Consent of each, with identifiers of their own"
                )
            }
            let code = try purpose.code(of: System.purpose)
            guard self.isWord(code.utf8, 1...64) else {
                throw purpose.refusal("code", "has not 1 to 64 characters A-Z a-z 0-9 _ . -")
            }
            return code
        case .allow, .require, .forbid:
            guard purposes.isEmpty else {
                let what = rule.isPermitting ? "one request" : "the rule \(rule.code)"
                throw provision.refusal("purpose", "stands with \(what), which has none: leave it out")
            }
            return ""
        }
    }

    // MARK: - Code and actor

    /// The one request that is allowed; nil for any.
    private static func request(_ provision: FHIRElement) throws(ProtocolFailure) -> [UInt8]? {
        guard let (concept, code) = try self.code(provision, of: System.request) else { return nil }
        guard let request = self.digest(code), request != SetConsent.anyRequest else {
            throw concept.refusal("coding[0].code", "is no request: 64 lower-case hexadecimal digits, not all zero")
        }
        return request
    }

    /// The length of each permission of an offer: digits alone, as far as governors of a chain can let it go.
    private static func seconds(_ provision: FHIRElement) throws(ProtocolFailure) -> UInt64 {
        guard let (concept, code) = try self.code(provision, of: System.permission) else {
            throw provision.refusal("code", "is missing: an offer says for how many seconds, in \(System.permission)")
        }
        let longest = ContractParameter.permissionSecondsMax.range.upperBound
        // A number has one spelling: without sign, spaces, zeros in front.
        guard let seconds = UInt64(code), "\(seconds)".utf8.elementsEqual(code.utf8), (1...longest).contains(seconds)
        else { throw concept.refusal("coding[0].code", "is no number of seconds, 1 to \(longest), in digits alone") }
        return seconds
    }

    /// The provision's one code; nil when it has none.
    private static func code(
        _ provision: FHIRElement,
        of system: String
    ) throws(ProtocolFailure) -> (FHIRElement, String)? {
        let concepts = try provision.list("code", upTo: 64, known: FHIRElement.concept)
        guard let concept = concepts.first else { return nil }
        guard concepts.count == 1 else {
            throw provision.refusal("code", "names \(concepts.count): make a Consent of each")
        }
        return (concept, try concept.conceptCode(of: system))
    }

    /// Whom an offer is for.
    private static func grantee(_ provision: FHIRElement) throws(ProtocolFailure) -> ConsentStatement.Grantee {
        let actors = try provision.list("actor", upTo: 64, known: ["role", "reference"])
        guard let actor = actors.first, actors.count == 1 else {
            throw provision.refusal("actor", "names \(actors.count): an offer is for one; make a Consent of each")
        }
        let role = try actor.object("role", known: FHIRElement.concept)
        let code = try role.conceptCode(of: System.participation)
        guard code == "IRCP" else {
            throw role.refusal(
                "coding[0].code",
                "is \(FHIRElement.shown(code)), and only IRCP, who receives, is understood"
            )
        }
        let identifier = try actor.identifier("reference")
        let grantee = ConsentStatement.Grantee(
            system: try identifier.text("system"),
            value: try identifier.text("value")
        )
        guard let grantee else {
            throw identifier.refusal("names nobody there can be: a party, organization, attribute or certificate")
        }
        return grantee
    }

    // MARK: - Data

    /// Scopes in ascending order, or one label.
    static func subject(
        _ provision: FHIRElement,
        _ rule: ConsentStatement.Rule
    ) throws(ProtocolFailure) -> (scopes: [[UInt8]], label: [UInt8]?) {
        let data = try provision.list("data", upTo: ConsentSubject.countMax, known: ["meaning", "reference"])
        guard let first = data.first else {
            throw provision.refusal("data", "is missing, which would mean all: name scopes or a label")
        }
        let system = try first.identifier("reference").text("system")
        if system == System.label {
            guard data.count == 1 else {
                throw provision.refusal("data", "names more than its label: make a Consent of each")
            }
            try self.requireMeaning(first, "related")
            if case .offer = rule { throw first.refusal("reference", "is a label: an offer is of scopes") }
            return ([], try first.identifier("reference").digest(of: System.label))
        }
        var scopes: [[UInt8]] = []
        for element in data {
            try self.requireMeaning(element, "instance")
            scopes.append(try element.identifier("reference").digest(of: System.scope))
        }
        scopes.sort { $0.lexicographicallyPrecedes($1) }
        guard zip(scopes, scopes.dropFirst()).allSatisfy({ $0 != $1 }) else {
            throw provision.refusal("data", "names a scope twice: name each once")
        }
        return (scopes, nil)
    }

    private static func requireMeaning(_ data: FHIRElement, _ wanted: String) throws(ProtocolFailure) {
        let meaning = try data.text("meaning")
        guard meaning == wanted else {
            throw data.refusal("meaning", "is \(FHIRElement.shown(meaning)), and only \(wanted) can be stated of it")
        }
    }
}
