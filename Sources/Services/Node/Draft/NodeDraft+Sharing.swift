/// What a draft says of those whom requesters need: parties with a secret that they seal under a key of its own.
extension NodeDraft {
    /// A custodian's decisions: by whose rules, and whose attribute keys open its index keys.
    var sharing: [String] {
        let rules = self.rulesFile.map { ["  rules: \(Self.quoted($0))"] } ?? []
        let authority = self.attributeAuthority.map { ["  attribute_authority: \(Self.quoted($0))"] } ?? []
        return rules.isEmpty && authority.isEmpty ? ["sharing: {}"] : ["sharing:"] + rules + authority
    }

    /// Where such a party keeps its secret, and the key under which it is sealed.
    func sealedPlaces(of role: Role) -> [String] {
        [
            "directory: \(Self.quoted(self.sealedDirectory(of: role)))",
            "sealing_key_file: \(Self.quoted(self.place("sealing.key", of: role)))",
        ]
    }

    /// The other parties that such a party works with.
    func neighbours(of role: Role) -> [String] {
        switch role {
        case .keyIssuing:
            let parties = self.issuingParties.map { party in
                "      - {name: \(Self.quoted(party.name)), url: \(Self.quoted(party.url))}"
            }
            return ["parameters:", "  - epoch: \(self.parameterEpoch)"]
                + (parties.isEmpty ? ["    parties: []"] : ["    parties:"] + parties)
        case .registrationAuthority:
            return self.pseudonymAuthority.map { ["pseudonym_authority: \(Self.quoted($0))"] } ?? []
        case .pseudonymAuthority: return Self.list("registration_authorities", self.registrationAuthorities)
        case .authority, .custodian, .privacyCenter, .validator, .attributeAuthority: return []
        }
    }

    /// What such a party does between its enrolment and its start, as commands.
    func sealingSteps(of role: Role) -> [String] {
        let key = self.place("sealing.key", of: role)
        switch role {
        case .keyIssuing:
            return [
                "wardline ibe keygen --output \(key)",
                "only the first party is enrolled as kgc, the others as privacy-center; when all of them run, an operator: "
                    + "wardline ibe setup",
            ]
        case .attributeAuthority: return ["wardline abe keygen --output \(key)"]
        case .registrationAuthority: return ["wardline pseudonym keygen --output \(key)"]
        case .pseudonymAuthority:
            return [
                "unless it was done for the genesis: wardline pseudonym keygen --output \(key)",
                "unless it was done for the genesis: wardline pseudonym authority init --directory "
                    + "\(self.sealedDirectory(of: role)) --org ORGANIZATION --name NAME --sealing-key-file \(key)",
            ]
        case .authority, .custodian, .privacyCenter, .validator: return []
        }
    }

    private func sealedDirectory(of role: Role) -> String {
        let name =
            switch role {
            case .keyIssuing: "issuing"
            case .attributeAuthority: "attributes"
            case .registrationAuthority: "registration"
            case .pseudonymAuthority: "pseudonyms"
            case .authority, .custodian, .privacyCenter, .validator: role.rawValue
            }
        return self.place(name, of: role)
    }
}
