internal import CanonicalBytes
internal import Foundation
internal import P256Group
internal import Records
internal import Synchronization
internal import Transcripts

/// Proofs for one privacy center of being a grant's receiver, made anew when they grow old.
///
/// `base64(u64 seconds since 1970 || signature)`; the signature is by the receiver's key, context `CENTER-READ`, over
/// `T(center name, grant digest, u64 time)`.
final class ReceiverProofs: Sendable {
    static let fieldName = "wardline-receiver"
    /// How long one is used, s; a center takes it for five minutes.
    private static let secondsMax: UInt64 = 120

    private struct Proof {
        let time: UInt64
        let text: String
    }

    private let key: P256KeyPair
    private let center: String
    private let proofs = Mutex<[Digest: Proof]>([:])

    init(key: P256KeyPair, center: String) {
        self.key = key
        self.center = center
    }

    /// The value of the field for requests under a grant; nil for randomness that does not occur.
    func proof(under grant: Digest) -> String? {
        let now = UInt64(max(0, Date().timeIntervalSince1970))
        if let known = self.proofs.withLock({ $0[grant] }), known.time <= now, now - known.time < Self.secondsMax {
            return known.text
        }
        let signature = try? Schnorr.sign(
            self.key,
            context: "CENTER-READ",
            message: transcript(Array(self.center.utf8), grant.bytes, now.bigEndianBytes)
        )
        guard let signature else { return nil }
        let text = Data(now.bigEndianBytes + signature).base64EncodedString()
        self.proofs.withLock { $0[grant] = Proof(time: now, text: text) }
        return text
    }
}
