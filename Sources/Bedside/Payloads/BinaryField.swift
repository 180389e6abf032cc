/// Reads numbers at fixed places of a byte string, for the expressions of a device profile.
///
/// Offsets count bytes from the start of the slice. Every function is total: nil means that the field is not wholly
/// inside the slice, or that a width is out of its range.
package enum BinaryField {
    /// The order of the bytes of a number.
    package enum ByteOrder: Sendable, CaseIterable {
        /// Least significant byte first, as in Bluetooth.
        case little
        /// Most significant byte first, as in network protocols.
        case big
    }

    /// An unsigned whole number of `width` 1...8 bytes.
    package static func unsigned(
        _ bytes: ArraySlice<UInt8>,
        at offset: Int,
        width: Int,
        _ order: ByteOrder
    ) -> UInt64? {
        guard width >= 1, width <= 8, offset >= 0, offset <= bytes.count - width else { return nil }
        let start = bytes.startIndex + offset
        var value: UInt64 = 0
        for position in 0..<width {
            let place = order == .big ? position : width - 1 - position
            value = value << 8 | UInt64(bytes[start + place])
        }
        return value
    }

    /// A two's complement whole number of `width` 1...8 bytes.
    package static func signed(
        _ bytes: ArraySlice<UInt8>,
        at offset: Int,
        width: Int,
        _ order: ByteOrder
    ) -> Int64? {
        guard let raw = self.unsigned(bytes, at: offset, width: width, order) else { return nil }
        let unused = UInt64(64 - 8 * width)
        return Int64(bitPattern: raw << unused) >> Int64(unused)
    }

    /// The bit numbered `bit` (0 is the least significant) of the byte at `offset`.
    package static func bit(_ bytes: ArraySlice<UInt8>, at offset: Int, bit: Int) -> Bool? {
        guard bit >= 0, bit < 8 else { return nil }
        return self.unsigned(bytes, at: offset, width: 1, .little).map { $0 >> UInt64(bit) & 1 == 1 }
    }

    /// `count` 1...32 bits, from bit `low` 0...31 upwards, of the little-endian number that starts at `offset`.
    ///
    /// Only the bytes that hold those bits need to exist.
    package static func bits(_ bytes: ArraySlice<UInt8>, at offset: Int, low: Int, count: Int) -> Int64? {
        guard low >= 0, low < 32, count >= 1, count <= 32 else { return nil }
        let width = (low + count + 7) / 8
        guard let raw = self.unsigned(bytes, at: offset, width: width, .little) else { return nil }
        return Int64(raw >> UInt64(low) & (1 << UInt64(count) - 1))
    }
}

extension BinaryField {
    /// An unsigned byte.
    package static func u8(_ bytes: ArraySlice<UInt8>, at offset: Int) -> Int64? {
        self.unsigned(bytes, at: offset, width: 1, .little).map { Int64($0) }
    }

    /// An unsigned number of 2 bytes.
    package static func u16(_ bytes: ArraySlice<UInt8>, at offset: Int, _ order: ByteOrder) -> Int64? {
        self.unsigned(bytes, at: offset, width: 2, order).map { Int64($0) }
    }

    /// An unsigned number of 3 bytes.
    package static func u24(_ bytes: ArraySlice<UInt8>, at offset: Int, _ order: ByteOrder) -> Int64? {
        self.unsigned(bytes, at: offset, width: 3, order).map { Int64($0) }
    }

    /// An unsigned number of 4 bytes.
    package static func u32(_ bytes: ArraySlice<UInt8>, at offset: Int, _ order: ByteOrder) -> Int64? {
        self.unsigned(bytes, at: offset, width: 4, order).map { Int64($0) }
    }

    /// A two's complement byte.
    package static func i8(_ bytes: ArraySlice<UInt8>, at offset: Int) -> Int64? {
        self.signed(bytes, at: offset, width: 1, .little)
    }

    /// A two's complement number of 2 bytes.
    package static func i16(_ bytes: ArraySlice<UInt8>, at offset: Int, _ order: ByteOrder) -> Int64? {
        self.signed(bytes, at: offset, width: 2, order)
    }

    /// A two's complement number of 3 bytes.
    package static func i24(_ bytes: ArraySlice<UInt8>, at offset: Int, _ order: ByteOrder) -> Int64? {
        self.signed(bytes, at: offset, width: 3, order)
    }

    /// A two's complement number of 4 bytes.
    package static func i32(_ bytes: ArraySlice<UInt8>, at offset: Int, _ order: ByteOrder) -> Int64? {
        self.signed(bytes, at: offset, width: 4, order)
    }

    /// An IEEE 754 binary32; NaN and infinities are returned as such.
    package static func f32(_ bytes: ArraySlice<UInt8>, at offset: Int, _ order: ByteOrder) -> Float? {
        self.unsigned(bytes, at: offset, width: 4, order).map { Float(bitPattern: UInt32($0)) }
    }

    /// An IEEE 754 binary64; NaN and infinities are returned as such.
    package static func f64(_ bytes: ArraySlice<UInt8>, at offset: Int, _ order: ByteOrder) -> Double? {
        self.unsigned(bytes, at: offset, width: 8, order).map { Double(bitPattern: $0) }
    }

    /// An IEEE 11073 SFLOAT of 2 bytes.
    package static func sfloat(
        _ bytes: ArraySlice<UInt8>,
        at offset: Int,
        _ order: ByteOrder
    ) -> IEEE11073Number? {
        self.unsigned(bytes, at: offset, width: 2, order).map { IEEE11073Number(sfloat: UInt16($0)) }
    }

    /// An IEEE 11073 FLOAT of 4 bytes.
    package static func float11073(
        _ bytes: ArraySlice<UInt8>,
        at offset: Int,
        _ order: ByteOrder
    ) -> IEEE11073Number? {
        self.unsigned(bytes, at: offset, width: 4, order).map { IEEE11073Number(float: UInt32($0)) }
    }
}
