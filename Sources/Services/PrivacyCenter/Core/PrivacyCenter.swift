package import Certificates
package import Credentials
internal import Ledger
package import PrivacyCenterStore
internal import Records

/// A cloud privacy center without its network side: what it takes in, hands out and states.
package struct PrivacyCenter: Sendable {
    let context: CenterContext
    let intake: EnvelopeIntake
    let shelf: EnvelopeShelf
    let scopes: ScopeDirectory
    let capsules: CapsuleDirectory
    let wraps: WrapDirectory
    let rekeys: RekeyDesk
    let reencryptions: ReencryptionDesk
    let tree: TreeDesk
    /// nil: the center consults no chain.
    let chain: ChainDesk?

    /// Puts a center together.
    ///
    /// - Parameters:
    ///   - store: stays the caller's to close.
    ///   - issuer: whose certificates are taken.
    ///   - revocations: consulted at every arrival and request.
    ///   - keyDirectory: holds the key that shares are sealed with; it is made when missing.
    ///   - limits: bounds.
    ///   - chain: consulted before every re-encryption; nil for a center without one.
    ///   - keys: the newest generation of the center's keys.
    ///   - clock: milliseconds since 1970.
    /// - Throws: `CredentialsError` for the key directory.
    package init(
        store: any EnvelopeStore,
        issuer: CertificateIssuer,
        revocations: any RevocationSource,
        keyDirectory: String,
        limits: CenterLimits = CenterLimits(),
        chain: ChainDesk.Access? = nil,
        keys: @escaping @Sendable () throws -> CenterKeys,
        clock: @escaping @Sendable () -> UInt64
    ) throws {
        let own = TrustedIssuer(kind: .authority, issuer: issuer)
        let others = (chain?.issuers ?? []).filter { $0 != own }
        let certificates = CertificateDirectory(
            store: store,
            issuers: [own] + others,
            entriesMax: limits.cacheEntriesMax
        )
        let context = CenterContext(
            store: store,
            appender: BatchingAppender(store: store),
            certificates: certificates,
            revocations: revocations,
            threads: VerificationThreads(
                count: limits.verificationThreads,
                waitingMax: limits.verificationsWaitingMax
            ),
            limits: limits,
            keys: keys,
            clock: clock
        )
        let vault = try ShareVault(directory: keyDirectory)
        self.context = context
        self.scopes = ScopeDirectory(context)
        self.shelf = EnvelopeShelf(context, scopes: self.scopes)
        self.capsules = CapsuleDirectory(context, scopes: self.scopes, shelf: self.shelf)
        self.wraps = WrapDirectory(context)
        self.intake = EnvelopeIntake(context, capsules: self.capsules)
        self.rekeys = RekeyDesk(context, scopes: self.scopes, vault: vault)
        self.chain = chain.map { ChainDesk($0, entriesMax: limits.cacheEntriesMax, clock: clock) }
        self.reencryptions = ReencryptionDesk(context, vault: vault, chain: self.chain)
        self.tree = TreeDesk(context)
    }

    /// Ends the verification threads.
    package func stop() async { await self.context.threads.stop() }
}
