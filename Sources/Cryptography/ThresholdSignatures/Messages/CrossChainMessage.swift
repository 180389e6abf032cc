internal import CanonicalBytes
internal import Transcripts

/// What the committee of one chain certifies to another chain (specification section 9).
///
/// The receiving chain refuses expired messages and repeated triples of source, destination and number.
package struct CrossChainMessage: Sendable {
    package let source: String
    package let destination: String
    package let sequence: UInt64
    /// Seconds since 1970.
    package let expiry: UInt64
    /// Digest of the transaction.
    package let transaction: [UInt8]

    package init(source: String, destination: String, sequence: UInt64, expiry: UInt64, transaction: [UInt8]) {
        self.source = source
        self.destination = destination
        self.sequence = sequence
        self.expiry = expiry
        self.transaction = transaction
    }

    /// `T(src, dst, u64 seq, u64 expiry, tx_digest)`.
    package var payload: [UInt8] {
        transcript(
            Array(self.source.utf8),
            Array(self.destination.utf8),
            self.sequence.bigEndianBytes,
            self.expiry.bigEndianBytes,
            self.transaction
        )
    }

    /// What members of a committee sign.
    package func signedBytes(committee digest: [UInt8]) -> [UInt8] {
        Self.signedBytes(committee: digest, payload: self.payload)
    }

    /// `T("WARDLINE-V1-XCHAIN", committee_digest, payload)`.
    package static func signedBytes(committee digest: [UInt8], payload: [UInt8]) -> [UInt8] {
        transcript(domainSeparationTag("XCHAIN"), digest, payload)
    }
}
