internal import Records

/// Recognises messages that a sender sends again because it never saw their acknowledgement.
///
/// A message is stored before it is acknowledged, so a crash or a lost connection between the two makes its sender
/// repeat it, byte for byte. Two messages are never equal byte for byte when their header says when each was made; where
/// MSH-7 is empty they may be, so that such a message always counts as new.
struct RepetitionFilter {
    /// How many messages are remembered.
    static let messagesMax = 4_096

    private let secret: SipHash24
    private var known: Set<UInt64> = []
    /// The same in the order in which they came, as a ring.
    private var order: [UInt64] = []
    private var next = 0

    /// - Parameter secret: keys the hash, so that nobody can construct colliding messages.
    init(secret: (UInt64, UInt64)) { self.secret = SipHash24(key0: secret.0, key1: secret.1) }

    /// Takes the messages that were stored last, oldest first.
    mutating func arm(_ bursts: [MessageBurst]) {
        for burst in bursts {
            var offset = 0
            while let (message, following) = burst.message(at: offset) {
                offset = following
                if message.broker == MLLPOrigin.broker {
                    self.remember(self.hash(burst.bytes[message.topic], burst.bytes[message.payload]))
                }
            }
        }
    }

    /// Notes a message.
    ///
    /// - Returns: whether it was there already.
    mutating func isRepeated(topic: [UInt8], payload: [UInt8], isTimed: Bool) -> Bool {
        let hash = self.hash(topic[...], payload[...])
        let isKnown = self.known.contains(hash)
        if !isKnown { self.remember(hash) }
        return isKnown && isTimed
    }

    private mutating func remember(_ hash: UInt64) {
        guard self.known.insert(hash).inserted else { return }
        if self.order.count < Self.messagesMax {
            self.order.append(hash)
        } else {
            self.known.remove(self.order[self.next])
            self.order[self.next] = hash
            self.next = (self.next + 1) % Self.messagesMax
        }
    }

    private func hash(_ topic: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>) -> UInt64 {
        var hash = self.secret
        hash.combine(UInt64(topic.count))
        topic.withUnsafeBytes { hash.combine($0) }
        payload.withUnsafeBytes { hash.combine($0) }
        return hash.finalize()
    }
}
