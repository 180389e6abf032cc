package import Records

/// How a patient whom a message names becomes the subject of its readings.
package enum PatientNaming: Sendable {
    /// Every record number becomes a pseudonym (hexadecimal) by a keyed function.
    case pseudonym(@Sendable (PatientIdentifier) -> String)
    /// There is no key to make pseudonyms with. A patient whom a message names is then nobody, rather than whoever
    /// the bed map holds: the two may be different people.
    case withheld
    /// Record numbers stay as they are: for dry runs, whose output goes nowhere.
    case dryRun

    func subject(_ patient: PatientIdentifier) -> ObservationSubject {
        switch self {
        case .pseudonym(let name): .pseudonym(name(patient))
        case .withheld: .unassociated
        case .dryRun: .recordNumber(patient)
        }
    }
}

/// What one message brings along besides its readings.
package struct MessageContext: Sendable {
    /// Gateway clock, nanoseconds since 1970 UTC.
    package var receivedAt: Int64
    /// Tells messages of equal bytes and receive time apart and is the same when a message is processed again: its
    /// number in the inbox.
    package var messageNumber: UInt64
    /// Delivered by the broker with the RETAIN flag.
    package var retained: Bool
    /// SHA-256 of the payload as published.
    package var rawHash: Digest
    package var profileID: String
    package var profileVersion: String
    /// What people call the device: its model.
    package var deviceDisplay: String
    package var clockPolicy: ClockPolicy

    package init(
        receivedAt: Int64,
        messageNumber: UInt64,
        retained: Bool = false,
        rawHash: Digest,
        profileID: String,
        profileVersion: String,
        deviceDisplay: String,
        clockPolicy: ClockPolicy = ClockPolicy()
    ) {
        self.receivedAt = receivedAt
        self.messageNumber = messageNumber
        self.retained = retained
        self.rawHash = rawHash
        self.profileID = profileID
        self.profileVersion = profileVersion
        self.deviceDisplay = deviceDisplay
        self.clockPolicy = clockPolicy
    }
}

/// An Observation and what recognises its duplicates.
package struct NormalizedReading: Sendable {
    package let observation: Observation
    package let key: DedupKey
}

/// Turns the readings of messages into Observations: corrects their time and finds their patient.
///
/// Pure composition of ``ClockLedger``, ``BedMap`` and ``DedupSecret``; the clocks and the runs of samples are its only
/// state.
package struct Normalizer: Sendable {
    /// Save when changed, in the transaction of the Observations that it shaped.
    package var clocks: ClockLedger
    /// Save when changed, in the transaction of the blocks that it placed.
    package var waves: WaveLedger
    package var beds: BedMap
    private let naming: PatientNaming
    private let secret: DedupSecret
    private var scratch: [UInt8] = []

    package init(
        clocks: ClockLedger = ClockLedger(),
        waves: WaveLedger = WaveLedger(),
        beds: BedMap = BedMap(),
        naming: PatientNaming,
        secret: DedupSecret
    ) {
        self.clocks = clocks
        self.waves = waves
        self.beds = beds
        self.naming = naming
        self.secret = secret
    }

    /// Appends the Observations of one message, in the order of its readings.
    ///
    /// The patient is the one whom the message names, else the one associated at the reading's effective time with
    /// the device, else with the bed, else nobody.
    package mutating func normalize(
        _ message: MessageReadings,
        context: MessageContext,
        into output: inout [NormalizedReading]
    ) {
        guard !message.readings.isEmpty else { return }
        let source = MessageSource(message, context)
        let sentAt = message.sentAt
        let correction = self.correction(for: message, sentAt: sentAt, context: context)
        let named = message.patient.map(self.naming.subject)
        for (ordinal, reading) in message.readings.enumerated() {
            let effective = correction.effectiveTime(of: reading.deviceTime, receivedAt: context.receivedAt)
            let subject =
                named ?? self.associated(device: message.deviceID, bed: message.bed, at: effective)
            let isTimed = reading.deviceTime.map(correction.isUsable) ?? false
            let place = self.place(of: reading, message.deviceID, isTimed: isTimed, context)
            let observation = Observation(
                reading: isTimed ? reading.marked(sentAt: sentAt) : reading,
                effective: effective,
                clockOffsetNs: effective.basis == .corrected ? correction.offsetNs : 0,
                subject: subject,
                source: source,
                ordinal: ordinal,
                isDeviceTimed: isTimed,
                place: place
            )
            let key = self.secret.key(of: observation, scratch: &self.scratch)
            output.append(NormalizedReading(observation: observation, key: key))
        }
    }

    /// Where a live block of samples stands in its series.
    private mutating func place(
        of reading: Reading,
        _ device: String,
        isTimed: Bool,
        _ context: MessageContext
    ) -> BlockPlace? {
        guard reading.block != nil, !reading.historical, !context.retained else { return nil }
        return self.waves.place(reading, device: device, isTimed: isTimed, receivedAt: context.receivedAt)
    }

    private func associated(device: String, bed: String?, at effective: EffectiveTime) -> ObservationSubject {
        let patient = self.beds.patient(device: device, bed: bed, at: effective.time.nanosecondsSinceEpoch)
        return patient.map(ObservationSubject.pseudonym) ?? .unassociated
    }

    /// The message's own time is the sample for its device's clock.
    private mutating func correction(
        for message: MessageReadings,
        sentAt: DateTime?,
        context: MessageContext
    ) -> ClockCorrection {
        let policy = context.clockPolicy
        guard !context.retained, message.readings.contains(where: { !$0.historical }), let sentAt else {
            return self.clocks.correction(device: message.deviceID, policy: policy)
        }
        return self.clocks.observe(
            device: message.deviceID,
            sentAt: sentAt,
            receivedAt: context.receivedAt,
            policy: policy,
            profile: context.profileID
        )
    }
}

extension MessageSource {
    fileprivate convenience init(_ message: MessageReadings, _ context: MessageContext) {
        self.init(
            deviceID: message.deviceID,
            deviceDisplay: context.deviceDisplay,
            rawHash: context.rawHash,
            profileID: context.profileID,
            profileVersion: context.profileVersion,
            receivedAt: context.receivedAt,
            messageNumber: context.messageNumber,
            retained: context.retained
        )
    }
}

extension MessageReadings {
    /// When the device sent it, by its own clock: the message's time; without one, the newest time among the live readings,
    /// since nothing is measured after it was sent.
    fileprivate var sentAt: DateTime? {
        self.messageTime ?? self.readings.lazy.filter { !$0.historical }.compactMap(\.deviceTime).max()
    }
}

extension Reading {
    /// How long before its message a reading was measured when that is worth a mark, nanoseconds.
    private static let earlierNs: Int64 = 30_000_000_000

    /// Marked when the device measured it well before it sent it: a cuff's pressure may be half an hour old.
    ///
    /// Both times are by the device's clock, so that a wrong one changes nothing. What is historical says so already, and
    /// a block of samples ends long after its time.
    fileprivate func marked(sentAt: DateTime?) -> Reading {
        guard let sentAt, let deviceTime = self.deviceTime, !self.historical, self.block == nil,
            sentAt.nanosecondsSinceEpoch.clampedDifference(deviceTime.nanosecondsSinceEpoch) >= Self.earlierNs
        else { return self }
        if case .sampled = self.value { return self }
        var marked = self
        marked.flags.append(.measuredEarlier)
        return marked
    }
}

extension QualityFlag {
    /// Measured at least 30 s before the device sent the message, by the device's own clock.
    package static let measuredEarlier = QualityFlag("measured-earlier")
}
