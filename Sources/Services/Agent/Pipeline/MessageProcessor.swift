internal import DeviceProfiles
internal import Normalization
internal import PatientMovements
internal import Payloads
internal import Records
internal import Spool

/// Turns raw messages into Observations and dead letters; pure but for the memory it keeps.
struct MessageProcessor {
    /// Profiles in force; replaced whole on reload.
    var library: ProfileLibrary
    private(set) var evaluator: ProfileEvaluator
    private(set) var normalizer: Normalizer
    /// Why a profile passed a message over, for tools.
    private(set) var lastIgnoreReason: String?
    /// Whose inbox the messages come from.
    private let lane: SpoolLane
    private var writer = ObservationWriter()
    private var captures: [Range<Int>] = []
    private var readings: [NormalizedReading] = []
    /// Set when raw messages are to be kept for the uplink.
    private var streams: StreamNaming?
    /// Judges share requests; nil when this agent takes none.
    private let shareIntake: ShareIntake?
    /// Where patients are by ADT messages; nil when this agent takes none.
    private(set) var patients: PatientBook?

    /// - Parameters:
    ///   - library: profiles in force.
    ///   - state: what the decoders remember.
    ///   - normalizer: makes Observations of readings.
    ///   - lane: whose inbox the messages come from.
    ///   - streams: says where they belong, when raw messages are to be kept for the uplink.
    ///   - shareIntake: judges share requests; without it they become dead letters.
    ///   - patients: keeps the bed map by ADT messages.
    init(
        library: ProfileLibrary,
        state: DecoderState,
        normalizer: Normalizer,
        lane: SpoolLane = .numerics,
        streams: StreamNaming? = nil,
        shareIntake: ShareIntake? = nil,
        patients: PatientBook? = nil
    ) {
        self.lane = lane
        self.streams = streams
        self.shareIntake = shareIntake
        self.library = library
        self.evaluator = ProfileEvaluator(state: state)
        self.normalizer = normalizer
        self.patients = patients
        if let beds = try? self.patients?.bedMap() { self.normalizer.beds = beds }
    }

    /// Patients by bed and device, replaced when somebody associates.
    var beds: BedMap {
        get { self.normalizer.beds }
        set { self.normalizer.beds = newValue }
    }

    /// Processes one inbox batch; `output` may hold the results of earlier ones.
    mutating func process(_ burst: MessageBurst, batch: Int64, into output: inout NormalizedBatch) {
        var offset = 0
        var index: UInt64 = 0
        while let (message, next) = burst.message(at: offset) {
            let number = Self.number(batch: batch, index: index, lane: self.lane)
            self.process(message, of: burst, number: number, position: output.messageCount, into: &output)
            offset = next
            index += 1
        }
        output.lane = self.lane
        output.sourceBatch = batch
    }

    /// The number of a message, the same whenever it is read: from its place in the inbox of its lane.
    static func number(batch: Int64, index: UInt64, lane: SpoolLane) -> UInt64 {
        UInt64(bitPattern: batch) << 16 | index & 0xFFFF | lane.messageNumbers
    }

    /// Processes one message.
    ///
    /// - Parameters:
    ///   - message: its place in the burst.
    ///   - burst: the bytes.
    ///   - number: the same whenever this message is processed, so that a replay is no new reading.
    ///   - position: the message's index in `output`.
    ///   - output: receives Observations, dead letters and counts.
    mutating func process(
        _ message: RawMessage,
        of burst: MessageBurst,
        number: UInt64,
        position: Int,
        into output: inout NormalizedBatch
    ) {
        output.messageCount += 1
        output.noteReceived(message.receivedAt / 1_000_000)
        if message.marks.contains(.redelivered) {
            output.redelivered += 1
            let owner = AccountSheet.unnamed("redelivered")
            return output.sheet.note(redelivered: owner, receivedAt: message.receivedAt)
        }
        let topic = burst.bytes[message.topic]
        let letter = Letter(message: message, burst: burst, number: number, position: position)
        if message.marks.contains(.truncated) {
            output.sheet.note(AccountSheet.unnamed("oversized"), receivedAt: message.receivedAt)
            return output.add(letter, profile: nil, "oversized", "the payload exceeds the size limit")
        }
        if topic.elementsEqual(ShareIntake.topic.utf8) {
            output.sheet.note(AccountSheet.unnamed("share requests"), receivedAt: message.receivedAt)
            return self.takeShareRequest(letter, into: &output)
        }
        if self.patients?.takes(topic: topic, broker: message.broker) ?? false {
            output.sheet.note(AccountSheet.unnamed("patient movements"), receivedAt: message.receivedAt)
            return self.takeMovement(letter, into: &output)
        }
        guard let profile = self.library.profile(for: topic, captures: &self.captures) else {
            output.sheet.note(AccountSheet.unnamed("no profile"), receivedAt: message.receivedAt)
            return output.add(letter, profile: nil, "no-profile", "no device profile reads this topic")
        }
        let outcome = burst.bytes.withUnsafeBytes { bytes in
            self.evaluator.evaluate(
                profile,
                payload: UnsafeRawBufferPointer(rebasing: bytes[message.payload]),
                topic: topic,
                captures: self.captures
            )
        }
        switch outcome {
        case .ignored(let reason):
            output.ignored += 1
            output.sheet.note(ignored: AccountSheet.unnamed(profile.id), receivedAt: message.receivedAt)
            self.lastIgnoreReason = reason
        case .undecodable(let failure):
            output.sheet.note(AccountSheet.unnamed(profile.id), receivedAt: message.receivedAt)
            output.add(letter, profile: profile.id, failure.reason.rawValue, failure.explanation)
        case .readings(let readings, let problems):
            let device = readings.deviceID.isEmpty ? AccountSheet.unnamed(profile.id) : readings.deviceID
            output.sheet.note(device, receivedAt: message.receivedAt)
            self.write(readings, profile, letter, into: &output)
            guard let first = problems.first else { return }
            let reasons = problems.prefix(8).map(\.explanation).joined(separator: "; ")
            output.add(letter, profile: profile.id, first.reason.rawValue, reasons)
        }
    }

