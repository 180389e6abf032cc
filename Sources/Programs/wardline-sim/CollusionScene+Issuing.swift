internal import BLS12381
internal import CanonicalBytes
internal import FiniteFields
internal import IdentityEncryption
internal import SecretSharing
internal import Signcryption

extension CollusionScene {
    /// What comes of taking a product of secrets with an identity's point for that identity's key.
    ///
    /// - Parameters:
    ///   - capsule: whose identity and epoch key it is about.
    ///   - secrets: of issuing parties, or others.
    ///   - start: the point that they multiply, in 48 bytes; nil for the identity's own.
    /// - Returns: the epoch key, or why there is none.
    /// - Throws: `FORMAT`, or `CONTEXT` for a capsule of other parameters.
    func decapsulation(
        of capsule: EpochCapsule,
        with secrets: [SecretFr],
        from start: [UInt8]? = nil
    ) throws -> AttemptOutcome<[UInt8]> {
        let identity = try capsule.content(under: self.key.parameters).identity
        var point = try G1Point(start ?? IdentityPoint.encoded(identity))
        for secret in secrets { point = secret.withValue { $0 * point } }
        let key = try IdentityKey(stored: point.encoded(), identity: identity, parameters: self.key.parameters)
        return AttemptOutcome { () throws(ProtocolFailure) in try key.open(capsule) }
    }
}
