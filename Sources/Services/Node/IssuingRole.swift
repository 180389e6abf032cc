internal import Certificates
internal import Credentials
internal import KeyIssuing
internal import Logging
internal import ServiceLifecycle

/// `wardline node` in the role `key_issuing`: the KGC, or one of the privacy centers that issue keys with it.
enum IssuingRole {
    /// What belongs in one service group.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - besidesStore: the same process stores envelopes, and is not for development.
    ///   - logger: for the role.
    /// - Returns: the services.
    /// - Throws: an error whose description says what to do.
    static func services(
        _ configuration: KeyIssuingConfiguration,
        besidesStore: Bool,
        logger: Logger
    ) throws -> [any Service] {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        try self.require(identity, configuration, besidesStore: besidesStore)
        return try KeyIssuingService.services(configuration, logger: logger)
    }

    /// Requires that identity, sets, genesis and sealing key belong together, and that who begins every key does not
    /// store what it opens.
    ///
    /// - Throws: an error whose description says what to do.
    static func require(
        _ identity: Identity,
        _ configuration: KeyIssuingConfiguration,
        besidesStore: Bool
    ) throws {
        guard !besidesStore || identity.name.role != .kgc else {
            throw CredentialsError.malformed(
                "\(identity.directory) is of a kgc: privacy_center and the KGC must be run by different operators; on a "
                    + "machine for development set 'development: true'"
            )
        }
        try KeyIssuingService.check(configuration, identity)
    }
}
