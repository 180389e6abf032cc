/// Data items of CBOR (RFC 8949 §3).
enum CBOR {
    static func uint(_ value: UInt64) -> [UInt8] { self.head(0, value) }
    /// The integer `-magnitude`.
    static func negative(_ magnitude: UInt64) -> [UInt8] { self.head(1, magnitude - 1) }
    static func bytes(_ value: [UInt8]) -> [UInt8] { self.head(2, UInt64(value.count)) + value }
    static func text(_ value: String) -> [UInt8] { self.head(3, UInt64(value.utf8.count)) + Array(value.utf8) }
    static func array(_ items: [[UInt8]]) -> [UInt8] { self.head(4, UInt64(items.count)) + items.joined() }
    static func map(_ members: [([UInt8], [UInt8])]) -> [UInt8] {
        members.reduce(into: self.head(5, UInt64(members.count))) { $0 += $1.0 + $1.1 }
    }

    private static func head(_ major: UInt8, _ argument: UInt64) -> [UInt8] {
        let top = major << 5
        switch argument {
        case 0..<24: return [top | UInt8(argument)]
        case 24..<256: return [top | 24, UInt8(argument)]
        case 256..<65_536: return [top | 25] + self.bigEndian(argument, 2)
        case 65_536..<(1 << 32): return [top | 26] + self.bigEndian(argument, 4)
        default: return [top | 27] + self.bigEndian(argument, 8)
        }
    }

    private static func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}

/// Fields of protobuf messages, and the Sparkplug B payload made of them (Sparkplug 3.0 §6.4).
enum Protobuf {
    static func varint(_ field: UInt64, _ value: UInt64) -> [UInt8] { self.number(field << 3) + self.number(value) }
    static func bytes(_ field: UInt64, _ value: [UInt8]) -> [UInt8] {
        self.number(field << 3 | 2) + self.number(UInt64(value.count)) + value
    }
    static func float(_ field: UInt64, _ value: Float) -> [UInt8] {
        self.number(field << 3 | 5) + (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
    static func double(_ field: UInt64, _ value: Double) -> [UInt8] {
        self.number(field << 3 | 1) + (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * $0)) }
    }

    static func payload(sequence: UInt64, _ metrics: [[UInt8]]) -> [UInt8] {
        metrics.reduce(into: self.varint(1, 1_773_130_530_000)) { $0 += self.bytes(2, $1) } + self.varint(3, sequence)
    }

    static func metric(name: String?, alias: UInt64?, datatype: UInt64?, _ value: [UInt8]) -> [UInt8] {
        (name.map { self.bytes(1, Array($0.utf8)) } ?? []) + (alias.map { self.varint(2, $0) } ?? [])
            + self.varint(3, 1_773_130_530_000) + (datatype.map { self.varint(4, $0) } ?? []) + value
    }

    /// The value field in which a datatype travels, with some value; property sets come with the integers.
    static func value(of datatype: Int) -> [UInt8] {
        switch datatype {
        case 1...3, 5...7: self.varint(10, 0xFFFF_FFF6) + self.properties
        case 4, 8, 13: self.varint(11, .max - 9)
        case 9: self.float(12, 36.6)
        case 10: self.double(13, -.infinity)
        case 11: self.varint(14, 1)
        case 12, 14, 15: self.bytes(15, Array("é-text".utf8))
        case 16: self.bytes(17, [0x08, 0x02])
        case 19: self.bytes(18, [0x0A, 0x01, 0x31])
        default: self.bytes(16, [1, 0, 0, 0, 2, 0, 0, 0])
        }
    }

    private static let properties = Self.bytes(
        9,
        Self.bytes(1, Array("Quality".utf8)) + Self.bytes(2, Self.varint(1, 3) + Self.varint(3, 192))
            + Self.bytes(1, Array("engUnit".utf8))
            + Self.bytes(2, Self.varint(1, 12) + Self.bytes(8, Array("/min".utf8)))
    )

    private static func number(_ value: UInt64) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
