import CanonicalBytes
import Consensus
import Ledger
import LedgerStore
import StateTree
import Validator

/// What a validator reads from its peers, once they are let in, and from its own disk.
enum ValidatorTargets {
    static let all: [Target] = [
        Target(name: "peer-message", weight: 8, family: .validator) { bench, payload, _ in
            Self.verdict { () throws(ProtocolFailure) in try Self.message(payload, bench.parsed) }
        },
        Self.canonical("transaction-batch") { (bytes) throws(ProtocolFailure) in
            let transactions = try TransactionBatch.read(bytes)
            // Nobody sends an empty one.
            return transactions.isEmpty ? [0, 0] : TransactionBatch.frames(transactions.map(\.bytes)).flatMap { $0 }
        },
        Self.canonical("receipt-list") { (bytes) throws(ProtocolFailure) in
            ReceiptList.bytes(try ReceiptList.read(bytes))
        },
        Self.canonical("handover-file") { (bytes) throws(ProtocolFailure) in
            var reader = CanonicalReader(bytes)
            let handovers = try HandoverFile.read(from: &reader)
            try reader.finish()
            return HandoverFile.bytes(handovers)
        },
        Self.canonical("snapshot-message") { (bytes) throws(ProtocolFailure) in try SnapshotMessage(bytes: bytes).bytes
        },
        Self.canonical("snapshot-base") { (bytes) throws(ProtocolFailure) in try SnapshotBase(bytes: bytes).bytes },
        Self.canonical("snapshot-chunk") { (bytes) throws(ProtocolFailure) in
            let chunk = try SnapshotChunk(bytes: bytes)
            for depth in 0...StatePart.depthMax {
                let hash = chunk.entries.first.map { StateTree.keyHash(of: $0.key) }
                _ = try? chunk.part(hash.map { StateTree.partIndex(of: $0, depth: depth) } ?? 0, depth: depth)
            }
            return chunk.bytes
        },
        Target(name: "snapshot-manifest", weight: 6, family: .validator) { _, payload, _ in Self.manifest(payload) },
        Target(name: "replica-log", weight: 6, family: .validator) { bench, payload, _ in
            Self.verdict { () throws(ProtocolFailure) in try Self.log(payload, bench.parsed) }
        },
    ]

    private static func canonical(
        _ name: String,
        _ read: @escaping @Sendable ([UInt8]) throws(ProtocolFailure) -> [UInt8]
    ) -> Target {
        Target.canonical(name, weight: 4, family: .validator, read)
    }

    /// How reading ended; `read` returns what is wrong with what was read, nil for nothing.
    private static func verdict(_ read: () throws(ProtocolFailure) -> String?) -> Verdict {
        do throws(ProtocolFailure) {
            return try read().map(Verdict.broken) ?? .accepted
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }

    private static func reader(_ channel: Channel, _ parsed: ParsedBlocks) -> RememberingBlockReader {
        RememberingBlockReader(chain: LedgerSeeds.chain, channel: channel, parsed: parsed)
    }

    /// A message has one encoding, and its blocks' content is remembered as it came.
    private static func message(_ payload: [UInt8], _ parsed: ParsedBlocks) throws(ProtocolFailure) -> String? {
        let (channel, message) = try PeerMessage.read(payload) { Self.reader($0, parsed) }
        guard PeerMessage.bytes(message, in: channel) == payload else { return "accepted another encoding" }
        let blocks: [Block] =
            switch message {
            case .prePrepare(let proposal): [proposal.block]
            case .blocks(let certified): certified.map(\.block)
            case .body(let block): [block]
            default: []
            }
        for block in blocks where try parsed.content(of: block).bytes != block.payload {
            return "remembered another block of this hash"
        }
        return nil
    }

    /// Whoever cannot sign proves no snapshot but those that the committee has certified.
    private static func manifest(_ payload: [UInt8]) -> Verdict {
        let manifests = ValidatorSeeds.snapshot?.manifests ?? []
        return Self.verdict { () throws(ProtocolFailure) in
            let manifest = try SnapshotManifest(bytes: payload)
            guard manifest.bytes == payload else { return "accepted another encoding" }
            _ = manifest.wantedParts
            let view = try manifest.verify(from: LedgerSeeds.view)
            let isKnown = manifests.contains { $0.header == manifest.header && $0.parts == manifest.parts }
            guard isKnown else { return "proved a state that nobody has certified" }
            return view.committees.current.epoch == manifest.header.epoch ? nil : "followed to another committee"
        }
    }

    /// What a log was read as must be the same when it is written and read again.
    private static func log(_ payload: [UInt8], _ parsed: ParsedBlocks) throws(ProtocolFailure) -> String? {
        let entries = try LogEntries.read(payload)
        for channel in Channel.allCases {
            var codec = LogCodec()
            let records = try codec.records(entries, of: channel, reader: Self.reader(channel, parsed))
            guard records.count <= entries.count else { return "more records than entries" }
            var (writing, reading) = (LogCodec(), LogCodec())
            let written = records.flatMap { writing.entries(of: $0, in: channel) }
            let again = try? reading.records(written, of: channel, reader: Self.reader(channel, parsed))
            guard again == records else { return "other records than were written" }
        }
        return nil
    }
}
