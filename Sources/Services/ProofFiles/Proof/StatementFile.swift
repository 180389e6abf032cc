package import CanonicalBytes
package import FiniteFields
package import PolicyProofs

/// What a proof is asked to show, as requester and verifier both know it; the policy comes besides.
///
/// JSON with `version`, `chain`, `request`, `certificate`, `scope`, `epoch`, `slot`, `limit` and `root`.
package struct StatementFile: Sendable, Hashable {
    /// The chain's identifier, 1 to 64 bytes.
    package let chain: [UInt8]
    /// The request's identifier, 32 bytes.
    package let request: [UInt8]
    /// The digest of the pseudonym certificate that the request is signed under.
    package let certificate: [UInt8]
    /// The digest of the scope that is asked for.
    package let scope: [UInt8]
    package let epoch: UInt64
    /// One of the epoch's requests, from 0.
    package let slot: UInt32
    /// Requests that a holder has in an epoch.
    package let limit: UInt32
    /// A root of the credential tree that verifiers accept.
    package let root: [UInt8]

    /// - Throws: `FORMAT`; `SCALAR` for a root that is no field element; `CONTEXT` for a slot not below the limit.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        let fields = try JSONFields(
            bytes,
            required: ["version", "chain", "request", "certificate", "scope", "epoch", "slot", "limit", "root"]
        )
        try fields.requireVersion()
        self.chain = try fields.bytes("chain", 1...64)
        self.request = try fields.bytes("request", 32...32)
        self.certificate = try fields.bytes("certificate", 32...32)
        self.scope = try fields.bytes("scope", 32...32)
        self.epoch = try fields.integer("epoch", upTo: .max)
        self.slot = UInt32(try fields.integer("slot", upTo: UInt64(UInt32.max)))
        self.limit = UInt32(try fields.integer("limit", upTo: UInt64(UInt32.max)))
        self.root = try fields.scalar("root").bytes
        _ = try self.context()
    }

    /// The slot of the epoch as a public input.
    ///
    /// - Throws: `CONTEXT` for a slot not below the limit.
    package func context() throws(ProtocolFailure) -> Fr {
        try RequestScalars.context(chain: self.chain, epoch: self.epoch, slot: self.slot, limit: self.limit)
    }

    /// The public inputs.
    ///
    /// - Parameters:
    ///   - policy: how the circuit names the policy.
    ///   - nym: the holder's name in the slot.
    /// - Returns: root, policy, nonce, context and nym.
    /// - Throws: `SCALAR`, `CONTEXT`.
    package func statement(policy: Fr, nym: Fr) throws(ProtocolFailure) -> PolicyStatement {
        PolicyStatement(
            root: try Fr(self.root),
            policy: policy,
            nonce: try RequestScalars.nonce(
                chain: self.chain,
                requestID: self.request,
                certificateDigest: self.certificate,
                target: self.scope
            ),
            context: try self.context(),
            nym: nym
        )
    }
}
