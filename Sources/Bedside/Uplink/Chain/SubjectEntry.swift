package import CanonicalBytes
package import Consensus

/// Where something happened in a channel: block, and place among what the block tells, which is 0 for the block itself.
package struct SubjectPlace: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let height: Height
    package let index: UInt32

    /// Before everything.
    package static let start = SubjectPlace(height: 0, index: 0)

    package init(height: Height, index: UInt32) {
        self.height = height
        self.index = index
    }

    /// Behind everything in a block.
    package init(behind height: Height) { self.init(height: height, index: .max) }

    /// Reads `<height>.<index>`.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = text.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        guard isPlain, parts.count == 2, let height = UInt64(parts[0]), let index = UInt32(parts[1]) else { return nil }
        self.init(height: height, index: index)
    }

    package var description: String { "\(self.height).\(self.index)" }

    package static func < (left: Self, right: Self) -> Bool { (left.height, left.index) < (right.height, right.index) }
}

/// Something that happened to a subject, as a validator says; the transaction's proof shows whether it is so.
package struct SubjectEntry: Hashable, Comparable, Sendable {
    /// Entries of one answer at most.
    package static let answerMax = 1_000
    private static let topicBytesMax = 128

    package let place: SubjectPlace
    /// Id of the transaction that caused it, 32 bytes.
    package let transaction: [UInt8]
    package let topic: String

    package init(place: SubjectPlace, transaction: [UInt8], topic: String) {
        self.place = place
        self.transaction = transaction
        self.topic = topic
    }

    /// Reads `u64 height || u32 place || transaction (32) || LP(topic)`.
    ///
    /// - Throws: `FORMAT`.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.place = SubjectPlace(height: try reader.u64(), index: try reader.u32())
        self.transaction = try reader.take(32)
        self.topic = try reader.text()
        let length = self.topic.utf8.count
        try require(length <= Self.topicBytesMax, .format, "a topic of \(length) bytes")
    }

    /// By place; what different validators say of one place has a fixed order too.
    package static func < (left: Self, right: Self) -> Bool {
        guard left.place == right.place else { return left.place < right.place }
        guard left.transaction == right.transaction else {
            return left.transaction.lexicographicallyPrecedes(right.transaction)
        }
        return left.topic.utf8.lexicographicallyPrecedes(right.topic.utf8)
    }
}
