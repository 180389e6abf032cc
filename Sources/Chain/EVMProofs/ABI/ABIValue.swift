package import CanonicalBytes

/// A value of the contract ABI (Solidity documentation, "Contract ABI Specification"), of the kinds that the broker
/// has.
package enum ABIValue: Hashable, Sendable {
    /// `uint64`, and `uint256` of small numbers.
    case number(UInt64)
    case flag(Bool)
    case address(EVMAddress)
    /// `bytes32`.
    case word([UInt8])
    /// `bytes` or `string`.
    case bytes([UInt8])
    case array([ABIValue])

    /// The encoding of some values one after the other, as arguments, results and the data of events.
    package static func encode(_ values: [ABIValue]) -> [UInt8] {
        var head: [UInt8] = []
        var tail: [UInt8] = []
        for value in values {
            if value.isDynamic {
                head += Self.word(of: UInt64(values.count * 32 + tail.count))
                tail += value.content
            } else {
                head += value.content
            }
        }
        return head + tail
    }

    private var isDynamic: Bool {
        switch self {
        case .bytes, .array: true
        case .number, .flag, .address, .word: false
        }
    }

    private var content: [UInt8] {
        switch self {
        case .number(let number): Self.word(of: number)
        case .flag(let flag): Self.word(of: flag ? 1 : 0)
        case .address(let address): [UInt8](repeating: 0, count: 12) + address.bytes
        case .word(let word): word
        case .bytes(let bytes):
            Self.word(of: UInt64(bytes.count)) + bytes + [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
        case .array(let values): Self.word(of: UInt64(values.count)) + Self.encode(values)
        }
    }

    private static func word(of number: UInt64) -> [UInt8] {
        [UInt8](repeating: 0, count: 24) + number.bigEndianBytes
    }
}

/// What a value is to be, with its bound.
package enum ABIType: Hashable, Sendable {
    case number
    case flag
    case address
    case word
    case bytes(max: Int)
    case text(max: Int)
    indirect case array(ABIType, max: Int)
}

extension ABIValue {
    /// Bytes of the longest encoding that is read.
    package static let encodingBytesMax = 1 << 17

    /// Reads values that fill the bytes.
    ///
    /// - Throws: `FORMAT`, also for every other encoding of the same values than ``encode(_:)``.
    package static func decode(_ data: [UInt8], as types: [ABIType]) throws(ProtocolFailure) -> [ABIValue] {
        try require(data.count <= Self.encodingBytesMax, .format, "ABI data of \(data.count) bytes")
        let values = try ABIReader(data: data[...]).values(types)
        // Offsets may point anywhere in what a contract writes; contracts and everybody else write them in order.
        try require(Self.encode(values) == data, .format, "not the one encoding of the values")
        return values
    }

    /// nil for a value that is no number.
    package var number: UInt64? { if case .number(let number) = self { number } else { nil } }

    /// nil for a value that is no array.
    package var list: [ABIValue]? { if case .array(let values) = self { values } else { nil } }

    /// The bytes of `bytes32`, of `bytes` or of a `string`; nil for every other value.
    package var bytes: [UInt8]? {
        switch self {
        case .word(let bytes), .bytes(let bytes): bytes
        case .number, .flag, .address, .array: nil
        }
    }

    /// The text of a `string`; nil for every other value.
    package var text: String? { self.bytes.flatMap { String(validating: $0, as: UTF8.self) } }
}

/// Reads values whose offsets count from the beginning of some data.
private struct ABIReader {
    let data: ArraySlice<UInt8>

    func values(_ types: [ABIType]) throws(ProtocolFailure) -> [ABIValue] {
        var values: [ABIValue] = []
        for (place, type) in types.enumerated() { values.append(try self.value(type, at: place * 32)) }
        return values
    }

    private func value(_ type: ABIType, at place: Int) throws(ProtocolFailure) -> ABIValue {
        switch type {
        case .number: return .number(try self.number(at: place))
        case .flag:
            let number = try self.number(at: place)
            try require(number <= 1, .format, "a flag that is \(number)")
            return .flag(number == 1)
        case .address:
            let word = try self.word(at: place)
            try require(word.prefix(12).allSatisfy { $0 == 0 }, .format, "an address beyond 20 bytes")
            return .address(try EVMAddress(Array(word.suffix(20))))
        case .word: return .word(Array(try self.word(at: place)))
        case .bytes(let max): return .bytes(try self.content(at: place, max))
        case .text(let max):
            let content = try self.content(at: place, max)
            try require(String(validating: content, as: UTF8.self) != nil, .format, "text that is not UTF-8")
            return .bytes(content)
        case .array(let element, let max):
            let (count, inner) = try self.counted(at: place)
            try require(count <= max, .format, "\(count) elements where \(max) are allowed")
            return .array(try inner.values([ABIType](repeating: element, count: count)))
        }
    }

    private func content(at place: Int, _ max: Int) throws(ProtocolFailure) -> [UInt8] {
        let (count, inner) = try self.counted(at: place)
        try require(count <= max, .format, "\(count) bytes where \(max) are allowed")
        try require(count <= inner.data.count, .format, "ABI data is cut off")
        return Array(inner.data.prefix(count))
    }

    /// What a place points to: a number, and the data behind it.
    private func counted(at place: Int) throws(ProtocolFailure) -> (count: Int, inner: ABIReader) {
        let offset = try self.number(at: place)
        try require(offset <= UInt64(self.data.count), .format, "an offset beyond the data")
        let inner = ABIReader(data: self.data.dropFirst(Int(offset)))
        let count = try inner.number(at: 0)
        try require(count <= UInt64(ABIValue.encodingBytesMax), .format, "a count of \(count)")
        return (Int(count), ABIReader(data: inner.data.dropFirst(32)))
    }

    private func number(at place: Int) throws(ProtocolFailure) -> UInt64 {
        let word = try self.word(at: place)
        try require(word.prefix(24).allSatisfy { $0 == 0 }, .format, "a number of more than 64 bits")
        return word.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func word(at place: Int) throws(ProtocolFailure) -> ArraySlice<UInt8> {
        try require(self.data.count >= place + 32, .format, "ABI data is cut off")
        return self.data.dropFirst(place).prefix(32)
    }
}
