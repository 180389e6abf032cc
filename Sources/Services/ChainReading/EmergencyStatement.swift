package import CanonicalBytes
internal import Transcripts

/// The reason that a clinician gives for an emergency access: the chain gets its digest, the data's custodian its text.
package enum EmergencyStatement {
    /// Bytes of UTF-8.
    package static let lengths = 1...4_096

    /// `H("EMERGENCY-STATEMENT", text)`, 32 bytes: what stands in `access.emergency` and as the permission's basis.
    ///
    /// - Throws: `FORMAT` for a text of another length.
    package static func digest(of text: String) throws(ProtocolFailure) -> [UInt8] {
        try require(self.lengths.contains(text.utf8.count), .format, "a reason has 1 to 4,096 bytes")
        return TaggedHash.digest("EMERGENCY-STATEMENT", Array(text.utf8))
    }
}
