internal import DeviceProfiles
internal import Foundation
internal import Normalization
internal import Records
package import Spool

/// The agent's two databases with what the agent keeps in them; command-line tools open the same.
package struct AgentStore: Sendable {
    package let inbox: Inbox
    /// The waveforms' inbox; nil as long as no waveform lane was ever opened.
    package let waves: Inbox?
    package let spool: Spool
    private let retention: SpoolRetention
    private let inboxRetentionMilliseconds: Int64

    /// Opens the state directory of a configuration.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - makesWaves: whether the waveforms' inbox is made when there is none.
    /// - Throws: when a key or a database does not open.
    package init(configuration: AgentConfiguration, makesWaves: Bool = false) throws {
        let storage = configuration.storage
        let master = try MasterKey(file: storage.masterKeyFile)
        let limits = SpoolLimits(
            bytesMax: Int64(storage.bytesMax),
            freeDiskReserve: Int64(storage.freeBytesMin),
            deadLetterBytesMax: Int64(storage.bytesMax / 8),
            keyRotationSeconds: Int64(storage.keyEpochSeconds),
            shareRequestsMax: Int64(configuration.share?.requestsMax ?? 10_000),
            shareRequestBytesMax: Int64(configuration.share?.bytesMax ?? 64 << 20)
        )
        self.inbox = try Inbox(directory: configuration.stateDirectory, masterKey: master, limits: limits)
        self.waves =
            try makesWaves || Inbox.exists(.waves, in: configuration.stateDirectory)
            ? Inbox(directory: configuration.stateDirectory, masterKey: master, limits: limits, lane: .waves) : nil
        self.spool = try Spool(directory: configuration.stateDirectory, masterKey: master, limits: limits)
        self.retention = SpoolRetention(
            observations: Int64(storage.retentionSeconds) * 1_000,
            dedupKeys: Int64(storage.dedupSeconds) * 1_000,
            receipts: Int64(configuration.uplink?.receiptRetentionSeconds ?? 36_500 * 86_400) * 1_000,
            shareRequests: Int64(configuration.share?.retentionSeconds ?? 30 * 86_400) * 1_000
        )
        self.inboxRetentionMilliseconds = Int64(storage.retentionSeconds) * 1_000
    }

    func recover() throws -> RecoveryReport { try self.spool.recover(from: self.inbox) }

    func recoverWaves() throws -> RecoveryReport? { try self.waves.map { try self.spool.recover(from: $0) } }

    package func statistics() throws -> SpoolStatistics {
        try self.spool.statistics(inbox: self.inbox, waves: self.waves)
    }

    /// The key of the dedup hashes: made once, kept sealed in the spool.
    func dedupSecret() throws -> (UInt64, UInt64) {
        if let bytes = try self.spool.states()[StateName.dedupSecret], bytes.count == 16 {
            return (Self.word(bytes[0..<8]), Self.word(bytes[8..<16]))
        }
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        var batch = NormalizedBatch()
        batch.state[StateName.dedupSecret] = bytes
        _ = try self.spool.commit(batch)
        return (Self.word(bytes[0..<8]), Self.word(bytes[8..<16]))
    }

    /// How readings are assigned to streams; nil while no uplink needs their raw messages.
    func streamNaming() throws -> StreamNaming? {
        try self.spool.keepsMaterial() ? StreamNaming(secret: try self.dedupSecret()) : nil
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What the decoders remembered at the last commit.
    func decoderState(of lane: SpoolLane = .numerics) throws -> DecoderState {
        guard let bytes = try self.spool.states()[StateName.decoders.of(lane)] else { return DecoderState() }
        return DecoderState(encoded: bytes) ?? DecoderState()
    }

    /// A normalizer with the clocks, patients and secrets of this store.
    func normalizer(naming: PatientNaming, lane: SpoolLane = .numerics) throws -> Normalizer {
        let states = try self.spool.states()
        let clocks = states[StateName.clocks.of(lane)].flatMap(ClockLedger.init(encoded:))
        let waves = states[StateName.waves.of(lane)].flatMap(WaveLedger.init(encoded:))
        let secret = try self.dedupSecret()
        return Normalizer(
            clocks: clocks ?? ClockLedger(),
            waves: waves ?? WaveLedger(),
            beds: try BedMap(self.spool.associations().map(PatientAssociation.init)),
            naming: naming,
            secret: DedupSecret(key0: secret.0, key1: secret.1)
        )
    }

    /// A normalizer for messages that are read again: it knows patients and secrets, and learns clocks and series anew.
    func replayNormalizer(naming: PatientNaming) throws -> Normalizer {
        let secret = try self.dedupSecret()
        return Normalizer(
            beds: try BedMap(self.spool.associations().map(PatientAssociation.init)),
            naming: naming,
            secret: DedupSecret(key0: secret.0, key1: secret.1)
        )
    }

    /// From when on both raw messages and their Observations are kept for sure, ms since 1970.
    ///
    /// Upkeep deletes both after the same time, but not in the same instant.
    func replayableFrom(now: Int64) -> Int64 {
        now - self.inboxRetentionMilliseconds + Self.replayMarginMilliseconds
    }

    private static let replayMarginMilliseconds: Int64 = 600_000

    /// Messages kept for recognising a broker's repetitions, however old.
    private static let batchesKept = Int64(Inbox.batchesSearched)

    /// Deletes what is delivered and past its retention.
    func prune() throws {
        let now = systemMilliseconds()
        let inboxes = [self.inbox, self.waves].compactMap { $0 }
        try self.pruneRows(inboxes, now: now)
        // With its key an epoch's rows are gone for good, wherever a copy of the file may be.
        let horizon = now - self.inboxRetentionMilliseconds
        for inbox in inboxes { _ = try inbox.destroyEpochs(before: horizon, now: now) }
        _ = try self.spool.destroyEpochs(before: horizon)
    }

    private func pruneRows(_ inboxes: [Inbox], now: Int64) throws {
        for _ in 0..<64 {
            var batches = 0
            for inbox in inboxes {
                batches += try inbox.deleteBatches(
                    through: min(try self.spool.cursor(of: inbox.lane), inbox.newestBatch - Self.batchesKept),
                    olderThan: now - self.inboxRetentionMilliseconds
                )
            }
            let outcome = try self.spool.prune(self.retention)
            if batches == 0, outcome.isEmpty { return }
        }
    }
}
