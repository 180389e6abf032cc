package import CanonicalBytes
package import Consensus

/// The certified block that ends a committee's epoch, with the committee that it names.
///
/// `LP(header) || LP(certificate) || LP(committee)`.
package struct Handover: Hashable, Sendable {
    package let header: BlockHeader
    package let certificate: QuorumCertificate
    package let next: Committee

    package init(header: BlockHeader, certificate: QuorumCertificate, next: Committee) {
        self.header = header
        self.certificate = certificate
        self.next = next
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 2_048)
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        var inner = CanonicalWriter(capacity: 512)
        self.next.write(to: &inner)
        writer.lengthPrefixed(inner.bytes)
        return writer.bytes
    }

    /// Reads a handover strictly; ``CommitteeView/follow(_:_:next:)`` judges it.
    ///
    /// - Throws: `FORMAT`.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        var inner = CanonicalReader(try reader.lengthPrefixed())
        self.next = try Committee(from: &inner)
        try inner.finish()
    }
}
