/// How long what the authority issues is good for; all in seconds.
package struct AuthorityLifetimes: Sendable, Hashable {
    package var certificate: UInt64
    package var root: UInt64
    /// From one revocation list's signature to the moment by which a newer one must be there.
    package var revocationList: UInt64
    /// By how much a certificate begins in the past, for clocks that are slow.
    package var backdate: UInt64

    package init(
        certificate: UInt64 = 90 * 86_400,
        root: UInt64 = 3_652 * 86_400,
        revocationList: UInt64 = 7 * 86_400,
        backdate: UInt64 = 300
    ) {
        self.certificate = certificate
        self.root = root
        self.revocationList = revocationList
        self.backdate = backdate
    }
}
