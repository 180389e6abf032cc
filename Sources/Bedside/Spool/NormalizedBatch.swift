package import Records

/// What the normalizer made of one inbox batch: everything that one commit stores.
package struct NormalizedBatch: Sendable {
    /// One observation: a line of ``NormalizedBatch/lines``.
    package struct Item: Sendable {
        package let key: DedupKey
        /// Where its line ends in ``NormalizedBatch/lines``, line feed included.
        package let lineEnd: Int
        /// Which message of the batch it comes from, from 0.
        package let message: Int
        package let novelty: Novelty

        package init(key: DedupKey, lineEnd: Int, message: Int, novelty: Novelty = .reading) {
            self.key = key
            self.lineEnd = lineEnd
            self.message = message
            self.novelty = novelty
        }
    }

    /// What an item is to what is stored already.
    package enum Novelty: Sendable {
        /// A reading: left out when its key is known.
        case reading
        /// Another version of a stored Observation: kept in any case. Its key is entered, so that the reading does not come
        /// a second time.
        case correction
        /// That a stored Observation was an error: kept in any case, without a key.
        case withdrawal
    }

    /// A message that is a share request.
    package struct SharedItem: Sendable {
        package let request: ShareRequest
        /// What becomes of the message when there is no room for the request.
        package let letter: DeadLetter

        package init(request: ShareRequest, letter: DeadLetter) {
            self.request = request
            self.letter = letter
        }
    }

    /// Whose inbox the batch comes from.
    package var lane = SpoolLane.numerics
    /// The inbox batch; nil when dead letters are replayed, which counts no messages again.
    package var sourceBatch: Int64?
    /// Observations as NDJSON, each ended by a line feed.
    package var lines: [UInt8] = []
    package var items: [Item] = []
    package var deadLetters: [DeadLetter] = []
    package var shareRequests: [SharedItem] = []
    /// Where patients have gone.
    package var movements = MovementChange()
    /// Messages of the batch, whatever became of them.
    package var messageCount = 0
    /// Messages without readings, or that a profile says to ignore.
    package var ignored = 0
    /// Messages recognised as delivered twice after a crash.
    package var redelivered = 0
    /// Receive time of the earliest message, ms since 1970.
    package var receivedFrom = Int64.max
    /// Receive time of the latest message, ms since 1970.
    package var receivedTo = Int64.min
    /// State that changed (decoder state, device clocks); an empty value deletes the name.
    package var state: [String: [UInt8]] = [:]
    /// Whose the messages are; those that it does not name count as nobody's.
    package var sheet = AccountSheet()
    /// What the messages showed of their devices' clocks.
    package var clockNotes: [ClockNote] = []
    /// Dead letters that this batch replays, with what came of each.
    package var replayed: [Int64: String] = [:]
    /// The raw messages behind the items, when an uplink is to send them; nil otherwise.
    package var material: RawMaterial?

    package init() {}

    /// Notes when a message was received.
    ///
    /// - Parameter time: ms since 1970.
    package mutating func noteReceived(_ time: Int64) {
        self.receivedFrom = min(self.receivedFrom, time)
        self.receivedTo = max(self.receivedTo, time)
    }

    /// Empties the batch and keeps its memory.
    package mutating func removeAll() {
        self.sourceBatch = nil
        self.lines.removeAll(keepingCapacity: true)
        self.items.removeAll(keepingCapacity: true)
        self.deadLetters.removeAll(keepingCapacity: true)
        self.shareRequests.removeAll()
        self.movements = MovementChange()
        self.messageCount = 0
        self.ignored = 0
        self.redelivered = 0
        self.receivedFrom = .max
        self.receivedTo = .min
        self.state.removeAll(keepingCapacity: true)
        self.clockNotes.removeAll(keepingCapacity: true)
        self.sheet.removeAll()
        self.replayed.removeAll(keepingCapacity: true)
        self.material?.removeAll()
    }
}

/// What one commit stored.
package struct CommitOutcome: Sendable, Equatable {
    package var observationsStored = 0
    package var observationsSuppressed = 0
    /// Messages by disposition; see ``MessageCounts``.
    package var messages = MessageCounts()
    /// Sequence of the newest stored observation; observations are numbered from 1 without gaps.
    package var lastSequence: Int64 = 0
}

/// How many messages ended how; every message has exactly one disposition.
package struct MessageCounts: Sendable, Equatable {
    package var received: Int64 = 0
    /// At least one reading of the message was new, or it moved a patient.
    package var normalized: Int64 = 0
    /// Every reading of the message, or the share request that it is, was already stored.
    package var duplicate: Int64 = 0
    /// The message, or a part of it, is a dead letter.
    package var deadLettered: Int64 = 0
    package var ignored: Int64 = 0
    /// Recognised as delivered twice before it was decoded.
    package var redelivered: Int64 = 0
    /// The message was a share request that was not there yet.
    package var shareRequests: Int64 = 0

    package init() {}

    /// The sum of the dispositions; equal to ``received``.
    package var accounted: Int64 {
        self.normalized + self.duplicate + self.deadLettered + self.ignored + self.redelivered + self.shareRequests
    }
}
