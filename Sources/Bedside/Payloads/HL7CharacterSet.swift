/// The character sets of MSH-18 (HL7 table 0211) that Wardline reads.
enum HL7CharacterSet {
    case utf8
    case latin1

    /// Decides the character set of a message.
    ///
    /// - Parameters:
    ///   - declared: MSH-18's first repetition; empty when the message says nothing.
    ///   - bytes: the whole message.
    /// - Throws: `unsupported` for other sets, `bad-encoding` when the bytes are not in the declared one.
    init(declared: some Collection<UInt8>, bytes: UnsafeRawBufferPointer) throws(DecodeFailure) {
        let name = String(decoding: declared, as: UTF8.self).uppercased()
        let invalid = UTF8Validation.firstInvalid(bytes)
        switch name {
        case "":
            self = invalid == nil ? .utf8 : .latin1
        case "UNICODE UTF-8", "UTF-8":
            if let invalid {
                throw DecodeFailure(.badEncoding, "the message is not UTF-8 as MSH-18 says", offset: invalid)
            }
            self = .utf8
        case "ASCII":
            if let first = bytes.firstIndex(where: { $0 >= 0x80 }) {
                throw DecodeFailure(.badEncoding, "the message is not ASCII as MSH-18 says", offset: first)
            }
            self = .utf8
        case "8859/1":
            self = .latin1
        default:
            throw DecodeFailure(.unsupported, "only UTF-8, ASCII and 8859/1 are read in MSH-18")
        }
    }

    /// Appends one byte of a hexadecimal escape, or of Latin-1 text, as UTF-8.
    func append(_ byte: UInt8, to text: inout [UInt8]) {
        if self == .latin1, byte >= 0x80 {
            text.append(0xC0 | byte >> 6)
            text.append(0x80 | byte & 0x3F)
        } else {
            text.append(byte)
        }
    }

    /// Calls `body` with the message as UTF-8.
    func transcoded(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(DecodeFailure) -> Void
    ) throws(DecodeFailure) {
        guard self == .latin1, bytes.contains(where: { $0 >= 0x80 }) else { return try body(bytes) }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 4)
        for byte in bytes { self.append(byte, to: &text) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: text)
        try body(UnsafeRawBufferPointer(buffer))
    }
}
