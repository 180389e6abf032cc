internal import BLS12381
package import CanonicalBytes
package import FiniteFields

/// The public inputs that tell one request from another (specification section 8.3).
package enum RequestScalars {
    /// Binds a proof to one request, one pseudonym and one data set.
    ///
    /// - Parameters:
    ///   - chain: the chain's identifier.
    ///   - requestID: the request's identifier.
    ///   - certificateDigest: the digest of the pseudonym certificate.
    ///   - target: the scope digest of the requested data set.
    /// - Returns: `nonce`.
    /// - Throws: `SCALAR` for a hash of zero, which does not happen.
    package static func nonce(
        chain: [UInt8],
        requestID: [UInt8],
        certificateDigest: [UInt8],
        target: [UInt8]
    ) throws(ProtocolFailure) -> Fr {
        try Fr.hash("ZK-NONCE", chain, requestID, certificateDigest, target)
    }

    /// Stands for the slot of an epoch that a nym is for.
    ///
    /// - Parameters:
    ///   - chain: the chain's identifier.
    ///   - epoch: the epoch's number.
    ///   - slot: the slot's number.
    ///   - limit: slots of an epoch.
    /// - Returns: `ctx`.
    /// - Throws: `CONTEXT` for a slot not below the limit.
    package static func context(
        chain: [UInt8],
        epoch: UInt64,
        slot: UInt32,
        limit: UInt32
    ) throws(ProtocolFailure) -> Fr {
        try require(slot < limit, .context, "slot \(slot) is beyond the limit of \(limit) in an epoch")
        return try Fr.hash("ZK-CTX", chain, epoch.bigEndianBytes, slot.bigEndianBytes)
    }
}
