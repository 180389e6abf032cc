/// Numbers of Observations, written as the differences between them.
enum NumberList {
    /// - Parameter numbers: positive, ascending.
    /// - Returns: bytes for ``decode(_:)``.
    static func encode(_ numbers: [Int64]) -> [UInt8] {
        var bytes: [UInt8] = []
        var last: Int64 = 0
        for number in numbers {
            var difference = UInt64(bitPattern: number - last)
            last = number
            while difference >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: difference) | 0x80)
                difference >>= 7
            }
            bytes.append(UInt8(difference))
        }
        return bytes
    }

    /// Reads what ``encode(_:)`` wrote; an end inside of a number ends the list.
    static func decode(_ bytes: [UInt8]) -> [Int64] {
        var numbers: [Int64] = []
        var (difference, shift): (UInt64, UInt64) = (0, 0)
        for byte in bytes {
            difference |= UInt64(byte & 0x7f) << shift
            shift += 7
            guard byte < 0x80 else { continue }
            numbers.append((numbers.last ?? 0) &+ Int64(bitPattern: difference))
            (difference, shift) = (0, 0)
        }
        return numbers
    }
}

/// Short byte strings behind each other, each after its length.
enum TagList {
    /// - Parameter tags: of at most 255 bytes each.
    /// - Returns: bytes for ``decode(_:)``.
    static func encode(_ tags: [[UInt8]]) -> [UInt8] {
        tags.flatMap { [UInt8(truncatingIfNeeded: $0.count)] + $0 }
    }

    /// Reads what ``encode(_:)`` wrote.
    static func decode(_ bytes: [UInt8]) -> [[UInt8]] {
        var tags: [[UInt8]] = []
        var rest = bytes[...]
        while let count = rest.popFirst() {
            tags.append(Array(rest.prefix(Int(count))))
            rest = rest.dropFirst(Int(count))
        }
        return tags
    }
}
