/// Reads canonical encodings strictly in order (specification section 1.1).
///
/// Every length is checked against the bytes that are left before anything is taken; short input and left-over
/// bytes are ``ProtocolFailure/Code/format``.
package struct CanonicalReader: Sendable {
    private let bytes: [UInt8]
    /// Bytes read so far.
    package private(set) var offset = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Everything read so far, which is what a signature at the end of an object covers.
    package var consumed: [UInt8] { Array(self.bytes[..<self.offset]) }

    /// Bytes that are left.
    package var remaining: Int { self.bytes.count - self.offset }

    /// Takes `count` bytes.
    package mutating func take(_ count: Int) throws(ProtocolFailure) -> [UInt8] {
        try require(count >= 0 && count <= self.remaining, .format, "truncated at byte \(self.offset)")
        defer { self.offset += count }
        return Array(self.bytes[self.offset..<self.offset + count])
    }

    package mutating func u8() throws(ProtocolFailure) -> UInt8 { try self.integer() }
    package mutating func u16() throws(ProtocolFailure) -> UInt16 { try self.integer() }
    package mutating func u32() throws(ProtocolFailure) -> UInt32 { try self.integer() }
    package mutating func u64() throws(ProtocolFailure) -> UInt64 { try self.integer() }

    /// Takes an `LP` field.
    package mutating func lengthPrefixed() throws(ProtocolFailure) -> [UInt8] {
        try self.take(Int(try self.u32()))
    }

    /// Takes an `LP` field that must be UTF-8.
    ///
    /// Nothing is normalized.
    package mutating func text() throws(ProtocolFailure) -> String {
        let field = try self.lengthPrefixed()
        // What is no UTF-8 is repaired here, and so has other bytes.
        var text = String(decoding: field, as: UTF8.self)
        let isSame = text.withUTF8 { ByteKey(field).hasBytes(of: UnsafeRawBufferPointer($0)) }
        try require(isSame, .format, "a text field is not UTF-8")
        return text
    }

    /// Takes a mark and requires it to be this one.
    package mutating func magic(_ mark: StaticString) throws(ProtocolFailure) {
        let count = mark.utf8CodeUnitCount
        try require(count <= self.remaining, .format, "truncated at byte \(self.offset)")
        defer { self.offset += count }
        let matches = mark.withUTF8Buffer { $0.elementsEqual(self.bytes[self.offset..<self.offset + count]) }
        try require(matches, .format, "not a \(mark) object")
    }

    /// Requires that everything was read.
    package func finish() throws(ProtocolFailure) {
        try require(self.remaining == 0, .format, "\(self.remaining) bytes left over")
    }

    private mutating func integer<Integer: FixedWidthInteger>() throws(ProtocolFailure) -> Integer {
        let width = Integer.bitWidth / 8
        try require(width <= self.remaining, .format, "truncated at byte \(self.offset)")
        defer { self.offset += width }
        return self.bytes.withUnsafeBytes {
            Integer(bigEndian: $0.loadUnaligned(fromByteOffset: self.offset, as: Integer.self))
        }
    }
}
