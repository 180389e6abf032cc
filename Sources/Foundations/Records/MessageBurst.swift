/// Raw MQTT messages in one contiguous buffer: what one durable write carries.
///
/// The burst is both the hand-over from the MQTT connection to the inbox and the plaintext of one
/// sealed inbox row, so a message is copied once between the socket and the disk.
///
/// Layout of a record, integers little-endian:
/// `u32` bytes that follow · `i64` received, ns since 1970 UTC · `u16` packet identifier · `u8` flags
/// (bit 0 retained, bit 1 truncated, bit 2 redelivered) · `u8` broker index · `u16` topic length · topic · payload.
package struct MessageBurst: Sendable, Equatable {
    /// Bytes of a record before its topic, the length word included.
    package static let headerBytes = 18

    package private(set) var bytes: [UInt8]
    package private(set) var count: Int

    /// Creates an empty burst.
    ///
    /// - Parameter capacity: bytes to reserve.
    package init(capacity: Int = 0) {
        self.bytes = []
        self.bytes.reserveCapacity(capacity)
        self.count = 0
    }

    /// Adopts bytes that were a burst's ``bytes``.
    ///
    /// - Throws: ``MalformedBurst`` when the record lengths do not tile the buffer.
    package init(bytes: [UInt8]) throws(MalformedBurst) {
        var count = 0
        var offset = 0
        while offset < bytes.count {
            guard bytes.count - offset >= Self.headerBytes else { throw MalformedBurst(offset: offset) }
            let length = Int(Self.load(bytes, offset, 4))
            let topic = Int(Self.load(bytes, offset + 16, 2))
            guard length >= Self.headerBytes - 4 + topic, length <= bytes.count - offset - 4 else {
                throw MalformedBurst(offset: offset)
            }
            offset += 4 + length
            count += 1
        }
        self.bytes = bytes
        self.count = count
    }

    package var isEmpty: Bool { self.count == 0 }

    /// Empties the burst and keeps its memory.
    package mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        self.count = 0
    }

    /// Appends one message.
    ///
    /// - Parameters:
    ///   - topic: UTF-8, at most 65,535 bytes (MQTT 5 §1.5.4).
    ///   - payload: at most 268,435,455 bytes (MQTT 5 §1.5.5).
    ///   - receivedAt: gateway clock, nanoseconds since 1970 UTC.
    ///   - packetIdentifier: the PUBLISH packet identifier; 0 at QoS 0.
    ///   - retained: the RETAIN flag.
    ///   - broker: index of the broker in the agent's configuration.
    package mutating func append(
        topic: UnsafeRawBufferPointer,
        payload: UnsafeRawBufferPointer,
        receivedAt: Int64,
        packetIdentifier: UInt16,
        retained: Bool,
        broker: UInt8
    ) {
        let topicCount = min(topic.count, Int(UInt16.max))
        self.store(UInt64(Self.headerBytes - 4 + topicCount + payload.count), 4)
        self.store(UInt64(bitPattern: receivedAt), 8)
        self.store(UInt64(packetIdentifier), 2)
        self.bytes.append(retained ? 1 : 0)
        self.bytes.append(broker)
        self.store(UInt64(topicCount), 2)
        self.bytes.append(contentsOf: topic.prefix(topicCount))
        self.bytes.append(contentsOf: payload)
        self.count += 1
    }

    /// The message that starts at a byte offset (0 for the first), and the offset of the next one.
    ///
    /// - Returns: nil at the end.
    package func message(at offset: Int) -> (message: RawMessage, next: Int)? {
        guard offset < self.bytes.count else { return nil }
        let length = Int(Self.load(self.bytes, offset, 4))
        let topicCount = Int(Self.load(self.bytes, offset + 16, 2))
        let topicStart = offset + Self.headerBytes
        let next = offset + 4 + length
        let message = RawMessage(
            receivedAt: Int64(bitPattern: Self.load(self.bytes, offset + 4, 8)),
            packetIdentifier: UInt16(truncatingIfNeeded: Self.load(self.bytes, offset + 12, 2)),
            retained: self.bytes[offset + 14] & 1 != 0,
            marks: Mark(rawValue: self.bytes[offset + 14] & 6),
            broker: self.bytes[offset + 15],
            topic: topicStart..<topicStart + topicCount,
            payload: topicStart + topicCount..<next
        )
        return (message, next)
    }

    /// What the agent notes about a message after it has arrived.
    package struct Mark: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The payload exceeded the size limit: kept for the dead letters, never decoded.
        package static let truncated = Mark(rawValue: 2)
        /// The broker sent a message again that is already stored.
        package static let redelivered = Mark(rawValue: 4)
    }

    /// Marks messages, by their positions in the burst.
    ///
    /// - Parameters:
    ///   - positions: ascending, from 0.
    ///   - mark: what to note about them.
    package mutating func mark(messagesAt positions: [Int], as mark: Mark) {
        var remaining = positions[...]
        var offset = 0
        var position = 0
        while let wanted = remaining.first, let (_, next) = self.message(at: offset) {
            if position == wanted {
                self.bytes[offset + 14] |= mark.rawValue
                remaining = remaining.dropFirst()
            }
            offset = next
            position += 1
        }
    }

    private mutating func store(_ value: UInt64, _ byteCount: Int) {
        for shift in 0..<byteCount { self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * shift))) }
    }

    private static func load(_ bytes: [UInt8], _ offset: Int, _ byteCount: Int) -> UInt64 {
        var value: UInt64 = 0
        for shift in 0..<byteCount { value |= UInt64(bytes[offset + shift]) << UInt64(8 * shift) }
        return value
    }
}

/// One message of a ``MessageBurst``; `topic` and `payload` are ranges of the burst's bytes.
package struct RawMessage: Sendable, Equatable {
    /// Gateway clock, nanoseconds since 1970 UTC.
    package let receivedAt: Int64
    package let packetIdentifier: UInt16
    package let retained: Bool
    package let marks: MessageBurst.Mark
    package let broker: UInt8
    package let topic: Range<Int>
    package let payload: Range<Int>
}

/// Bytes that are not a burst: a damaged or wrongly opened inbox row.
package struct MalformedBurst: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where the records stop to tile the buffer, in bytes.
    package let offset: Int
    package var description: String { "the message records end abruptly at byte \(self.offset)" }
}
