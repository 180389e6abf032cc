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
    /// Up to 128 envelopes, in the order of the question; empty for those that are to be asked for on their own.
    func envelopes(_ h1s: [Digest], under grant: Digest) async throws(UplinkFailure) -> [[UInt8]]
    /// The capsule of an epoch key.
    func capsule(_ digest: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8]
    /// A certificate.
    func certificate(_ digest: Digest) async throws(UplinkFailure) -> [UInt8]
    /// The center's parts for some envelopes, with its record of the delivery.
    func answer(_ question: ReencryptionQuestion) async throws(UplinkFailure) -> SharingAnswer
}

extension PrivacyCenterClient: SharingCenter {}

/// What is wrong with an answer besides its parts.
package struct AnswerFlaw: Sendable {
    package let why: String
    /// nil when it is not a lie.
    package let lie: CenterFault.Lie?

    package init(_ why: String, lie: CenterFault.Lie? = nil) {
        self.why = why
        self.lie = lie
    }
}

/// What a center was asked for.
package struct CenterQuestion: Sendable {
    /// The center's name.
    package let center: String
    package let envelopes: [Digest]
    /// 32 bytes.
    package let nonce: [UInt8]
    /// Digest of the grant.
    package let grant: Digest
}

/// Judges the record of a delivery that a center shows with its parts.
package protocol DeliveryJudge: Sendable {
    /// What is wrong; nil when it is all right, and the record was kept.
    func flaw(in answer: SharingAnswer, to question: CenterQuestion) async -> AnswerFlaw?
}
