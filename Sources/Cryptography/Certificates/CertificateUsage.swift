/// What the key of an implicit certificate may be used for (specification section 4).
package struct CertificateUsage: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let sign = CertificateUsage(rawValue: 1)
    package static let keyExchange = CertificateUsage(rawValue: 2)
    /// Re-encryption by a privacy center.
    package static let proxy = CertificateUsage(rawValue: 4)
    package static let authority = CertificateUsage(rawValue: 8)
    package static let pseudonym = CertificateUsage(rawValue: 16)
}
