internal import CanonicalBytes
internal import Synchronization
package import ThresholdSignatures

/// The key of certificate shares as a committee lists it: `E(pk) || proof of possession`, 144 bytes.
///
/// A key without a valid proof is no key: one made from the others' would sign for all of them.
package enum ShareKey {
    /// Bytes of the key with its proof.
    package static let byteCount = Self.keyLength + 96
    private static let keyLength = 48

    /// The public key in the bytes of a member's share key.
    ///
    /// - Returns: nil for another length, no point, or a proof that does not fit.
    package static func publicKey(_ bytes: [UInt8]) -> BLSPublicKey? {
        guard bytes.count == self.byteCount,
            let key = try? BLSPublicKey(Array(bytes[..<self.keyLength])),
            (try? key.verifyPossession(Array(bytes[self.keyLength...]))) != nil
        else { return nil }
        return key
    }
}

/// Share keys whose proofs were verified once.
final class VerifiedKeys: Sendable {
    /// Far more than committees have members; what is forgotten is verified again.
    private static let countMax = 4_096
    private let known = Mutex<[[UInt8]: BLSPublicKey]>([:])

    /// - Returns: nil for bytes that are no key with its proof.
    func key(_ bytes: [UInt8]) -> BLSPublicKey? {
        if let key = self.known.withLock({ $0[bytes] }) { return key }
        guard let key = ShareKey.publicKey(bytes) else { return nil }
        self.known.withLock { known in
            if known.count >= Self.countMax { known.removeAll() }
            known[bytes] = key
        }
        return key
    }
}
