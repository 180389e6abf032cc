/// What a listener has done since the start; no message's content is in it.
package struct ListenerState: Sendable {
    /// Upper bounds of the classes of ``acknowledgementCounts``, seconds.
    package static let latencyBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

    package var isListening = false
    /// Why it does not listen, if so.
    package var failure: String?
    /// Open now.
    package var connections = 0
    package var connectionsAccepted: UInt64 = 0
    /// Closed at once, because there were too many.
    package var connectionsRefused: UInt64 = 0
    /// Closed for want of TLS, of valid frames, or of any byte in time.
    package var connectionsBroken: UInt64 = 0
    package var messagesStored: UInt64 = 0
    package var bytesStored: UInt64 = 0
    /// Of the stored: recognised as sent again.
    package var messagesRepeated: UInt64 = 0
    /// Frames whose end never came.
    package var framesTorn: UInt64 = 0
    /// By the word of the reason.
    package var messagesRefused: [String: UInt64] = [:]
    /// Messages that the store did not take; their connections were closed without an answer.
    package var messagesNotStored: UInt64 = 0
    /// From the end of a frame to its answer: one count for each of ``latencyBounds``, and one for above.
    package var acknowledgementCounts = [UInt64](repeating: 0, count: ListenerState.latencyBounds.count + 1)
    package var acknowledgementSeconds = 0.0

    package init() {}

    /// Notes one answer that followed a commit.
    mutating func noteAcknowledgement(seconds: Double) {
        let place = Self.latencyBounds.firstIndex { seconds <= $0 } ?? Self.latencyBounds.count
        self.acknowledgementCounts[place] += 1
        self.acknowledgementSeconds += seconds
    }
}
