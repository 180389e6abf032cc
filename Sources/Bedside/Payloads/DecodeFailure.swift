/// Why a payload could not be decoded; it ends in the dead-letter table with this reason.
package struct DecodeFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of failure, stable across releases: dead letters are filtered and counted by it.
    package enum Reason: String, Sendable, CaseIterable {
        /// The payload ends before its format says it may.
        case truncated
        /// The payload contradicts its format.
        case malformed
        /// Bytes are left over after a complete payload.
        case trailingBytes = "trailing-bytes"
        /// Nested deeper than ``PayloadTree/depthMax``.
        case tooDeep = "too-deep"
        /// Larger than the bounds of this module, before or after decompression.
        case tooLarge = "too-large"
        /// Well formed, but a feature or type that Wardline does not read.
        case unsupported
        /// Text is not valid UTF-8 (or not in the character set that the message declares).
        case badEncoding = "bad-encoding"
        /// A checksum or length field disagrees with the bytes.
        case badChecksum = "bad-checksum"
        /// The payload refers to earlier state (a Sparkplug birth) that has not been seen.
        case missingState = "missing-state"
    }

    package let reason: Reason
    /// Where in the payload, in bytes from its start, when known.
    package let offset: Int?
    /// What a biomedical engineer needs to know.
    ///
    /// Never holds a payload's content: it is logged.
    package let detail: String

    package init(_ reason: Reason, _ detail: String, offset: Int? = nil) {
        self.reason = reason
        self.offset = offset
        self.detail = detail
    }

    /// ``detail`` with its place.
    package var explanation: String { self.detail + (self.offset.map { " (at byte \($0))" } ?? "") }

    package var description: String { "\(self.reason.rawValue): \(self.explanation)" }
}