    /// A request is judged as of its arrival, whenever it is processed.
    private func takeShareRequest(_ letter: Letter, into output: inout NormalizedBatch) {
        guard let intake = self.shareIntake else {
            return output.add(letter, profile: nil, "share-not-configured", "this agent takes no share requests")
        }
        let payload = Array(letter.burst.bytes[letter.message.payload])
        do throws(ShareRefusal) {
            let request = try intake.check(payload, from: .mqtt, now: letter.message.receivedAt / 1_000_000)
            output.shareRequests.append(
                NormalizedBatch.SharedItem(
                    request: request,
                    letter: letter.deadLetter(
                        profile: nil,
                        "share-outbox-full",
                        "the share outbox has reached its bound; replay this when the chain answers again"
                    )
                )
            )
        } catch {
            output.add(letter, profile: nil, "share-\(error.code)", error.detail)
        }
    }

    /// The next message's readings are given to whom the bed belongs by this one.
    private mutating func takeMovement(_ letter: Letter, into output: inout NormalizedBatch) {
        // Taken out, so that it is changed in place.
        guard var patients = self.patients.take() else { return }
        do throws(MovementFailure) {
            let payload = letter.burst.bytes[letter.message.payload]
            switch try patients.take(payload, receivedAt: letter.message.receivedAt / 1_000_000) {
            case .moved: output.movements.messages.append(letter.position)
            case .repeated: output.movements.repeatedMessages.append(letter.position)
            case .unrelated: output.ignored += 1
            }
            patients.update(&self.normalizer.beds)
        } catch {
            output.add(letter, profile: nil, error.code, error.detail)
        }
        self.patients = patients
    }

    /// Takes over what another process has changed about patients.
    ///
    /// - Throws: when a row of the spool does not open, or associations overlap.
    mutating func refreshBeds(from spool: Spool) throws {
        guard var patients = self.patients.take() else {
            self.normalizer.beds = try BedMap(spool.associations().map(PatientAssociation.init))
            return
        }
        defer { self.patients = patients }
        try patients.refresh(from: spool)
        self.normalizer.beds = try patients.bedMap()
    }

    /// Adds the movements that the next commit has to store.
    func writeMovements(to output: inout NormalizedBatch) { self.patients?.writeChanges(to: &output) }

    /// The commit has succeeded.
    mutating func movementsAreSaved() { self.patients?.markSaved() }

    /// Forgets patients who are gone for long.
    ///
    /// - Parameter now: ms since 1970.
    mutating func forgetMovements(now: Int64) {
        self.patients?.forget(now: now)
        guard var patients = self.patients.take() else { return }
        patients.update(&self.normalizer.beds)
        self.patients = patients
    }

    private mutating func write(
        _ readings: MessageReadings,
        _ profile: DeviceProfile,
        _ letter: Letter,
        into output: inout NormalizedBatch
    ) {
        self.readings.removeAll(keepingCapacity: true)
        self.normalizer.normalize(readings, context: letter.context(profile), into: &self.readings)
        self.keepMaterial(profile, letter, in: &output)
        for reading in self.readings {
            self.writer.write(reading.observation, to: &output.lines)
            output.items.append(
                NormalizedBatch.Item(key: reading.key, lineEnd: output.lines.count, message: letter.position)
            )
        }
    }

