/// What a payload is wrapped in before its format proper; gateways wrap in hex or base64, devices compress.
package enum Wrapping: String, Sendable, CaseIterable {
    /// Pairs of hexadecimal digits; `0x` in front, and blanks, colons or dashes between pairs, are ignored.
    case hex
    /// Base64 or base64url (RFC 4648 §4, §5), padded or not; whitespace is ignored.
    case base64
    /// One or more gzip members (RFC 1952).
    case gzip
    /// A zlib stream (RFC 1950).
    case zlib
    /// A raw DEFLATE stream (RFC 1951).
    case deflate

    /// Takes the wrapping off.
    ///
    /// - Parameters:
    ///   - bytes: The wrapped payload.
    ///   - outputBytesMax: The largest result accepted, in bytes; it stops decompression bombs.
    /// - Returns: The payload within, which may itself be wrapped once more.
    /// - Throws: ``DecodeFailure``; its offsets count from the start of `bytes`.
    package func unwrap(
        _ bytes: UnsafeRawBufferPointer,
        outputBytesMax: Int = PayloadBounds.unwrappedBytesMax
    ) throws(DecodeFailure) -> [UInt8] {
        try PayloadBounds.check(bytes, bytesMax: PayloadBounds.unwrappedBytesMax)
        var output: [UInt8] = []
        switch self {
        case .hex: try Hex.decode(bytes, into: &output, bytesMax: outputBytesMax)
        case .base64: try Base64.decode(bytes, into: &output, bytesMax: outputBytesMax)
        case .gzip: try Inflation.inflate(bytes, framing: .gzip, into: &output, bytesMax: outputBytesMax)
        case .zlib: try Inflation.inflate(bytes, framing: .zlib, into: &output, bytesMax: outputBytesMax)
        case .deflate: try Inflation.inflate(bytes, framing: .raw, into: &output, bytesMax: outputBytesMax)
        }
        return output
    }
}
