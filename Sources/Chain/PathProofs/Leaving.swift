package import CanonicalBytes
internal import ThresholdSignatures
internal import Transcripts

extension VerificationNodeList {
    /// What a node signs that gives its seat up at the next boundary.
    ///
    /// `T(DST("XCHAIN-LEAVE"), root, name)`; the root says which chain and epoch.
    package func leavingMessage(of name: String) -> [UInt8] {
        transcript(domainSeparationTag("XCHAIN-LEAVE"), self.root, Array(name.utf8))
    }

    /// Requires that a node of this list has asked to leave it.
    ///
    /// - Parameters:
    ///   - name: of the node.
    ///   - signature: of ``leavingMessage(of:)``, 96 bytes.
    /// - Throws: `CONTEXT` for a node without a seat; what a signature throws.
    package func requireLeaving(of name: String, signature: [UInt8]) throws(ProtocolFailure) {
        guard let node = self.node(name), node.isSeated(in: self.epoch) else {
            throw ProtocolFailure(.context, "a node without a seat in the list")
        }
        try node.keys.signature.verify(signature, of: self.leavingMessage(of: node.name))
    }
}
