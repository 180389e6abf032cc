internal import CanonicalBytes

/// A certified block as it lies on the disk.
package struct StoredBlock: Hashable, Sendable {
    package let height: UInt64
    /// The block's canonical bytes.
    package let block: [UInt8]
    /// The quorum certificate's canonical bytes.
    package let certificate: [UInt8]
    /// The receipts of its transactions, as the ledger encodes them.
    package let receipts: [UInt8]

    package init(height: UInt64, block: [UInt8], certificate: [UInt8], receipts: [UInt8]) {
        self.height = height
        self.block = block
        self.certificate = certificate
        self.receipts = receipts
    }

    /// The parts of a record's body: `LP(block) || LP(certificate) || LP(receipts)`.
    var parts: [[UInt8]] {
        [self.block, self.certificate, self.receipts].flatMap { [UInt32(clamping: $0.count).bigEndianBytes, $0] }
    }

    /// Bytes of the body.
    var bodyBytes: Int { 12 + self.block.count + self.certificate.count + self.receipts.count }

    /// Reads a record's body; nil when its lengths do not fit.
    init?(height: UInt64, body: [UInt8]) {
        var input = CanonicalReader(body)
        do throws(ProtocolFailure) {
            self.height = height
            self.block = try input.lengthPrefixed()
            self.certificate = try input.lengthPrefixed()
            self.receipts = try input.lengthPrefixed()
            try input.finish()
        } catch { return nil }
    }
}
