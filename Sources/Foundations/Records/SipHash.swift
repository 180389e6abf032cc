/// SipHash-2-4: a keyed 64-bit hash for short inputs (Aumasson and Bernstein, 2012).
///
/// Without the key, nobody can choose inputs that collide; it is no digital signature and no digest.
package struct SipHash24: Sendable {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    /// Up to seven bytes that do not fill a word yet, the first in the low bits.
    private var tail: UInt64 = 0
    private var byteCount: UInt64 = 0

    /// Starts a hash; the key is two little-endian words of 16 secret bytes.
    package init(key0: UInt64, key1: UInt64) {
        self.v0 = 0x736f_6d65_7073_6575 ^ key0
        self.v1 = 0x646f_7261_6e64_6f6d ^ key1
        self.v2 = 0x6c79_6765_6e65_7261 ^ key0
        self.v3 = 0x7465_6462_7974_6573 ^ key1
    }

    /// Adds bytes; splitting them over several calls makes no difference.
    package mutating func combine(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count, self.byteCount & 7 != 0 {
            self.combine(byte: bytes[index])
            index += 1
        }
        while index + 8 <= bytes.count {
            self.compress(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
            self.byteCount &+= 8
            index += 8
        }
        while index < bytes.count {
            self.combine(byte: bytes[index])
            index += 1
        }
    }

    /// Adds bytes.
    package mutating func combine(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { self.combine($0) }
    }

    /// Adds a word as eight bytes, least significant first.
    package mutating func combine(_ word: UInt64) {
        let shift = (self.byteCount & 7) * 8
        self.byteCount &+= 8
        if shift == 0 { return self.compress(word) }
        self.compress(self.tail | word << shift)
        self.tail = word >> (64 - shift)
    }

    /// The hash of everything added so far; more can be added afterwards.
    package func finalize() -> UInt64 {
        var state = self
        state.compress(self.tail | self.byteCount << 56)
        state.v2 ^= 0xff
        for _ in 0..<4 { state.round() }
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    @inline(__always)
    private mutating func combine(byte: UInt8) {
        self.tail |= UInt64(byte) << ((self.byteCount & 7) * 8)
        self.byteCount &+= 1
        if self.byteCount & 7 == 0 {
            self.compress(self.tail)
            self.tail = 0
        }
    }

    @inline(__always)
    private mutating func compress(_ word: UInt64) {
        self.v3 ^= word
        self.round()
        self.round()
        self.v0 ^= word
    }

    @inline(__always)
    private mutating func round() {
        self.v0 &+= self.v1
        self.v2 &+= self.v3
        self.v1 = Self.rotate(self.v1, 13) ^ self.v0
        self.v3 = Self.rotate(self.v3, 16) ^ self.v2
        self.v0 = Self.rotate(self.v0, 32)
        self.v2 &+= self.v1
        self.v0 &+= self.v3
        self.v1 = Self.rotate(self.v1, 17) ^ self.v2
        self.v3 = Self.rotate(self.v3, 21) ^ self.v0
        self.v2 = Self.rotate(self.v2, 32)
    }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word &<< bits | word &>> (64 - bits)
    }
}
