package import StrictYAML

/// What `wardline node init` knows of a node before it has a configuration.
package struct NodeDraft: Sendable {
    /// Roles whose sections can be written from a few answers; the others are written by hand.
    package enum Role: String, Sendable, CaseIterable {
        case authority
        case custodian
        case privacyCenter = "privacy_center"
        case validator
        case keyIssuing = "key_issuing"
        case attributeAuthority = "attribute_authority"
        case registrationAuthority = "registration_authority"
        case pseudonymAuthority = "pseudonym_authority"

        /// The port of its interface when nobody says another.
        package var portDefault: Int {
            switch self {
            case .authority: 7403
            case .custodian: 7404
            case .privacyCenter: 7402
            case .validator: 7401
            case .keyIssuing: 7408
            case .attributeAuthority: 7409
            case .registrationAuthority: 7411
            case .pseudonymAuthority: 7412
            }
        }

        /// As `wardline ca token --role` names it; nil for one that enrols nowhere.
        ///
        /// Of the parties that issue keys only the first is a KGC; the others are privacy centers.
        package var partyRole: String? {
            switch self {
            case .authority: nil
            case .custodian: "custodian"
            case .privacyCenter: "privacy-center"
            case .validator: "validator"
            case .keyIssuing: "kgc"
            case .attributeAuthority: "attribute-authority"
            case .registrationAuthority: "registration-authority"
            case .pseudonymAuthority: "pseudonym-ca"
            }
        }
    }

    /// A validator's port for the other validators.
    package static let peerPortDefault = 7400
    package static let dashboardPort = 7480

    package var roles: [Role]
    /// Holds identities and state.
    package var stateDirectory = "/var/lib/wardline-node"
    /// Address to listen on, for all roles.
    package var address = "0.0.0.0"
    /// Ports other than the usual ones, by the role's name.
    package var ports: [String: Int] = [:]
    package var peerPort = NodeDraft.peerPortDefault
    /// Of a validator that joins a chain later; nil for one that the genesis names.
    package var number: Int?
    /// A validator's channels begin with another one's snapshot.
    package var beginsWithSnapshot = false
    /// The chain's genesis file; nil for a node that is told of no chain.
    package var genesis: String?
    /// `https` addresses of validators.
    package var validators: [String] = []
    /// The other validators: number, party's name and `host:port`.
    package var peers: [(number: Int, name: String, address: String)] = []
    /// `https` addresses of privacy centers that a custodian tells of its scopes.
    package var privacyCenters: [String] = []
    /// A file with a PostgreSQL connection string; nil for SQLite.
    package var postgresFile: String?
    /// Requests for data are taken and decided at the custodian.
    package var isSharing = false
    /// The custodian's rules file; nil for stewards who decide about everything.
    package var rulesFile: String?
    /// Whose attribute keys open what a custodian's data sets list: `organization:attribute-authority:name`.
    package var attributeAuthority: String?
    /// Who issues identity keys, the KGC first: party's name and `https` address.
    package var issuingParties: [(name: String, url: String)] = []
    /// The data epoch from which on these parties' key is used.
    package var parameterEpoch = 0
    /// `https` address, for a registration authority.
    package var pseudonymAuthority: String?
    /// Names of parties, for an authority of pseudonyms.
    package var registrationAuthorities: [String] = []
    /// A privacy center's grants alone decide.
    package var isWithoutChain = false
    package var hasDashboard = false
    package var isDevelopment = false

    /// - Parameter roles: in the order of the file.
    package init(roles: [Role]) { self.roles = roles }

    /// The configuration, as the program itself reads it.
    ///
    /// - Parameter file: its path, for errors.
    /// - Returns: a text that ``NodeConfiguration`` accepts.
    /// - Throws: ``YAMLProblem``, such as one that says which roles must be kept apart, and why.
    package func checked(file: String) throws(YAMLProblem) -> String {
        let text = self.text
        let configuration = try NodeConfiguration(parsing: text, file: file)
        if let conflict = PortPlan(configuration).conflicts.first {
            throw YAMLProblem(file: file, line: 0, field: "", reason: conflict)
        }
        return text
    }

    /// Where a role keeps something: a folder of its own when there are several.
    package func place(_ name: String, of role: Role) -> String {
        self.roles.count > 1 ? "\(self.stateDirectory)/\(role.rawValue)/\(name)" : "\(self.stateDirectory)/\(name)"
    }

    func port(of role: Role) -> Int { self.ports[role.rawValue] ?? role.portDefault }
}
