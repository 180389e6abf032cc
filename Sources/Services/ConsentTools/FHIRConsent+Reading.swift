package import CanonicalBytes
internal import Foundation

extension FHIRConsent {
    /// Reads a resource that ``json(_:at:)`` wrote, or another system in the same terms.
    ///
    /// - Parameter json: one resource, UTF-8, at most a mebibyte.
    /// - Returns: what it says.
    /// - Throws: `FORMAT` with the element that is missing or wrong.
    package static func statement(from json: [UInt8]) throws(ProtocolFailure) -> ConsentStatement {
        try require(json.count <= 1 << 20, .format, "more than a mebibyte")
        let parsed = try? JSONSerialization.jsonObject(with: Data(json))
        guard let root = parsed as? [String: Any] else { throw ProtocolFailure(.format, "not a JSON object") }
        let resource = Element(root, "Consent")
        try require(try resource.text("resourceType") == "Consent", .format, "not a Consent")
        let provision = try resource.object("provision")
        let period = try provision.object("period")
        let (scopes, label) = try self.subject(provision)
        let purposes = try provision.optionalList("purpose")
        return ConsentStatement(
            id: try resource.list("identifier").first(System.consent).digest(System.consent),
            author: try resource.object("patient").object("identifier").value(System.party),
            rule: try self.rule(resource, provision),
            scopes: scopes,
            purpose: try purposes.isEmpty ? "" : purposes.first(System.purpose).text("code"),
            stated: try resource.time("dateTime"),
            validUntil: try period.time("end"),
            label: label
        )
    }

    /// Scopes in ascending order, or one label.
    private static func subject(_ provision: Element) throws(ProtocolFailure) -> ([[UInt8]], [UInt8]?) {
        let data = try provision.list("data")
        let first = try data[0].object("reference").object("identifier")
        if data.count == 1, try first.text("system") == System.label { return ([], try first.digest(System.label)) }
        let scopes = try data.map { (element) throws(ProtocolFailure) in
            try element.object("reference").object("identifier").digest(System.scope)
        }
        return (scopes.sorted { $0.lexicographicallyPrecedes($1) }, nil)
    }

    private static func rule(_ resource: Element, _ provision: Element) throws(ProtocolFailure) -> ConsentStatement.Rule
    {
        switch try resource.object("policyRule").list("coding").first(System.rule).text("code") {
        case "require": return .require
        case "forbid": return .forbid
        case "allow":
            guard let code = try provision.optionalList("code").first else { return .allow(request: nil) }
            return .allow(request: try code.list("coding").first(System.request).bytes("code"))
        case "offer":
            let actor = try provision.list("actor")[0].object("reference").object("identifier")
            guard
                let grantee = ConsentStatement.Grantee(system: try actor.text("system"), value: try actor.text("value"))
            else { throw ProtocolFailure(.format, "\(actor.path) names nobody") }
            let code = try provision.list("code")[0].list("coding").first(System.permission).text("code")
            guard let seconds = UInt64(code) else { throw ProtocolFailure(.format, "\(provision.path).code") }
            return .offer(to: grantee, permissionSeconds: seconds)
        case let code: throw ProtocolFailure(.format, "an unknown rule \(code)")
        }
    }

    /// A JSON object and where it stands.
    fileprivate struct Element {
        private let members: [String: Any]
        let path: String

        init(_ members: [String: Any], _ path: String) {
            self.members = members
            self.path = path
        }

        private func missing(_ name: String) -> ProtocolFailure {
            ProtocolFailure(.format, "\(self.path).\(name) is missing or of another kind")
        }

        func text(_ name: String) throws(ProtocolFailure) -> String {
            guard let text = self.members[name] as? String else { throw self.missing(name) }
            return text
        }

        func object(_ name: String) throws(ProtocolFailure) -> Element {
            guard let object = self.members[name] as? [String: Any] else { throw self.missing(name) }
            return Element(object, "\(self.path).\(name)")
        }

        /// One element or more.
        func list(_ name: String) throws(ProtocolFailure) -> [Element] {
            let elements = try self.optionalList(name)
            guard !elements.isEmpty else { throw self.missing(name) }
            return elements
        }

        func optionalList(_ name: String) throws(ProtocolFailure) -> [Element] {
            guard let value = self.members[name] else { return [] }
            guard let objects = value as? [[String: Any]] else { throw self.missing(name) }
            return objects.enumerated().map { Element($1, "\(self.path).\(name)[\($0)]") }
        }

        func time(_ name: String) throws(ProtocolFailure) -> UInt64 {
            guard let time = FHIRTime.milliseconds(try self.text(name)) else { throw self.missing(name) }
            return time
        }

        func bytes(_ name: String) throws(ProtocolFailure) -> [UInt8] {
            guard let bytes = [UInt8](hex: try self.text(name)), bytes.count == 32 else { throw self.missing(name) }
            return bytes
        }

        /// The value of an identifier of a system.
        func value(_ system: String) throws(ProtocolFailure) -> String {
            guard try self.text("system") == system else { throw self.missing("system") }
            return try self.text("value")
        }

        func digest(_ system: String) throws(ProtocolFailure) -> [UInt8] {
            guard let bytes = [UInt8](hex: try self.value(system)), bytes.count == 32 else {
                throw self.missing("value")
            }
            return bytes
        }
    }
}

extension [FHIRConsent.Element] {
    /// The one of a system.
    fileprivate func first(_ system: String) throws(ProtocolFailure) -> FHIRConsent.Element {
        for element in self where (try? element.text("system")) == system { return element }
        throw ProtocolFailure(.format, "\(self.first?.path ?? "a list") has nothing of \(system)")
    }
}
