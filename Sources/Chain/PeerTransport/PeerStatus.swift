package import Certificates

/// How it stands with one peer.
package struct PeerStatus: Sendable, Hashable {
    /// How it stands with one class of outgoing frames.
    package struct Queue: Sendable, Hashable {
        package let frameClass: FrameClass
        /// What waits, by ``OutgoingQueue/cost(of:)``.
        package let bytes: Int
        /// Frames that a full queue dropped.
        package let dropped: UInt64
    }

    package let number: UInt16
    package let name: PartyName
    /// Whether frames to the peer flow.
    package let isConnected: Bool
    /// Since when, in seconds since 1970.
    package let connectedSince: UInt64?
    /// Whether frames of the peer flow.
    package let isAccepted: Bool
    /// The session nonce of the peer's run, from the last connection of either direction.
    package let session: UInt64?
    /// In the order of ``FrameClass``.
    package let queues: [Queue]
    /// Frames handed to connections.
    package let sentFrames: UInt64
    package let sentBytes: UInt64
    /// Frames handed to the receiver.
    package let receivedFrames: UInt64
    package let receivedBytes: UInt64
    /// Handed over and not released, by ``PeerFrame/cost``.
    package let unreleasedBytes: Int
    /// Whether the peer's connection is not read for that.
    package let isPaused: Bool
    /// Points for misbehaviour.
    package let score: Double
    /// Seconds that a penalty still lasts; 0 without one.
    package let penaltySeconds: Double
    /// Misbehaviour reported so far, in the order of ``Misbehaviour/allCases``.
    package let misbehaviours: [UInt64]
    /// Why the last attempt or connection ended.
    package let lastError: String?

    /// Frames that full queues dropped.
    package var dropped: UInt64 { self.queues.reduce(0) { $0 + $1.dropped } }
    /// What waits in all queues, by ``OutgoingQueue/cost(of:)``.
    package var queuedBytes: Int { self.queues.reduce(0) { $0 + $1.bytes } }
}
