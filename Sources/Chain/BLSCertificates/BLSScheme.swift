internal import CanonicalBytes
package import Consensus
internal import Crypto
package import SecretSharing
internal import ThresholdSignatures

/// Votes signed with Ed25519, certificates with one aggregated BLS12-381 signature (specification of the cryptographic
/// layer, sections 9.1 and 9.3).
///
/// A certificate has 96 bytes and its bitmap for any number of signers, and shows who signed. Share keys are as in
/// ``ShareKey``; a scheme remembers those that it has verified, so one serves for long.
package struct BLSScheme: SignatureScheme {
    private let votes = Ed25519Scheme()
    private let keys = VerifiedKeys()

    package init() {}

    package var certificateVersion: CertificateVersion { .blsAggregate }

    // The aggregate of any number of shares takes one check, two pairings.
    package var checksSharesJointly: Bool { true }

    package func accepts(keysOf member: Member) -> Bool {
        member.votingKey.count == 32 && self.keys.key(member.shareKey) != nil
    }

    package func verify(_ signature: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        self.votes.verify(signature, of: bytes, by: member)
    }

    package func verifyShare(_ share: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        guard let key = self.keys.key(member.shareKey) else { return false }
        return (try? key.verify(share, of: bytes)) != nil
    }

    // Shares that cannot be added give an empty proof, which does not verify.
    package func combine(_ shares: [[UInt8]]) -> [UInt8] {
        guard let sum = try? self.sum(of: shares) else { return [] }
        RecentPoints.shared.note(sum)
        return sum.encoded
    }

    private func sum(of shares: [[UInt8]]) throws(ProtocolFailure) -> BLSSignature {
        var decoded: [BLSSignature] = []
        for share in shares { decoded.append(try RecentPoints.shared.signature(share)) }
        return try BLSSignature(adding: decoded)
    }

    package func verifyCertificate(_ proof: [UInt8], of bytes: [UInt8], by members: [Member]) -> Bool {
        var keys: [BLSPublicKey] = []
        for member in members {
            guard let key = self.keys.key(member.shareKey) else { return false }
            keys.append(key)
        }
        // One key listed for two members would sign for both.
        guard !keys.isEmpty, Set(keys).count == keys.count else { return false }
        guard let aggregate = try? RecentPoints.shared.signature(proof) else { return false }
        let message = RecentPoints.shared.message(bytes)
        return (try? BLSPublicKey.verify(aggregate, of: message, by: keys)) != nil
    }
}

/// A validator's keys where certificates are aggregated: Ed25519 for messages, BLS12-381 for shares.
package struct BLSSigner: ReplicaSigner {
    private let voting: Curve25519.Signing.PrivateKey
    private let share: BLSKeyPair
    private let shareKey: [UInt8]

    /// Takes a 32-byte seed and a scalar.
    ///
    /// - Returns: nil for a seed of another length.
    package init?(votingSeed: [UInt8], shareSecret: SecretFr) {
        guard let voting = try? Curve25519.Signing.PrivateKey(rawRepresentation: votingSeed),
            let share = try? BLSKeyPair(secret: shareSecret),
            let possession = try? share.proofOfPossession()
        else { return nil }
        self.voting = voting
        self.share = share
        self.shareKey = share.publicKey.encoded + possession.encoded
    }

    /// The public side, as the committee lists it.
    package func member(_ id: ReplicaID) -> Member {
        Member(id: id, votingKey: Array(self.voting.publicKey.rawRepresentation), shareKey: self.shareKey)
    }

    // Neither signature over bytes in memory can fail; an empty one would be refused by every peer.
    package func sign(_ bytes: [UInt8]) -> [UInt8] {
        (try? self.voting.signature(for: bytes)).map { Array($0) } ?? []
    }

    package func signShare(_ bytes: [UInt8]) -> [UInt8] {
        guard let share = try? self.share.sign(RecentPoints.shared.message(bytes)) else { return [] }
        RecentPoints.shared.note(share)
        return share.encoded
    }
}
