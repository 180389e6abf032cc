internal import CFieldKernels

extension Fp {
    /// Bytes of an encoded element.
    package static let byteCount = 48

    /// Reads 48 bytes, most significant first; nil for an integer that is not below `p`.
    ///
    /// - Precondition: there are 48 bytes.
    package init?(bigEndian bytes: some Collection<UInt8>) {
        precondition(bytes.count == Self.byteCount)
        let limbs = Self.limbs(bytes)
        self.init(limbs: limbs)
        guard equalLimbs(limbs, self.limbs) else { return nil }
    }

    /// Reads 64 bytes, most significant first, and takes the integer modulo `p` (`hash_to_field` of RFC 9380
    /// section 5.2).
    ///
    /// - Precondition: there are 64 bytes.
    package init(reducing bytes: some Collection<UInt8>) {
        precondition(bytes.count == 64)
        let padding = [UInt8](repeating: 0, count: 16)
        let high = Fp(limbs: Self.limbs(padding + bytes.prefix(32)))
        let low = Fp(limbs: Self.limbs(padding + bytes.suffix(32)))
        self = high * Self.twoTo256 + low
    }

    private static let twoTo256 = Fp(limbs: (0, 0, 0, 0, 1, 0))

    /// A constant in hexadecimal digits.
    ///
    /// - Precondition: digits of an integer below `p`.
    package init(hex: StaticString) {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        hex.withUTF8Buffer { digits in
            precondition(digits.count <= 2 * bytes.count)
            for (place, digit) in digits.reversed().enumerated() {
                let value = digit <= 57 ? digit - 48 : digit - 87
                precondition(value < 16)
                bytes[bytes.count - 1 - place / 2] |= value << (place % 2 * 4)
            }
        }
        self.init(limbs: Self.limbs(bytes))
        precondition(self.bytes == bytes)
    }

    /// The integer in 48 bytes, most significant first.
    package var bytes: [UInt8] {
        let limbs = self.limbs
        let words = [limbs.5, limbs.4, limbs.3, limbs.2, limbs.1, limbs.0]
        return [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            for (place, word) in words.enumerated() {
                target.storeBytes(of: word.bigEndian, toByteOffset: 8 * place, as: UInt64.self)
            }
            count = Self.byteCount
        }
    }

    /// The limbs of an integer in 48 bytes, most significant first.
    private static func limbs(
        _ bytes: some Collection<UInt8>
    ) -> (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
        // Bytes of a collection whose type is not known here come one by one, each through a table.
        let known = bytes.withContiguousStorageIfAvailable { Self.limbs(in: UnsafeRawBufferPointer($0)) }
        return known ?? Array(bytes).withUnsafeBytes { Self.limbs(in: $0) }
    }

    private static func limbs(
        in bytes: UnsafeRawBufferPointer
    ) -> (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
        precondition(bytes.count == Self.byteCount)
        func word(_ place: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self))
        }
        return (word(5), word(4), word(3), word(2), word(1), word(0))
    }
}
