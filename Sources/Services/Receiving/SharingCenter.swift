package import Records
package import Uplink

/// What a receiver asks a privacy center for; nothing that it answers is believed.
package protocol SharingCenter: Sendable {
    /// Puts the receiver's certificate, without which a center knows nobody.
    func putCertificate(_ bytes: [UInt8], digest: Digest) async throws(UplinkFailure)
    /// Lists what there is of a scope.
    func envelopes(
        ofScope scope: [UInt8],
        after next: UInt64?,
        under grant: Digest?
    ) async throws(UplinkFailure) -> EnvelopeListPage
    /// An envelope.
    func envelope(_ h1: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8]
    /// The capsule of an epoch key.
    func capsule(_ digest: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8]
    /// A certificate.
    func certificate(_ digest: Digest) async throws(UplinkFailure) -> [UInt8]
    /// The center's parts for some envelopes.
    func parts(_ question: ReencryptionQuestion) async throws(UplinkFailure) -> [Digest: [UInt8]]
}

extension PrivacyCenterClient: SharingCenter {}
