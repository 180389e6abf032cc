package import CanonicalBytes

/// What one ADT message says about where a patient is, without naming her: identifiers are pseudonyms already.
package struct Movement: Sendable, Hashable {
    /// The trigger events that move patients (HL7 v2.6 chapter 3).
    package enum Event: String, Sendable, CaseIterable {
        case admit = "A01"
        case transfer = "A02"
        case discharge = "A03"
        case update = "A08"
        case cancelAdmit = "A11"
        case cancelTransfer = "A12"
        case cancelDischarge = "A13"
        /// Two identifiers are one patient's: the one of PID-3 from now on.
        case merge = "A40"
    }

    /// What a location field says.
    package enum Place: Sendable, Hashable {
        /// The field is empty.
        case unstated
        /// A location without a bed that the template could name: the patient is somewhere, but in no bed of ours.
        case elsewhere
        /// As the profiles name beds.
        case bed(String)

        package var bed: String? {
            guard case .bed(let name) = self else { return nil }
            return name
        }
    }

    package let event: Event
    /// MSH-3 and MSH-4, joined by `|`.
    package let sender: String
    /// MSH-10: with the sender it tells a repetition from another message.
    package let controlID: String
    /// The patient's pseudonym: 32 lower-case hexadecimal digits.
    package let patient: String
    /// The pseudonym under which a merged patient was known (MRG-1); empty for every other event.
    package let merged: String
    /// A pseudonym of the visit's number, made as the patient's; empty when the message names no visit.
    package let visit: String
    /// PV1-3.
    package let place: Place
    /// PV1-6.
    package let prior: Place
    /// When it happened, ms since 1970: the earliest reading of an ambiguous wall-clock time.
    package let time: Int64
    /// The latest reading of it; the same where there is only one.
    package let timeLatest: Int64
    /// When it was entered, or else sent, ms since 1970.
    package let recordedAt: Int64
    /// Gateway clock, ms since 1970.
    package let receivedAt: Int64

    package init(
        event: Event,
        sender: String,
        controlID: String,
        patient: String,
        merged: String = "",
        visit: String = "",
        place: Place = .unstated,
        prior: Place = .unstated,
        time: Int64,
        timeLatest: Int64? = nil,
        recordedAt: Int64? = nil,
        receivedAt: Int64
    ) {
        self.event = event
        self.sender = sender
        self.controlID = controlID
        self.patient = patient
        self.merged = merged
        self.visit = visit
        self.place = place
        self.prior = prior
        self.time = time
        self.timeLatest = timeLatest ?? time
        self.recordedAt = recordedAt ?? time
        self.receivedAt = receivedAt
    }

    /// When a stay that it ends is over: it has happened, so not after its message came, whatever the sender's clock says.
    var endsAt: Int64 { min(self.time, self.receivedAt) }

    /// When a stay that it begins has begun for certain.
    var beginsAt: Int64 { self.timeLatest }

    /// Whether it speaks of the same visit; one that names none speaks of any.
    func concerns(visit: String) -> Bool { self.visit.isEmpty || visit.isEmpty || self.visit == visit }

    /// Everything but when it came: equal for repetitions of one message.
    package var content: [UInt8] {
        var writer = CanonicalWriter(capacity: 160)
        writer.lengthPrefixed(self.event.rawValue)
        for text in [self.sender, self.controlID, self.patient, self.visit] { writer.lengthPrefixed(text) }
        for place in [self.place, self.prior] { place.write(to: &writer) }
        for time in [self.time, self.timeLatest] { writer.u64(UInt64(bitPattern: time)) }
        // Behind the rest, so that other events are stored as they always were.
        if self.event == .merge { writer.lengthPrefixed(self.merged) }
        return writer.bytes
    }

    /// All of it, for storage.
    package var encoded: [UInt8] {
        var writer = CanonicalWriter(capacity: 200)
        writer.magic("WLMOVE01")
        writer.lengthPrefixed(self.content)
        writer.u64(UInt64(bitPattern: self.recordedAt))
        writer.u64(UInt64(bitPattern: self.receivedAt))
        return writer.bytes
    }

    /// Reads what ``encoded`` wrote.
    ///
    /// - Throws: ``ProtocolFailure`` for other bytes.
    package init(encoded bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLMOVE01")
        var content = CanonicalReader(try reader.lengthPrefixed())
        guard let event = Event(rawValue: try content.text()) else {
            throw ProtocolFailure(.format, "unknown movement")
        }
        self.event = event
        self.sender = try content.text()
        self.controlID = try content.text()
        self.patient = try content.text()
        self.visit = try content.text()
        self.place = try Place(&content)
        self.prior = try Place(&content)
        self.time = Int64(bitPattern: try content.u64())
        self.timeLatest = Int64(bitPattern: try content.u64())
        self.merged = event == .merge ? try content.text() : ""
        try content.finish()
        self.recordedAt = Int64(bitPattern: try reader.u64())
        self.receivedAt = Int64(bitPattern: try reader.u64())
        try reader.finish()
    }
}

extension Movement.Place {
    fileprivate func write(to writer: inout CanonicalWriter) {
        switch self {
        case .unstated: writer.u8(0)
        case .elsewhere: writer.u8(1)
        case .bed(let name):
            writer.u8(2)
            writer.lengthPrefixed(name)
        }
    }

    fileprivate init(_ reader: inout CanonicalReader) throws(ProtocolFailure) {
        switch try reader.u8() {
        case 0: self = .unstated
        case 1: self = .elsewhere
        case 2: self = .bed(try reader.text())
        default: throw ProtocolFailure(.format, "unknown kind of place")
        }
    }
}

extension Movement: Comparable {
    /// The order in which movements happened, the same whatever the order in which they came.
    ///
    /// Messages of one minute are ordered by when they were entered; a cancellation follows what it cancels.
    package static func < (left: Movement, right: Movement) -> Bool {
        if left.time != right.time { return left.time < right.time }
        if left.recordedAt != right.recordedAt { return left.recordedAt < right.recordedAt }
        if left.event != right.event { return left.event.rank < right.event.rank }
        if left.sender != right.sender { return left.sender < right.sender }
        if left.controlID != right.controlID { return left.controlID < right.controlID }
        return left.content.lexicographicallyPrecedes(right.content)
    }
}

extension Movement.Event {
    fileprivate var rank: Int {
        switch self {
        case .admit: 0
        case .update: 1
        case .transfer: 2
        case .discharge: 3
        case .cancelTransfer: 4
        case .cancelDischarge: 5
        case .cancelAdmit: 6
        case .merge: 7
        }
    }
}
