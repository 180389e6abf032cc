internal import Records

/// Recognises messages that a broker sends again because it never saw their acknowledgement.
///
/// A message is stored before it is acknowledged, so a crash between the two makes the broker repeat
/// it. libmosquitto does not show the DUP flag; but a resumed session repeats unacknowledged messages
/// under their original packet identifiers before any new message (MQTT 5 §4.4, 3.1.1 §4.4). So the
/// identifier, topic and payload of what was stored last tell a repetition from an equal new message.
struct RedeliveryFilter: Sendable {
    private struct Key: Hashable {
        let packetIdentifier: UInt16
        let contentHash: UInt64
    }

    private let secret: SipHash24
    private var expected: [Key: Int] = [:]
    /// Messages after which the session's repetitions are over.
    private var remaining = 0

    /// Creates a filter that expects nothing.
    ///
    /// - Parameter secret: keys the hash, so that nobody can construct colliding messages.
    init(secret: (UInt64, UInt64)) { self.secret = SipHash24(key0: secret.0, key1: secret.1) }

    /// Arms the filter for a new connection.
    ///
    /// - Parameters:
    ///   - stored: the bursts stored last, oldest first; other brokers' messages are passed over.
    ///   - broker: the broker that has just accepted the connection.
    ///   - sessionPresent: without a session nothing is repeated under its old identifier.
    ///   - receiveMaximum: most messages that can be unacknowledged.
    mutating func arm(stored: [MessageBurst], broker: UInt8, sessionPresent: Bool, receiveMaximum: Int) {
        self.expected.removeAll()
        self.remaining = sessionPresent ? receiveMaximum : 0
        guard sessionPresent else { return }
        for burst in stored {
            var offset = 0
            while let (message, next) = burst.message(at: offset) {
                offset = next
                guard message.broker == broker, message.packetIdentifier != 0 else { continue }
                self.expected[self.key(message, burst), default: 0] += 1
            }
        }
    }

    /// The positions of the messages of this burst that are already stored.
    mutating func redelivered(in burst: MessageBurst) -> [Int] {
        guard self.remaining > 0, !self.expected.isEmpty else { return [] }
        var positions: [Int] = []
        var offset = 0
        var position = 0
        while self.remaining > 0, let (message, next) = burst.message(at: offset) {
            let key = self.key(message, burst)
            if let count = self.expected[key] {
                positions.append(position)
                self.expected[key] = count == 1 ? nil : count - 1
            }
            self.remaining -= 1
            offset = next
            position += 1
        }
        if self.remaining == 0 { self.expected.removeAll() }
        return positions
    }

    private func key(_ message: RawMessage, _ burst: MessageBurst) -> Key {
        var hash = self.secret
        burst.bytes.withUnsafeBytes { bytes in
            hash.combine(UInt64(message.topic.count))
            hash.combine(UnsafeRawBufferPointer(rebasing: bytes[message.topic]))
            hash.combine(UnsafeRawBufferPointer(rebasing: bytes[message.payload]))
        }
        return Key(packetIdentifier: message.packetIdentifier, contentHash: hash.finalize())
    }
}
