package import Attesting
package import AttributeIssuing
package import Authority
package import Custodian
package import Dashboard
package import Gateway
package import KeyIssuing
package import PrivacyCenter
package import Pseudonymity
package import StrictYAML

/// `node.yaml`, checked: the roles of one process and what each is told.
package struct NodeConfiguration: Sendable {
    package enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }

    package enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// Roles that must be kept apart may run together, to try things out.
    package let isDevelopment: Bool
    package let authority: AuthorityConfiguration?
    package let custodian: CustodianConfiguration?
    package let privacyCenter: PrivacyCenterConfiguration?
    package let validator: ValidatorRoleConfiguration?
    package let keyIssuing: KeyIssuingConfiguration?
    package let attributeAuthority: AttributeIssuingConfiguration?
    package let registrationAuthority: RegistrationConfiguration?
    package let pseudonymAuthority: PseudonymAuthorityConfiguration?
    package let attester: AttesterConfiguration?
    package let relay: GatewayConfiguration?
    /// `attester` with `evm`: of a chain with an EVM.
    package let evmAttester: EVMAttesterConfiguration?
    /// `relay` with `application: {evm: …}`.
    package let evmRelay: EVMGatewayConfiguration?
    /// nil: no dashboard.
    package let dashboard: DashboardSettings?
    package let logLevel: LogLevel
    package let logFormat: LogFormat

    /// Reads and checks a configuration.
    ///
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: its path; relative paths in it are relative to the working directory.
    /// - Throws: `YAMLProblem` with file, line, field and reason.
    package init(parsing text: String, file: String) throws(YAMLProblem) {
        let document = try YAMLField(parsing: text, file: file)
        let root = try document.mapping(["version", "development"] + Self.roleSections + ["dashboard", "log"])
        let version = try root.required("version")
        guard try version.text() == "1" else { throw version.problem("must be 1") }
        self.isDevelopment = try root["development"]?.bool() ?? false
        try Self.requireSeparation(root, isDevelopment: self.isDevelopment)
        self.authority = try root["authority"].map(AuthorityConfiguration.init(parsing:))
        self.custodian = try root["custodian"].map(CustodianConfiguration.init(parsing:))
        let isDevelopment = self.isDevelopment
        self.privacyCenter = try root["privacy_center"].map { (field) throws(YAMLProblem) in
            try PrivacyCenterConfiguration(parsing: field, isDevelopment: isDevelopment)
        }
        self.validator = try root["validator"].map(ValidatorRoleConfiguration.init(parsing:))
        self.keyIssuing = try root["key_issuing"].map(KeyIssuingConfiguration.init(parsing:))
        self.attributeAuthority = try root["attribute_authority"].map(AttributeIssuingConfiguration.init(parsing:))
        self.registrationAuthority = try root["registration_authority"].map(RegistrationConfiguration.init(parsing:))
        self.pseudonymAuthority = try root["pseudonym_authority"].map(PseudonymAuthorityConfiguration.init(parsing:))
        let isEVMAttester = root["attester"].map(EVMSections.isEVM(attester:)) ?? false
        let isEVMRelay = root["relay"].map(EVMSections.isEVM(relay:)) ?? false
        self.attester = isEVMAttester ? nil : try root["attester"].map(AttesterConfiguration.init(parsing:))
        self.relay = isEVMRelay ? nil : try root["relay"].map(GatewayConfiguration.init(parsing:))
        self.evmAttester = isEVMAttester ? try root["attester"].map(EVMAttesterConfiguration.init(parsing:)) : nil
        self.evmRelay = isEVMRelay ? try root["relay"].map(EVMGatewayConfiguration.init(parsing:)) : nil
        self.dashboard = try root["dashboard"].map { (field) throws(YAMLProblem) in
            try DashboardSettings(parsing: field, identity: nil, tokens: nil)
        }
        let log = try root["log"]?.mapping(["level", "format"])
        self.logLevel = try log?["level"]?.choice(LogLevel.self) ?? .info
        self.logFormat = try log?["format"]?.choice(LogFormat.self) ?? .text
    }

    private static let roleSections = [
        "authority", "custodian", "privacy_center", "validator", "key_issuing", "attribute_authority",
        "registration_authority", "pseudonym_authority", "attester", "relay",
    ]

    /// Roles that would break a promise when one operator had them: who certifies keys, who holds the keys of the
    /// scopes, who stores the envelopes, who opens their index and who orders what is agreed on must not be one.
    ///
    /// A privacy center may also be a
    /// party that issues keys; the KGC may not store envelopes, which ``IssuingRole`` refuses when it knows the identity.
    private static func requireSeparation(_ root: YAMLMapping, isDevelopment: Bool) throws(YAMLProblem) {
        let present = self.roleSections.filter { root[$0] != nil }
        guard let first = present.first else {
            throw root.field.problem(
                "names no role: one of \(self.roleSections.dropLast().joined(separator: ", ")) and "
                    + "\(self.roleSections.last ?? "") is needed"
            )
        }
        guard present != ["privacy_center", "key_issuing"] else { return }
        // A verification node signs for the chain that its operator validates, or carries for: nothing is kept from it.
        guard present != ["validator", "attester"], present != ["attester", "relay"] else { return }
        guard present.count > 1, !isDevelopment, let second = root[present[1]] else { return }
        throw second.problem(
            "\(first) and \(present[1]) must be run by different operators, because "
                + "\(RoleSeparation.reason(first, present[1])); on a machine for development set 'development: true'"
        )
    }
}
