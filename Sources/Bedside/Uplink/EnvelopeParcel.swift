/// An envelope on its way to privacy centers, with what a center must hold before it takes it.
package struct EnvelopeParcel: Sendable, Hashable {
    /// What an envelope's header names by its digest.
    package struct Companion: Sendable, Hashable {
        /// The raw value is the place of its kind in a center's interface.
        package enum Kind: String, Sendable, CaseIterable {
            /// The sender's certificate.
            case certificate = "certificates"
            /// The capsule of the epoch key.
            case capsule = "capsules"

            /// The code by which a center says that it lacks it.
            var codeWhenUnknown: String { self == .certificate ? "unknown-certificate" : "unknown-capsule" }
        }

        package let kind: Kind
        /// 32 bytes.
        package let digest: [UInt8]
        package let bytes: [UInt8]

        package init(_ kind: Kind, digest: [UInt8], bytes: [UInt8]) {
            self.kind = kind
            self.digest = digest
            self.bytes = bytes
        }
    }

    /// The index pointer, 32 bytes.
    package let h1: [UInt8]
    package let envelope: [UInt8]
    package let companions: [Companion]

    package init(h1: [UInt8], envelope: [UInt8], companions: [Companion]) {
        self.h1 = h1
        self.envelope = envelope
        self.companions = companions
    }
}
