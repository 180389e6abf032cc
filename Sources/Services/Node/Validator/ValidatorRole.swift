internal import BLSCertificates
internal import ChainInterface
internal import Credentials
internal import Dashboard
internal import Ledger
internal import Logging
internal import SecureHTTP
internal import ServiceLifecycle
internal import Validator

/// `wardline node` in the role `validator`: consensus and ledger, the interface for clients, what the index
/// channel has to be told, and fresh revocations.
enum ValidatorRole {
    /// What belongs in one service group.
    ///
    /// - Throws: an error whose description says what to do.
    static func services(
        _ configuration: ValidatorRoleConfiguration,
        logger: Logger,
        dashboard: DashboardParts
    ) throws -> [any Service] {
        let settings = configuration.validator
        let identity = try Identity.load(directory: settings.identityDirectory)
        try ValidatorCheck.requireRole(identity)
        let revocations = try RevocationStore(identity)
        let validator = try Validator(configuration: settings, revocations: revocations, logger: logger)
        let backend = ValidatorBackend(validator, name: identity.name)
        dashboard.add(.chain(ValidatorDashboard(backend: backend)))
        dashboard.add(.sharingRecord(SharingRecord(backend)))
        let server = try ChainAPI(backend, limits: configuration.clients).server(
            address: settings.apiHost,
            port: settings.apiPort,
            identity: identity,
            revocations: revocations,
            directory: settings.directory,
            logger: logger
        )
        let bringer = FactBringer(
            backend,
            identity: identity,
            scheme: try ChainSignatures.required(of: validator.genesis.committee),
            directory: settings.directory,
            logger: logger
        )
        // They are stopped from the last to the first: clients get their answers while the validator still runs.
        return [validator, server, bringer, RevocationRefresh(store: revocations, identity: identity, logger: logger)]
    }
}
