internal import CanonicalBytes

/// Reads the fields of one protobuf message in the order in which they stand, inside the bytes given and no further.
///
/// Nothing is copied but what a field's owner takes. Groups (wire types 3 and 4) are refused: no message of IBTP has
/// them.
struct WireReader {
    /// One field with its value.
    struct Field {
        enum Value {
            case number(UInt64)
            case bytes(ArraySlice<UInt8>)
            /// Of a type that no field of IBTP has.
            case fixed
        }

        let number: UInt32
        let value: Value
    }

    private var rest: ArraySlice<UInt8>
    private var fieldCount = 0

    init(_ bytes: ArraySlice<UInt8>) { self.rest = bytes }

    /// The next field; nil at the end.
    ///
    /// - Throws: `FORMAT` for what is no protobuf, and for more than ``IBTPLimits/fieldsMax`` fields.
    mutating func next() throws(ProtocolFailure) -> Field? {
        guard !self.rest.isEmpty else { return nil }
        self.fieldCount += 1
        try require(self.fieldCount <= IBTPLimits.fieldsMax, .format, "more than \(IBTPLimits.fieldsMax) fields")
        let tag = try self.varint()
        let number = tag >> 3
        guard (1...0x1FFF_FFFF).contains(number), let type = WireType(rawValue: UInt8(tag & 7)) else {
            throw ProtocolFailure(.format, "no field has the tag \(tag)")
        }
        return Field(number: UInt32(number), value: try self.value(type))
    }

    private mutating func value(_ type: WireType) throws(ProtocolFailure) -> Field.Value {
        switch type {
        case .varint: return .number(try self.varint())
        case .bytes: return .bytes(try self.take(try self.varint()))
        case .fixed64:
            _ = try self.take(8)
            return .fixed
        case .fixed32:
            _ = try self.take(4)
            return .fixed
        }
    }

    /// Takes a base-128 number of at most ten bytes that fits 64 bits.
    mutating func varint() throws(ProtocolFailure) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = self.rest.popFirst() else { throw ProtocolFailure(.format, "a number is cut off") }
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw ProtocolFailure(.format, "a number of more than 64 bits")
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    private mutating func take(_ count: UInt64) throws(ProtocolFailure) -> ArraySlice<UInt8> {
        try require(count <= UInt64(self.rest.count), .format, "a field of \(count) bytes in \(self.rest.count)")
        let taken = self.rest.prefix(Int(count))
        self.rest = self.rest.dropFirst(Int(count))
        return taken
    }
}

/// The field as the type that the published list gives it.
extension WireReader.Field {
    func unsigned() throws(ProtocolFailure) -> UInt64 {
        guard case .number(let value) = self.value else { throw self.mismatch }
        return value
    }

    func signed() throws(ProtocolFailure) -> Int64 { Int64(bitPattern: try self.unsigned()) }

    func flag() throws(ProtocolFailure) -> Bool { try self.unsigned() != 0 }

    func slice() throws(ProtocolFailure) -> ArraySlice<UInt8> {
        guard case .bytes(let bytes) = self.value else { throw self.mismatch }
        return bytes
    }

    func bytes(atMost countMax: Int = IBTPLimits.messageBytesMax) throws(ProtocolFailure) -> [UInt8] {
        let bytes = try self.slice()
        try require(bytes.count <= countMax, .format, "field \(self.number) has \(bytes.count) bytes")
        return Array(bytes)
    }

    /// Text; nothing is normalized.
    func text(atMost countMax: Int = IBTPLimits.messageBytesMax) throws(ProtocolFailure) -> String {
        guard let text = String(validating: try self.bytes(atMost: countMax), as: UTF8.self) else {
            throw ProtocolFailure(.format, "field \(self.number) is not UTF-8")
        }
        return text
    }

    /// Numbers of a repeated field, packed or one alone: readers of proto3 take both.
    func numbers(atMost countMax: Int) throws(ProtocolFailure) -> [UInt64] {
        guard case .bytes(let bytes) = self.value else { return [try self.unsigned()] }
        var reader = WireReader(bytes)
        var numbers: [UInt64] = []
        while !reader.isAtEnd {
            try require(numbers.count < countMax, .format, "field \(self.number) has more than \(countMax) numbers")
            numbers.append(try reader.varint())
        }
        return numbers
    }

    private var mismatch: ProtocolFailure {
        ProtocolFailure(.format, "field \(self.number) has another wire type than the published list says")
    }
}
