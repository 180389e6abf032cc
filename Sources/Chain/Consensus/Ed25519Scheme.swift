internal import Crypto

/// Votes and certificate shares signed with Ed25519 (RFC 8032).
package struct Ed25519Scheme: SignatureScheme {
    package init() {}

    package var certificateVersion: CertificateVersion { .ed25519MultiSignature }

    package var checksSharesJointly: Bool { false }

    package func accepts(keysOf member: Member) -> Bool {
        member.votingKey.count == 32 && member.shareKey.count == 32
    }

    package func verify(_ signature: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        Self.isValid(signature, bytes, key: member.votingKey)
    }

    package func verifyShare(_ share: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        Self.isValid(share, bytes, key: member.shareKey)
    }

    package func combine(_ shares: [[UInt8]]) -> [UInt8] { Array(shares.joined()) }

    package func verifyCertificate(_ proof: [UInt8], of bytes: [UInt8], by members: [Member]) -> Bool {
        guard proof.count == members.count * 64 else { return false }
        return members.indices.allSatisfy { index in
            let signature = Array(proof[index * 64..<index * 64 + 64])
            return Self.isValid(signature, bytes, key: members[index].shareKey)
        }
    }

    private static func isValid(_ signature: [UInt8], _ bytes: [UInt8], key: [UInt8]) -> Bool {
        guard signature.count == 64,
            let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key)
        else { return false }
        return publicKey.isValidSignature(signature, for: bytes)
    }
}

/// A validator's Ed25519 keys: one for messages, one for certificate shares.
package struct Ed25519Signer: ReplicaSigner {
    private let voting: Curve25519.Signing.PrivateKey
    private let share: Curve25519.Signing.PrivateKey

    /// Takes two different 32-byte seeds.
    ///
    /// - Returns: nil for seeds of another length.
    package init?(votingSeed: [UInt8], shareSeed: [UInt8]) {
        guard let voting = try? Curve25519.Signing.PrivateKey(rawRepresentation: votingSeed),
            let share = try? Curve25519.Signing.PrivateKey(rawRepresentation: shareSeed)
        else { return nil }
        self.voting = voting
        self.share = share
    }

    /// The public side, as the committee lists it.
    package func member(_ id: ReplicaID) -> Member {
        Member(
            id: id,
            votingKey: Array(self.voting.publicKey.rawRepresentation),
            shareKey: Array(self.share.publicKey.rawRepresentation)
        )
    }

    package func sign(_ bytes: [UInt8]) -> [UInt8] { Self.sign(bytes, self.voting) }

    package func signShare(_ bytes: [UInt8]) -> [UInt8] { Self.sign(bytes, self.share) }

    // An Ed25519 signature over bytes in memory cannot fail; an empty one would be refused by every peer.
    private static func sign(_ bytes: [UInt8], _ key: Curve25519.Signing.PrivateKey) -> [UInt8] {
        (try? key.signature(for: bytes)).map { Array($0) } ?? []
    }
}
