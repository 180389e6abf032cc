internal import CanonicalBytes
internal import Synchronization
internal import ThresholdSignatures

/// The last messages that were hashed, and the last signatures that this process made: its own shares, and sums of
/// shares.
///
/// A replica signs a commit, adds shares of the same commit up and checks the sum. Without a memory it would hash the
/// message twice, and decode two points that it had encoded itself: half a millisecond of a block. What is remembered
/// is what the bytes say, so nothing is answered otherwise than without it; and it is public.
final class RecentPoints: Sendable {
    static let shared = RecentPoints()

    /// A few blocks of both channels are decided at a time; tests have many replicas in one process.
    private static let messagesMax = 32
    private static let signaturesMax = 64

    private struct Memory: Sendable {
        var messages = Ring<(bytes: [UInt8], message: HashedMessage)>(limit: RecentPoints.messagesMax)
        var signatures = Ring<BLSSignature>(limit: RecentPoints.signaturesMax)
    }

    private let memory = Mutex(Memory())

    /// The message, hashed.
    func message(_ bytes: [UInt8]) -> HashedMessage {
        if let known = self.memory.withLock({ $0.messages.last { $0.bytes == bytes } }) { return known.message }
        let message = HashedMessage(bytes)
        self.memory.withLock { $0.messages.append((bytes, message)) }
        return message
    }

    /// The signature that the bytes encode; only those that were noted need not be decoded.
    ///
    /// - Throws: as decoding a signature does.
    func signature(_ bytes: [UInt8]) throws(ProtocolFailure) -> BLSSignature {
        if let known = self.memory.withLock({ $0.signatures.last { $0.encoded == bytes } }) { return known }
        return try BLSSignature(bytes)
    }

    /// Remembers a signature that was made here.
    func note(_ signature: BLSSignature) { self.memory.withLock { $0.signatures.append(signature) } }
}

/// The last few of many.
private struct Ring<Element: Sendable>: Sendable {
    private let limit: Int
    private var elements: [Element] = []
    private var next = 0

    init(limit: Int) { self.limit = limit }

    mutating func append(_ element: Element) {
        if self.elements.count < self.limit {
            self.elements.append(element)
        } else {
            self.elements[self.next] = element
            self.next = (self.next + 1) % self.limit
        }
    }

    func last(where holds: (Element) -> Bool) -> Element? { self.elements.last(where: holds) }
}
