package import Certificates
internal import StrictYAML
package import Uplink

/// A party's server: who it must be, and where it is reached.
package struct NamedService: Sendable, Hashable {
    package let name: PartyName
    package let url: ServiceURL

    package init(name: PartyName, url: ServiceURL) {
        self.name = name
        self.url = url
    }

    /// Reads `{name: 'organization:role:name', url: 'https://host:port'}` of a party in one of some roles.
    init(parsing field: YAMLField, roles: [PartyRole]) throws(YAMLProblem) {
        let map = try field.mapping(["name", "url"])
        let text = try map.required("name")
        guard let name = PartyName(try text.word()) else { throw text.problem("must be organization:role:name") }
        guard roles.contains(name.role) else {
            throw text.problem("must be a \(roles.map(\.rawValue).joined(separator: " or "))")
        }
        self.init(name: name, url: try map.required("url").serviceURL())
    }
}

extension YAMLField {
    func serviceURL() throws(YAMLProblem) -> ServiceURL {
        guard let url = ServiceURL(try self.word()) else {
            throw self.problem("must be https://host or https://host:port")
        }
        return url
    }

    /// What every element is, each once.
    func distinct<Element: Hashable>(
        _ count: ClosedRange<Int>,
        _ read: (YAMLField) throws(YAMLProblem) -> Element
    ) throws(YAMLProblem) -> [Element] {
        var elements: [Element] = []
        for field in try self.elements() {
            let element = try read(field)
            guard !elements.contains(element) else { throw field.problem("is there already") }
            elements.append(element)
        }
        guard count.contains(elements.count) else {
            throw self.problem("needs \(count.lowerBound) to \(count.upperBound) entries")
        }
        return elements
    }
}
