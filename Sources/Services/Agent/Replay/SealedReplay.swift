package import Bundles
package import DeviceProfiles
package import Normalization
internal import Records

package import struct Bundles.Bundle

/// Reads the raw messages of an institution's envelopes again with a mended profile: `wardline owner replay`.
///
/// What ``ProfileReplay`` is on the gateway for the last days, this is for everything that was ever sealed: the same reading and
/// the same comparison. It is given bundles in any order, keeps those with messages of the profile as they came (compressed),
/// and goes through them gateway by gateway, in the order of receipt. Pure.
///
/// Patients stay who they were, unless a message names its own and ``Request/naming`` tells the pseudonym: beds and devices are
/// associated at the gateway.
package struct SealedReplay {
    /// What to replay and how.
    package struct Request: Sendable {
        /// Profiles by which messages are read, the mended one among them.
        package var library: ProfileLibrary
        /// Id of the mended profile.
        package var profile: String
        /// Messages received from then on, ms since 1970.
        package var from: Int64 = 0
        /// Messages received before, ms since 1970.
        package var to: Int64 = Self.endOfTime
        /// How patients whom messages name are called; `.withheld` without the institution's key.
        package var naming = PatientNaming.withheld
        /// Whether effective times are computed anew even where the device's time is the same.
        package var recomputesTimes = false
        /// Bytes of bundles that are kept at most.
        package var bytesMax = 2 << 30

        /// ms since 1970: no gateway's clock goes beyond.
        package static let endOfTime: Int64 = 4_611_686_018_427

        package init(library: ProfileLibrary, profile: String) {
            self.library = library
            self.profile = profile
        }
    }

    /// Why a replay cannot go on.
    package struct Refusal: Error, CustomStringConvertible { package let description: String }

    /// A bundle with messages of the profile.
    private struct Held {
        let place: SealedPlace
        let data: [UInt8]
        let from: Int64
        let to: Int64
    }

    /// Receive time of the messages that are in memory at once.
    private static let sliceNs: Int64 = 300_000_000_000
    /// Stands for the gateway's message numbers, which are not sealed.
    ///
    /// No gateway has this one; times in ns and hashes tell messages apart.
    private static let messageNumber = UInt64.max

    private let request: Request
    private let profile: DeviceProfile
    private let replacesMark: [UInt8]
    private var held: [String: [Held]] = [:]
    private var heldBytes = 0
    private var issued = IssuedLines()
    private var router: MessageRereader
    private var renormalizer = Renormalizer()
    /// Messages that name a patient while nobody can say the pseudonym: she stays whom she was.
    package private(set) var unnamed = 0

    /// - Throws: ``Refusal`` when the library does not have the profile.
    package init(_ request: Request) throws(Refusal) {
        guard let profile = request.library.profile(id: request.profile) else {
            throw Refusal(description: "no profile \(request.profile) is among the profiles given")
        }
        self.request = request
        self.profile = profile
        self.replacesMark = Array(#""replaces","valueString":"\#(profile.id)@"#.utf8)
        self.router = Self.reader(request)
    }

    private static func reader(_ request: Request) -> MessageRereader {
        // Nothing is stored under these keys, so that they need no secret.
        let normalizer = Normalizer(naming: request.naming, secret: DedupSecret(key0: 0, key1: 0))
        return MessageRereader(library: request.library, decoders: DecoderState(), normalizer: normalizer)
    }

    /// Takes a bundle.
    ///
    /// - Parameters:
    ///   - bundle: opened.
    ///   - data: what it was opened from; kept when it has a message to be read again.
    ///   - place: where it lay. The same bundle must not be taken twice.
    /// - Throws: ``Refusal`` when more would be kept than ``Request/bytesMax``.
    package mutating func take(_ bundle: Bundle, data: [UInt8], at place: SealedPlace) throws(Refusal) {
        var from = Int64.max
        var to = Int64.min
        let corrections = self.corrections(in: bundle)
        for (index, message) in bundle.messages.enumerated() {
            let profile = bundle.profiles[message.profile]
            guard corrections.contains(index) || self.isWanted(message, profile) else { continue }
            from = min(from, message.receivedNs)
            to = max(to, message.receivedNs)
        }
        guard from <= to else { return }
        guard self.heldBytes + data.count <= self.request.bytesMax else {
            throw Refusal(
                description:
                    "the envelopes of that time hold more than \(self.request.bytesMax >> 20) MiB of messages of "
                    + "\(self.profile.id); go in parts with --since and --until"
            )
        }
        self.heldBytes += data.count
        self.held[place.gateway, default: []].append(Held(place: place, data: data, from: from, to: to))
    }

    /// Takes what an earlier replay issued, in the order of its output.
    ///
    /// - Parameter line: with or without its line feed.
    /// - Returns: false for a line that no replay issued.
    package mutating func take(issued line: ArraySlice<UInt8>) -> Bool {
        guard let written = WrittenObservation(line) else { return false }
        self.issued.take(written)
        return true
    }

    private func isInTime(_ message: Bundle.Message) -> Bool {
        let milliseconds = message.receivedNs / 1_000_000
        return milliseconds >= max(0, self.request.from) && milliseconds < min(self.request.to, Request.endOfTime)
            && message.receivedNs >= 0 && message.topic.count <= Int(UInt16.max)
    }

    /// Whether the profile reads, or has read, a message.
    ///
    /// What another profile has read belongs to this one only when the other one is here and has lost the topic to it.
    private mutating func isWanted(_ message: Bundle.Message, _ profile: Bundle.Profile) -> Bool {
        guard self.isInTime(message) else { return false }
        if profile.id == self.profile.id { return true }
        return self.request.library.profile(id: profile.id) != nil
            && self.router.profile(for: message.topic[...])?.id == self.profile.id
    }

    /// Messages with Observations that another profile corrected and this one had read.
    private func corrections(in bundle: Bundle) -> Set<Int> {
        guard bundle.profiles.contains(where: { $0.id != self.profile.id }) else { return [] }
        var found: Set<Int> = []
        for observation in bundle.observations where !found.contains(observation.message) {
            let message = bundle.messages[observation.message]
            guard self.isInTime(message), bundle.profiles[message.profile].id != self.profile.id else { continue }
            if observation.json.firstRange(of: self.replacesMark) != nil { found.insert(observation.message) }
        }
        return found
    }
}

extension SealedReplay {
    /// Compares everything that was taken.
    ///
    /// - Parameter write: takes the lines of corrected, withdrawn and new Observations, each with its line feed.
    /// - Returns: what was found.
    /// - Throws: what `write` throws, or `FORMAT` for a bundle that cannot be opened a second time.
    package mutating func run(_ write: (ArraySlice<UInt8>) throws -> Void) throws -> ReplaySummary {
        var summary = ReplaySummary()
        summary.from = self.request.from
        for gateway in self.held.keys.sorted() {
            let held = (self.held[gateway] ?? []).sorted { $0.from < $1.from }
            var reader = Self.reader(self.request)
            var known = KnownReadings()
            var active: [Held] = []
            var next = 0
            var start = Int64.min
            while true {
                active.removeAll { $0.to < start }
                if active.isEmpty {
                    guard next < held.count else { break }
                    start = max(start, held[next].from)
                }
                let end = start + Self.sliceNs
                while next < held.count, held[next].from < end {
                    active.append(held[next])
                    next += 1
                }
                for message in try self.messages(of: active, start..<end) {
                    for line in self.replay(message, &reader, &known, &summary) { try write(line[...]) }
                }
                start = end
            }
        }
        return summary
    }

    private mutating func messages(of held: [Held], _ range: Range<Int64>) throws -> [SealedMessage] {
        var messages = SealedMessages()
        for item in held {
            let bundle = try Bundle(data: item.data)
            let corrections = self.corrections(in: bundle)
            var isWanted: [Bool] = []
            for (index, message) in bundle.messages.enumerated() {
                let profile = bundle.profiles[message.profile]
                isWanted.append(
                    range.contains(message.receivedNs)
                        && (corrections.contains(index) || self.isWanted(message, profile))
                )
            }
            messages.take(bundle, at: item.place, isWanted: isWanted)
        }
        return messages.inOrder()
    }

    /// Compares one message; returns the lines to issue.
    private mutating func replay(
        _ message: SealedMessage,
        _ reader: inout MessageRereader,
        _ known: inout KnownReadings,
        _ summary: inout ReplaySummary
    ) -> [[UInt8]] {
        var burst = MessageBurst()
        message.topic.withUnsafeBytes { topic in
            message.payload.withUnsafeBytes { payload in
                burst.append(
                    topic: topic,
                    payload: payload,
                    receivedAt: message.receivedNs,
                    packetIdentifier: 0,
                    retained: message.isRetained,
                    broker: 0
                )
            }
        }
        guard let (raw, _) = burst.message(at: 0) else { return [] }
        let profile = reader.profile(for: message.topic[...])
        let read = reader.read(raw, of: burst, number: Self.messageNumber, by: profile)
        let before = self.issued.applied(to: message.latest(), of: ReplayIndex.Origin(raw, of: burst))
        let source = profile ?? self.profile
        var subjects = ReplaySubjects.asIssued
        if read.namesPatient {
            if case .withheld = self.request.naming { self.unnamed += 1 } else { subjects = .asRead }
        }
        let result = self.renormalizer.compare(
            before: before,
            readings: read.readings,
            isWhole: read.reasons.isEmpty,
            profile: "\(source.id)@\(source.version)",
            keepsTimes: !self.request.recomputesTimes && source.clock == .correct,
            subjects: subjects
        )
        for old in before { known.insert(old.readingID, at: message.receivedNs) }
        var reissued: [Reissued] = []
        for item in result.reissued {
            let id = item.reading.map { ObservationID($0.observation).description }
            if item.kind == .new, let id, known.contains(id) { continue }
            if let id { known.insert(id, at: message.receivedNs) }
            reissued.append(item)
        }
        summary.note(result, issued: reissued, reasons: read.reasons)
        return reissued.map(\.line)
    }
}
