/// Damages well-formed payloads in the ways that devices, gateways and attackers do.
struct Mutator {
    /// Payloads do not grow beyond this, except by ``inflate(_:_:)``.
    static let bytesMax = 1 << 16

    /// Applies none to eight changes, each on top of the one before, with `other` as a second seed to splice with.
    static func mutate(_ bytes: inout [UInt8], with other: [UInt8], _ random: inout Randomness) {
        if random.once(in: 40_000) { return self.inflate(&bytes, &random) }
        if random.once(in: 50) {
            bytes = (0..<random.small(300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            return
        }
        guard !random.once(in: 16) else { return }
        var changes = 1
        while changes < 8, random.once(in: 3) { changes += 1 }
        for _ in 0..<changes { self.change(&bytes, with: other, &random) }
        if bytes.count > self.bytesMax { bytes.removeLast(bytes.count - self.bytesMax) }
    }

    private static func change(_ bytes: inout [UInt8], with other: [UInt8], _ random: inout Randomness) {
        switch random.below(20) {
        case 0, 1: self.flipBit(&bytes, &random)
        case 2, 3: self.replaceByte(&bytes, &random)
        case 4, 5: self.deleteChunk(&bytes, &random)
        case 6: self.repeatChunk(&bytes, &random)
        case 7: self.insertBytes(&bytes, &random)
        case 8: self.splice(&bytes, other, &random)
        case 9, 10: self.truncate(&bytes, &random)
        case 11, 12, 13: self.editNumber(&bytes, &random)
        case 14: self.nest(&bytes, &random)
        case 15, 16: self.editLength(&bytes, &random)
        case 17: self.damageText(&bytes, &random)
        case 18: self.swapChunks(&bytes, &random)
        default: self.insertWord(&bytes, &random)
        }
    }
}

// MARK: - Bytes

extension Mutator {
    private static let telling: [UInt8] = [
        0x00, 0x01, 0x07, 0x0A, 0x0B, 0x0D, 0x1C, 0x1F, 0x20, 0x22, 0x27, 0x2C, 0x2D, 0x2E, 0x2F, 0x30, 0x39, 0x3A,
        0x3B, 0x5B,
        0x5C, 0x5D, 0x5E, 0x60, 0x65, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0x9F, 0xA1, 0xBF, 0xC0, 0xC2, 0xC4,
        0xED, 0xEF,
        0xF4, 0xF5, 0xF9, 0xFB, 0xFD, 0xFE, 0xFF,
    ]

    private static func flipBit(_ bytes: inout [UInt8], _ random: inout Randomness) {
        guard !bytes.isEmpty else { return }
        bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
    }

    private static func replaceByte(_ bytes: inout [UInt8], _ random: inout Randomness) {
        guard !bytes.isEmpty else { return bytes.append(random.pick(self.telling)) }
        bytes[random.below(bytes.count)] =
            random.once(in: 3) ? UInt8(truncatingIfNeeded: random.next()) : random.pick(self.telling)
    }

    private static func deleteChunk(_ bytes: inout [UInt8], _ random: inout Randomness) {
        bytes.removeSubrange(self.chunk(of: bytes, &random))
    }

    private static func repeatChunk(_ bytes: inout [UInt8], _ random: inout Randomness) {
        let range = self.chunk(of: bytes, &random)
        let chunk = Array(bytes[range])
        guard !chunk.isEmpty else { return }
        let times = 1 + random.small(min(64, self.bytesMax / chunk.count))
        var copies: [UInt8] = []
        for _ in 0..<times { copies += chunk }
        bytes.insert(contentsOf: copies, at: range.upperBound)
    }

    private static func insertBytes(_ bytes: inout [UInt8], _ random: inout Randomness) {
        let inserted = (0...random.small(16)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        bytes.insert(contentsOf: inserted, at: random.below(bytes.count + 1))
    }

    private static func splice(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout Randomness) {
        let range = self.chunk(of: other, &random)
        if random.once(in: 2) {
            bytes.insert(contentsOf: other[range], at: random.below(bytes.count + 1))
        } else {
            bytes = Array(bytes.prefix(random.below(bytes.count + 1)) + other[range.lowerBound...])
        }
    }

    private static func truncate(_ bytes: inout [UInt8], _ random: inout Randomness) {
        bytes.removeLast(random.once(in: 2) ? random.small(bytes.count) : random.below(bytes.count + 1))
    }

    private static func swapChunks(_ bytes: inout [UInt8], _ random: inout Randomness) {
        let range = self.chunk(of: bytes, &random)
        let moved = Array(bytes[range])
        bytes.removeSubrange(range)
        bytes.insert(contentsOf: moved, at: random.below(bytes.count + 1))
    }

    /// Changes one to eight bytes as if they were a length, count or offset, in either byte order.
    private static func editLength(_ bytes: inout [UInt8], _ random: inout Randomness) {
        let width = 1 << random.below(4)
        guard bytes.count >= width else { return }
        let start = random.below(bytes.count - width + 1)
        let bigEndian = random.once(in: 2)
        let places = Array(bigEndian ? (start..<start + width).reversed() : Array(start..<start + width))
        var value: UInt64 = 0
        for (position, place) in places.enumerated() { value |= UInt64(bytes[place]) << UInt64(8 * position) }
        switch random.below(8) {
        case 0: value &+= 1
        case 1: value &-= 1
        case 2: value &*= 2
        case 3: value = UInt64(bytes.count - start - width)
        case 4: value = .max
        case 5: value = 0
        case 6: value = UInt64(Int64.max) >> UInt64(64 - 8 * width)
        default: value = 1 << UInt64(random.below(64))
        }
        for (position, place) in places.enumerated() {
            bytes[place] = UInt8(truncatingIfNeeded: value >> UInt64(8 * position))
        }
    }

    /// A range of the bytes, short ones more often.
    static func chunk(of bytes: [UInt8], _ random: inout Randomness) -> Range<Int> {
        let start = random.below(bytes.count + 1)
        let length = random.once(in: 4) ? random.below(bytes.count - start + 1) : random.small(bytes.count - start)
        return start..<start + length
    }
}
