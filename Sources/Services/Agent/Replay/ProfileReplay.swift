package import DeviceProfiles
internal import Foundation
internal import Normalization
internal import Payloads
internal import Records
internal import Spool

/// Reads the raw messages of the local window again with a mended profile, and issues what changed.
///
/// Works beside the running agent, slice by slice. A slice's Observations are found by the hash of their payload, compared,
/// and what differs is one commit after the other. There is no progress to save: what was issued is the latest version the
/// next time, so that a replay that was killed is run again, and a second one finds nothing to do.
package final class ProfileReplay {
    /// What to replay and how.
    package struct Request: Sendable {
        /// Id of the profile.
        package var profile: String
        /// Messages received from then on, ms since 1970; nil for the whole window.
        package var since: Int64?
        /// Whether to say only what would change.
        package var isDryRun = false
        /// Whether effective times are computed anew even where the device's time is the same.
        package var recomputesTimes = false
        /// A profile to use instead of the installed one; for dry runs.
        package var draft: DeviceProfile?
        /// How many examples of differences to show; their lines hold patients' data.
        package var examplesMax = 0

        package init(profile: String) { self.profile = profile }
    }

    /// One difference with its lines.
    package struct Example: Sendable {
        package let before: [UInt8]
        package let after: [UInt8]
    }

    /// Why a replay cannot begin.
    package struct Refusal: Error, CustomStringConvertible { package let description: String }

    /// Bytes of raw messages in a slice.
    private static let sliceBytes = 2 << 20

    private let request: Request
    private let configuration: AgentConfiguration
    private let store: AgentStore
    private let library: ProfileLibrary
    private let profile: DeviceProfile
    private let lock: StateLock
    private var renormalizer = Renormalizer()
    private var writer: ReplayWriter
    private var spans: [ChunkSpan] = []
    /// Keys of corrections that are not stored yet.
    private var pending: Set<DedupKey> = []
    package private(set) var summary = ReplaySummary()
    package private(set) var examples: [Example] = []
    /// Messages of the window that were looked at, whatever profile they belong to.
    package private(set) var seen: Int64 = 0
    /// Messages of the window, as far as they were there at the start.
    package private(set) var total: Int64 = 0

    /// Opens what a replay needs.
    ///
    /// - Throws: ``Refusal`` when the profile is not installed, or the running agent has not taken it yet; another error
    ///   when the store does not open or another replay runs.
    package init(configuration: AgentConfiguration, request: Request) throws {
        self.configuration = configuration
        self.request = request
        let (installed, problems) = ProfileLibrary.load(directories: configuration.deviceDirectories)
        self.library =
            request.draft.map { draft in
                ProfileLibrary(profiles: installed.profiles.filter { $0.id != draft.id } + [draft])
            } ?? installed
        guard let profile = self.library.profile(id: request.profile) else {
            let problem = problems.first.map { "; refused: \($0)" } ?? ""
            throw Refusal(description: "no profile \(request.profile) is installed\(problem)")
        }
        self.profile = profile
        self.store = try AgentStore(configuration: configuration)
        self.lock = try StateLock(directory: configuration.stateDirectory, name: StateLock.replay)
        self.writer = ReplayWriter(streams: try self.store.streamNaming())
        if !request.isDryRun { try self.checkInForce() }
    }

    /// A correction must not race with an agent that still reads with the broken profile.
    private func checkInForce() throws {
        guard StateLock.isAgentRunning(on: self.configuration.stateDirectory),
            let inForce = ProfilesInForce(stateDirectory: self.configuration.stateDirectory)
        else { return }
        let file = self.library.files.first { $0.profile.id == self.profile.id }?.file ?? ""
        let running = inForce.profiles.first { $0.id == self.profile.id }
        guard let running, running.digest == ProfilesInForce.digest(of: file) else {
            throw Refusal(
                description: "the running agent has not taken \(file) yet; it looks every few seconds, or on SIGHUP: "
                    + "wardline device list --config shows what is in force"
            )
        }
        // Messages that were on their way through the old version have been committed a moment later.
        let loaded = DateTime(rfc3339: Array(inForce.loadedAt.utf8))?.millisecondsSinceEpoch ?? 0
        let age = systemMilliseconds() - loaded
        if age >= 0, age < Self.settlingMilliseconds {
            Thread.sleep(forTimeInterval: Double(Self.settlingMilliseconds - age) / 1_000)
        }
    }

    private static let pendingMax = 1_000_000
    private static let settlingMilliseconds: Int64 = 3_000

    /// Replays.
    ///
    /// - Parameter progress: called after each slice.
    /// - Returns: what was found and issued.
    /// - Throws: when the store refuses; what was committed stays, and a repetition goes on from there.
    package func run(progress: (ProfileReplay) -> Void = { _ in }) throws -> ReplaySummary {
        let inboxes = [self.store.inbox, self.store.waves].compactMap { $0 }
        let start = max(self.request.since ?? 0, self.store.replayableFrom(now: systemMilliseconds()))
        self.summary.from = start
        for inbox in inboxes { self.total += try inbox.holding(after: inbox.batch(before: start)).messages }
        for inbox in inboxes {
            // Decoders begin with what they know now: births of the window replace it as they come.
            var reader = MessageRereader(
                library: self.library,
                decoders: try self.store.decoderState(of: inbox.lane),
                normalizer: try self.store.replayNormalizer(naming: self.configuration.patientNaming())
            )
            // One earlier: a batch that begins before the moment may reach beyond it.
            var position = try inbox.batch(before: start) - 1
            while let last = try self.slice(after: position, of: inbox, &reader) {
                position = last
                progress(self)
            }
        }
        return self.summary
    }

    /// One slice.
    ///
    /// - Returns: its last batch; nil when everything that is normalized has been read.
    private func slice(
        after position: Int64,
        of inbox: Inbox,
        _ reader: inout MessageRereader
    ) throws -> Int64? {
        let began = monotonicNanoseconds()
        let cursor = try self.store.spool.cursor(of: inbox.lane)
        var batches: [InboxBatch] = []
        var bytes = 0
        while bytes < Self.sliceBytes, let batch = try inbox.nextBatch(after: batches.last?.id ?? position),
            batch.id <= cursor
        {
            batches.append(batch)
            bytes += batch.burst.bytes.count
        }
        guard let last = batches.last?.id else { return nil }
        var index = try self.index(of: batches)
        for batch in batches { try self.replay(batch, of: inbox.lane, &index, &reader) }
        try self.commit()
        self.giveWay(since: began)
        return last
    }

    /// Leaves the processor and the disk to the agent for as long as they were taken.
    private func giveWay(since began: UInt64) {
        guard !self.request.isDryRun, StateLock.isAgentRunning(on: self.configuration.stateDirectory) else { return }
        Thread.sleep(forTimeInterval: min(1, Double(monotonicNanoseconds() - began) / 1e9))
    }

    private func index(of batches: [InboxBatch]) throws -> ReplayIndex {
        var origins: Set<ReplayIndex.Origin> = []
        var from = Int64.max
        var to = Int64.min
        for batch in batches {
            var offset = 0
            while let (message, next) = batch.burst.message(at: offset) {
                origins.insert(ReplayIndex.Origin(message, of: batch.burst))
                from = min(from, message.receivedAt / 1_000_000)
                to = max(to, message.receivedAt / 1_000_000)
                offset = next
            }
        }
        var index = ReplayIndex(origins: origins)
        self.spans += try self.store.spool.chunkSpans(after: self.spans.last?.firstSequence ?? 0)
        for span in self.spans where span.receivedTo >= from && span.receivedFrom <= to {
            let chunk = try self.store.spool.observations(after: span.firstSequence - 1).first
            // Upkeep may have deleted it meanwhile; then the next one comes.
            guard let chunk, chunk.firstSequence == span.firstSequence else { continue }
            index.take(chunk.lines)
        }
        return index
    }

    private func replay(
        _ batch: InboxBatch,
        of lane: SpoolLane,
        _ index: inout ReplayIndex,
        _ reader: inout MessageRereader
    ) throws {
        var offset = 0
        var number: UInt64 = 0
        // Upkeep may overtake a long replay: without its Observations a message would count as never read.
        let horizon = max(self.summary.from, self.store.replayableFrom(now: systemMilliseconds()))
        while let (message, next) = batch.burst.message(at: offset) {
            let place = Place(
                message: message,
                burst: batch.burst,
                number: MessageProcessor.number(batch: batch.id, index: number, lane: lane),
                lane: lane
            )
            offset = next
            number += 1
            self.seen += 1
            guard message.receivedAt / 1_000_000 >= horizon, message.marks.isEmpty else { continue }
            try self.replay(place, &index, &reader)
            if self.writer.isDue { try self.commit() }
        }
    }

    /// A message in its batch.
    private struct Place {
        let message: RawMessage
        let burst: MessageBurst
        let number: UInt64
        let lane: SpoolLane
    }

    private func replay(
        _ place: Place,
        _ index: inout ReplayIndex,
        _ reader: inout MessageRereader
    ) throws {
        let topic = place.burst.bytes[place.message.topic]
        let profile = reader.profile(for: topic)
        let origin = ReplayIndex.Origin(place.message, of: place.burst)
        guard profile?.id == self.profile.id || index.holds(origin, of: self.profile.id) else { return }
        let read = reader.read(place.message, of: place.burst, number: place.number, by: profile)
        let before = index.takeObservations(of: origin, ids: read.ids)
        let source = profile ?? self.profile
        let result = self.renormalizer.compare(
            before: before,
            readings: read.readings,
            isWhole: read.reasons.isEmpty,
            profile: "\(source.id)@\(source.version)",
            keepsTimes: !self.request.recomputesTimes && source.clock == .correct
        )
        let reissued = try result.reissued.filter { try !self.isKnown($0) }
        self.count(reissued, result, read.reasons)
        self.writer.add(
            reissued,
            message: place.message,
            of: place.burst,
            profile: RawMaterial.Profile(id: source.id, version: source.version),
            lane: place.lane
        )
    }

    /// Whether another message has given a new reading already, as devices that repeat themselves do.
    private func isKnown(_ item: Reissued) throws -> Bool {
        guard let key = item.reading?.key else { return false }
        switch item.kind {
        case .new:
            return try self.pending.contains(key) || self.store.spool.knows(key)
        case .corrected, .withdrawn:
            self.pending.insert(key)
            return false
        }
    }

    private func count(_ reissued: [Reissued], _ result: Renormalized, _ reasons: [String]) {
        self.summary.note(result, issued: reissued, reasons: reasons)
        for item in reissued where self.examples.count < self.request.examplesMax {
            self.examples.append(Example(before: item.before?.line ?? [], after: item.line))
        }
    }

    private func commit() throws {
        guard !self.writer.isEmpty else { return }
        defer {
            self.writer.removeAll()
            // A dry run stores none of them, so that it must remember; a bound keeps it from growing for ever.
            if !self.request.isDryRun || self.pending.count > Self.pendingMax { self.pending.removeAll() }
        }
        guard !self.request.isDryRun else { return }
        let outcome = try self.store.spool.commit(self.writer.batch)
        // Only new readings are left out, when their key is known.
        self.summary.known += outcome.observationsSuppressed
        self.summary.new -= outcome.observationsSuppressed
    }
}
