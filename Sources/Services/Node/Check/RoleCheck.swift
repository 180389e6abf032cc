internal import Attesting
internal import AttributeIssuing
internal import Authority
internal import Certificates
internal import Credentials
internal import Custodian
internal import Foundation
internal import Gateway
internal import KeyIssuing
internal import PrivacyCenter
internal import PrivacyCenterStore
internal import Pseudonymity
internal import Validator

/// What `wardline node check` looks at, role by role.
enum RoleCheck {
    static func authority(_ configuration: AuthorityConfiguration) -> [String] {
        do {
            _ = try Authority(directory: configuration.directory)
        } catch { return ["authority.directory: \(error)"] }
        do { try configuration.credentials?.check() } catch { return ["authority.credentials.genesis: \(error)"] }
        return []
    }

    static func custodian(_ configuration: CustodianConfiguration, at now: UInt64) -> [String] {
        self.identity(configuration.identityDirectory, "custodian", at: now) { identity in
            try CustodianService.check(configuration, identity)
        } + self.directory(configuration.directory, "custodian.directory")
    }

    static func privacyCenter(_ configuration: PrivacyCenterConfiguration, at now: UInt64) -> [String] {
        self.identity(configuration.identityDirectory, "privacy_center", at: now) { identity in
            try PrivacyCenterService.requireRole(identity)
            try PrivacyCenterService.checkChain(configuration)
        } + self.store(configuration.store)
    }

    static func validator(_ configuration: ValidatorRoleConfiguration, at now: UInt64) -> [String] {
        self.identity(configuration.validator.identityDirectory, "validator", at: now) { identity in
            try ValidatorCheck.requireRole(identity)
        } + ValidatorCheck.problems(of: configuration)
    }

    static func keyIssuing(
        _ configuration: KeyIssuingConfiguration,
        besidesStore: Bool,
        at now: UInt64
    ) -> [String] {
        self.identity(configuration.identityDirectory, "key_issuing", at: now) { identity in
            try IssuingRole.require(identity, configuration, besidesStore: besidesStore)
        } + self.directory(configuration.directory, "key_issuing.directory")
    }

    static func attributeAuthority(_ configuration: AttributeIssuingConfiguration, at now: UInt64) -> [String] {
        self.identity(configuration.identityDirectory, "attribute_authority", at: now) { identity in
            try AttributeIssuingService.check(configuration, identity)
        } + self.directory(configuration.directory, "attribute_authority.directory")
    }

    static func registrationAuthority(_ configuration: RegistrationConfiguration, at now: UInt64) -> [String] {
        let base = configuration.base
        return self.identity(base.identityDirectory, "registration_authority", at: now) { _ in
            try RegistrationService.check(configuration)
        } + self.directory(base.directory, "registration_authority.directory")
    }

    static func pseudonymAuthority(_ configuration: PseudonymAuthorityConfiguration, at now: UInt64) -> [String] {
        let base = configuration.base
        return self.identity(base.identityDirectory, "pseudonym_authority", at: now) { _ in
            try PseudonymAuthorityService.check(configuration)
        } + self.directory(base.directory, "pseudonym_authority.directory")
    }

    static func attester(_ configuration: AttesterConfiguration, at now: UInt64) -> [String] {
        self.identity(configuration.identityDirectory, "attester", at: now) { identity in
            try AttesterService.check(configuration, identity)
        } + self.directory(configuration.directory, "attester.directory")
    }

    static func relay(_ configuration: GatewayConfiguration, at now: UInt64) -> [String] {
        self.identity(configuration.relay.identityDirectory, "relay", at: now) { identity in
            try GatewayService.check(configuration, identity)
        } + self.directory(configuration.directory, "relay.directory")
    }

    static func evmAttester(_ configuration: EVMAttesterConfiguration, at now: UInt64) -> [String] {
        self.identity(configuration.identityDirectory, "attester", at: now) { identity in
            try EVMAttesterService.check(configuration, identity)
        } + self.directory(configuration.directory, "attester.directory")
    }

    static func evmRelay(_ configuration: EVMGatewayConfiguration, at now: UInt64) -> [String] {
        self.identity(configuration.relay.identityDirectory, "relay", at: now) { identity in
            try EVMGatewayService.check(configuration, identity)
        } + self.directory(configuration.directory, "relay.directory")
    }

    private static func identity(
        _ directory: String,
        _ role: String,
        at now: UInt64,
        _ requireRole: (Identity) throws -> Void
    ) -> [String] {
        let field = "\(role).identity"
        do {
            let identity = try Identity.load(directory: directory)
            try requireRole(identity)
            var problems: [String] = []
            let notAfter = min(identity.certificate.fields.notAfter, identity.peer.notAfter)
            if notAfter < now {
                problems.append(
                    "\(field): the certificate has expired; run `wardline key rotate --directory \(directory)`"
                )
            }
            let revocations = try RevocationStore(identity)
            if revocations.isStale(at: now) {
                problems.append(
                    "\(field): there is no current revocation list in \(directory); fetch it from the authority at "
                        + identity.record.authority
                )
            }
            return problems
        } catch { return ["\(field): \(error)"] }
    }

    private static func directory(_ path: String, _ field: String) -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            let parent = URL(filePath: path).deletingLastPathComponent().path()
            guard FileManager.default.isWritableFile(atPath: parent) else {
                return ["\(field): \(path) does not exist and cannot be made; make it for the service's user"]
            }
            return []
        }
        guard isDirectory.boolValue, FileManager.default.isWritableFile(atPath: path) else {
            return ["\(field): \(path) is no directory that this user can write"]
        }
        return []
    }

    private static func store(_ location: PrivacyCenterConfiguration.StoreLocation) -> [String] {
        switch location {
        case .sqlite(let directory):
            let missing = self.directory(directory, "privacy_center.store.sqlite")
            // Only a running center makes the files; before its first start there is nothing to open.
            let exists = FileManager.default.fileExists(atPath: "\(directory)/store.db")
            return missing.isEmpty && exists ? self.opening(location, "privacy_center.store.sqlite") : missing
        case .postgreSQL: return self.opening(location, "privacy_center.store.postgres_conninfo_file")
        }
    }

    private static func opening(_ location: PrivacyCenterConfiguration.StoreLocation, _ field: String) -> [String] {
        do {
            _ = try location.openBeside()
            return []
        } catch { return ["\(field): \(error)"] }
    }
}
