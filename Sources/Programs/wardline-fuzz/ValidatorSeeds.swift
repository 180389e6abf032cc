import CanonicalBytes
import Consensus
import Ledger
import LedgerStore
import StateTree
import Validator

/// What validators of the chain of ``LedgerSeeds`` send each other and keep on their disks.
enum ValidatorSeeds {
    static let all: [[UInt8]] =
        Self.messages.map { PeerMessage.bytes($0, in: .index) } + Self.batches + Self.logs
        + [ReceiptList.bytes([]), ReceiptList.bytes(LedgerSeeds.receipts)]
        + [HandoverFile.bytes([]), HandoverFile.bytes([Self.handover])]
        + (Self.snapshot?.bytes ?? [])

    /// A block with every kind of transaction, and the next one, which names another committee.
    static let first = LedgerSeeds.block(stateRoot: LedgerSeeds.digest(4))
    static let change = LedgerSeeds.block(stateRoot: LedgerSeeds.digest(5), next: LedgerSeeds.consortium.successor)

    static let handover = Handover(
        header: Self.change.header,
        certificate: LedgerSeeds.certify(Self.change.header),
        next: LedgerSeeds.consortium.successor
    )

    private static let proposal: (block: Block, slot: Slot) = {
        let block = Self.first.description(payload: Self.first.bytes)
        return (block, LedgerSeeds.consortium.slot(block, view: 3))
    }()

    private static let certified: [CertifiedBlock] = [Self.first, Self.change].map {
        CertifiedBlock(block: $0.description(payload: $0.bytes), certificate: LedgerSeeds.certify($0.header))
    }

    private static let viewChanges: [ViewChange] = ([1, 2, 3] as [UInt16]).map {
        LedgerSeeds.consortium.viewChange(
            to: 5,
            stable: StablePoint(certificate: Self.certified[1].certificate),
            prepared: [LedgerSeeds.consortium.prepared(Self.proposal.slot, by: [0, 2, 3])],
            by: $0
        )
    }

    private static let messages: [Message] = {
        let consortium = LedgerSeeds.consortium
        let (block, slot) = Self.proposal
        return [
            .prePrepare(PrePrepare(vote: consortium.prepare(slot, by: 1), block: block)),
            .prepare(consortium.prepare(slot, by: 0)), .commit(consortium.commit(slot, by: 0)),
            .viewChange(Self.viewChanges[0]), .newView(consortium.newView(5, Self.viewChanges, by: 1)),
            .status(Status(epoch: 0, view: 5, isChangingView: true, committed: 2, earliest: 1)),
            .blockRequest(from: 2), .blocks(Self.certified), .bodyRequest(block.hash), .body(block),
        ]
    }()

    private static let batches: [[UInt8]] =
        TransactionBatch.frames(LedgerSeeds.transactions.map(\.bytes))
        + TransactionBatch.frames([LedgerSeeds.transactions[0].bytes])

    // MARK: - Log

    /// A log's entries in one piece: `u8 kind || LP(bytes)` each.
    private static let logs: [[UInt8]] = {
        let consortium = LedgerSeeds.consortium
        let (block, slot) = Self.proposal
        let proposal = PrePrepare(vote: consortium.prepare(slot, by: 1), block: block)
        let records: [LogRecord] = [
            .prepared(proposal, own: consortium.prepare(slot, by: 0)),
            .committing(consortium.prepared(slot, by: [0, 1, 2]), block, own: consortium.commit(slot, by: 0)),
            .viewChange(Self.viewChanges[1]), .newView(consortium.newView(5, Self.viewChanges, by: 1)),
            .committed(Self.certified[0]), .committed(Self.certified[1]),
        ]
        var codec = LogCodec()
        let entries = records.map { LogEntries.bytes(codec.entries(of: $0, in: .index)) }
        return [entries.flatMap { $0 }] + entries
    }()

    // MARK: - Snapshots

    /// Manifests that hold, by what they prove; chunks; and what validators say about both.
    struct Snapshot: Sendable {
        let manifests: [SnapshotManifest]
        let bytes: [[UInt8]]
    }

