package import CanonicalBytes

/// The way of a message over several chains, "WLPP": a record of every hop with the certificate of its chain's committee.
///
/// Every record continues the digest of the one before, so that no hop can be taken out, put in or moved without another
/// certificate. A proof does not show that no other message exists.
package struct PathProof: Sendable, Hashable {
    /// The most hops: five chains with the one that the message arrives on.
    package static let hopsMax = 4
    /// The most bytes of a certificate: "WLQA" of 16 groups with 256 members.
    package static let certificateBytesMax = 512
    /// No proof has more bytes.
    package static let bytesMax = 8 * 1_024

    /// A record with its certificate, "WLQA" or "WLQB".
    package struct Hop: Sendable, Hashable {
        package let record: HopRecord
        package let certificate: [UInt8]

        package init(record: HopRecord, certificate: [UInt8]) {
            self.record = record
            self.certificate = certificate
        }
    }

    package let message: PathMessage
    /// 1 to ``hopsMax``, as they were received; only ``PathVerifier`` judges them.
    package let hops: [Hop]

    /// - Throws: `FORMAT` for another number of hops and for a certificate that is too long.
    package init(message: PathMessage, hops: [Hop]) throws(ProtocolFailure) {
        let isWithin = (1...Self.hopsMax).contains(hops.count)
        try require(isWithin, .format, "a path has 1 to \(Self.hopsMax) hops")
        let isShort = hops.allSatisfy { $0.certificate.count <= Self.certificateBytesMax }
        try require(isShort, .format, "a certificate has at most \(Self.certificateBytesMax) bytes")
        self.message = message
        self.hops = hops
    }

    /// The proof with one more hop.
    ///
    /// - Throws: `FORMAT` when there are as many as there may be.
    package func appending(_ hop: Hop) throws(ProtocolFailure) -> PathProof {
        try PathProof(message: self.message, hops: self.hops + [hop])
    }

    /// What the next hop continues, 32 bytes.
    package var digest: [UInt8] { self.hops.last?.record.digest ?? self.message.digest }

    /// `"WLPP" || message || u8 k || k × (previous || body || LP(certificate))`.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024 * (1 + self.hops.count))
        writer.magic("WLPP")
        self.message.write(to: &writer)
        writer.u8(UInt8(self.hops.count))
        for hop in self.hops {
            writer.raw(hop.record.previous)
            writer.raw(hop.record.body)
            writer.lengthPrefixed(hop.certificate)
        }
        return writer.bytes
    }

    /// Parses a proof; what it accepts has no other encoding.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "a proof has at most \(Self.bytesMax) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLPP")
        let message = try PathMessage(from: &reader)
        let count = Int(try reader.u8())
        try require((1...Self.hopsMax).contains(count), .format, "a path has 1 to \(Self.hopsMax) hops")
        var hops: [Hop] = []
        for _ in 0..<count {
            hops.append(Hop(record: try HopRecord(from: &reader), certificate: try reader.lengthPrefixed()))
        }
        try reader.finish()
        try self.init(message: message, hops: hops)
    }
}
