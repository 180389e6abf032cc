internal import Expressions
package import Payloads
package import Records
internal import Units

/// What a profile made of one message.
package enum ProfileOutcome: Sendable {
    case readings(MessageReadings, problems: [ReadingProblem])
    /// The profile says that this message carries nothing for us, and why.
    case ignored(String)
    case undecodable(DecodeFailure)
}

/// Why one reading of a decoded message could not be given.
package struct ReadingProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// Stable across releases; dead letters are filtered and counted by it.
    package enum Reason: String, Sendable, CaseIterable {
        case noReading = "no-reading"
        case tooManyElements = "too-many-elements"
        case missingDevice = "missing-device"
        case missingValue = "missing-value"
        case wrongType = "wrong-type"
        case badTime = "bad-time"
        case unknownCode = "unknown-code"
        case codeConflict = "code-conflict"
        case unknownUnit = "unknown-unit"
        case unknownEnumeration = "unknown-enumeration"
        case badSamples = "bad-samples"
    }

    package let reason: Reason
    /// The profile's rule, for example `readings[2] (heart-rate)`.
    package let rule: String
    /// A sentence for a biomedical engineer.
    ///
    /// It may name codes and units of the device, never values.
    package let detail: String

    /// ``detail`` with the rule it concerns.
    package var explanation: String { "\(self.rule): \(self.detail)" }

    package var description: String { "\(self.reason.rawValue): \(self.explanation)" }
}

/// Runs profiles over messages; keeps the memory that decoding reuses and the units that messages state.
///
/// Not `Sendable` in use: one evaluator belongs to one thread.
package struct ProfileEvaluator {
    private var tree = PayloadTree()
    /// What decoders remember between messages; persist it with their output.
    package var state: DecoderState
    private var units = StatedUnits()

    package init(state: DecoderState = DecoderState()) { self.state = state }

    /// Decodes one message and reads it as the profile says.
    ///
    /// - Parameters:
    ///   - profile: the profile that the topic led to.
    ///   - payload: the MQTT payload.
    ///   - topic: the topic as UTF-8.
    ///   - captures: where the topic template's captures lie, in bytes from the topic's start.
    /// - Returns: The readings and what failed beside them, or why there are none.
    package mutating func evaluate(
        _ profile: DeviceProfile,
        payload: UnsafeRawBufferPointer,
        topic: ArraySlice<UInt8>,
        captures: [Range<Int>]
    ) -> ProfileOutcome {
        do throws(DecodeFailure) {
            try profile.payload.decode(
                payload,
                topic: topic,
                captures: captures,
                state: &self.state,
                into: &self.tree
            )
        } catch {
            return .undecodable(error)
        }
        let scope = EvaluationScope(tree: self.tree, topic: topic, captures: captures)
        for rule in profile.ignore where rule.when.isTrue(scope) { return .ignored(rule.reason) }
        for rule in profile.refuse where rule.when.isTrue(scope) {
            return .undecodable(DecodeFailure(.malformed, rule.reason))
        }
        var reader = MessageReader(profile: profile, units: self.units)
        reader.read(scope)
        self.units = reader.units
        return .readings(reader.message, problems: reader.problems)
    }
}

/// Reads one decoded message.
private struct MessageReader {
    let profile: DeviceProfile
    var units: StatedUnits
    var message = MessageReadings(deviceID: "")
    var problems: [ReadingProblem] = []
    /// The message's own time, once read: most rules share the profile's time rule.
    private var sharedTime: TimeRule.Outcome?
    private var messageFlags: [QualityFlag] = []
    private var messageHistorical = false
    private var messageSequence: String?

    init(profile: DeviceProfile, units: StatedUnits) {
        self.profile = profile
        self.units = units
        self.message.readings.reserveCapacity(profile.rules.count)
    }

    mutating func read(_ scope: EvaluationScope) {
        guard let device = self.profile.device.render(scope), !device.isEmpty else {
            return self.fail(.missingDevice, "device", "the message does not say which device it comes from")
        }
        self.message.deviceID = device
        self.message.bed = self.profile.bed?.render(scope)
        self.message.patient = self.patient(scope)
        if let rule = self.profile.messageTime, case .time(let time, _) = rule.read(scope) {
            self.message.messageTime = time
        }
        for rule in self.profile.flags where rule.when.isTrue(scope) { self.messageFlags.append(rule.flag) }
        self.messageHistorical = self.profile.historical?.isTrue(scope) ?? false
        self.messageSequence = self.profile.sequence?.evaluateText(scope)
        for rule in self.profile.rules { self.apply(rule, scope) }
        if self.message.readings.isEmpty, self.problems.isEmpty {
            self.fail(
                .noReading,
                "readings",
                "none of the profile's \(self.profile.rules.count) rules found a value; add a rule, or an ignore rule"
            )
        }
    }

    private func patient(_ scope: EvaluationScope) -> PatientIdentifier? {
        guard let rule = self.profile.patient, let number = rule.number.evaluateText(scope), !number.isEmpty else {
            return nil
        }
        return PatientIdentifier(assigner: rule.assigner?.evaluateText(scope) ?? "", recordNumber: number)
    }