    static let snapshot = try? Self.makeSnapshot()

    private static func makeSnapshot() throws(ProtocolFailure) -> Snapshot {
        var nodes = MemoryNodes()
        let entries = (1...40 as ClosedRange<UInt8>).map { StateEntry(key: [$0], value: [$0, $0]) }
        let update = try StateTree.update(nodes, entries.map { ($0.key, $0.value as [UInt8]?) })
        nodes.apply(update)
        let sorted = entries.map { (leaf: StateLeaf(key: $0.key, value: $0.value), entry: $0) }
            .sorted { $0.leaf.keyHash.lexicographicallyPrecedes($1.leaf.keyHash) }
        func parts(_ depth: Int) throws(ProtocolFailure) -> [StatePart] {
            var parts: [StatePart] = []
            for index in 0..<StateTree.partCount(depth: depth) {
                let leaves = sorted.map(\.leaf).filter { StateTree.partIndex(of: $0.keyHash, depth: depth) == index }
                parts.append(try StateTree.part(of: leaves, index: index, depth: depth))
            }
            return parts
        }
        let plain = LedgerSeeds.block(stateRoot: update.root).header
        let later = Self.successor(of: Self.change.header, stateRoot: update.root)
        let manifests = [
            SnapshotManifest(
                header: plain,
                certificate: LedgerSeeds.certify(plain),
                handovers: [],
                depth: 0,
                parts: try parts(0)
            ),
            SnapshotManifest(
                header: later,
                certificate: Self.certifyBySuccessors(later),
                handovers: [Self.handover],
                depth: 1,
                parts: try parts(1)
            ),
        ]
        let firstPart = sorted.filter { StateTree.partIndex(of: $0.leaf.keyHash, depth: 1) == 0 }
        let chunks = [SnapshotChunk(sorted: sorted).bytes, SnapshotChunk(sorted: firstPart).bytes]
        let words: [SnapshotMessage] = [
            .wanted(.access), .manifest(.index, manifests[0].bytes), .chunkWanted(.index, height: 5, index: 7),
            .chunk(.index, height: 5, index: 0, chunks[0]), .gone(.access, height: 0),
        ]
        return Snapshot(
            manifests: manifests,
            bytes: manifests.map(\.bytes) + manifests.map { SnapshotBase($0).bytes } + chunks + words.map(\.bytes)
        )
    }

    /// The header of an empty block after the change of the committee.
    private static func successor(of header: BlockHeader, stateRoot: [UInt8]) -> BlockHeader {
        BlockHeader(
            chain: header.chain,
            channel: header.channel,
            epoch: header.epoch + 1,
            height: header.height + 1,
            parent: header.hash,
            transactionRoot: BlockTrees.root([]),
            receiptRoot: BlockTrees.root([]),
            stateRoot: stateRoot,
            validatorsRoot: header.validatorsRoot,
            evidenceRoot: BlockHeader.noRoot,
            time: header.time + 1
        )
    }

    private static func certifyBySuccessors(_ header: BlockHeader) -> QuorumCertificate {
        let slot = Slot(
            epoch: header.epoch,
            view: 0,
            height: header.height,
            block: header.hash,
            parent: header.parent
        )
        return LedgerSeeds.consortium.certificate(slot, by: [0, 1, 3, 4])
    }
}

/// A log's entries in one piece: `u8 kind || LP(bytes)` each.
enum LogEntries {
    static func bytes(_ entries: [(kind: UInt8, bytes: [UInt8])]) -> [UInt8] {
        var writer = CanonicalWriter()
        for entry in entries {
            writer.u8(entry.kind)
            writer.lengthPrefixed(entry.bytes)
        }
        return writer.bytes
    }

    static func read(_ bytes: [UInt8]) throws(ProtocolFailure) -> [(kind: UInt8, bytes: [UInt8])] {
        var reader = CanonicalReader(bytes)
        var entries: [(kind: UInt8, bytes: [UInt8])] = []
        while reader.remaining > 0 { entries.append((kind: try reader.u8(), bytes: try reader.lengthPrefixed())) }
        return entries
    }
}
