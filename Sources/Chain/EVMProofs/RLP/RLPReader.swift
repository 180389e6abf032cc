package import CanonicalBytes

extension RLPItem {
    /// Reads a value that fills the bytes.
    ///
    /// - Throws: `FORMAT`, also for an encoding that is not the shortest and for one beyond ``RLPLimits``.
    package init(encoded bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= RLPLimits.bytesMax, .format, "RLP of \(bytes.count) bytes")
        var reader = RLPReader(rest: bytes[...])
        self = try reader.item(depth: 0)
        try require(reader.rest.isEmpty, .format, "\(reader.rest.count) bytes after RLP")
    }
}

/// Takes values off the front of some bytes.
private struct RLPReader {
    var rest: ArraySlice<UInt8>
    private var itemCount = 0

    init(rest: ArraySlice<UInt8>) { self.rest = rest }

    mutating func item(depth: Int) throws(ProtocolFailure) -> RLPItem {
        self.itemCount += 1
        try require(self.itemCount <= RLPLimits.itemsMax, .format, "more than \(RLPLimits.itemsMax) RLP items")
        guard let head = self.rest.popFirst() else { throw ProtocolFailure(.format, "RLP is cut off") }
        switch head {
        case ..<0x80: return .bytes([head])
        case 0x80...0xBF: return .bytes(try self.content(head - 0x80))
        default: return .list(try self.items(head - 0xC0, depth: depth))
        }
    }

    private mutating func content(_ head: UInt8) throws(ProtocolFailure) -> [UInt8] {
        let content = try self.take(self.count(head))
        let isShort = content.count == 1 && content[content.startIndex] < 0x80
        try require(!isShort, .format, "a small byte with a length")
        return Array(content)
    }

    private mutating func items(_ head: UInt8, depth: Int) throws(ProtocolFailure) -> [RLPItem] {
        try require(depth < RLPLimits.depthMax, .format, "RLP lists deeper than \(RLPLimits.depthMax)")
        let content = try self.take(self.count(head))
        let after = self.rest
        self.rest = content
        var items: [RLPItem] = []
        while !self.rest.isEmpty { items.append(try self.item(depth: depth + 1)) }
        self.rest = after
        return items
    }

    /// A length: up to 55 in the head itself, beyond that in 1 to 8 bytes of its own.
    private mutating func count(_ head: UInt8) throws(ProtocolFailure) -> Int {
        guard head > 55 else { return Int(head) }
        let digits = try self.take(Int(head) - 55)
        try require(digits.first != 0 && digits.count <= 4, .format, "a length that is none, or beyond all bounds")
        let count = digits.reduce(0) { $0 << 8 | Int($1) }
        try require(count > 55, .format, "a long length of \(count)")
        return count
    }

    private mutating func take(_ count: Int) throws(ProtocolFailure) -> ArraySlice<UInt8> {
        try require(count <= self.rest.count, .format, "RLP of \(count) bytes in \(self.rest.count)")
        defer { self.rest = self.rest.dropFirst(count) }
        return self.rest.prefix(count)
    }
}
