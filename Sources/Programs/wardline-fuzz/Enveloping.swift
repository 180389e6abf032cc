import Payloads

/// Wraps bytes as gateways do: the inverse of ``Wrapping``.
///
/// Compression is stored blocks (RFC 1951 §3.2.4): the inflater sees valid frames and checksums around any content.
enum Enveloping {
    static func wrap(_ bytes: [UInt8], as wrapping: Wrapping) -> [UInt8] {
        switch wrapping {
        case .hex: self.hex(bytes)
        case .base64: self.base64(bytes)
        case .gzip: self.gzip(self.stored(bytes), of: bytes)
        case .zlib: [0x78, 0x01] + self.stored(bytes) + self.adler32(bytes)
        case .deflate: self.stored(bytes)
        }
    }

    private static func hex(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    private static func unhex(_ text: String) -> [UInt8] {
        let digits = text.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...3 {
                text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return text
    }

    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var blocks: [UInt8] = []
        for start in stride(from: 0, through: bytes.count, by: 65_535) {
            let block = bytes[start..<min(start + 65_535, bytes.count)]
            let length = UInt16(block.count)
            blocks += [start + 65_535 > bytes.count ? 1 : 0]
            blocks += self.littleEndian(UInt32(length), 2) + self.littleEndian(UInt32(~length), 2) + block
        }
        return blocks
    }

    private static func gzip(_ deflated: [UInt8], of bytes: [UInt8]) -> [UInt8] {
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + deflated + self.littleEndian(self.crc32(bytes), 4)
            + self.littleEndian(UInt32(truncatingIfNeeded: bytes.count), 4)
    }

    private static func littleEndian(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { self.crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    private static func adler32(_ bytes: [UInt8]) -> [UInt8] {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return self.littleEndian(high << 16 | low, 4).reversed()
    }

    /// Really compressed streams: fixed codes, dynamic codes, and 300,000 zeros in 307 bytes.
    static var squeezed: [[UInt8]] {
        let fixed: [UInt8] =
            [
                0xAB, 0x56, 0xCA, 0x28, 0x52, 0xB2, 0x32, 0x37, 0xD2, 0x51, 0x2A, 0x2E, 0xC8, 0x37, 0x52, 0xB2, 0xB2,
                0x34, 0xD7, 0x01,
            ]
            + [0x8A, 0x18, 0x21, 0x84, 0x92, 0x40, 0x62, 0xB5, 0x00]
        let dynamic = self.unhex(
            "6dd0390e80300c04c0af44a929702ec77c05d1d381800ef1770e19650b775676a4ac3d9e7edefce04adf39bfaf4b786679e7e319faab73"
                + "7fce9093e6911be0042029e0d4402500a2800840059015a4dac0f7f883a8a066284906080180f54516d8221b25a540c960ac192300"
                + "310ec5704929c6a5f99a6e"
        )
        let bomb: [UInt8] =
            [0xED, 0xC1, 0x01, 0x0D, 0x00, 0x00, 0x00, 0xC2, 0xA0, 0xF7, 0x4F, 0x6D, 0x0F, 0x07, 0x14]
            + Array(repeating: 0, count: 290) + [0xFC, 0x18]
        let zeros = [UInt8](repeating: 0, count: 300_000)
        return [
            fixed, dynamic, bomb, self.gzip(bomb, of: zeros), [0x78, 0x9C] + bomb + self.adler32(zeros),
            self.gzip(fixed, of: Array(#"{"hr":72,"spo2":97,"hr2":72,"spo2b":97}"#.utf8)),
        ]
    }
}
