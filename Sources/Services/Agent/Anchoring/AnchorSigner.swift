internal import CanonicalBytes
internal import Certificates
internal import Contracts
internal import Credentials
internal import IndexPages
internal import Ledger
internal import Spool

/// Makes the transactions that anchor windows.
struct AnchorSigner: Sendable {
    let spool: Spool
    /// The chain's identifier.
    let chain: [UInt8]

    /// Signs a transaction for a window, and stores it with its nonce before anybody can see it.
    ///
    /// Pages are sealed anew each time. That is safe, because a window's content never changes: the same page at the
    /// same place has the same bytes.
    ///
    /// - Parameters:
    ///   - window: of the spool.
    ///   - identity: the gateway's newest.
    ///   - now: ms since 1970.
    ///   - lifetime: ms for which the chain may take it.
    ///   - nonce: a nonce that is known to be used, if any; the new one is greater.
    /// - Returns: what to hand in.
    /// - Throws: ``StoreRefusal``, ``ProtocolFailure``, ``SpoolError``.
    func sign(
        _ window: StoredWindow,
        by identity: Identity,
        now: Int64,
        lifetime: Int64,
        after nonce: UInt64
    ) throws -> AnchorAttempt {
        let signer = identity.certificate.digest
        let anchor = Anchor(
            chain: self.chain,
            gateway: identity.name,
            certificate: signer,
            window: window.number,
            root: window.root,
            count: UInt32(window.envelopes),
            createdMin: window.createdMin,
            createdMax: window.createdMax,
            pages: try self.pages(of: window, sender: identity.name.description)
        )
        // The clock keeps a spool that came out of a backup from using a nonce twice.
        let known = max(try self.spool.lastNonce(ofSigner: signer), nonce)
        guard known < UInt64(Int64.max) else {
            throw StoreRefusal.failed("all nonces of the gateway's key are used; `wardline key rotate` makes a new one")
        }
        let nonce = max(known + 1, UInt64(max(0, now)))
        let body = anchor.body(
            chain: self.chain,
            channel: .index,
            signer: signer,
            nonce: nonce,
            validUntil: UInt64(max(0, now + lifetime))
        )
        let transaction = try Transaction(signing: body, certificate: identity.certificate, key: identity.key)
        let attempt = AnchorAttempt(id: transaction.id, bytes: transaction.bytes)
        try self.spool.store(attempt, ofWindow: window.number, signer: signer, nonce: nonce)
        return attempt
    }

    private func pages(of window: StoredWindow, sender: String) throws -> [Anchor.Page] {
        let entries = try self.spool.anchorEntries(ofWindow: window.number)
        guard entries.count == window.envelopes else {
            throw StoreRefusal.failed("window \(window.number) lacks entries")
        }
        return try ScopeGroup.groups(of: entries).map { group in
            let stored = try self.spool.indexKey(
                scope: group.scope,
                sender: sender,
                orKeep: IndexKey.generate().secretBytes()
            )
            let place = try IndexPlace(scope: group.scope, window: window.number, sender: Array(sender.utf8))
            let page = try IndexPage(group.entries.map { IndexPage.Entry(h1: $0.h1, tags: $0.tags) })
            return Anchor.Page(scope: group.scope, page: try IndexKey(stored.secret).seal(page, at: place))
        }
    }
}
