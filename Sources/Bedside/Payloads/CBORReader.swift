internal import Units

/// The position in an encoded data item.
struct CBORReader {
    let bytes: UnsafeRawBufferPointer
    /// Where the copy of `bytes` starts in the tree's arena: definite strings are spans of it.
    let arenaStart: Int32
    var position = 0

    init(bytes: UnsafeRawBufferPointer, arenaStart: Int32) {
        self.bytes = bytes
        self.arenaStart = arenaStart
    }

    /// Reads one data item.
    ///
    /// It recurses only into containers, whose depth the tree bounds.
    mutating func value(key: PayloadTree.Span, into tree: inout PayloadTree) throws(DecodeFailure) {
        let start = self.position
        var head = try self.head()
        while head.major == .tag {
            if let number = try self.taggedNumber(head.argument) {
                try tree.add(number, key: key)
                return
            }
            head = try self.head()
        }
        switch head.major {
        case .unsigned: try tree.add(ExactDecimal(significand: Int128(head.argument), exponent: 0), key: key)
        case .negative: try tree.add(ExactDecimal(significand: -1 - Int128(head.argument), exponent: 0), key: key)
        case .bytes: try tree.addBytes(try self.string(head, into: &tree), key: key)
        case .text: try tree.addString(try self.string(head, into: &tree), key: key)
        case .array: try self.array(head, key: key, into: &tree)
        case .map: try self.map(head, key: key, into: &tree)
        case .simple: try self.simple(head, at: start, key: key, into: &tree)
        case .tag: throw DecodeFailure(.malformed, "a tag tags nothing", offset: start)
        }
    }

    private mutating func array(
        _ head: CBORHead,
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.openContainer(.array, key: key)
        if head.isIndefinite {
            while try !self.skipBreak() { try self.value(key: .none, into: &tree) }
        } else {
            for _ in 0..<(try self.count(head, bytesEach: 1)) { try self.value(key: .none, into: &tree) }
        }
        tree.closeContainer()
    }

    private mutating func map(
        _ head: CBORHead,
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        try tree.openContainer(.object, key: key)
        if head.isIndefinite {
            while try !self.skipBreak() { try self.member(into: &tree) }
        } else {
            for _ in 0..<(try self.count(head, bytesEach: 2)) { try self.member(into: &tree) }
        }
        tree.closeContainer()
    }

    private mutating func member(into tree: inout PayloadTree) throws(DecodeFailure) {
        let start = self.position
        let head = try self.head()
        let name: PayloadTree.Span
        switch head.major {
        case .text: name = try self.string(head, into: &tree)
        case .unsigned: name = Self.appendDecimal(head.argument, isNegative: false, to: &tree)
        case .negative where head.argument < UInt64.max:
            name = Self.appendDecimal(head.argument + 1, isNegative: true, to: &tree)
        default:
            throw DecodeFailure(.unsupported, "a map key is neither text nor a 64-bit integer", offset: start)
        }
        try self.value(key: name, into: &tree)
    }

    private static func appendDecimal(
        _ magnitude: UInt64,
        isNegative: Bool,
        to tree: inout PayloadTree
    ) -> PayloadTree.Span {
        var digits = tree.append(literal: isNegative ? "-" : "")
        var divisor: UInt64 = 1
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            let digit = UInt8(ascii: "0") + UInt8(magnitude / divisor % 10)
            digits.count += tree.append(CollectionOfOne(digit)).count
            divisor /= 10
        }
        return digits
    }

    /// Reads a byte or text string whose head has been read.
    private mutating func string(
        _ head: CBORHead,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) -> PayloadTree.Span {
        guard head.isIndefinite else {
            let content = try self.content(head)
            return PayloadTree.Span(start: self.arenaStart + Int32(content.lowerBound), count: Int32(content.count))
        }
        var whole = tree.append(literal: "")
        while try !self.skipBreak() {
            let start = self.position
            let chunk = try self.head()
            guard chunk.major == head.major, !chunk.isIndefinite else {
                throw DecodeFailure(.malformed, "a chunk is not a definite string of the same type", offset: start)
            }
            let content = try self.content(chunk)
            whole.count += tree.append(UnsafeRawBufferPointer(rebasing: self.bytes[content])).count
        }
        return whole
    }

    /// Where the bytes of a definite string lie; texts, and each chunk of one (RFC 8949 §3.2.3), must be UTF-8.
    mutating func content(_ head: CBORHead) throws(DecodeFailure) -> Range<Int> {
        let count = try self.count(head, bytesEach: 1)
        let range = self.position..<self.position + count
        if head.major == .text {
            try UTF8Validation.check(UnsafeRawBufferPointer(rebasing: self.bytes[range]), offset: range.lowerBound)
        }
        self.position = range.upperBound
        return range
    }
}
