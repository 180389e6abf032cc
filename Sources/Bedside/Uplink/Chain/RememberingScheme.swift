package import Consensus
internal import Synchronization
internal import Transcripts

/// A scheme that checks the same certificate once.
///
/// Whoever reads much of a chain gets the same few certificates with every answer, and each costs a pairing. What is
/// remembered is a digest of proof, signed bytes and the signers' keys, so that any other certificate is checked;
/// certificates that do not hold are not remembered.
package final class RememberingScheme: SignatureScheme {
    /// The recently seen ones: when the young are many, the old are forgotten.
    private struct Seen {
        var young: Set<[UInt8]> = []
        var old: Set<[UInt8]> = []
    }

    private static let youngMax = 256

    private let scheme: any SignatureScheme
    private let seen = Mutex(Seen())

    package init(_ scheme: any SignatureScheme) { self.scheme = scheme }

    package var certificateVersion: CertificateVersion { self.scheme.certificateVersion }

    package var checksSharesJointly: Bool { self.scheme.checksSharesJointly }

    package func accepts(keysOf member: Member) -> Bool { self.scheme.accepts(keysOf: member) }

    package func verify(_ signature: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        self.scheme.verify(signature, of: bytes, by: member)
    }

    package func verifyShare(_ share: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        self.scheme.verifyShare(share, of: bytes, by: member)
    }

    package func combine(_ shares: [[UInt8]]) -> [UInt8] { self.scheme.combine(shares) }

    package func verifyCertificate(_ proof: [UInt8], of bytes: [UInt8], by members: [Member]) -> Bool {
        let keys = members.flatMap { [$0.votingKey, $0.shareKey] }
        let digest = TaggedHash.digest("CERTIFICATE-SEEN", list: [proof, bytes] + keys)
        if self.seen.withLock({ $0.young.contains(digest) || $0.old.contains(digest) }) { return true }
        guard self.scheme.verifyCertificate(proof, of: bytes, by: members) else { return false }
        self.seen.withLock { seen in
            if seen.young.count >= Self.youngMax {
                seen.old = seen.young
                seen.young = []
            }
            seen.young.insert(digest)
        }
        return true
    }
}
