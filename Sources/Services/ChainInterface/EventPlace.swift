internal import CanonicalBytes
package import Consensus

/// An event's place in a channel: block and place in it; place 0 is the block itself.
package struct EventPlace: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let height: Height
    package let index: UInt32

    package init(height: Height, index: UInt32) {
        self.height = height
        self.index = index
    }

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

/// Something that happened to a subject.
package struct SubjectEvent: Hashable, Sendable {
    package let place: EventPlace
    /// Id of the transaction that caused it, 32 bytes.
    package let transaction: [UInt8]
    package let topic: String

    package init(place: EventPlace, transaction: [UInt8], topic: String) {
        self.place = place
        self.transaction = transaction
        self.topic = topic
    }

    /// `u64 height || u32 place || transaction (32) || LP(topic)`.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 80)
        writer.u64(self.place.height)
        writer.u32(self.place.index)
        writer.raw(self.transaction)
        writer.lengthPrefixed(self.topic)
        return writer.bytes
    }
}
