internal import Normalization
internal import Records
internal import Spool

/// The latest versions of the Observations that went out for a slice of messages.
struct ReplayIndex {
    /// What a line and its message have in common.
    struct Origin: Hashable {
        /// SHA-256 of the payload, hexadecimal.
        let rawHash: String
        /// Receive time as Observations have it.
        let issued: String

        init(rawHash: String, issued: String) {
            self.rawHash = rawHash
            self.issued = issued
        }

        init(_ message: RawMessage, of burst: MessageBurst) {
            let hash = burst.bytes.withUnsafeBytes {
                Digest.sha256(of: UnsafeRawBufferPointer(rebasing: $0[message.payload]))
            }
            let time = DateTime(nanosecondsSinceEpoch: message.receivedAt, offsetMinutes: 0, fractionDigits: 3)
            self.init(rawHash: hash.description, issued: time.description)
        }
    }

    /// What one or several equal messages of the same millisecond gave.
    private struct Issued {
        /// One list a message, in the order of the spool.
        var messages: [[WrittenObservation]] = []
        /// What replays brought besides.
        var replayed: [WrittenObservation] = []
    }

    private var issued: [Origin: Issued]
    private let hashes: Set<String>

    /// Makes an index of what the messages of a slice may have given.
    init(origins: Set<Origin>) {
        self.issued = [:]
        self.hashes = Set(origins.map(\.rawHash))
        for origin in origins { self.issued[origin] = Issued() }
    }

    /// Takes the lines of a chunk; chunks come in the order of the spool, so that later versions replace earlier ones.
    mutating func take(_ lines: [UInt8]) {
        var start = 0
        while start < lines.count {
            let end = lines[start...].firstIndex(of: UInt8(ascii: "\n")) ?? lines.count
            if self.isWanted(lines[start..<end]), let written = WrittenObservation(lines[start..<end]) {
                self.take(written)
            }
            start = end + 1
        }
    }

    private static let hashMark = Array(#""rawMessage","valueString":""#.utf8)

    /// Whether a line's payload is one of the slice: cheaper than taking every line apart.
    private func isWanted(_ line: ArraySlice<UInt8>) -> Bool {
        guard let place = Self.find(Self.hashMark, in: line), line.endIndex - place >= 64 else { return false }
        return self.hashes.contains(String(decoding: line[place..<place + 64], as: UTF8.self))
    }

    /// Where the bytes behind the first occurrence begin.
    private static func find(_ mark: [UInt8], in line: ArraySlice<UInt8>) -> Int? {
        var start = line.startIndex
        while let place = line[start...].firstIndex(of: mark[0]) {
            if line[place...].starts(with: mark) { return place + mark.count }
            start = place + 1
        }
        return nil
    }

    private mutating func take(_ written: WrittenObservation) {
        let origin = Origin(rawHash: written.rawHash, issued: written.issued)
        guard var found = self.issued[origin] else { return }
        defer { self.issued[origin] = found }
        for message in found.messages.indices {
            if let place = found.messages[message].firstIndex(where: { $0.id == written.id }) {
                found.messages[message][place] = written
                return
            }
        }
        if let place = found.replayed.firstIndex(where: { $0.id == written.id }) {
            found.replayed[place] = written
        } else if written.isReplayed {
            found.replayed.append(written)
        } else if let last = found.messages.last?.last, last.ordinal < written.ordinal {
            found.messages[found.messages.count - 1].append(written)
        } else {
            found.messages.append([written])
        }
    }

    /// Whether a profile, of whatever version, gave an Observation of a message.
    func holds(_ origin: Origin, of profile: String) -> Bool {
        guard let found = self.issued[origin] else { return false }
        return (found.messages.joined() + found.replayed).contains { $0.profile.hasPrefix("\(profile)@") }
    }

    /// What went out for a message; each Observation is given once.
    ///
    /// - Parameters:
    ///   - origin: of the message.
    ///   - ids: what its readings are called now, which tells equal messages of one millisecond apart.
    /// - Returns: the latest versions, in the order of their first issue.
    mutating func takeObservations(of origin: Origin, ids: Set<String>) -> [WrittenObservation] {
        guard var found = self.issued[origin] else { return [] }
        defer { self.issued[origin] = found }
        func isOwn(_ written: WrittenObservation) -> Bool { ids.contains(written.readingID) }
        let own = found.messages.firstIndex { $0.contains(where: isOwn) } ?? found.messages.indices.first
        var before = own.map { found.messages.remove(at: $0) } ?? []
        let isLast = found.messages.isEmpty
        before += found.replayed.filter { isLast || isOwn($0) }
        found.replayed.removeAll { isLast || isOwn($0) }
        return before
    }
}
