package import Certificates
package import Credentials
package import PrivacyCenterStore
internal import Records

/// A cloud privacy center without its network side: what it takes in, hands out and states.
package struct PrivacyCenter: Sendable {
    let context: CenterContext
    let intake: EnvelopeIntake
    let shelf: EnvelopeShelf
    let scopes: ScopeDirectory
    let capsules: CapsuleDirectory
    let rekeys: RekeyDesk
    let reencryptions: ReencryptionDesk
    let tree: TreeDesk

    /// Puts a center together.
    ///
    /// - Parameters:
    ///   - store: stays the caller's to close.
    ///   - issuer: whose certificates are taken.
    ///   - revocations: consulted at every arrival and request.
    ///   - keyDirectory: holds the key that shares are sealed with; it is made when missing.
    ///   - limits: bounds.
    ///   - keys: the newest generation of the center's keys.
    ///   - clock: milliseconds since 1970.
    /// - Throws: `CredentialsError` for the key directory.
    package init(
        store: any EnvelopeStore,
        issuer: CertificateIssuer,
        revocations: any RevocationSource,
        keyDirectory: String,
        limits: CenterLimits = CenterLimits(),
        keys: @escaping @Sendable () throws -> CenterKeys,
        clock: @escaping @Sendable () -> UInt64
    ) throws {
        let certificates = CertificateDirectory(store: store, issuer: issuer, entriesMax: limits.cacheEntriesMax)
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
        self.intake = EnvelopeIntake(context, capsules: self.capsules)
        self.rekeys = RekeyDesk(context, scopes: self.scopes, vault: vault)
        self.reencryptions = ReencryptionDesk(context, vault: vault)
        self.tree = TreeDesk(context)
    }

    /// Ends the verification threads.
    package func stop() async { await self.context.threads.stop() }
}
