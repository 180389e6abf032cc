package import CanonicalBytes

/// Bounds on RLP that is read; nothing that this module reads comes near them in honest use.
package enum RLPLimits {
    /// Bytes of one encoding: a receipt with the largest logs that a broker writes has a tenth.
    package static let bytesMax = 1 << 20
    /// Items of one encoding, lists included.
    package static let itemsMax = 65_536
    /// Lists inside lists: a receipt has four.
    package static let depthMax = 8
}

/// A value of the Recursive Length Prefix encoding (Ethereum yellow paper, appendix B): bytes, or a list of values.
///
/// Every value has one encoding, and only this one is read.
package enum RLPItem: Hashable, Sendable {
    case bytes([UInt8])
    case list([RLPItem])

    /// An integer: big-endian without leading zeros, zero as no byte.
    package static func number(_ value: UInt64) -> RLPItem {
        .bytes(Array(value.bigEndianBytes.drop { $0 == 0 }))
    }

    /// The encoding.
    package var encoded: [UInt8] {
        switch self {
        case .bytes(let bytes):
            if bytes.count == 1, bytes[0] < 0x80 { return bytes }
            return Self.head(bytes.count, 0x80) + bytes
        case .list(let items):
            let content = items.flatMap(\.encoded)
            return Self.head(content.count, 0xC0) + content
        }
    }

    private static func head(_ count: Int, _ base: UInt8) -> [UInt8] {
        if count < 56 { return [base + UInt8(count)] }
        let length = Array(UInt64(count).bigEndianBytes.drop { $0 == 0 })
        return [base + 55 + UInt8(length.count)] + length
    }
}

// Reading values as what a field's definition says they are; all throw `FORMAT`.
extension RLPItem {
    /// The items of a list.
    package func list(_ what: @autoclosure () -> String) throws(ProtocolFailure) -> [RLPItem] {
        guard case .list(let items) = self else { throw ProtocolFailure(.format, "\(what()) is no list") }
        return items
    }

    /// Bytes of any number.
    package func bytes(_ what: @autoclosure () -> String) throws(ProtocolFailure) -> [UInt8] {
        guard case .bytes(let bytes) = self else { throw ProtocolFailure(.format, "\(what()) is a list") }
        return bytes
    }

    /// Bytes of one number.
    package func bytes(_ count: Int, _ what: @autoclosure () -> String) throws(ProtocolFailure) -> [UInt8] {
        let bytes = try self.bytes(what())
        try require(bytes.count == count, .format, "\(what()) has \(bytes.count) bytes, not \(count)")
        return bytes
    }

    /// An integer of at most 64 bits.
    package func number(_ what: @autoclosure () -> String) throws(ProtocolFailure) -> UInt64 {
        let bytes = try self.quantity(bytesMax: 8, what())
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// An integer of at most so many bytes, big-endian without leading zeros.
    package func quantity(bytesMax: Int, _ what: @autoclosure () -> String) throws(ProtocolFailure) -> [UInt8] {
        let bytes = try self.bytes(what())
        try require(bytes.count <= bytesMax, .format, "\(what()) has \(bytes.count) bytes")
        try require(bytes.first != 0, .format, "\(what()) has leading zeros")
        return bytes
    }
}
