/// Writes the encodings that are hashed, signed and stored (specification section 1.1).
///
/// Integers are big-endian; `LP(b)` is a `u32` length before the bytes.
package struct CanonicalWriter: Sendable {
    package private(set) var bytes: [UInt8]

    /// - Parameter capacity: bytes to reserve.
    package init(capacity: Int = 0) {
        self.bytes = []
        self.bytes.reserveCapacity(capacity)
    }

    /// Appends the bytes as they are.
    package mutating func raw(_ bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }

    /// Appends the bytes as they are.
    package mutating func raw(_ bytes: ArraySlice<UInt8>) { self.bytes.append(contentsOf: bytes) }

    /// Appends a four-letter object mark, for example `WLE1`.
    package mutating func magic(_ mark: StaticString) {
        mark.withUTF8Buffer { self.bytes.append(contentsOf: $0) }
    }

    package mutating func u8(_ value: UInt8) { self.bytes.append(value) }
    package mutating func u16(_ value: UInt16) { self.append(value) }
    package mutating func u32(_ value: UInt32) { self.append(value) }
    package mutating func u64(_ value: UInt64) { self.append(value) }

    /// Appends `LP(bytes)`.
    ///
    /// A precondition keeps fields below 4 GiB.
    package mutating func lengthPrefixed(_ field: [UInt8]) {
        self.u32(UInt32(field.count))
        self.raw(field)
    }

    /// Appends `LP` of the text's UTF-8 bytes.
    package mutating func lengthPrefixed(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            self.u32(UInt32(bytes.count))
            self.bytes.append(contentsOf: bytes)
        }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        // Byte by byte: for so few of them, an array's way to take bytes from memory costs more than twice as much.
        var rest = value.bigEndian
        for _ in 0..<rest.bitWidth / 8 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}

extension FixedWidthInteger {
    /// The integer's bytes, most significant first.
    package var bigEndianBytes: [UInt8] { withUnsafeBytes(of: self.bigEndian) { Array($0) } }
}
