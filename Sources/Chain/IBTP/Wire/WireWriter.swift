/// Writes the one encoding of a protobuf message (proto3): fields ascending, defaults left out, numbers in as few bytes
/// as they need, repeated numbers packed.
///
/// It gives the bytes that the `protobuf` and `gogo/protobuf` libraries give for the same values. That fields ascend is
/// for the caller to see to.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends a number that is not 0.
    mutating func number(_ field: UInt32, _ value: UInt64) {
        guard value != 0 else { return }
        self.tag(field, .varint)
        self.varint(value)
    }

    /// Appends an `int64` that is not 0; a negative one takes ten bytes.
    mutating func signed(_ field: UInt32, _ value: Int64) { self.number(field, UInt64(bitPattern: value)) }

    /// Appends a true.
    mutating func flag(_ field: UInt32, _ value: Bool) { self.number(field, value ? 1 : 0) }

    /// Appends bytes, unless there are none.
    mutating func bytes(_ field: UInt32, _ value: [UInt8]) {
        guard !value.isEmpty else { return }
        self.element(field, value)
    }

    /// Appends text, unless it is empty.
    mutating func text(_ field: UInt32, _ value: String) { self.bytes(field, Array(value.utf8)) }

    /// Appends an element of a repeated field, or a message inside this one: also when it is empty.
    mutating func element(_ field: UInt32, _ value: [UInt8]) {
        self.tag(field, .bytes)
        self.varint(UInt64(value.count))
        self.bytes.append(contentsOf: value)
    }

    /// Appends repeated numbers as one packed field.
    mutating func packed(_ field: UInt32, _ values: [UInt64]) {
        guard !values.isEmpty else { return }
        var inner = WireWriter()
        for value in values { inner.varint(value) }
        self.element(field, inner.bytes)
    }

    private mutating func tag(_ field: UInt32, _ type: WireType) {
        self.varint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }
}

/// How a field's value is delimited.
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case fixed32 = 5
}
