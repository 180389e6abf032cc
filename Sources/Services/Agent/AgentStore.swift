internal import DeviceProfiles
internal import Foundation
internal import Normalization
internal import Records
package import Spool

/// The agent's two databases with what the agent keeps in them; command-line tools open the same.
package struct AgentStore: Sendable {
    package let inbox: Inbox
    package let spool: Spool
    private let retention: SpoolRetention
    private let inboxRetentionMilliseconds: Int64

    /// Opens the state directory of a configuration.
    package init(configuration: AgentConfiguration) throws {
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

    package func statistics() throws -> SpoolStatistics { try self.spool.statistics(inbox: self.inbox) }

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
    func decoderState() throws -> DecoderState {
        guard let bytes = try self.spool.states()[StateName.decoders] else { return DecoderState() }
        return DecoderState(encoded: bytes) ?? DecoderState()
    }

    /// A normalizer with the clocks, patients and secrets of this store.
    func normalizer(naming: PatientNaming) throws -> Normalizer {
        let clocks = try self.spool.states()[StateName.clocks].flatMap(ClockLedger.init(encoded:))
        let secret = try self.dedupSecret()
        return Normalizer(
            clocks: clocks ?? ClockLedger(),
            beds: try BedMap(self.spool.associations().map(PatientAssociation.init)),
            naming: naming,
            secret: DedupSecret(key0: secret.0, key1: secret.1)
        )
    }

    /// Messages kept for recognising a broker's repetitions, however old.
    private static let batchesKept = Int64(Inbox.batchesSearched)

    /// Deletes what is delivered and past its retention.
    func prune() throws {
        let now = systemMilliseconds()
        let cursor = min(try self.spool.cursor, self.inbox.newestBatch - Self.batchesKept)
        try self.pruneRows(cursor: cursor, now: now)
        // With its key an epoch's rows are gone for good, wherever a copy of the file may be.
        let horizon = now - self.inboxRetentionMilliseconds
        _ = try self.inbox.destroyEpochs(before: horizon, now: now)
        _ = try self.spool.destroyEpochs(before: horizon)
    }

    private func pruneRows(cursor: Int64, now: Int64) throws {
        for _ in 0..<64 {
            let batches = try self.inbox.deleteBatches(
                through: cursor,
                olderThan: now - self.inboxRetentionMilliseconds
            )
            let outcome = try self.spool.prune(self.retention)
            if batches == 0, outcome.isEmpty { return }
        }
    }
}
