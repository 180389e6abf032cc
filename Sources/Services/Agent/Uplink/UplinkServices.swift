internal import AccessPolicies
internal import Credentials
internal import Logging
internal import ServiceLifecycle
internal import Spool
internal import Synchronization

/// The sealer and the delivery with what they share.
final class UplinkServices: Sendable {
    private let sealer: SealerLoop
    private let loop: UplinkLoop

    /// Opens the identity and registers the sealer; nothing touches the network yet.
    ///
    /// - Throws: ``CredentialsError``, ``ParameterBook/Refusal``, ``StoreRefusal``.
    init(_ configuration: AgentConfiguration.Uplink, spool: Spool, logger: Logger) throws {
        let identity = IdentityWatch(try Identity.load(directory: configuration.identityDirectory))
        let parameters = try ParameterBook(
            files: configuration.identityParameterFiles,
            issuer: identity.current.issuer
        )
        if !parameters.isDualControl {
            logger.notice(
                "no uplink.identity_parameters: the scope's key, or a grant of it, opens envelopes alone (single control)"
            )
        }
        try spool.registerSealer()
        let scopes = ScopeBook(spool: spool)
        // Each wakes the other; the one that is made first learns of the other later.
        let box = WakeUpBox()
        let loop = UplinkLoop(
            configuration: configuration,
            spool: spool,
            scopes: scopes,
            identity: identity,
            logger: logger,
            onScopes: { box.call() }
        )
        self.loop = loop
        self.sealer = SealerLoop(
            spool: spool,
            scopes: scopes,
            identity: identity,
            parameterFiles: configuration.identityParameterFiles,
            policyDigest: configuration.policy.digest,
            limits: configuration.limits,
            logger: logger,
            onSealed: { loop.wake() }
        )
        box.set(self.sealer.wake)
    }

    /// In the order of start; the sealer ends before the delivery, and the connections last.
    var services: [any Service] {
        [
            BlockingService(name: "uplink", work: self.loop.run, requestStop: self.loop.requestStop) { [loop] in
                await loop.close()
            },
            BlockingService(name: "sealer", work: self.sealer.run, requestStop: self.sealer.requestStop),
        ]
    }

    var status: AgentStatus.Uplink {
        AgentStatus.Uplink(
            sealerHeartbeat: self.sealer.heartbeat,
            sealerFailure: self.sealer.failure,
            delivery: self.loop.state
        )
    }
}

/// Calls what is set later.
private final class WakeUpBox: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    func set(_ action: @escaping @Sendable () -> Void) { self.action.withLock { $0 = action } }
    func call() { self.action.withLock { $0 }?() }
}
