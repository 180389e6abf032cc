package import CanonicalBytes
package import IBTP
package import PathProofs

/// Judges what a chain says whose blocks only its verification nodes can judge: they certify a block in the first hop of
/// the path, and a proof shows what the chain said in it.
package protocol AttestedSource: Sendable {
    /// Of the proofs that it reads.
    var kind: ProofBundle.Kind { get }

    /// Checks what governors say about a chain of this rule.
    ///
    /// - Throws: `FORMAT`.
    func check(_ parameters: [UInt8]) throws(ProtocolFailure)

    /// What the chain said in the block that the anchor names.
    ///
    /// - Parameters:
    ///   - proof: the source's proof of the bundle.
    ///   - anchor: of the path's first hop, whose certificate is checked besides.
    ///   - parameters: of the registration.
    /// - Returns: the message, and what it answers.
    /// - Throws: whatever is wrong with the proof.
    func statement(
        of proof: [UInt8],
        at anchor: HopRecord.Anchor,
        _ parameters: [UInt8]
    ) throws(ProtocolFailure) -> AttestedStatement

    /// Whether such a chain could be told a request: one that it cannot hold would keep all later ones waiting.
    func canHold(_ request: InterchainMessage) -> Bool
}

/// What a chain of the rule attested has said.
package struct AttestedStatement: Hashable, Sendable {
    /// Without its proof; its group included, if such chains have groups.
    package let message: InterchainMessage
    /// Of an answer: the hash of the request that the chain has answered, 32 bytes, where it says so.
    package let requestHash: [UInt8]?

    package init(message: InterchainMessage, requestHash: [UInt8]?) {
        self.message = message
        self.requestHash = requestHash
    }
}
