/// Reads little-endian fields from the front of a payload; every read past its end is a typed refusal.
struct BinaryCursor {
    private let bytes: UnsafeRawBufferPointer
    /// Bytes read so far.
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Bytes not yet read.
    var remaining: Int { self.bytes.count - self.offset }

    mutating func u8(_ field: StaticString) throws(DecodeFailure) -> UInt8 {
        UInt8(truncatingIfNeeded: try self.unsigned(1, field))
    }

    mutating func u16(_ field: StaticString) throws(DecodeFailure) -> UInt16 {
        UInt16(truncatingIfNeeded: try self.unsigned(2, field))
    }

    mutating func u24(_ field: StaticString) throws(DecodeFailure) -> UInt32 {
        try self.unsigned(3, field)
    }

    mutating func sfloat(_ field: StaticString) throws(DecodeFailure) -> IEEE11073Number {
        IEEE11073Number(sfloat: try self.u16(field))
    }

    mutating func float(_ field: StaticString) throws(DecodeFailure) -> IEEE11073Number {
        IEEE11073Number(float: try self.unsigned(4, field))
    }

    private mutating func unsigned(_ width: Int, _ field: StaticString) throws(DecodeFailure) -> UInt32 {
        guard self.remaining >= width else {
            throw DecodeFailure(
                .truncated,
                "\(field) needs \(width) bytes, \(self.remaining) are left",
                offset: self.offset
            )
        }
        var value: UInt32 = 0
        for position in 0..<width {
            value |= UInt32(self.bytes[self.offset + position]) << UInt32(8 * position)
        }
        self.offset += width
        return value
    }
}
