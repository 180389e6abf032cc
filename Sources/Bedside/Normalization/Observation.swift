package import Records

/// One reading as it will be written: with its patient, its effective time and where it came from.
package struct Observation: Sendable {
    package enum Status: String, Sendable {
        case final
        /// Sent again after a mended profile gave the same reading another value.
        case corrected
    }

    /// As the profile found it; its ``Reading/deviceTime`` stays the device's own.
    package var reading: Reading
    package var effective: EffectiveTime
    /// Added to the device time to give the effective one, nanoseconds; 0 unless the basis is `.corrected`.
    package var clockOffsetNs: Int64
    package var subject: ObservationSubject
    package var source: MessageSource
    /// Position of the reading in its message, from 0.
    package var ordinal: Int
    /// Whether the device time is part of what identifies the reading; otherwise its message identifies it.
    package var isDeviceTimed: Bool
    package var status: Status
    /// Where a block of samples stands in its series; nil for other readings, and when nothing tells.
    package var place: BlockPlace?
    /// What a replay of stored messages adds; nil for a reading on its first way.
    package var reissue: Reissue?

    package init(
        reading: Reading,
        effective: EffectiveTime,
        clockOffsetNs: Int64 = 0,
        subject: ObservationSubject,
        source: MessageSource,
        ordinal: Int,
        isDeviceTimed: Bool,
        status: Status = .final,
        place: BlockPlace? = nil
    ) {
        self.reading = reading
        self.effective = effective
        self.clockOffsetNs = clockOffsetNs
        self.subject = subject
        self.source = source
        self.ordinal = ordinal
        self.isDeviceTimed = isDeviceTimed
        self.status = status
        self.place = place
    }

    /// Stored earlier by the device or kept by the broker.
    package var isHistorical: Bool { self.reading.historical || self.source.retained }

    /// Whether an alarm is to be raised now; late and retained alarms are records, never live.
    package var isLiveAlarm: Bool {
        // What a replay brings is never news: the alarm was raised, or missed, when its message came.
        guard self.reading.concept.category == .alarm, !self.isHistorical, self.reissue == nil else { return false }
        guard let alarm = self.reading.alarm else { return true }
        let age = self.source.receivedAt.clampedDifference(self.effective.time.nanosecondsSinceEpoch)
        return !alarm.isOver && age <= alarm.freshNs
    }

    /// The profile's flags, then those of time and delivery; each once.
    package var flags: [QualityFlag] {
        var flags: [QualityFlag] = []
        self.forEachFlag { flags.append($0) }
        return flags
    }

    /// Whether ``flags`` is not empty, without building it.
    var isFlagged: Bool {
        !self.reading.flags.isEmpty || self.effective.basis != .device || self.isHistorical
            || self.place?.flag != nil
    }

    func forEachFlag(_ body: (QualityFlag) -> Void) {
        let flags = self.reading.flags
        for (index, flag) in flags.enumerated() where !flags[..<index].contains(flag) { body(flag) }
        func add(_ flag: QualityFlag, when condition: Bool) {
            if condition, !flags.contains(flag) { body(flag) }
        }
        add(.receiveTime, when: self.effective.basis == .received)
        add(.clockCorrected, when: self.effective.basis == .corrected)
        add(.historical, when: self.isHistorical)
        add(.retained, when: self.source.retained)
        if let flag = self.place?.flag { add(flag, when: true) }
    }
}

/// How an Observation relates to one that went out before it.
///
/// An object, because nearly no Observation has one.
package final class Reissue: Sendable {
    /// The identifier that the reading went out with first; nil for one that nobody has seen yet.
    package let id: String?
    /// `id@version` of the profile that gave the Observation that this one replaces; nil when it replaces none.
    package let replaces: String?
    /// Whether it was a replay that brought the reading first: it then counts as stored data.
    package let isReplayed: Bool

    package init(id: String?, replaces: String? = nil, isReplayed: Bool = false) {
        self.id = id
        self.replaces = replaces
        self.isReplayed = isReplayed
    }
}

/// Whom a reading is about.
package enum ObservationSubject: Sendable, Hashable {
    /// The patient's pseudonym, hexadecimal.
    case pseudonym(String)
    /// The record number itself: dry runs only, nothing leaves the agent like this.
    case recordNumber(PatientIdentifier)
    /// Nobody is associated with the device or its bed at that time.
    case unassociated
}

/// The message that readings came from; one object for all of them.
package final class MessageSource: Sendable {
    package let deviceID: String
    /// What people call the device: its model; may be empty.
    package let deviceDisplay: String
    /// Of topic and payload.
    package let rawHash: Digest
    package let profileID: String
    package let profileVersion: String
    /// Gateway clock, nanoseconds since 1970 UTC.
    package let receivedAt: Int64
    /// Tells messages of equal bytes and receive time apart: the message's number in the inbox.
    package let messageNumber: UInt64
    /// Delivered by the broker with the RETAIN flag.
    package let retained: Bool

    package init(
        deviceID: String,
        deviceDisplay: String,
        rawHash: Digest,
        profileID: String,
        profileVersion: String,
        receivedAt: Int64,
        messageNumber: UInt64,
        retained: Bool
    ) {
        self.deviceID = deviceID
        self.deviceDisplay = deviceDisplay
        self.rawHash = rawHash
        self.profileID = profileID
        self.profileVersion = profileVersion
        self.receivedAt = receivedAt
        self.messageNumber = messageNumber
        self.retained = retained
    }
}
