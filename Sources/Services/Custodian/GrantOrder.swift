package import Certificates

/// What an owner grants: to whom, through which privacy centers, how long.
package struct GrantOrder: Sendable {
    /// The permission's identifier, 32 bytes; one grant is made under it.
    package let permission: [UInt8]
    package let scope: RegisteredScope
    /// The receiver's implicit certificate, whose key has signed the request that was permitted.
    package let receiverCertificate: [UInt8]
    /// Of the receiver's certificate; nil for the owner's own.
    package let receiverIssuer: CertificateIssuer?
    /// Addresses of the privacy centers, `https://host:port`, in the order of the grant.
    package let centers: [String]
    /// Centers that must take part in opening an envelope; nil for all.
    package let threshold: Int?
    /// Seconds since 1970, inclusive.
    package let notBefore: UInt64
    /// Seconds since 1970, inclusive.
    package let notAfter: UInt64

    package init(
        permission: [UInt8],
        scope: RegisteredScope,
        receiverCertificate: [UInt8],
        receiverIssuer: CertificateIssuer? = nil,
        centers: [String],
        threshold: Int?,
        notBefore: UInt64,
        notAfter: UInt64
    ) {
        self.permission = permission
        self.scope = scope
        self.receiverCertificate = receiverCertificate
        self.receiverIssuer = receiverIssuer
        self.centers = centers
        self.threshold = threshold
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}
