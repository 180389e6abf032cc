/// One hexadecimal digit.
enum HexDigit {
    /// What the digit counts; nil for anything else.
    @inline(__always)
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Pairs of hexadecimal digits.
enum Hex {
    static func decode(
        _ text: UnsafeRawBufferPointer,
        into output: inout [UInt8],
        bytesMax: Int
    ) throws(DecodeFailure) {
        output.reserveCapacity(min(text.count / 2, bytesMax))
        var position = self.prefixEnd(text)
        while position < text.count {
            if self.isSeparator(text[position]) {
                position += 1
                continue
            }
            guard let high = HexDigit.value(text[position]) else {
                throw DecodeFailure(.malformed, "not a hexadecimal digit", offset: position)
            }
            guard position + 1 < text.count else {
                throw DecodeFailure(.truncated, "the last byte has one hexadecimal digit", offset: text.count)
            }
            guard let low = HexDigit.value(text[position + 1]) else {
                throw DecodeFailure(.malformed, "a byte has one hexadecimal digit", offset: position + 1)
            }
            guard output.count < bytesMax else { throw Wrapping.tooLarge(bytesMax) }
            output.append(high << 4 | low)
            position += 2
        }
    }

    /// Where the digits start behind blanks and `0x`.
    private static func prefixEnd(_ text: UnsafeRawBufferPointer) -> Int {
        var start = 0
        while start < text.count, Wrapping.isBlank(text[start]) { start += 1 }
        guard text.count - start >= 2, text[start] == UInt8(ascii: "0"), text[start + 1] | 0x20 == UInt8(ascii: "x")
        else { return start }
        return start + 2
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") || Wrapping.isBlank(byte)
    }
}

/// Base64 in either alphabet (RFC 4648 §4, §5).
enum Base64 {
    static func decode(
        _ text: some Collection<UInt8>,
        into output: inout [UInt8],
        bytesMax: Int
    ) throws(DecodeFailure) {
        output.reserveCapacity(min(text.count / 4 * 3 + 3, bytesMax))
        var bits: UInt32 = 0
        var characters = 0
        var padding = 0
        var offset = -1
        for byte in text {
            offset += 1
            if Wrapping.isBlank(byte) { continue }
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard let value = self.value(byte) else {
                throw DecodeFailure(.malformed, "not a base64 character", offset: offset)
            }
            guard padding == 0 else {
                throw DecodeFailure(.trailingBytes, "something follows the base64 padding", offset: offset)
            }
            bits = bits << 6 | UInt32(value)
            characters += 1
            if characters & 3 == 0 { try self.append(bits, count: 3, to: &output, bytesMax) }
        }
        try self.finish(bits, characters: characters & 3, padding: padding, offset: offset + 1, to: &output, bytesMax)
    }

    /// Appends what is left of the last group of four, whose unused bits must be zero (RFC 4648 §3.5): others are a
    /// sign that the text was cut off.
    private static func finish(
        _ bits: UInt32,
        characters: Int,
        padding: Int,
        offset: Int,
        to output: inout [UInt8],
        _ bytesMax: Int
    ) throws(DecodeFailure) {
        guard characters != 1 else {
            throw DecodeFailure(.truncated, "the last base64 group has one character", offset: offset)
        }
        guard padding == 0 || (characters > 1 && padding == 4 - characters) else {
            throw DecodeFailure(.malformed, "the base64 padding does not fit", offset: offset)
        }
        guard characters > 0 else { return }
        let group = bits << UInt32(6 * (4 - characters))
        guard group & (characters == 2 ? 0xFFFF : 0xFF) == 0 else {
            throw DecodeFailure(.malformed, "unused bits of the last base64 character are set", offset: offset)
        }
        try self.append(group, count: characters - 1, to: &output, bytesMax)
    }

    @inline(__always)
    private static func append(
        _ group: UInt32,
        count: Int,
        to output: inout [UInt8],
        _ bytesMax: Int
    ) throws(DecodeFailure) {
        guard output.count + count <= bytesMax else { throw Wrapping.tooLarge(bytesMax) }
        for index in 0..<count { output.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * index))) }
    }

    @inline(__always)
    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

extension Wrapping {
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    static func tooLarge(_ bytesMax: Int) -> DecodeFailure {
        DecodeFailure(.tooLarge, "the unwrapped payload has more than \(bytesMax) bytes")
    }
}
