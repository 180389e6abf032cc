/// The Minimal Lower Layer Protocol's frame around an HL7 message: 0x0B message 0x1C 0x0D (HL7 v2 Implementation Guide,
/// appendix C).
///
/// MQTT frames messages itself, but gateways that forward a TCP stream often leave the framing bytes in.
package enum MLLP {
    private static let startBlock: UInt8 = 0x0B
    private static let endBlock: UInt8 = 0x1C

    /// The message inside the frame; bytes without a frame, or with half of one, are returned without what there is.
    ///
    /// - Throws: `trailing-bytes` when more than line ends follow the end of the frame.
    package static func unframed(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> UnsafeRawBufferPointer {
        var start = 0
        while start < bytes.count, self.isLineEnd(bytes[start]) { start += 1 }
        if start < bytes.count, bytes[start] == self.startBlock { start += 1 }
        var end = start
        while end < bytes.count, bytes[end] != self.endBlock { end += 1 }
        for position in end..<bytes.count where position > end && !self.isLineEnd(bytes[position]) {
            throw DecodeFailure(.trailingBytes, "bytes after the end of the MLLP frame", offset: position)
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A }
}
