internal import Attesting
internal import AttributeIssuing
internal import Authority
internal import Credentials
internal import Custodian
package import Dashboard
internal import Gateway
package import Logging
internal import PrivacyCenter
internal import Pseudonymity
package import ServiceLifecycle

/// One role of a node: how its services are made, and what must be in place before.
package struct NodeRole: Sendable {
    /// As the configuration names it.
    package let name: String
    /// Makes the role's services, and tells what a dashboard can show of them; a role that cannot start throws.
    package let services: @Sendable (Logger, DashboardParts) throws -> [any Service]
    /// Sentences about what is wrong and how to mend it; nothing is started or changed.
    package let problems: @Sendable (_ nowSeconds: UInt64) -> [String]
}

extension NodeConfiguration {
    /// The roles that the configuration names.
    ///
    /// A new role is one more entry here.
    package var roles: [NodeRole] {
        [
            self.authority.map { configuration in
                NodeRole(
                    name: "authority",
                    services: { logger, _ in try AuthorityService.services(configuration, logger: logger) },
                    problems: { _ in RoleCheck.authority(configuration) }
                )
            },
            self.custodian.map { configuration in
                NodeRole(
                    name: "custodian",
                    services: { try CustodianService.services(configuration, logger: $0, dashboard: $1) },
                    problems: { RoleCheck.custodian(configuration, at: $0) }
                )
            },
            self.privacyCenter.map { configuration in
                NodeRole(
                    name: "privacy_center",
                    services: { logger, _ in try PrivacyCenterService.services(configuration, logger: logger) },
                    problems: { RoleCheck.privacyCenter(configuration, at: $0) }
                )
            },
            self.validator.map { configuration in
                NodeRole(
                    name: "validator",
                    services: { try ValidatorRole.services(configuration, logger: $0, dashboard: $1) },
                    problems: { RoleCheck.validator(configuration, at: $0) }
                )
            },
            self.keyIssuing.map { configuration in
                let storesEnvelopes = self.privacyCenter != nil && !self.isDevelopment
                return NodeRole(
                    name: "key_issuing",
                    services: { logger, _ in
                        try IssuingRole.services(configuration, besidesStore: storesEnvelopes, logger: logger)
                    },
                    problems: { RoleCheck.keyIssuing(configuration, besidesStore: storesEnvelopes, at: $0) }
                )
            },
            self.attributeAuthority.map { configuration in
                NodeRole(
                    name: "attribute_authority",
                    services: { logger, _ in try AttributeIssuingService.services(configuration, logger: logger) },
                    problems: { RoleCheck.attributeAuthority(configuration, at: $0) }
                )
            },
            self.registrationAuthority.map { configuration in
                NodeRole(
                    name: "registration_authority",
                    services: { logger, _ in try RegistrationService.services(configuration, logger: logger) },
                    problems: { RoleCheck.registrationAuthority(configuration, at: $0) }
                )
            },
            self.pseudonymAuthority.map { configuration in
                NodeRole(
                    name: "pseudonym_authority",
                    services: { logger, _ in try PseudonymAuthorityService.services(configuration, logger: logger) },
                    problems: { RoleCheck.pseudonymAuthority(configuration, at: $0) }
                )
            },
            self.attester.map { configuration in
                NodeRole(
                    name: "attester",
                    services: { logger, _ in try AttesterService.services(configuration, logger: logger) },
                    problems: { RoleCheck.attester(configuration, at: $0) }
                )
            },
            self.relay.map { configuration in
                NodeRole(
                    name: "relay",
                    services: { try GatewayRole.services(configuration, logger: $0, dashboard: $1) },
                    problems: { RoleCheck.relay(configuration, at: $0) }
                )
            },
            self.evmAttester.map { configuration in
                NodeRole(
                    name: "attester",
                    services: { logger, _ in try EVMAttesterService.services(configuration, logger: logger) },
                    problems: { RoleCheck.evmAttester(configuration, at: $0) }
                )
            },
            self.evmRelay.map { configuration in
                NodeRole(
                    name: "relay",
                    services: { try GatewayRole.services(configuration, logger: $0, dashboard: $1) },
                    problems: { RoleCheck.evmRelay(configuration, at: $0) }
                )
            },
        ].compactMap { $0 }
    }
}
