package import CanonicalBytes
package import PathProofs

/// A verification node gives its seat up at the next boundary: `LP(chain) || u64 epoch || LP(node) || signature(96)`.
package struct LeaveList: RelayArguments {
    package static let method = "leave"

    package let chain: String
    /// Of the chain's newest list.
    package let epoch: UInt64
    /// As the list names it.
    package let node: String
    /// By the node's key, of ``VerificationNodeList/leavingMessage(of:)``.
    package let signature: [UInt8]

    package init(chain: String, epoch: UInt64, node: String, signature: [UInt8]) {
        self.chain = chain
        self.epoch = epoch
        self.node = node
        self.signature = signature
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        writer.u64(self.epoch)
        writer.lengthPrefixed(self.node)
        writer.raw(self.signature)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.text()
        self.epoch = try reader.u64()
        self.node = try reader.text()
        self.signature = try reader.take(96)
    }
}

/// A verification node certified a message that nobody can have sent: ``CanaryEvidence``.
package struct ReportCanary: RelayArguments {
    package static let method = "canary"

    package let evidence: CanaryEvidence

    package init(evidence: CanaryEvidence) { self.evidence = evidence }

    package func write(to writer: inout CanonicalWriter) { self.evidence.write(to: &writer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.evidence = try CanaryEvidence(from: &reader)
    }
}
