import Foundation

/// Who is in a consortium for trying things out, and where everything of theirs is.
struct DevLayout {
    /// A server of the consortium: one process with one role.
    struct Party: Hashable {
        let name: String
        let role: String
        let port: Int
        var organization: String
        /// A party that issues identity keys, whatever else its role does.
        var issuesKeys = false
    }

    static var defaultDirectory: String {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/root"
        return (environment["XDG_STATE_HOME"] ?? "\(home)/.local/state") + "/wardline-dev"
    }

    /// What a consortium and its organizations are called.
    struct Names {
        var chain = "wardline-dev"
        /// Who runs the consortium's servers; a real one has a different operator for nearly each of them.
        var operators = "dev"
        /// Whose data it is: custodian, gateway, stewards, patients and clinicians.
        var hospital = "hospital-a"
        /// Who asks for data.
        var institute = "institute-b"
    }

    /// How large a consortium is.
    struct Size {
        var validators = 4
        var centers = 1
        /// Gateways to other chains, and as many attesters.
        var relays = 0
        /// Has an authority and validators only: chains meet on it, and it holds nobody's data.
        var isRelayChain = false
        /// What each validator keeps in memory of a channel's state, MiB; nil for as much as without a setting.
        var cacheMebibytes: Int?

        /// Ports in steps of ``portStep`` that a consortium takes.
        var portCount: Int { self.validators + self.centers + 8 }
    }

    let names: Names
    let size: Size
    let directory: String
    let validators: [Party]
    let centers: [Party]
    let authority: Party
    let custodian: Party
    /// The KGC and two privacy centers that issue keys and store nothing.
    let issuers: [Party]
    let attributeAuthority: Party
    let registrationAuthority: Party
    let pseudonymAuthority: Party

    init(directory: String, size: Size, names: Names, basePort: Int) {
        self.directory = (directory as NSString).standardizingPath
        self.names = names
        self.size = size
        func server(_ name: String, _ role: String, _ port: Int, issuesKeys: Bool = false) -> Party {
            Party(name: name, role: role, port: port, organization: names.operators, issuesKeys: issuesKeys)
        }
        self.authority = server("authority", "authority", basePort)
        self.custodian = Party(
            name: "custodian",
            role: "custodian",
            port: basePort + 20,
            organization: names.hospital
        )
        self.centers = (1...size.centers).map {
            server("privacy-center-\($0)", "privacy-center", basePort + 20 + 20 * $0)
        }
        let next = basePort + 40 + 20 * size.centers
        self.validators = (1...size.validators).map {
            server("validator-\($0)", "validator", next + 20 * ($0 - 1))
        }
        let last = next + 20 * size.validators
        self.issuers = [
            server("kgc", "kgc", last, issuesKeys: true),
            server("issuing-center-1", "privacy-center", last + 20, issuesKeys: true),
            server("issuing-center-2", "privacy-center", last + 40, issuesKeys: true),
        ]
        self.attributeAuthority = server("attribute-authority", "attribute-authority", last + 60)
        self.registrationAuthority = server("registration-authority", "registration-authority", last + 80)
        self.pseudonymAuthority = server("pseudonym-ca", "pseudonym-ca", last + 100)
    }

    static let portStep = 20

    /// In the order in which they are started.
    var servers: [Party] {
        self.size.isRelayChain ? [self.authority] + self.validators : self.storing + self.issuers + self.sharing
    }

    /// Those whom requesters need besides.
    private var sharing: [Party] { [self.attributeAuthority, self.pseudonymAuthority, self.registrationAuthority] }

    /// Those with a secret that they seal under a key of its own.
    var sealing: [Party] { self.size.isRelayChain ? [] : self.issuers + self.sharing }

    private var storing: [Party] { [self.authority] + self.centers + [self.custodian] + self.validators }

    /// Somebody with an identity whose server, if any, others start.
    struct Person {
        let name: String
        let role: String
        let organization: String
        /// Certified, `name:value`, besides the role.
        var attributes: [String] = []
        /// Serves programs on this machine.
        var isServer = false
    }

    /// Those who share and ask, the chain's governors, and who joins it with other chains.
    var people: [Person] { (self.size.isRelayChain ? [] : self.sharers) + self.governors + self.relays }

    /// The second researcher satisfies no policy about a purpose.
    private var sharers: [Person] {
        let (hospital, institute) = (self.names.hospital, self.names.institute)
        return [
            // A gateway serves programs on its own machine.
            Person(name: "gateway-1", role: "gateway", organization: hospital, isServer: true),
            Person(name: "steward-1", role: "steward", organization: hospital),
            Person(name: "steward-2", role: "steward", organization: hospital),
            Person(name: "patient-1", role: "patient", organization: hospital),
            Person(name: "clinician-1", role: "clinician", organization: hospital),
            Person(
                name: "researcher-1",
                role: "researcher",
                organization: institute,
                attributes: ["purpose:study", "study:vitals-1"]
            ),
            Person(name: "researcher-2", role: "researcher", organization: institute),
            Person(name: "tracing-1", role: "tracing-authority", organization: self.names.operators),
        ]
    }

    /// A relay chain belongs to several, who decide by majority.
    var governors: [Person] {
        (1...(self.size.isRelayChain ? 3 : 1)).map {
            Person(name: "operator-\($0)", role: "operator", organization: self.names.operators)
        }
    }

    private var relays: [Person] {
        (0..<self.size.relays).flatMap { place in
            ["relay", "attester"].map {
                Person(
                    name: "\($0)-\(place + 1)",
                    role: "relay",
                    organization: self.names.operators,
                    isServer: true
                )
            }
        }
    }

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
    /// What requesters read: where everybody is.
    var consortium: String { "\(self.directory)/consortium.yaml" }
    /// What the custodian does about permissions.
    var rules: String { "\(self.folder("custodian"))/rules.yaml" }
    /// The public side of the pseudonym authority's issuing key.
    var pseudonymIssuer: String { "\(self.state(self.pseudonymAuthority.name))/issuer.json" }
    /// The public side of the authority's key, as every party has it.
    var issuer: String { "\(self.identity(self.validators[0].name))/current/authority.json" }

    /// The same of another consortium.
    func ally(at directory: String) -> DevLayout {
        DevLayout(directory: directory, size: self.size, names: self.names, basePort: 0)
    }
    func sealingKey(_ party: String) -> String { "\(self.folder(party))/sealing.key" }

    /// The data epoch from which on the parameters are used: the first one.
    static let parameterEpoch = 0

    static func partyName(_ party: Party) -> String { "\(party.organization):\(party.role):\(party.name)" }

    static func url(_ port: Int) -> String { "https://localhost:\(port)" }

    /// The peers' port of a validator stands beside that of its interface.
    static func peerPort(_ party: Party) -> Int { party.port + 1 }

    /// The dashboard's as well.
    static func dashboardPort(_ party: Party) -> Int { party.port + 2 }
}
