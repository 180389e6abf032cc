import Foundation

/// Who is in a consortium for trying things out, and where everything of theirs is.
struct DevLayout {
    /// A server of the consortium: one process with one role.
    struct Party: Hashable {
        let name: String
        let role: String
        let port: Int
        /// A party that issues identity keys, whatever else its role does.
        var issuesKeys = false
    }

    static var defaultDirectory: String {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/root"
        return (environment["XDG_STATE_HOME"] ?? "\(home)/.local/state") + "/wardline-dev"
    }

    static let organization = "dev"
    static let chain = "wardline-dev"

    let directory: String
    let validators: [Party]
    let centers: [Party]
    let authority: Party
    let custodian: Party
    /// The KGC and two privacy centers that issue keys and store nothing.
    let issuers: [Party]

    init(directory: String, validators: Int, centers: Int, basePort: Int) {
        self.directory = (directory as NSString).standardizingPath
        self.authority = Party(name: "authority", role: "authority", port: basePort)
        self.custodian = Party(name: "custodian", role: "custodian", port: basePort + 20)
        self.centers = (1...centers).map {
            Party(name: "privacy-center-\($0)", role: "privacy-center", port: basePort + 20 + 20 * $0)
        }
        let next = basePort + 40 + 20 * centers
        self.validators = (1...validators).map {
            Party(name: "validator-\($0)", role: "validator", port: next + 20 * ($0 - 1))
        }
        let last = next + 20 * validators
        self.issuers = [
            Party(name: "kgc", role: "kgc", port: last, issuesKeys: true),
            Party(name: "issuing-center-1", role: "privacy-center", port: last + 20, issuesKeys: true),
            Party(name: "issuing-center-2", role: "privacy-center", port: last + 40, issuesKeys: true),
        ]
    }

    /// In the order in which they are started.
    var servers: [Party] { self.storing + self.issuers }

    /// Those that a consortium without issuing parties has: a directory of then is completed, not refused.
    var storing: [Party] { [self.authority] + self.centers + [self.custodian] + self.validators }

    /// Identities without a server: a gateway, a steward, a researcher and the chain's governor.
    let people = [
        ("gateway-1", "gateway"), ("steward-1", "steward"), ("researcher-1", "researcher"), ("operator-1", "operator"),
    ]

    func folder(_ party: String) -> String { "\(self.directory)/\(party)" }
    func identity(_ party: String) -> String { "\(self.folder(party))/identity" }
    func configuration(_ party: String) -> String { "\(self.folder(party))/node.yaml" }
    func log(_ party: String) -> String { "\(self.folder(party))/log" }
    func state(_ party: String) -> String { "\(self.folder(party))/state" }
    var genesis: String { "\(self.directory)/genesis.wlg" }
    /// The public parameters of the identity keys.
    var parameters: String { "\(self.directory)/parameters.wly" }
    /// The ceremony of the keys of policy proofs, what it ended with, and the circuit that the chain took.
    var ceremony: String { "\(self.directory)/ceremony" }
    var proofKeys: String { "\(self.directory)/proof-keys" }
    var proofCircuit: String { "\(self.directory)/proof-circuit" }
    func sealingKey(_ party: String) -> String { "\(self.folder(party))/sealing.key" }

    /// The data epoch from which on the parameters are used: the first one.
    static let parameterEpoch = 0

    static func partyName(_ party: Party) -> String { "\(self.organization):\(party.role):\(party.name)" }

    static func url(_ port: Int) -> String { "https://localhost:\(port)" }

    /// The peers' port of a validator stands beside that of its interface.
    static func peerPort(_ party: Party) -> Int { party.port + 1 }

    /// `node.yaml` of a party.
    func yaml(_ party: Party) -> String {
        let listen = "127.0.0.1:\(party.port)"
        let section: String
        switch party.role {
        case _ where party.issuesKeys: section = self.issuingSection(party, listen)
        case "authority":
            section = "authority:\n  directory: \(self.state(party.name))\n  listen: '\(listen)'\n" + self.credentials
        case "custodian":
            let centers = self.centers.map { "    - '\(Self.url($0.port))'\n" }.joined()
            section = """
                custodian:
                  identity: \(self.identity(party.name))
                  directory: \(self.state(party.name))
                  listen: '\(listen)'
                  privacy_centers:
                \(centers)
                """
        case "privacy-center":
            section = """
                privacy_center:
                  identity: \(self.identity(party.name))
                  listen: '\(listen)'
                  store: {sqlite: \(self.state(party.name))}

                """
        default:
            let peers = self.validators.enumerated().filter { $0.element != party }.map { place, peer in
                "    - {number: \(place + 1), name: '\(Self.organization):validator:\(peer.name)', "
                    + "address: 'localhost:\(Self.peerPort(peer))'}\n"
            }
            section = """
                validator:
                  identity: \(self.identity(party.name))
                  directory: \(self.state(party.name))
                  genesis: \(self.genesis)
                  listen: '\(listen)'
                  peers_listen: '127.0.0.1:\(Self.peerPort(party))'
                  peers:
                \(peers.joined())
                """
        }
        return "version: 1\n\(section)log: {level: info, format: text}\n"
    }

    /// Before there is a chain, the authority serves without one.
    private var credentials: String {
        guard FileManager.default.fileExists(atPath: self.genesis) else { return "" }
        let validators = self.validators.map { "'\(Self.url($0.port))'" }.joined(separator: ", ")
        return "  credentials: {genesis: \(self.genesis), validators: [\(validators)], numbers: [age, level]}\n"
    }

    private func issuingSection(_ party: Party, _ listen: String) -> String {
        let validators = self.validators.map { "'\(Self.url($0.port))'" }.joined(separator: ", ")
        let parties = self.issuers.map {
            "        - {name: '\(Self.partyName($0))', url: '\(Self.url($0.port))'}\n"
        }
        return """
            key_issuing:
              identity: \(self.identity(party.name))
              directory: \(self.state(party.name))
              sealing_key_file: \(self.sealingKey(party.name))
              listen: '\(listen)'
              chain: {genesis: \(self.genesis), validators: [\(validators)]}
              refresh_seconds_min: 0
              parameters:
                - epoch: \(Self.parameterEpoch)
                  parties:
            \(parties.joined())
            """
    }
}
