internal import CChecksumKernels

/// CRC-32C (RFC 3720 appendix B.4), eight bytes a step, by the processor's instruction where it has one.
struct Checksum {
    /// Whether this processor has the instruction.
    static let isAccelerated = wl_crc32c_is_available() == 1
    /// Row `n` holds the sums of a byte that `n` zero bytes follow.
    private static let rows: [UInt32] = Self.makeRows()

    private var state: UInt32 = .max

    /// The sum of everything that was added.
    var value: UInt32 { ~self.state }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        var sum = Checksum()
        bytes.withUnsafeBytes { sum.add($0) }
        return sum.value
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard Self.isAccelerated else { return self.addByTable(bytes) }
        self.state = wl_crc32c_add(self.state, bytes.baseAddress, bytes.count)
    }

    /// ``add(_:)`` for any processor.
    mutating func addByTable(_ bytes: UnsafeRawBufferPointer) {
        var sum = self.state
        Self.rows.withUnsafeBufferPointer { rows in
            var offset = 0
            while offset + 8 <= bytes.count {
                let low = sum ^ UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                let high = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
                let (lower, upper) = (Self.rest(of: low, 7, rows), Self.rest(of: high, 3, rows))
                sum = lower ^ upper
                offset += 8
            }
            while offset < bytes.count {
                sum = sum >> 8 ^ rows[Int((sum ^ UInt32(bytes[offset])) & 255)]
                offset += 1
            }
        }
        self.state = sum
    }

    /// The sums of a word's four bytes, of which the first is followed by `following` bytes.
    @inline(__always)
    private static func rest(of word: UInt32, _ following: Int, _ rows: UnsafeBufferPointer<UInt32>) -> UInt32 {
        let first = rows[following << 8 | Int(word & 255)]
        let second = rows[(following - 1) << 8 | Int(word >> 8 & 255)]
        let third = rows[(following - 2) << 8 | Int(word >> 16 & 255)]
        let fourth = rows[(following - 3) << 8 | Int(word >> 24)]
        return first ^ second ^ third ^ fourth
    }

    private static func makeRows() -> [UInt32] {
        var rows: [UInt32] = []
        for byte in UInt32(0)..<256 {
            var sum = byte
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
            rows.append(sum)
        }
        for index in 256..<2048 {
            let shorter = rows[index - 256]
            rows.append(shorter >> 8 ^ rows[Int(shorter & 255)])
        }
        return rows
    }
}
