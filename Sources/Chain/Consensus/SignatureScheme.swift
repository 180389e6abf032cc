/// How votes are signed, checked and joined to certificates.
///
/// The replica never checks a signature itself: ``MessageVerifier`` does so with a scheme before an event enters.
package protocol SignatureScheme: Sendable {
    /// The kind of certificates that the scheme makes.
    var certificateVersion: CertificateVersion { get }

    /// Whether shares are checked when they are joined, in one check of the whole proof, and one by one only if that
    /// fails; otherwise each is checked when it arrives.
    var checksSharesJointly: Bool { get }

    /// Whether the keys are of the scheme, with whatever proves that they may stand in a committee.
    ///
    /// A member with others could never vote.
    func accepts(keysOf member: Member) -> Bool

    /// Whether the signature is the member's over these bytes.
    func verify(_ signature: [UInt8], of bytes: [UInt8], by member: Member) -> Bool

    /// Whether the share is the member's over these bytes.
    func verifyShare(_ share: [UInt8], of bytes: [UInt8], by member: Member) -> Bool

    /// Joins shares of the same bytes.
    ///
    /// The shares are ascending by the signer's place in the committee, and verified unless ``checksSharesJointly``.
    func combine(_ shares: [[UInt8]]) -> [UInt8]

    /// Whether a joined proof stands for exactly these members, ascending by place.
    func verifyCertificate(_ proof: [UInt8], of bytes: [UInt8], by members: [Member]) -> Bool
}

/// A replica's own keys.
///
/// Equal bytes should give equal signatures, so that a run can be repeated exactly.
package protocol ReplicaSigner: Sendable {
    func sign(_ bytes: [UInt8]) -> [UInt8]
    func signShare(_ bytes: [UInt8]) -> [UInt8]
}

/// The proof inside a quorum certificate.
package enum CertificateVersion: UInt8, Hashable, Sendable {
    /// One 64-byte Ed25519 signature a signer, in the order of the bitmap.
    case ed25519MultiSignature = 1
    /// One aggregated BLS12-381 signature.
    case blsAggregate = 2
}