    private mutating func fail(_ reason: ReadingProblem.Reason, _ rule: String, _ detail: String) {
        self.problems.append(ReadingProblem(reason: reason, rule: rule, detail: detail))
    }

    private mutating func apply(_ rule: ReadingRule, _ scope: EvaluationScope) {
        guard let each = rule.each else { return self.applyOnce(rule, scope) }
        let nodes: [PayloadTree.NodeID]
        do throws(JSONPath.Limit) {
            nodes = try each.select(in: scope.tree, at: .root)
        } catch {
            return self.fail(.tooManyElements, rule.label, "the message holds too many elements for one rule")
        }
        var element = scope
        for node in nodes {
            element.current = node
            self.applyOnce(rule, element)
        }
    }

    private mutating func applyOnce(_ rule: ReadingRule, _ scope: EvaluationScope) {
        if let when = rule.when, !when.isTrue(scope) { return }
        do throws(ReadingProblem) {
            guard var reading = try self.reading(rule, scope) else { return }
            try self.addTime(rule, scope, to: &reading)
            self.addMarks(rule, scope, to: &reading)
            try self.addPlace(rule, scope, to: &reading)
            self.message.readings.append(reading)
        } catch {
            self.problems.append(error)
        }
    }

    private mutating func reading(
        _ rule: ReadingRule,
        _ scope: EvaluationScope
    ) throws(ReadingProblem) -> Reading? {
        if rule.components.isEmpty {
            var reader = ValueReader(rule: rule.value, units: self.units)
            let found = try reader.read(scope)
            self.units = reader.units
            guard let found else { return nil }
            var reading = Reading(concept: found.concept, value: found.value, flags: found.flags)
            if let alarm = rule.alarm { try self.addAttributes(alarm, scope, to: &reading) }
            return reading
        }
        var panel = PanelReader(rule: rule, units: self.units)
        let found = try panel.read(scope)
        self.units = panel.units
        return found
    }

    private mutating func addAttributes(
        _ alarm: AlarmRule,
        _ scope: EvaluationScope,
        to reading: inout Reading
    ) throws(ReadingProblem) {
        for attribute in alarm.attributes {
            var reader = ValueReader(rule: attribute, units: self.units)
            let found = try reader.read(scope)
            self.units = reader.units
            guard let found else { continue }
            reading.components.append(
                ReadingComponent(concept: found.concept, value: found.value, flags: found.flags)
            )
        }
        reading.alarm = AlarmLiveness(isOver: AlarmRule.isOver(reading.components), freshNs: alarm.freshNs)
    }

    private mutating func addTime(
        _ rule: ReadingRule,
        _ scope: EvaluationScope,
        to reading: inout Reading
    ) throws(ReadingProblem) {
        guard let timeRule = rule.time else { return }
        // A rule without `each` and without a time of its own shares the message's: read it once.
        let shared = rule.each == nil && rule.timeIsShared
        let outcome = shared ? (self.sharedTime ?? timeRule.read(scope)) : timeRule.read(scope)
        if shared { self.sharedTime = outcome }
        switch outcome {
        case .missing: return
        case .time(let time, let marks):
            reading.deviceTime = time
            reading.flags += marks
        case .unusable(let why):
            guard timeRule.unusable == .receiveTime else {
                throw ReadingProblem(reason: .badTime, rule: rule.label, detail: "the time \(why)")
            }
            reading.flags.append(.deviceTimeUnusable)
        }
    }

    /// Dates a block by its first sample, and notes where it says that it stands in its series.
    private func addPlace(
        _ rule: ReadingRule,
        _ scope: EvaluationScope,
        to reading: inout Reading
    ) throws(ReadingProblem) {
        guard case .sampled(let sampled) = rule.value.shape, case .sampled(let series) = reading.value else { return }
        reading.deviceTime = reading.deviceTime.map { sampled.stamp.firstSample(of: series, at: $0) }
        guard let continuity = sampled.continuity else { return }
        reading.block = try continuity.block(rule.label, scope)
        if reading.sequence == nil, let counter = reading.block?.counter { reading.sequence = String(counter) }
    }

    private func addMarks(_ rule: ReadingRule, _ scope: EvaluationScope, to reading: inout Reading) {
        if !self.messageFlags.isEmpty { reading.flags += self.messageFlags }
        for flag in rule.flags where flag.when.isTrue(scope) { reading.flags.append(flag.flag) }
        reading.channel = rule.channel?.render(scope)
        reading.sequence = rule.sequence?.evaluateText(scope) ?? self.messageSequence
        reading.historical = self.messageHistorical || (rule.historical?.isTrue(scope) ?? false)
        if let site = rule.site?.evaluateText(scope), !site.isEmpty {
            reading.bodySite = Coding(system: "urn:wardline:body-site", code: site)
        }
    }
}

extension QualityFlag {
    /// The device wrote something that is no usable time.
    static let deviceTimeUnusable = QualityFlag("device-time-unusable")
}
