internal import Normalization
internal import Records

/// What earlier replays of an institution issued: no envelope holds it, so that the next replay is told.
struct IssuedLines {
    private var lines: [ReplayIndex.Origin: [WrittenObservation]] = [:]

    /// Takes an Observation; a later version replaces an earlier one.
    mutating func take(_ written: WrittenObservation) {
        let origin = ReplayIndex.Origin(rawHash: written.rawHash, issued: written.issued)
        var known = self.lines[origin] ?? []
        if let place = known.firstIndex(where: { $0.id == written.id }) {
            known[place] = written
        } else {
            known.append(written)
        }
        self.lines[origin] = known
    }

    /// The Observations of a message as they stand after the earlier replays.
    ///
    /// - Parameters:
    ///   - before: what its envelopes hold.
    ///   - origin: of the message.
    /// - Returns: each in its latest version, then what replays brought besides; that is given once.
    mutating func applied(to before: [WrittenObservation], of origin: ReplayIndex.Origin) -> [WrittenObservation] {
        guard !self.lines.isEmpty, var known = self.lines[origin] else { return before }
        defer { self.lines[origin] = known.isEmpty ? nil : known }
        func take(_ isWanted: (WrittenObservation) -> Bool) -> WrittenObservation? {
            known.firstIndex(where: isWanted).map { known.remove(at: $0) }
        }
        var after = before.map { old in take { $0.id == old.id } ?? old }
        while let brought = take(\.isReplayed) { after.append(brought) }
        return after
    }
}

/// Readings that a gateway has given already, by the ids that they have of their own.
///
/// Devices repeat themselves; the gateway stores such a reading once (`spool.dedup_days`). As long as that, and at most twice
/// as long, a repetition is known here too.
struct KnownReadings {
    private struct Key: Hashable {
        let high: UInt64
        let low: UInt64

        init?(_ id: String) {
            guard id.utf8.count == 32, let high = UInt64(id.prefix(16), radix: 16),
                let low = UInt64(id.suffix(16), radix: 16)
            else { return nil }
            self.high = high
            self.low = low
        }
    }

    /// Default of `spool.dedup_days`.
    private static let generationNs: Int64 = 7 * 86_400_000_000_000

    private var current: Set<Key> = []
    private var previous: Set<Key> = []
    private var beganNs: Int64?

    /// Remembers a reading of a message; messages come in the order of their receipt, after 1970.
    mutating func insert(_ id: String, at receivedNs: Int64) {
        let began = self.beganNs ?? receivedNs
        self.beganNs = began
        if receivedNs - began >= Self.generationNs {
            self.previous = self.current
            self.current = []
            self.beganNs = receivedNs
        }
        if let key = Key(id) { self.current.insert(key) }
    }

    func contains(_ id: String) -> Bool {
        Key(id).map { self.current.contains($0) || self.previous.contains($0) } ?? false
    }
}
