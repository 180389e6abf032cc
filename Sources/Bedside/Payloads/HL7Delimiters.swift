/// The characters that separate the parts of one HL7 v2 message, as its MSH-1 and MSH-2 define them (HL7 v2.6 §2.5.4).
struct HL7Delimiters: Equatable {
    let field: UInt8
    var component = UInt8(ascii: "^")
    var repetition = UInt8(ascii: "~")
    var escape = UInt8(ascii: "\\")
    var subcomponent = UInt8(ascii: "&")

    /// Reads them from the start of a message.
    ///
    /// Fewer than four encoding characters leave the usual ones in place; the fifth of version 2.7 is not needed.
    init(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) {
        guard bytes.count >= 3, bytes.prefix(3).elementsEqual("MSH".utf8) else {
            throw DecodeFailure(.malformed, "the message does not start with an MSH segment", offset: 0)
        }
        guard bytes.count > 8 else {
            throw DecodeFailure(.truncated, "the MSH segment is cut off", offset: bytes.count)
        }
        self.field = bytes[3]
        let codes = bytes[4...].prefix { $0 != bytes[3] && $0 != 0x0D && $0 != 0x0A }
        guard (1...5).contains(codes.count) else {
            throw DecodeFailure(.malformed, "MSH-2 has \(codes.count) encoding characters", offset: 4)
        }
        let characters = Array(codes)
        self.component = characters[0]
        if characters.count > 1 { self.repetition = characters[1] }
        if characters.count > 2 { self.escape = characters[2] }
        if characters.count > 3 { self.subcomponent = characters[3] }
        let all = [self.field, self.component, self.repetition, self.escape, self.subcomponent]
        guard Set(all).count == all.count, all.allSatisfy(Self.isMark) else {
            throw DecodeFailure(.malformed, "MSH-1 and MSH-2 are not five different marks", offset: 3)
        }
    }

    /// A printable ASCII character that is neither a letter nor a digit.
    private static func isMark(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}

/// Steps through the parts of a range that one delimiter separates; an empty range has one empty part.
struct HL7Pieces {
    let bytes: UnsafeRawBufferPointer
    let separator: UInt8
    private var position: Int?
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>, separatedBy separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
        self.position = range.lowerBound
        self.end = range.upperBound
    }

    mutating func next() -> Range<Int>? {
        guard let start = self.position else { return nil }
        var cursor = start
        while cursor < self.end, self.bytes[cursor] != self.separator { cursor += 1 }
        self.position = cursor < self.end ? cursor + 1 : nil
        return start..<cursor
    }
}
