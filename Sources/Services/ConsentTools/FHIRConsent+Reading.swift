package import CanonicalBytes
internal import Certificates
internal import Contracts

extension FHIRConsent {
    /// Reads a resource that ``json(_:at:)`` wrote, or another system in the same terms.
    ///
    /// What cannot be stated just as it is written is refused: a consent that does not stand, elements that contradict
    /// each other or are not understood, modifier extensions, several purposes, actors or codes.
    ///
    /// - Parameter json: one resource, UTF-8, at most a mebibyte.
    /// - Returns: what it says.
    /// - Throws: `FORMAT` with the FHIR path of the element that is missing or wrong, and what to do.
    package static func statement(from json: [UInt8]) throws(ProtocolFailure) -> ConsentStatement {
        let resource = try FHIRElement(resource: json, "Consent", known: self.elements)
        try self.requireWhole(resource)
        try self.requireStanding(resource)
        try self.requirePrivacy(resource)
        let author = try self.author(resource)
        let provision = try resource.object("provision", known: self.elementsOfProvision)
        let rule = try self.rule(resource, provision)
        let (scopes, label) = try self.subject(provision, rule)
        let purpose = try self.purpose(provision, rule)
        let (stated, end) = try self.times(resource, provision)
        return ConsentStatement(
            id: try self.id(resource),
            author: author,
            rule: rule,
            scopes: scopes,
            purpose: purpose,
            stated: stated,
            validUntil: end,
            label: label
        )
    }

    private static let elements = [
        "id", "meta", "language", "text", "identifier", "status", "scope", "category", "patient", "dateTime",
        "performer", "policyRule", "provision",
    ]
    private static let elementsOfProvision = ["type", "period", "actor", "purpose", "code", "data"]

    // MARK: - The resource

    /// A resource of which a server left something out, or that is no more than a test, says less than its author.
    private static func requireWhole(_ resource: FHIRElement) throws(ProtocolFailure) {
        guard resource.has("meta") else { return }
        let known = ["versionId", "lastUpdated", "source", "profile", "security", "tag"]
        let meta = try resource.object("meta", known: known)
        for name in ["security", "tag"] {
            for coding in try meta.list(name, upTo: 64, known: FHIRElement.coding + ["version", "userSelected"])
            where coding.has("code") {
                let code = try coding.text("code")
                guard code != "SUBSETTED", code != "HTEST" else {
                    throw coding.refusal(
                        "code",
                        "is \(code), a resource that is not whole or a test: fetch the whole one"
                    )
                }
            }
        }
    }

    /// Only what stands is stated.
    ///
    /// Nothing is withdrawn either: that is an act of its own, which the patient means and signs.
    private static func requireStanding(_ resource: FHIRElement) throws(ProtocolFailure) {
        let status = try resource.text("status")
        let why: String
        switch status {
        case "active": return
        case "draft", "proposed": why = "it does not stand yet: import it when it is active"
        case "rejected": why = "nobody agreed to it: it is not imported"
        case "inactive", "entered-in-error":
            why =
                "it does not stand: it is not imported, and what the chain holds of it ends with "
                + "`wardline consent withdraw`"
        default:
            throw resource.refusal(
                "status",
                "is \(FHIRElement.shown(status)), no status of a Consent: only active is imported"
            )
        }
        throw resource.refusal("status", "is \(status), \(why)")
    }

    private static func requirePrivacy(_ resource: FHIRElement) throws(ProtocolFailure) {
        let scope = try resource.object("scope", known: FHIRElement.concept)
        let code = try scope.conceptCode(of: System.scopes)
        guard code == "patient-privacy" else {
            throw scope.refusal("coding[0].code", "is \(FHIRElement.shown(code)), and only patient-privacy is imported")
        }
        // It is for finding consents; FHIR wants one, whichever it is.
        guard resource.has("category") else { throw resource.refusal("category", "is missing") }
    }

    /// The one identifier of ours among those that systems gave it.
    private static func id(_ resource: FHIRElement) throws(ProtocolFailure) -> [UInt8] {
        let known = FHIRElement.identifier + ["use", "type", "period", "assigner"]
        var ids: [[UInt8]] = []
        for identifier in try resource.list("identifier", upTo: 16, known: known)
        where identifier.has("system") && (try identifier.text("system")) == System.consent {
            try identifier.allow(FHIRElement.identifier)
            ids.append(try identifier.digest(of: System.consent))
        }
        guard let id = ids.first, ids.count == 1 else {
            throw resource.refusal("identifier", "has \(ids.count) identifiers of \(System.consent): it needs one")
        }
        return id
    }

    /// Whoever states it for herself, and nobody besides.
    private static func author(_ resource: FHIRElement) throws(ProtocolFailure) -> String {
        let patient = try resource.identifier("patient")
        let author = try patient.value(of: System.party)
        guard let name = PartyName(author), name.description.utf8.elementsEqual(author.utf8) else {
            throw patient.refusal("value", "is no name of a party, organization:role:name")
        }
        let performers = try resource.list("performer", upTo: 16, known: FHIRElement.reference)
        for performer in performers {
            let identifier = try performer.object("identifier", known: FHIRElement.identifier)
            guard try identifier.value(of: System.party).utf8.elementsEqual(author.utf8) else {
                throw identifier.refusal("value", "is another than the patient: a consent is stated by whom it is of")
            }
        }
        return author
    }

    private static func times(
        _ resource: FHIRElement,
        _ provision: FHIRElement
    ) throws(ProtocolFailure) -> (stated: UInt64, end: UInt64) {
        let stated = try resource.time("dateTime")
        let period = try provision.object("period", known: ["start", "end"])
        if period.has("start"), try period.time("start") > stated {
            throw period.refusal(
                "start",
                "is after Consent.dateTime: a consent begins when it is stated; state it then"
            )
        }
        let end = try period.time("end")
        guard end >= stated else { throw period.refusal("end", "is before Consent.dateTime: it never stood") }
        return (stated, end)
    }
}
