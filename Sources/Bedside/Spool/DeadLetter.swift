/// A message, or a part of one, that could not be turned into observations, with the reason.
package struct DeadLetter: Sendable, Equatable {
    /// Which message of its batch it is, from 0; 0 once it is stored.
    package var message: Int
    /// Gateway clock, ns since 1970 UTC.
    package var receivedAt: Int64
    /// The message's number in the inbox: a replay under the same number is the same reading.
    package var messageNumber: UInt64
    package var topic: String
    package var payload: [UInt8]
    /// The profile that matched; nil when none did.
    package var profile: String?
    /// A short word for machines and for grouping, without values from the payload.
    package var reasonCode: String
    /// A sentence for a biomedical engineer.
    package var reasonText: String
    package var retained: Bool
    package var broker: UInt8
    /// SHA-256 of topic and payload.
    package var messageHash: [UInt8]

    package init(
        message: Int,
        receivedAt: Int64,
        messageNumber: UInt64 = 0,
        topic: String,
        payload: [UInt8],
        profile: String?,
        reasonCode: String,
        reasonText: String,
        retained: Bool = false,
        broker: UInt8 = 0,
        messageHash: [UInt8] = []
    ) {
        self.message = message
        self.receivedAt = receivedAt
        self.messageNumber = messageNumber
        self.topic = topic
        self.payload = payload
        self.profile = profile
        self.reasonCode = reasonCode
        self.reasonText = reasonText
        self.retained = retained
        self.broker = broker
        self.messageHash = messageHash
    }

    /// Bytes that it counts against the bound of dead letters.
    var weight: Int64 { Int64(self.payload.count + self.topic.utf8.count + 256) }

    /// What makes two dead letters the same: content and reason, not time.
    var identifyingFields: FieldWriter {
        var fields = FieldWriter()
        fields.write(self.topic)
        fields.write(self.payload)
        fields.write(self.reasonCode)
        return fields
    }

    /// The content that is sealed.
    var sealedFields: FieldWriter {
        var fields = FieldWriter()
        fields.write(self.receivedAt)
        fields.write(self.topic)
        fields.write(self.payload)
        fields.write(self.reasonText)
        fields.write(self.retained ? 1 : 0)
        fields.write(Int64(self.broker))
        fields.write(self.messageHash)
        return fields
    }

    /// Reads what ``sealedFields`` wrote.
    init?(fields bytes: [UInt8], profile: String?, reasonCode: String) {
        var fields = FieldReader(bytes)
        guard let receivedAt = fields.integer(), let topic = fields.text(), let payload = fields.field(),
            let reasonText = fields.text(), let retained = fields.integer(), let broker = fields.integer(),
            let messageHash = fields.field()
        else { return nil }
        self.init(
            message: 0,
            receivedAt: receivedAt,
            topic: topic,
            payload: payload,
            profile: profile,
            reasonCode: reasonCode,
            reasonText: reasonText,
            retained: retained != 0,
            broker: UInt8(truncatingIfNeeded: broker),
            messageHash: messageHash
        )
    }
}

/// A dead letter as the spool holds it.
package struct StoredDeadLetter: Sendable, Equatable {
    package let id: Int64
    package let letter: DeadLetter
    /// How often the same message failed for the same reason.
    package let count: Int64
    /// ms since 1970.
    package let firstSeen: Int64
    /// ms since 1970.
    package let lastSeen: Int64
    /// What a replay brought; nil while the letter is open.
    package let outcome: String?
}

/// One arrival of a dead letter's message; equal messages of one device are still several messages.
package struct DeadLetterReceipt: Sendable, Equatable {
    /// Gateway clock, ns since 1970 UTC.
    package let receivedAt: Int64
    package let messageNumber: UInt64
}

/// Which dead letters to list; nil matches all.
package struct DeadLetterFilter: Sendable {
    package var profile: String?
    package var reasonCode: String?
    /// Seen last at or after this moment, ms since 1970.
    package var since: Int64?
    /// Also those that a replay has resolved.
    package var includesReplayed = false
    /// Only those after this id, to go on where an earlier list ended.
    package var after: Int64 = 0
    package var limit = 100

    package init() {}
}

/// Open dead letters of one profile and reason.
package struct DeadLetterGroup: Sendable, Equatable {
    package let profile: String?
    package let reasonCode: String
    package let letters: Int64
    /// Messages, repeated ones included.
    package let messages: Int64
}
