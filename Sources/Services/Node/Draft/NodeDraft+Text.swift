extension NodeDraft {
    /// The YAML text; it need not be one that a node accepts.
    var text: String {
        var lines = [
            "# Made by wardline node init. `wardline node check --config FILE` checks it; operate-node.md explains every key.",
            "version: 1",
        ]
        if self.isDevelopment { lines.append("development: true") }
        for role in self.roles {
            lines.append("\(role.rawValue):")
            lines += self.section(of: role).map { "  \($0)" }
        }
        if self.hasDashboard, let owner = self.roles.first(where: { $0 == .validator || $0 == .custodian }) {
            lines += [
                "dashboard:", "  listen: \(Self.quoted("127.0.0.1:\(Self.dashboardPort)"))",
                "  identity: \(Self.quoted(self.place("identity", of: owner)))",
                "  directory: \(Self.quoted("\(self.stateDirectory)/dashboard-tokens"))",
            ]
        }
        lines.append("log: {level: info, format: text}")
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(of role: Role) -> [String] {
        var lines: [String] = []
        if role != .authority { lines.append("identity: \(Self.quoted(self.place("identity", of: role)))") }
        switch role {
        case .authority: lines.append("directory: \(Self.quoted(self.place("authority", of: role)))")
        case .custodian: lines.append("directory: \(Self.quoted(self.place("custodian", of: role)))")
        case .validator:
            lines.append("directory: \(Self.quoted(self.place("validator", of: role)))")
            lines += self.genesis.map { ["genesis: \(Self.quoted($0))"] } ?? []
            lines += self.number.map { ["number: \($0)"] } ?? []
            if self.beginsWithSnapshot { lines.append("history: {begin_with: snapshot}") }
            lines.append("peers_listen: \(self.listen(self.peerPort))")
        case .privacyCenter:
            let store = self.postgresFile.map { "postgres_conninfo_file: \(Self.quoted($0))" }
            lines.append("store: {\(store ?? "sqlite: \(Self.quoted(self.place("store", of: role)))")}")
        case .keyIssuing, .attributeAuthority, .registrationAuthority, .pseudonymAuthority:
            lines += self.sealedPlaces(of: role)
        }
        lines.append("listen: \(self.listen(self.port(of: role)))")
        switch role {
        case .authority: lines += self.endpoints("credentials")
        case .custodian:
            lines += Self.list("privacy_centers", self.privacyCenters)
            lines += self.chain
            if self.isSharing { lines += self.sharing }
        case .privacyCenter: lines += self.isWithoutChain ? ["chain: none"] : self.chain
        case .validator:
            let peers = self.peers.map { peer in
                "  - {number: \(peer.number), name: \(Self.quoted(peer.name)), address: \(Self.quoted(peer.address))}"
            }
            lines += peers.isEmpty ? ["peers: []"] : ["peers:"] + peers
        case .keyIssuing, .attributeAuthority, .registrationAuthority, .pseudonymAuthority:
            lines += self.chain + self.neighbours(of: role)
        }
        return lines
    }

    private var chain: [String] { self.endpoints("chain") }

    /// The genesis and whom to ask, under a key; nothing for a node that is told of no chain.
    private func endpoints(_ key: String) -> [String] {
        guard let genesis = self.genesis, !self.validators.isEmpty else { return [] }
        return ["\(key):", "  genesis: \(Self.quoted(genesis))"]
            + Self.list("validators", self.validators).map { "  \($0)" }
    }

    static func list(_ key: String, _ values: [String]) -> [String] {
        values.isEmpty ? [] : ["\(key):"] + values.map { "  - \(self.quoted($0))" }
    }

    private func listen(_ port: Int) -> String {
        Self.quoted(self.address.contains(":") ? "[\(self.address)]:\(port)" : "\(self.address):\(port)")
    }

    /// A scalar that nothing in it can end; a line end becomes a space, which no path, name or address has.
    static func quoted(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 })
        return "'\(line.replacing("'", with: "''"))'"
    }

    /// What has to be done before the node can start, as commands for its account.
    ///
    /// - Parameters:
    ///   - file: the configuration's path.
    ///   - host: the name under which others reach the node.
    /// - Returns: one command or sentence a line.
    package func nextSteps(file: String, host: String) -> [String] {
        var steps: [String] = []
        for role in self.roles {
            if let party = role.partyRole {
                let identity = self.place("identity", of: role)
                steps += [
                    "at the authority: wardline ca token --role \(party) --org ORGANIZATION --name NAME --host \(host) "
                        + "--output \(party).token",
                    "wardline enroll --authority https://AUTHORITY:7403 --token-file \(party).token --directory \(identity) "
                        + "--host \(host)",
                ]
                if role == .validator {
                    steps.append(
                        "wardline chain keygen --identity \(identity) --directory \(self.place("validator", of: role))"
                            + (self.number.map { " --number \($0)" } ?? "")
                    )
                }
                steps += self.sealingSteps(of: role)
            } else {
                steps.append(
                    "wardline ca init --directory \(self.place("authority", of: role)) --org ORGANIZATION --host \(host)"
                        + " --port \(self.port(of: role))"
                )
            }
        }
        return steps + ["wardline node check --config \(file)", "as root: systemctl enable --now wardline-node"]
    }
}
