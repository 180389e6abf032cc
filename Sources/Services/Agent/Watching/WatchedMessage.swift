internal import DeviceProfiles
internal import Expressions
internal import Payloads
internal import Records
internal import Units

/// One message as `wardline device watch` shows it.
package struct WatchedMessage: Sendable, Codable, Equatable {
    /// One value with what it means.
    package struct Value: Sendable, Codable, Equatable {
        package let concept: String
        /// The value as text, without its unit; a reason in parentheses when there is none.
        package let value: String
        /// UCUM; nil for texts and codes.
        package let unit: String?
        package let flags: [String]
        /// The device's own time, RFC 3339.
        package let time: String?
        package let channel: String?
    }

    package let broker: String
    /// With captures that name patients masked.
    package let topic: String
    package let bytes: Int
    package let retained: Bool
    /// Id and version of the profile that read it; nil when none reads the topic.
    package let profile: String?
    package let device: String?
    package let bed: String?
    /// The number in the message, only when asked for.
    package let patient: String?
    /// Whether the message names a patient.
    package let namesPatient: Bool
    package let values: [Value]
    /// Reason code and explanation of what the agent would put into the dead letters.
    package let problems: [String]
    /// Why the profile passes it over.
    package let ignored: String?
}

/// Reads messages as the agent would, for people to look at.
struct MessageWatcher {
    let library: ProfileLibrary
    /// Whether patients and texts of messages are shown.
    let showsPatients: Bool
    private var evaluator = ProfileEvaluator()
    private var captures: [Range<Int>] = []

    init(library: ProfileLibrary, showsPatients: Bool) {
        self.library = library
        self.showsPatients = showsPatients
    }

    /// Reads one message; later ones see what it taught the decoders.
    mutating func read(_ message: RawMessage, of burst: MessageBurst, broker: String) -> WatchedMessage {
        let topic = burst.bytes[message.topic]
        let payload = burst.bytes[message.payload]
        guard let profile = self.library.profile(for: topic, captures: &self.captures) else {
            return self.message(
                message,
                broker,
                topic,
                nil,
                problems: ["no-profile: no device profile reads this topic"]
            )
        }
        let outcome = payload.withUnsafeBytes {
            self.evaluator.evaluate(profile, payload: $0, topic: topic, captures: self.captures)
        }
        switch outcome {
        case .ignored(let reason): return self.message(message, broker, topic, profile, ignored: reason)
        case .undecodable(let failure):
            return self.message(
                message,
                broker,
                topic,
                profile,
                problems: ["\(failure.reason.rawValue): \(failure.explanation)"]
            )
        case .readings(let readings, let problems):
            return self.message(message, broker, topic, profile, readings, problems: problems.map(\.description))
        }
    }

    private func message(
        _ message: RawMessage,
        _ broker: String,
        _ topic: ArraySlice<UInt8>,
        _ profile: DeviceProfile?,
        _ readings: MessageReadings? = nil,
        problems: [String] = [],
        ignored: String? = nil
    ) -> WatchedMessage {
        WatchedMessage(
            broker: broker,
            topic: self.topicText(topic, profile, readings),
            bytes: message.payload.count,
            retained: message.retained,
            profile: profile.map { "\($0.id)@\($0.version)" },
            device: readings?.deviceID,
            bed: readings?.bed,
            patient: self.showsPatients ? readings?.patient?.recordNumber : nil,
            namesPatient: readings?.patient != nil,
            values: readings?.readings.flatMap(self.values) ?? [],
            problems: problems,
            ignored: ignored
        )
    }

    private static let patientCaptures = ["patient", "patientid", "patient_id", "mrn", "pid", "person"]

    /// The topic; what a `{patient}` captured, and a level that is the patient's number, are masked.
    private func topicText(
        _ topic: ArraySlice<UInt8>,
        _ profile: DeviceProfile?,
        _ readings: MessageReadings?
    ) -> String {
        let text = String(decoding: topic, as: UTF8.self)
        guard !self.showsPatients else { return text }
        var masked = Set([readings?.patient?.recordNumber].compactMap { $0 })
        for (name, range) in zip(profile?.topics[0].captureNames ?? [], self.captures)
        where profile != nil && Self.patientCaptures.contains(name.lowercased()) {
            let start = topic.startIndex + range.lowerBound
            masked.insert(String(decoding: topic[start..<start + range.count], as: UTF8.self))
        }
        guard !masked.isEmpty else { return text }
        return text.split(separator: "/", omittingEmptySubsequences: false)
            .map { masked.contains(String($0)) ? "(patient)" : String($0) }
            .joined(separator: "/")
    }

    // MARK: Values

    private func values(_ reading: Reading) -> [WatchedMessage.Value] {
        let time = reading.deviceTime.map(\.description)
        func value(_ concept: Concept, _ value: ReadingValue, _ flags: [QualityFlag]) -> WatchedMessage.Value? {
            guard let (text, unit) = self.text(value) else { return nil }
            return WatchedMessage.Value(
                concept: concept.key,
                value: text,
                unit: unit,
                flags: flags.map(\.code),
                time: time,
                channel: reading.channel
            )
        }
        let own = value(reading.concept, reading.value, reading.flags).map { [$0] } ?? []
        return own + reading.components.compactMap { value($0.concept, $0.value, $0.flags + reading.flags) }
    }

    /// Value and unit; texts may hold anything a device writes, names of patients included.
    private func text(_ value: ReadingValue) -> (String, String?)? {
        switch value {
        case .quantity(let number, let unit): (number.description, unit.code)
        case .coded(let coding): (coding.display ?? coding.code, nil)
        case .text(let text): (self.showsPatients ? text : "(text of \(text.count) characters)", nil)
        case .boolean(let flag): ("\(flag)", nil)
        case .absent(let reason): ("(none: \(reason.rawValue))", nil)
        case .sampled: ("(samples)", nil)
        case .panel: nil
        }
    }
}
