import Foundation

/// The files that parties and requesters are given.
extension DevLayout {
    /// `node.yaml` of a party.
    func yaml(_ party: Party) -> String {
        "version: 1\n\(self.section(party, "127.0.0.1:\(party.port)"))\(self.dashboard(party))log: {level: info, format: text}\n"
    }

    /// Of the parties that have something to show.
    private func dashboard(_ party: Party) -> String {
        guard ["custodian", "validator"].contains(party.role) else { return "" }
        let stewards = self.people.filter { $0.role == "steward" && $0.organization == party.organization }
        let people = stewards.map { "{party: '\($0.organization):steward:\($0.name)', role: steward}" }
        return "dashboard: {listen: '127.0.0.1:\(Self.dashboardPort(party))', identity: \(self.identity(party.name)), "
            + "directory: \(self.folder(party.name))/dashboard-tokens, people: [\(people.joined(separator: ", "))]}\n"
    }

    /// `consortium.yaml`, for those who ask for data.
    var consortiumYAML: String {
        guard !self.size.isRelayChain else {
            return "version: 1\ngenesis: genesis.wlg\nvalidators: \(self.validatorList)\n"
        }
        let centers = self.centers.map { "  - \(Self.reference($0))\n" }.joined()
        return """
            version: 1
            genesis: genesis.wlg
            validators: \(self.validatorList)
            privacy_centers:
            \(centers)custodians:
              - \(Self.reference(self.custodian))
            attribute_authority: \(Self.reference(self.attributeAuthority))
            registration_authority: \(Self.reference(self.registrationAuthority))
            identity_keys: [parameters.wly]
            proof_keys: proof-keys

            """
    }

    /// The custodian's rules: proofs and patients' offers are granted at once, everything else a steward decides.
    static let rulesYAML = """
        version: 1
        rules:
          - name: proven requests
            kinds: [proven]
            action: grant
            days_max: 30
          - name: emergencies
            kinds: [emergency]
            action: grant

        """

    private func section(_ party: Party, _ listen: String) -> String {
        switch party.role {
        case _ where party.issuesKeys: self.issuingSection(party, listen)
        case "authority":
            "authority:\n  directory: \(self.state(party.name))\n  listen: '\(listen)'\n" + self.credentials
        case "custodian": self.custodianSection(party, listen)
        case "privacy-center":
            """
            privacy_center:
              identity: \(self.identity(party.name))
              listen: '\(listen)'
              store: {sqlite: \(self.state(party.name))}
              chain: \(self.chainReference)

            """
        case "attribute-authority":
            "attribute_authority:\n" + self.sealed(party, listen)
                + "  chain: \(self.chainReference)\n  numbers: [age, level]\n"
        case "registration-authority":
            "registration_authority:\n" + self.sealed(party, listen)
                + "  chain: \(self.chainReference)\n"
                + "  pseudonym_authority: '\(Self.url(self.pseudonymAuthority.port))'\n"
                // Nobody has to wait for others here, and nobody is hidden among them.
                + "  batch_users_min: 1\n  batch_seconds_max: 0\n"
        case "pseudonym-ca":
            "pseudonym_authority:\n" + self.sealed(party, listen)
                + "  chain: \(self.chainReference)\n"
                + "  registration_authorities: ['\(Self.partyName(self.registrationAuthority))']\n"
        default: self.validatorSection(party, listen)
        }
    }

    private func custodianSection(_ party: Party, _ listen: String) -> String {
        let centers = self.centers.map { "    - '\(Self.url($0.port))'\n" }.joined()
        return """
            custodian:
              identity: \(self.identity(party.name))
              directory: \(self.state(party.name))
              listen: '\(listen)'
              privacy_centers:
            \(centers)  chain: \(self.chainReference)
              sharing:
                rules: \(self.rules)
                attribute_authority: '\(Self.partyName(self.attributeAuthority))'

            """
    }

    /// Before there is a chain, the authority serves without one.
    private var credentials: String {
        guard FileManager.default.fileExists(atPath: self.genesis) else { return "" }
        return "  credentials: {genesis: \(self.genesis), validators: \(self.validatorList), numbers: [age, level]}\n"
    }

    private func validatorSection(_ party: Party, _ listen: String) -> String {
        let peers = self.validators.enumerated().filter { $0.element != party }.map { place, peer in
            "    - {number: \(place + 1), name: '\(Self.partyName(peer))', "
                + "address: 'localhost:\(Self.peerPort(peer))'}\n"
        }
        let limits = self.size.cacheMebibytes.map { "  limits: {cache_bytes: \($0)MiB}\n" } ?? ""
        return """
            validator:
              identity: \(self.identity(party.name))
              directory: \(self.state(party.name))
              genesis: \(self.genesis)
              listen: '\(listen)'
              peers_listen: '127.0.0.1:\(Self.peerPort(party))'
              peers:
            \(peers.joined())
            """ + limits
    }

    private func issuingSection(_ party: Party, _ listen: String) -> String {
        let parties = self.issuers.map { "        - \(Self.reference($0))\n" }
        return "key_issuing:\n" + self.sealed(party, listen)
            + """
              chain: \(self.chainReference)
              refresh_seconds_min: 0
              parameters:
                - epoch: \(Self.parameterEpoch)
                  parties:
            \(parties.joined())
            """
    }

    /// What a section of a party with a sealed secret begins with.
    private func sealed(_ party: Party, _ listen: String) -> String {
        """
          identity: \(self.identity(party.name))
          directory: \(self.state(party.name))
          sealing_key_file: \(self.sealingKey(party.name))
          listen: '\(listen)'

        """
    }

    private var chainReference: String { "{genesis: \(self.genesis), validators: \(self.validatorList)}" }

    private var validatorList: String {
        "[\(self.validators.map { "'\(Self.url($0.port))'" }.joined(separator: ", "))]"
    }

    private static func reference(_ party: Party) -> String {
        "{name: '\(self.partyName(party))', url: '\(self.url(party.port))'}"
    }
}
