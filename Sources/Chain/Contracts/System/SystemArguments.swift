package import CanonicalBytes
package import Consensus
package import Ledger

/// Tells the index channel of a change of the access channel's committee: `LP(header) || LP(certificate) ||
/// LP(committee)`.
package struct FollowCommittee: MethodArguments {
    package static let contract = "chain"
    package static let method = "follow"
    package static let channels: [Channel] = [.index]

    /// Of the access block that ended the epoch.
    package let header: BlockHeader
    package let certificate: QuorumCertificate
    package let next: Committee

    package init(header: BlockHeader, certificate: QuorumCertificate, next: Committee) {
        self.header = header
        self.certificate = certificate
        self.next = next
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        writer.lengthPrefixed(self.next.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        self.next = try Committee(bytes: try reader.lengthPrefixed())
    }
}

/// Brings a revocation that the access channel has accepted: `LP(transaction proof)` of its `registry.revoke`.
package struct BringRevocations: MethodArguments {
    package static let contract = "chain"
    package static let method = "revocations"
    package static let channels: [Channel] = [.index]

    package let proof: TransactionProof

    package init(proof: TransactionProof) { self.proof = proof }

    package func write(to writer: inout CanonicalWriter) { writer.lengthPrefixed(self.proof.bytes) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.proof = try TransactionProof(bytes: try reader.lengthPrefixed())
    }
}

/// Brings a value of the access channel's state that both channels share: `LP(value proof)`.
package protocol BringValue: MethodArguments {
    var proof: ValueProof { get }

    init(proof: ValueProof)
}

extension BringValue {
    package static var contract: String { "chain" }
    package static var channels: [Channel] { [.index] }

    package func write(to writer: inout CanonicalWriter) { writer.lengthPrefixed(self.proof.bytes) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.init(proof: try ValueProof(bytes: try reader.lengthPrefixed()))
    }
}

/// Brings the list of trusted issuers.
package struct BringIssuers: BringValue {
    package static let method = "issuers"
    package let proof: ValueProof

    package init(proof: ValueProof) { self.proof = proof }
}

/// Brings a parameter.
package struct BringParameter: BringValue {
    package static let method = "parameters"
    package let proof: ValueProof

    package init(proof: ValueProof) { self.proof = proof }
}

/// Brings a validator's name.
package struct BringValidator: BringValue {
    package static let method = "validators"
    package let proof: ValueProof

    package init(proof: ValueProof) { self.proof = proof }
}

/// Brings the height at which a contract or method becomes active.
package struct BringActivation: BringValue {
    package static let method = "activations"
    package let proof: ValueProof

    package init(proof: ValueProof) { self.proof = proof }
}
