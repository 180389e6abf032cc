internal import Attesting
internal import AttributeIssuing
internal import Authority
internal import Credentials
internal import Custodian
internal import Gateway
package import Logging
internal import PrivacyCenter
internal import Pseudonymity
package import ServiceLifecycle

/// One role of a node: how its services are made, and what must be in place before.
package struct NodeRole: Sendable {
    /// As the configuration names it.
    package let name: String
    /// Makes the role's services; a role that cannot start throws.
    package let services: @Sendable (Logger) throws -> [any Service]
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
                    services: { try AuthorityService.services(configuration, logger: $0) },
                    problems: { _ in RoleCheck.authority(configuration) }
                )
            },
            self.custodian.map { configuration in
                NodeRole(
                    name: "custodian",
                    services: { try CustodianService.services(configuration, logger: $0) },
                    problems: { RoleCheck.custodian(configuration, at: $0) }
                )
            },
            self.privacyCenter.map { configuration in
                NodeRole(
                    name: "privacy_center",
                    services: { try PrivacyCenterService.services(configuration, logger: $0) },
                    problems: { RoleCheck.privacyCenter(configuration, at: $0) }
                )
            },
            self.validator.map { configuration in
                NodeRole(
                    name: "validator",
                    services: { try ValidatorRole.services(configuration, logger: $0) },
                    problems: { RoleCheck.validator(configuration, at: $0) }
                )
            },
            self.keyIssuing.map { configuration in
                let storesEnvelopes = self.privacyCenter != nil && !self.isDevelopment
                return NodeRole(
                    name: "key_issuing",
                    services: {
                        try IssuingRole.services(configuration, besidesStore: storesEnvelopes, logger: $0)
                    },
                    problems: { RoleCheck.keyIssuing(configuration, besidesStore: storesEnvelopes, at: $0) }
                )
            },
            self.attributeAuthority.map { configuration in
                NodeRole(
                    name: "attribute_authority",
                    services: { try AttributeIssuingService.services(configuration, logger: $0) },
                    problems: { RoleCheck.attributeAuthority(configuration, at: $0) }
                )
            },
            self.registrationAuthority.map { configuration in
                NodeRole(
                    name: "registration_authority",
                    services: { try RegistrationService.services(configuration, logger: $0) },
                    problems: { RoleCheck.registrationAuthority(configuration, at: $0) }
                )
            },
            self.pseudonymAuthority.map { configuration in
                NodeRole(
                    name: "pseudonym_authority",
                    services: { try PseudonymAuthorityService.services(configuration, logger: $0) },
                    problems: { RoleCheck.pseudonymAuthority(configuration, at: $0) }
                )
            },
            self.attester.map { configuration in
                NodeRole(
                    name: "attester",
                    services: { try AttesterService.services(configuration, logger: $0) },
                    problems: { RoleCheck.attester(configuration, at: $0) }
                )
            },
            self.relay.map { configuration in
                NodeRole(
                    name: "relay",
                    services: { try GatewayService.services(configuration, logger: $0) },
                    problems: { RoleCheck.relay(configuration, at: $0) }
                )
            },
            self.evmAttester.map { configuration in
                NodeRole(
                    name: "attester",
                    services: { try EVMAttesterService.services(configuration, logger: $0) },
                    problems: { RoleCheck.evmAttester(configuration, at: $0) }
                )
            },
            self.evmRelay.map { configuration in
                NodeRole(
                    name: "relay",
                    services: { try EVMGatewayService.services(configuration, logger: $0) },
                    problems: { RoleCheck.evmRelay(configuration, at: $0) }
                )
            },
        ].compactMap { $0 }
    }
}
