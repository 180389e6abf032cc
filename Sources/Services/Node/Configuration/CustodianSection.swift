internal import Certificates
internal import ChainReading
internal import Custodian
internal import StrictYAML

extension CustodianConfiguration {
    init(parsing field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping(["identity", "directory", "listen", "privacy_centers", "chain", "sharing"])
        let (host, port) = try map["listen"]?.listenAddress() ?? ("0.0.0.0", 7404)
        var centers: [String] = []
        for element in try map["privacy_centers"]?.elements() ?? [] { centers.append(try element.secureURL()) }
        self.init(
            identityDirectory: try map.required("identity").word(),
            directory: try map.required("directory").word(),
            address: host,
            port: port,
            privacyCenters: centers,
            chain: try map["chain"]?.chainEndpoints()
        )
        guard let sharing = map["sharing"] else { return }
        guard self.chain != nil, (1...255).contains(centers.count) else {
            throw sharing.problem("needs chain, and 1 to 255 privacy_centers, beside it")
        }
        self.sharing = try SharingConfiguration(parsing: sharing, centers: centers.count)
    }
}

extension SharingConfiguration {
    fileprivate init(parsing field: YAMLField, centers: Int) throws(YAMLProblem) {
        let map = try field.mapping(["rules", "threshold", "attribute_authority", "notify_command"])
        self.init(
            rulesFile: try map["rules"]?.word(),
            threshold: try map["threshold"]?.integer(in: 1...centers)
        )
        if let name = map["attribute_authority"] {
            guard let party = PartyName(try name.word()), party.role == .attributeAuthority else {
                throw name.problem("must be a party's name, organization:attribute-authority:name")
            }
            self.attributeAuthority = party
        }
        guard let command = map["notify_command"] else { return }
        for element in try command.elements() { self.notifyCommand.append(try element.word()) }
        guard let program = self.notifyCommand.first, program.hasPrefix("/") else {
            throw command.problem("must be a list: a program's absolute path, then its arguments")
        }
    }
}