    /// Keeps the raw message with the streams of its readings.
    private mutating func keepMaterial(
        _ profile: DeviceProfile,
        _ letter: Letter,
        in output: inout NormalizedBatch
    ) {
        guard self.streams != nil, !self.readings.isEmpty else { return }
        // Taken out, so that it is changed in place.
        var material = output.material.take() ?? RawMaterial()
        material.add(
            messageOn: letter.burst.bytes[letter.message.topic],
            payload: letter.burst.bytes[letter.message.payload],
            receivedNs: letter.message.receivedAt,
            retained: letter.message.retained,
            profile: RawMaterial.Profile(id: profile.id, version: profile.version)
        )
        for reading in self.readings {
            guard let stream = self.streams?.stream(of: reading.observation) else { continue }
            material.add(itemOf: stream)
        }
        output.material = material
    }

    /// Decoder and clock state that changed since it was last saved, by name.
    ///
    /// - Parameter includingClocks: clock estimates may be saved seldom: a crash costs some samples, no reading.
    /// - Returns: names and encoded states; empty when nothing changed.
    mutating func takeChangedState(includingClocks: Bool) -> [String: [UInt8]] {
        var state: [String: [UInt8]] = [:]
        if self.evaluator.state.births.changed {
            state[StateName.decoders.of(self.lane)] = self.evaluator.state.encoded()
            self.evaluator.state.births.markPersisted()
        }
        if includingClocks, self.normalizer.clocks.changed {
            state[StateName.clocks.of(self.lane)] = self.normalizer.clocks.encoded()
            self.normalizer.clocks.markSaved()
        }
        if self.normalizer.waves.changed {
            // With every commit: an older state would see samples as lost that are there.
            state[StateName.waves.of(self.lane)] = self.normalizer.waves.encoded()
            self.normalizer.waves.markSaved()
        }
        return state
    }

    /// What belongs into the history of the clocks since the last call.
    mutating func takeClockNotes() -> [ClockNote] { self.normalizer.clocks.takeEvents().map(ClockNote.init) }

    /// What every device's clock was found to be.
    var clockReports: [ClockReport] { self.normalizer.clocks.entries }
}

/// Names of the state blobs in the spool.
enum StateName {
    static let decoders = "decoders"
    static let clocks = "clocks"
    /// Where each series of samples stands.
    static let waves = "waves"
    static let dedupSecret = "dedup-secret"
    /// Up to when movements of patients are forgotten.
    static let movements = "movements-forgotten"
}

extension String {
    /// The name of a lane's own state; the numerics' has the plain name.
    func of(_ lane: SpoolLane) -> String { lane == .numerics ? self : "\(self).\(lane.rawValue)" }
}

extension SpoolLane {
    /// What tells the message numbers of two inboxes apart.
    fileprivate var messageNumbers: UInt64 { self == .waves ? 1 << 63 : 0 }
}

/// One message on its way through the processor.
struct Letter {
    let message: RawMessage
    let burst: MessageBurst
    let number: UInt64
    let position: Int

    func context(_ profile: DeviceProfile) -> MessageContext {
        MessageContext(
            receivedAt: self.message.receivedAt,
            messageNumber: self.number,
            retained: self.message.retained,
            rawHash: self.hash,
            profileID: profile.id,
            profileVersion: profile.version,
            deviceDisplay: profile.name,
            clockPolicy: profile.clock.policy
        )
    }

    /// The message as one that could not be used.
    func deadLetter(profile: String?, _ code: String, _ text: String) -> DeadLetter {
        DeadLetter(
            message: self.position,
            receivedAt: self.message.receivedAt,
            messageNumber: self.number,
            topic: String(decoding: self.burst.bytes[self.message.topic], as: UTF8.self),
            payload: Array(self.burst.bytes[self.message.payload]),
            profile: profile,
            reasonCode: code,
            reasonText: text,
            retained: self.message.retained,
            broker: self.message.broker
        )
    }

    /// SHA-256 of the payload as published.
    var hash: Digest {
        self.burst.bytes.withUnsafeBytes {
            Digest.sha256(of: UnsafeRawBufferPointer(rebasing: $0[self.message.payload]))
        }
    }
}

extension ClockTreatment {
    var policy: ClockPolicy {
        switch self {
        case .correct: ClockPolicy(mode: .correct)
        case .trust: ClockPolicy(mode: .trust)
        case .receiveTime: ClockPolicy(mode: .receiveTime)
        }
    }
}

extension NormalizedBatch {
    mutating func add(_ letter: Letter, profile: String?, _ code: String, _ text: String) {
        self.deadLetters.append(letter.deadLetter(profile: profile, code, text))
    }
}
