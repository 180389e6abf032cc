internal import Crypto

/// A SHA-256 digest (FIPS 180-4), 32 bytes.
package struct Digest: Hashable, Sendable {
    /// Length of a digest.
    package static let byteCount = 32

    // Four words instead of an array: comparing and storing digests then allocates nothing. No SIMD4: its alignment of
    // 32 bytes is more than a task's memory has, and async functions that keep a digest across an await then crash.
    private struct Words: Hashable {
        private var first: UInt64 = 0
        private var second: UInt64 = 0
        private var third: UInt64 = 0
        private var fourth: UInt64 = 0

        static var zero: Words { Words() }

        subscript(index: Int) -> UInt64 {
            get {
                switch index {
                case 0: self.first
                case 1: self.second
                case 2: self.third
                default: self.fourth
                }
            }
            set {
                switch index {
                case 0: self.first = newValue
                case 1: self.second = newValue
                case 2: self.third = newValue
                default: self.fourth = newValue
                }
            }
        }
    }

    private let words: Words

    private init(words: Words) {
        self.words = words
    }

    /// Takes over 32 bytes; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(sequence: bytes)
    }

    /// Takes over 32 bytes of an array; nil for any other count.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.words = bytes.withUnsafeBytes { bytes in
            var words = Words.zero
            for index in 0..<4 {
                words[index] = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            }
            return words
        }
    }

    private init(sequence: some Sequence<UInt8>) {
        var words = Words.zero
        for (index, byte) in sequence.enumerated().prefix(Self.byteCount) {
            words[index / 8] = words[index / 8] << 8 | UInt64(byte)
        }
        self.words = words
    }

    /// The digest of `bytes`.
    package static func sha256(of bytes: UnsafeRawBufferPointer) -> Digest {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return Digest(hash.finalize())
    }

    // Word by word: hashing short messages is hot, and a byte loop costs as much as the hash.
    fileprivate init(_ digest: SHA256Digest) {
        self.words = digest.withUnsafeBytes { bytes in
            var words = Words.zero
            for index in 0..<4 {
                words[index] = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            }
            return words
        }
    }

    /// The digest of `bytes`.
    package static func sha256(of bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { self.sha256(of: $0) }
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { bytes, count in
            for index in 0..<4 {
                UnsafeMutableRawBufferPointer(bytes).storeBytes(
                    of: self.words[index].bigEndian,
                    toByteOffset: 8 * index,
                    as: UInt64.self
                )
            }
            count = Self.byteCount
        }
    }

    private subscript(index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: self.words[index / 8] >> UInt64(56 - index % 8 * 8))
    }
}

extension Digest: CustomStringConvertible {
    /// Reads 64 hexadecimal digits of either case.
    package init?(hex text: some Collection<UInt8>) {
        guard text.count == 2 * Self.byteCount else { return nil }
        var words = Words.zero
        for (index, byte) in text.enumerated() {
            guard let digit = Self.hexValue(byte) else { return nil }
            words[index / 16] = words[index / 16] << 4 | digit
        }
        self.init(words: words)
    }

    /// Appends 64 lower-case hexadecimal digits.
    package func writeHex(to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * Self.byteCount) { digits in
            for index in 0..<Self.byteCount {
                let byte = self[index]
                digits[2 * index] = Self.hexDigit(byte >> 4)
                digits[2 * index + 1] = Self.hexDigit(byte & 15)
            }
            output.append(contentsOf: digits)
        }
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * Self.byteCount)
        self.writeHex(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func hexValue(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension Digest {
    /// Hashes a sequence of fields so that no two different sequences share an input: each field is preceded by its
    /// length, `LP(b) = u32be(length) || b`.
    package struct Builder: Sendable {
        private var hash = SHA256()

        /// Starts with no fields.
        package init() {}

        /// Adds a field of bytes, shorter than 4 GiB.
        package mutating func append(_ field: UnsafeRawBufferPointer) {
            precondition(field.count <= Int(UInt32.max), "a hashed field is shorter than 4 GiB")
            self.appendFixed(UInt32(field.count))
            self.hash.update(bufferPointer: field)
        }

        /// Adds a field of bytes.
        package mutating func append(_ field: [UInt8]) {
            field.withUnsafeBytes { self.append($0) }
        }

        /// Adds a field of UTF-8.
        package mutating func append(_ field: String) {
            var field = field
            field.withUTF8 { self.append(UnsafeRawBufferPointer($0)) }
        }

        /// Adds a number as a field of eight bytes, most significant first.
        package mutating func append(_ field: UInt64) {
            withUnsafeBytes(of: field.bigEndian) { self.append($0) }
        }

        /// Adds a digest as a field of 32 bytes.
        package mutating func append(_ field: Digest) {
            self.append(field.bytes)
        }

        /// The digest of the fields so far.
        package func finish() -> Digest {
            Digest(self.hash.finalize())
        }

        private mutating func appendFixed(_ number: UInt32) {
            withUnsafeBytes(of: number.bigEndian) { self.hash.update(bufferPointer: $0) }
        }
    }
}
