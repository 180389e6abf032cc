internal import Records

/// What a replay of one message says about one of its Observations.
package struct Reissued: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The same identifier with another content.
        case corrected
        /// No longer produced: entered in error, under the same identifier.
        case withdrawn
        /// Produced for the first time.
        case new
    }

    package let kind: Kind
    /// A line of NDJSON with its line feed.
    package let line: [UInt8]
    /// The reading; nil for one that is withdrawn.
    package let reading: NormalizedReading?
    /// What went out before; nil for a new one.
    package let before: WrittenObservation?
    /// What differs: `code`, `value`, `time`, `patient`, `device` or `context`; empty for other kinds.
    package let differences: [String]
}

/// Whom the readings of a replay are about.
package enum ReplaySubjects: Sendable {
    /// Whom the message names or the bed map holds.
    case asRead
    /// Whom they were about when they went out. Away from the ward nobody knows who lay in which bed; a reading that is new
    /// belongs to a patient only when Observations of its message and moment do, and to no other.
    case asIssued
}

/// What came of one message.
package struct Renormalized: Sendable {
    package var reissued: [Reissued] = []
    package var unchanged = 0
    /// Observations that nobody can judge, because the message no longer decodes as a whole.
    package var kept = 0
}

/// Compares the readings of a message under a mended profile with the Observations that went out for it.
///
/// A reading is the same reading if it has the same id of its own; else of what is left if it has the same code and channel;
/// else the same value; else, when equally many are left on both sides, the same place among them. The identifier that went
/// out stays, so that a receiver replaces and never doubles. Pure.
package struct Renormalizer: Sendable {
    private var writer = ObservationWriter()

    package init() {}

    /// Compares one message.
    ///
    /// - Parameters:
    ///   - before: the latest version of each Observation of the message, in the order of their first issue.
    ///   - readings: of the mended profile.
    ///   - isWhole: whether every reading of the message decoded; else none is withdrawn.
    ///   - profile: `id@version` of the mended profile.
    ///   - keepsTimes: whether effective times stay as they were where the device's time is the same.
    ///   - subjects: whom the readings are about.
    /// - Returns: what must go out, withdrawals of a patient before anything else about the same reading.
    package mutating func compare(
        before: [WrittenObservation],
        readings: [NormalizedReading],
        isWhole: Bool,
        profile: String,
        keepsTimes: Bool = true,
        subjects: ReplaySubjects = .asRead
    ) -> Renormalized {
        var result = Renormalized()
        let drafts = readings.compactMap { self.draft($0.observation) }
        let partners =
            drafts.count == readings.count
            ? ReadingPairs.partners(of: drafts.map(ReadingPairs.Key.init), among: before.map(ReadingPairs.Key.init))
            : readings.map { _ in nil }
        for (index, reading) in readings.enumerated() {
            guard let partner = partners[index] else {
                result.reissued.append(self.new(reading, subjects, among: before))
                continue
            }
            self.compare(before[partner], reading, profile, keepsTimes: keepsTimes, subjects, into: &result)
        }
        let matched = Set(partners.compactMap { $0 })
        for (index, old) in before.enumerated() where !matched.contains(index) {
            if old.isWithdrawn {
                result.unchanged += 1
            } else if isWhole {
                result.reissued.append(Self.withdrawal(of: old, profile: profile))
            } else {
                result.kept += 1
            }
        }
        return result
    }

    private mutating func draft(_ observation: Observation) -> WrittenObservation? {
        var line: [UInt8] = []
        self.writer.write(observation, to: &line)
        return WrittenObservation(line[...])
    }

    private mutating func new(
        _ reading: NormalizedReading,
        _ subjects: ReplaySubjects,
        among before: [WrittenObservation]
    ) -> Reissued {
        var observation = reading.observation
        if subjects == .asIssued {
            observation.subject = Self.subject(at: observation.effective.time.millisecondsSinceEpoch, among: before)
        }
        observation.reading.historical = true
        observation.reissue = Reissue(id: nil, isReplayed: true)
        return Reissued(
            kind: .new,
            line: self.line(observation),
            reading: NormalizedReading(observation: observation, key: reading.key),
            before: nil,
            differences: []
        )
    }

    private mutating func line(_ observation: Observation) -> [UInt8] {
        var line: [UInt8] = []
        self.writer.write(observation, to: &line)
        return line
    }

    private mutating func compare(
        _ old: WrittenObservation,
        _ reading: NormalizedReading,
        _ profile: String,
        keepsTimes: Bool,
        _ subjects: ReplaySubjects,
        into result: inout Renormalized
    ) {
        var observation = reading.observation
        old.carry(into: &observation, keepsTimes: keepsTimes)
        if subjects == .asIssued { observation.subject = Self.subject(of: old) }
        // As it would have been written then: only a replay's Observation has lost the mark of a live alarm.
        if old.isReplayed || old.status != Observation.Status.final.rawValue {
            observation.reissue = Reissue(id: old.id)
        }
        guard let draft = self.draft(observation) else { return }
        if draft.content == old.content, !old.isWithdrawn {
            result.unchanged += 1
            return
        }
        observation.status = .corrected
        observation.reissue = Reissue(id: old.id, replaces: old.profile, isReplayed: old.isReplayed)
        if draft.pseudonym != old.pseudonym || draft.device != old.device || draft.isSeries != old.isSeries,
            !old.isWithdrawn
        {
            // Whoever may read the old patient's record must learn there that this was not hers.
            result.reissued.append(Self.withdrawal(of: old, profile: profile))
        }
        result.reissued.append(
            Reissued(
                kind: .corrected,
                line: self.line(observation),
                reading: NormalizedReading(observation: observation, key: reading.key),
                before: old,
                differences: draft.differences(from: old)
            )
        )
    }

    private static func subject(of old: WrittenObservation) -> ObservationSubject {
        old.pseudonym.map(ObservationSubject.pseudonym) ?? .unassociated
    }

    /// The one whom all Observations of a moment are about; nobody when they do not agree, or there is none.
    private static func subject(at milliseconds: Int64, among before: [WrittenObservation]) -> ObservationSubject {
        let subjects = before.filter { !$0.isWithdrawn && $0.effectiveTime?.millisecondsSinceEpoch == milliseconds }
            .map(self.subject)
        guard let first = subjects.first, subjects.allSatisfy({ $0 == first }) else { return .unassociated }
        return first
    }

    /// The old line with another status and the provenance of its withdrawal.
    private static func withdrawal(of old: WrittenObservation, profile: String) -> Reissued {
        var provenance = Array(#"{"url":"urn:wardline:fhir:provenance","extension":[{"url":"rawMessage","#.utf8)
        provenance += #""valueString":"\#(old.rawHash)"},{"url":"profile","valueString":"#.utf8
        JSONText.appendQuoted(profile, to: &provenance)
        provenance += #"},{"url":"ordinal","valueInteger":\#(old.ordinal)},{"url":"replaces","valueString":""#.utf8
        // As it is escaped in the line that it comes from.
        provenance += old.profile.utf8
        provenance += #""},{"url":"reading","valueString":"\#(old.readingID)"}"#.utf8
        if old.isReplayed { provenance += #",{"url":"replayed","valueBoolean":true}"#.utf8 }
        provenance += "]}".utf8
        let parts = old.parts
        var line = Array(old.line[..<parts.provenance.lowerBound])
        line += provenance
        line += old.line[parts.provenance.upperBound..<parts.status.lowerBound]
        line += "\"\(WrittenObservation.withdrawnStatus)\"".utf8
        line += old.line[parts.status.upperBound...]
        line.append(UInt8(ascii: "\n"))
        return Reissued(kind: .withdrawn, line: line, reading: nil, before: old, differences: [])
    }
}

extension WrittenObservation {
    /// In which respects another version of it differs.
    func differences(from other: WrittenObservation) -> [String] {
        func isOther(_ part: (Parts) -> Range<Int>?) -> Bool {
            let (own, others) = (part(self.parts) ?? 0..<0, part(other.parts) ?? 0..<0)
            return !self.line[own].elementsEqual(other.line[others])
        }
        var differences: [String] = []
        if isOther(\.code) { differences.append("code") }
        if self.measurement != other.measurement { differences.append("value") }
        if isOther(\.effective) { differences.append("time") }
        if isOther(\.subject) { differences.append("patient") }
        if isOther(\.device) { differences.append("device") }
        return differences.isEmpty ? ["context"] : differences
    }
}
