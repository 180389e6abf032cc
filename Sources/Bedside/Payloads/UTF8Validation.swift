/// Finds bytes that are not UTF-8 by the table of well-formed sequences (Unicode 3.9, table 3-7; RFC 3629 §4).
enum UTF8Validation {
    /// How many bytes the well-formed sequence at `start` has; 0 when there is none before `end`.
    static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at start: Int, end: Int) -> Int {
        let lead = bytes[start]
        if lead < 0x80 { return 1 }
        let (length, second) = self.shape(lead)
        guard length > 0, end - start >= length, second.contains(bytes[start + 1]) else { return 0 }
        for offset in 2..<max(length, 2) where bytes[start + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// The offset of the first byte that is not part of a well-formed sequence; nil when all are.
    static func firstInvalid(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        while position < bytes.count {
            if bytes.count - position >= 8 {
                let eight = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                if eight & 0x8080_8080_8080_8080 == 0 {
                    position += 8
                    continue
                }
            }
            let length = self.sequenceLength(bytes, at: position, end: bytes.count)
            if length == 0 { return position }
            position += length
        }
        return nil
    }

    /// Refuses bytes that are not UTF-8; `offset` is where they lie in the payload.
    static func check(_ bytes: UnsafeRawBufferPointer, offset: Int = 0) throws(DecodeFailure) {
        guard let invalid = self.firstInvalid(bytes) else { return }
        throw DecodeFailure(.badEncoding, "the text is not UTF-8", offset: offset + invalid)
    }

    /// How many bytes a byte order mark at the start takes: 3 or 0.
    static func markLength(_ bytes: UnsafeRawBufferPointer) -> Int {
        bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    }

    /// The length that a lead byte announces and the range of its second byte; length 0 for what leads nothing.
    private static func shape(_ lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>) {
        switch lead {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xE1...0xEF: (3, 0x80...0xBF)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: (0, 0...0)
        }
    }
}
