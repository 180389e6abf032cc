import Foundation

/// Who is in a consortium for trying things out, and where everything of theirs is.
struct DevLayout {
    /// A server of the consortium: one process with one role.
    struct Party: Hashable {
        let name: String
        let role: String
        let port: Int
        var organization = DevLayout.operators
        /// A party that issues identity keys, whatever else its role does.
        var issuesKeys = false
    }

    static var defaultDirectory: String {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/root"
        return (environment["XDG_STATE_HOME"] ?? "\(home)/.local/state") + "/wardline-dev"
    }

    /// Who runs the consortium's servers; a real one has a different operator for nearly each of them.
    static let operators = "dev"
    /// Whose data it is: custodian, gateway, stewards, patients and clinicians.
    static let hospital = "hospital-a"
    /// Who asks for data.
    static let institute = "institute-b"
    static let chain = "wardline-dev"

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

    init(directory: String, validators: Int, centers: Int, basePort: Int) {
        self.directory = (directory as NSString).standardizingPath
        self.authority = Party(name: "authority", role: "authority", port: basePort)
        self.custodian = Party(
            name: "custodian",
            role: "custodian",
            port: basePort + 20,
            organization: Self.hospital
        )
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
        self.attributeAuthority = Party(name: "attribute-authority", role: "attribute-authority", port: last + 60)
        self.registrationAuthority = Party(
            name: "registration-authority",
            role: "registration-authority",
            port: last + 80
        )
        self.pseudonymAuthority = Party(name: "pseudonym-ca", role: "pseudonym-ca", port: last + 100)
    }

    /// Ports in steps of ``portStep`` that a consortium takes.
    static func portCount(validators: Int, centers: Int) -> Int { validators + centers + 8 }
    static let portStep = 20

    /// In the order in which they are started.
    var servers: [Party] { self.storing + self.issuers + self.sharing }

    /// Those whom requesters need besides.
    private var sharing: [Party] { [self.attributeAuthority, self.pseudonymAuthority, self.registrationAuthority] }

    /// Those with a secret that they seal under a key of its own.
    var sealing: [Party] { self.issuers + self.sharing }

    private var storing: [Party] { [self.authority] + self.centers + [self.custodian] + self.validators }

    /// Somebody with an identity and no server.
    struct Person {
        let name: String
        let role: String
        let organization: String
        /// Certified, `name:value`, besides the role.
        var attributes: [String] = []
    }

    /// Those who share and ask, and the chain's governor.
    ///
    /// The second researcher satisfies no policy about a purpose.
    let people = [
        Person(name: "gateway-1", role: "gateway", organization: Self.hospital),
        Person(name: "steward-1", role: "steward", organization: Self.hospital),
        Person(name: "steward-2", role: "steward", organization: Self.hospital),
        Person(name: "patient-1", role: "patient", organization: Self.hospital),
        Person(name: "clinician-1", role: "clinician", organization: Self.hospital),
        Person(
            name: "researcher-1",
            role: "researcher",
            organization: Self.institute,
            attributes: ["purpose:study", "study:vitals-1"]
        ),
        Person(name: "researcher-2", role: "researcher", organization: Self.institute),
        Person(name: "operator-1", role: "operator", organization: Self.operators),
        Person(name: "tracing-1", role: "tracing-authority", organization: Self.operators),
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
    /// What requesters read: where everybody is.
    var consortium: String { "\(self.directory)/consortium.yaml" }
    /// What the custodian does about permissions.
    var rules: String { "\(self.folder("custodian"))/rules.yaml" }
    /// The public side of the pseudonym authority's issuing key.
    var pseudonymIssuer: String { "\(self.state(self.pseudonymAuthority.name))/issuer.json" }
    func sealingKey(_ party: String) -> String { "\(self.folder(party))/sealing.key" }

    /// The data epoch from which on the parameters are used: the first one.
    static let parameterEpoch = 0

    static func partyName(_ party: Party) -> String { "\(party.organization):\(party.role):\(party.name)" }

    static func url(_ port: Int) -> String { "https://localhost:\(port)" }

    /// The peers' port of a validator stands beside that of its interface.
    static func peerPort(_ party: Party) -> Int { party.port + 1 }
}
