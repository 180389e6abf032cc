/// Reads the fields of one Protocol Buffers message (protobuf.dev "Encoding"): bounded, and with no schema.
///
/// Groups (wire types 3 and 4) are deprecated, occur in none of our formats, and are refused.
struct ProtobufReader {
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(UnsafeRawBufferPointer)
    }

    struct Field {
        let number: UInt32
        let value: Value
        /// Where the field starts, in bytes from the start of the outermost message.
        let offset: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private let base: Int
    private var position = 0

    /// - Parameters:
    ///   - bytes: one whole message.
    ///   - base: where it starts in the payload, for the offsets in failures.
    init(_ bytes: UnsafeRawBufferPointer, base: Int = 0) {
        self.bytes = bytes
        self.base = base
    }

    /// Where the reader stands, in bytes from the start of the outermost message.
    var offset: Int { self.base + self.position }

    /// The next field; nil at the end of the message.
    mutating func next() throws(DecodeFailure) -> Field? {
        guard self.position < self.bytes.count else { return nil }
        let start = self.offset
        let tag = try self.varint()
        let number = tag >> 3
        guard number > 0, number <= 0x1FFF_FFFF else {
            throw DecodeFailure(.malformed, "protobuf field number \(number) does not exist", offset: start)
        }
        let value = try self.value(wireType: tag & 7, start)
        return Field(number: UInt32(number), value: value, offset: start)
    }

    private mutating func value(wireType: UInt64, _ start: Int) throws(DecodeFailure) -> Value {
        switch wireType {
        case 0:
            return .varint(try self.varint())
        case 1:
            return .fixed64(UInt64(littleEndian: try self.take(8).loadUnaligned(as: UInt64.self)))
        case 2:
            let length = try self.varint()
            return .bytes(try self.take(length))
        case 5:
            return .fixed32(UInt32(littleEndian: try self.take(4).loadUnaligned(as: UInt32.self)))
        case 3, 4:
            throw DecodeFailure(.unsupported, "protobuf groups are not read", offset: start)
        default:
            throw DecodeFailure(.malformed, "protobuf wire type \(wireType) does not exist", offset: start)
        }
    }

    /// A base-128 number of at most 10 bytes that fits 64 bits.
    private mutating func varint() throws(DecodeFailure) -> UInt64 {
        let start = self.offset
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard self.position < self.bytes.count else {
                throw DecodeFailure(.truncated, "a protobuf number is cut off", offset: start)
            }
            let byte = UInt64(self.bytes[self.position])
            self.position += 1
            if shift == 63, byte > 1 { break }
            value |= (byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw DecodeFailure(.malformed, "a protobuf number exceeds 64 bits", offset: start)
    }

    private mutating func take(_ length: UInt64) throws(DecodeFailure) -> UnsafeRawBufferPointer {
        let left = self.bytes.count - self.position
        guard length <= UInt64(left) else {
            throw DecodeFailure(.truncated, "a protobuf field of \(length) bytes has \(left)", offset: self.offset)
        }
        let start = self.position
        self.position += Int(length)
        return UnsafeRawBufferPointer(rebasing: self.bytes[start..<self.position])
    }
}

/// The field as the type that its schema gives it; another wire type contradicts the schema.
extension ProtobufReader.Field {
    func unsigned() throws(DecodeFailure) -> UInt64 {
        guard case .varint(let value) = self.value else { throw self.mismatch() }
        return value
    }

    /// A `uint32`: like every protobuf reader, the lower 32 bits of the number.
    func unsigned32() throws(DecodeFailure) -> UInt32 { UInt32(truncatingIfNeeded: try self.unsigned()) }

    func bool() throws(DecodeFailure) -> Bool { try self.unsigned() != 0 }

    func float() throws(DecodeFailure) -> Float {
        guard case .fixed32(let bits) = self.value else { throw self.mismatch() }
        return Float(bitPattern: bits)
    }

    func double() throws(DecodeFailure) -> Double {
        guard case .fixed64(let bits) = self.value else { throw self.mismatch() }
        return Double(bitPattern: bits)
    }

    func bytes() throws(DecodeFailure) -> UnsafeRawBufferPointer {
        guard case .bytes(let bytes) = self.value else { throw self.mismatch() }
        return bytes
    }

    /// Bytes that are valid UTF-8.
    func text() throws(DecodeFailure) -> UnsafeRawBufferPointer {
        let bytes = try self.bytes()
        guard UTF8Validation.firstInvalid(bytes) == nil else {
            throw DecodeFailure(.badEncoding, "protobuf field \(self.number) is not UTF-8", offset: self.offset)
        }
        return bytes
    }

    private func mismatch() -> DecodeFailure {
        DecodeFailure(
            .malformed,
            "protobuf field \(self.number) has another wire type than its schema says",
            offset: self.offset
        )
    }
}
