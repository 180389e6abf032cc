package import CanonicalBytes

/// The number of a block in its chain; the genesis has height 0.
package typealias Height = UInt64

/// The number of a reign of one coordinator inside a committee epoch, from 0 upwards.
package typealias View = UInt64

/// The number of a committee, from 0 upwards; it grows by one with every change of membership.
package typealias CommitteeEpoch = UInt64

/// A validator, by the number that governance gave it; the number is never used again for another one.
package struct ReplicaID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: UInt16

    package init(_ number: UInt16) { self.number = number }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    package var description: String { "r\(self.number)" }
}

/// The 32-byte hash that names a block.
package struct BlockHash: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// The hash of nothing: the parent of a genesis.
    package static let zero = BlockHash(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        func word(_ index: Int) -> UInt64 {
            bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.words = (word(0), word(1), word(2), word(3))
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 32)
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u64(self.words.0)
        writer.u64(self.words.1)
        writer.u64(self.words.2)
        writer.u64(self.words.3)
    }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    package static func < (left: Self, right: Self) -> Bool { left.words < right.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.words.0) }

    package var description: String { String(self.bytes.prefix(4).hex) }
}

extension CanonicalReader {
    /// Takes a 32-byte block hash.
    package mutating func blockHash() throws(ProtocolFailure) -> BlockHash {
        guard let hash = BlockHash(try self.take(32)) else { throw ProtocolFailure(.format, "not a block hash") }
        return hash
    }

    /// Takes a validator's number.
    package mutating func replica() throws(ProtocolFailure) -> ReplicaID { ReplicaID(try self.u16()) }
}
