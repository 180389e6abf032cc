package import CanonicalBytes
internal import P256Group
internal import Transcripts

/// What an envelope held, with the number that shows to anyone that it held just this.
///
/// The commitment of an envelope is `Y = r·G` with `r = H1(eta, header, batch)` (specification section 5.3), and its sender
/// signs header and commitment. Whoever has the content can therefore be checked without any key; the number alone opens
/// nothing, and is secret like the content for those who could guess the content.
package struct EnvelopeContent: Sendable {
    /// 32 bytes that the sender chose.
    package let eta: [UInt8]
    /// "WLB1", padding included.
    package let batch: [UInt8]

    package init(eta: [UInt8], batch: [UInt8]) {
        self.eta = eta
        self.batch = batch
    }

    /// All records, padding included.
    ///
    /// - Throws: `FORMAT`.
    package func records() throws(ProtocolFailure) -> [EnvelopeRecord] { try RecordBatch.parse(self.batch) }

    /// Checks that an envelope held this content.
    ///
    /// - Parameter envelope: what its sender signed; the signature is the caller's to verify.
    /// - Throws: `FO` for another content; `FORMAT`.
    package func requireContained(in envelope: ParsedEnvelope) throws(ProtocolFailure) {
        try require(self.eta.count == 32, .format, "the number of a content has 32 bytes")
        var r = try ContentKey.secret(eta: self.eta, header: envelope.header, batch: self.batch)
        defer { r.wipe() }
        let isGenuine = try P256Point.base(times: r).encoded().equalsInConstantTime(envelope.commitment.encoded)
        try require(isGenuine, .fo, "the envelope held another content")
        let isComplete = try self.records().count == Int(envelope.header.recordCount)
        try require(isComplete, .format, "the number of records is not the header's")
    }
}
