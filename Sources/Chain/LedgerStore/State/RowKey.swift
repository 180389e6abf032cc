/// What stands for a row in memory, in the order of the table's rows.
protocol RowKey: Hashable {
    /// Bytes that it occupies besides itself.
    var byteCount: Int { get }

    func isBelow(_ other: Self) -> Bool
}

/// A key of the table of entries; hashed at once, where an array is hashed byte by byte.
struct EntryKey: RowKey {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var byteCount: Int { self.bytes.count }

    func isBelow(_ other: Self) -> Bool { self.bytes.isBelow(other.bytes) }

    static func == (left: Self, right: Self) -> Bool { left.bytes.hasBytes(of: right.bytes) }

    func hash(into hasher: inout Hasher) { self.bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

/// A key of the table of nodes.
///
/// Paths of up to 15 nibbles are numbers, ordered so that a node comes right before its subtree; longer ones take 60
/// bits of grinding to exist, and are kept as bytes.
struct NodeKey: RowKey {
    private static let nibblesMax = 15
    /// The nibbles from the top, and their number in the last four bits.
    let number: UInt64
    /// The whole path where it is no number, else empty.
    let path: [UInt8]

    init(_ path: [UInt8]) {
        var number: UInt64 = 0
        var isNumber = path.count <= Self.nibblesMax
        for nibble in path.prefix(Self.nibblesMax) {
            number = number << 4 | UInt64(nibble & 15)
            isNumber = isNumber && nibble < 16
        }
        // A shift by all 64 bits leaves nothing, and the root's number is nothing.
        self.number = isNumber ? number << UInt64(64 - 4 * path.count) | UInt64(path.count) : .max
        self.path = isNumber ? [] : path
    }

    var isNumber: Bool { self.path.isEmpty }

    /// Nibbles of the path, where it is a number.
    var depth: Int { Int(self.number & 15) }

    /// The nibbles as one number.
    var nibbles: UInt64 { self.number >> UInt64(64 - 4 * self.depth) }

    /// The number as SQLite orders it.
    var row: Int64 { Int64(bitPattern: self.number ^ 1 << 63) }

    /// A number beside this one that no node has: of all paths, only the root's number ends with 0.
    var roomRow: Int64 { Int64(bitPattern: (self.number & ~15) ^ 1 << 63) }

    var byteCount: Int { self.path.count }

    func isBelow(_ other: Self) -> Bool {
        self.number == other.number ? self.path.isBelow(other.path) : self.number < other.number
    }

    static func == (left: Self, right: Self) -> Bool {
        left.number == right.number && (left.isNumber || left.path == right.path)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.number)
        if !self.isNumber { hasher.combine(self.path) }
    }
}
