package import CanonicalBytes
package import Consensus
package import Ledger

/// A block's header with the quorum certificate that makes it final.
package struct CertifiedHead: Sendable, Hashable {
    package let header: BlockHeader
    package let certificate: QuorumCertificate

    package init(header: BlockHeader, certificate: QuorumCertificate) {
        self.header = header
        self.certificate = certificate
    }

    /// `LP(header) || LP(certificate)`.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024)
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        return writer.bytes
    }

    /// Reads a head strictly; ``verify(by:)`` judges it.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        try reader.finish()
    }

    /// Requires that the committee certified the block.
    ///
    /// - Throws: as ``CommitteeView/check(_:_:)``.
    package func verify(by view: CommitteeView) throws(ProtocolFailure) {
        try view.check(self.header, self.certificate)
    }
}

/// What the consortium's chain holds now.
package struct ChainFact: Sendable, Hashable {
    /// nil: the key has no value.
    package let value: [UInt8]?
    /// Time of the block, ms since 1970.
    package let time: UInt64
    /// Height of the block after which this holds.
    package let height: UInt64
    /// That block; nil where the source does not show it.
    package let head: CertifiedHead?

    package init(value: [UInt8]?, time: UInt64, height: UInt64, head: CertifiedHead? = nil) {
        self.value = value
        self.time = time
        self.height = height
        self.head = head
    }
}

/// Reads the chain's state; every answer is proven.
package protocol ChainFacts: Sendable {
    /// The newest value of a key, or its absence.
    ///
    /// - Throws: ``ChainReadingError`` with `chain-unavailable`.
    func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact
}
