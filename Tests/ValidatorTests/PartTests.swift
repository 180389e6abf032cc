import CanonicalBytes
import Consensus
import Credentials
import Foundation
import Ledger
import PeerTransport
import Synchronization
import Testing

@testable import Validator

@Suite("Parts of a validator")
struct PartTests {
    @Test("The log holds a block's bytes once, however many records are about it")
    func codec() throws {
        let site = try TestConsortium()
        let block = LedgerBlock(
            header: site.genesis.header(of: .index, stateRoot: BlockHeader.noRoot),
            transactions: [try site.client().transaction([UInt8](repeating: 5, count: 5_000))],
            nextCommittee: nil
        )
        let described = block.description(payload: block.bytes)
        let slot = Slot(epoch: 0, view: 1, height: 0, block: described.hash, parent: described.parent)
        let chain = site.genesis.context(of: .index)
        let vote = Prepare(signing: slot, as: ReplicaID(1), in: chain, with: site.signers[0])
        let own = Commit(signing: slot, as: ReplicaID(1), in: chain, with: site.signers[0])
        let certificate = QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 0,
            view: 1,
            height: 0,
            block: described.hash,
            signers: [1],
            proof: []
        )
        let records: [LogRecord] = [
            .prepared(PrePrepare(vote: vote, block: described), own: vote),
            .committing(PreparedCertificate(slot: slot, votes: []), described, own: own),
            .committed(CertifiedBlock(block: described, certificate: certificate)),
        ]
        var writer = LogCodec()
        let entries = records.flatMap { writer.entries(of: $0, in: .index) }
        #expect(entries.count == 4)
        #expect(entries.reduce(0) { $0 + $1.bytes.count } < block.bytes.count + 1_500)
        var reader = LogCodec()
        let blocks = LedgerBlockReader(chain: Array("test-chain".utf8), channel: .index)
        #expect(try reader.records(entries, of: .index, reader: blocks) == records)
        #expect(try reader.records(entries, of: .access, reader: blocks).isEmpty)
        // The reader knows what the segment holds already; a new segment holds nothing.
        #expect(reader.entries(of: records[0], in: .index).count == 1)
        #expect(reader.segment([(.index, [records[0]])]).count == 2)
        #expect(throws: ProtocolFailure.self) {
            try reader.records(entries.dropFirst(), of: .index, reader: blocks)
        }
    }

    @Test("Of blocks that come again only those are checked that are not final yet", arguments: 0...5)
    func news(height: Int) throws {
        let hashes = try (UInt8(0)...4).map { try #require(BlockHash([UInt8](repeating: $0, count: 32))) }
        let blocks = (1...4).map { place in
            CertifiedBlock(
                block: Block(height: UInt64(place), parent: hashes[place - 1], hash: hashes[place], payload: []),
                certificate: QuorumCertificate(
                    version: .ed25519MultiSignature,
                    epoch: 0,
                    view: 0,
                    height: UInt64(place),
                    block: hashes[place],
                    signers: [1],
                    proof: []
                )
            )
        }
        let rest = Array(blocks.dropFirst(height))
        #expect(Message.blocks(blocks).news(above: UInt64(height)) == (rest.isEmpty ? nil : .blocks(rest)))
        #expect(Message.blockRequest(from: 1).news(above: UInt64(height)) == .blockRequest(from: 1))
    }

    @Test("Jobs of a lane run in their order, though several threads work")
    func lanes() async {
        let pool = WorkerPool(threads: 4)
        let seen = Mutex<[Int: [Int]]>([:])
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let left = Mutex(800)
            for number in 0..<800 {
                pool.run(lane: number % 5) {
                    seen.withLock { $0[number % 5, default: []].append(number) }
                    let isLast = left.withLock { left in
                        left -= 1
                        return left == 0
                    }
                    if isLast { continuation.resume() }
                }
            }
        }
        pool.stop()
        #expect(!pool.run(isUrgent: true) {})
        for (lane, numbers) in seen.withLock({ $0 }) {
            #expect(numbers == (0..<800).filter { $0 % 5 == lane })
        }
    }

    @Test("A queue gives back in order what it took, also when it grows and shrinks")
    func queue() {
        var queue = Queue<Int>()
        var next = 0
        for round in 1...60 {
            for _ in 0..<round * 7 { queue.append(next + queue.count) }
            for _ in 0..<min(queue.count, round * 6) {
                #expect(queue.first == next)
                #expect(queue.removeFirst() == next)
                next += 1
            }
        }
        #expect(queue.removeAll().first == next && queue.isEmpty && queue.removeFirst() == nil)
    }

    @Test("A peer's questions are answered at a bounded rate")
    func budget() {
        var budget = RequestBudget()
        let start = Instant(nanoseconds: 1_000_000_000)
        let burst = (0..<1_000).count { _ in budget.take(.blocks, of: 3, at: start) }
        #expect(burst == 80)
        #expect(budget.take(.blocks, of: 4, at: start) && budget.take(.body, of: 3, at: start))
        let later = (0..<1_000).count { _ in budget.take(.blocks, of: 3, at: start.advanced(milliseconds: 1_000)) }
        #expect(later == 40)
    }

    @Test("Keys are made once, kept from others and found again", arguments: ValidatorKeys.Kind.allCases)
    func keys(kind: ValidatorKeys.Kind) throws {
        let folder = "\(NSTemporaryDirectory())keys-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try ValidatorKeys.generate(folder, kind: kind)
        let loaded = try ValidatorKeys.load(folder)
        #expect(made.member(ReplicaID(3)) == loaded.member(ReplicaID(3)) && made.votingKey != made.shareKey)
        #expect(loaded.kind == kind)
        #expect(throws: CredentialsError.self) { try ValidatorKeys.generate(folder) }
        let path = "\(folder)/\(ValidatorKeys.fileName)"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(throws: CredentialsError.self) { try ValidatorKeys.load(folder) }
    }

    @Test("A cursor is written and read", arguments: ["0-0", "12-3", "18446744073709551615-4294967295"])
    func cursor(text: String) { #expect(EventCursor(text)?.description == text) }

    @Test("What is no cursor is refused", arguments: ["", "1", "1-", "-1", "1-2-3", "1-4294967296", "a-b"])
    func noCursor(text: String) { #expect(EventCursor(text) == nil) }

    @Test("Transactions travel in batches of bounded size")
    func batches() throws {
        let client = try TestConsortium().client()
        let transactions = try (0..<700).map { try client.transaction([UInt8($0 % 256)]).bytes }
        let frames = TransactionBatch.frames(transactions)
        #expect(frames.count >= 2)
        #expect(try frames.flatMap { try TransactionBatch.read($0).map(\.bytes) } == transactions)
        #expect(frames.allSatisfy { $0.count <= FrameKind.limits[FrameKind.transactions] })
    }

    @Test("Messages about snapshots are read as they were written")
    func snapshotMessages() throws {
        let messages: [SnapshotMessage] = [
            .wanted(.access), .manifest(.index, [1, 2]), .chunkWanted(.index, height: 7, index: 3),
            .chunk(.access, height: 9, index: 0, [4]),
        ]
        for message in messages { #expect(try SnapshotMessage(bytes: message.bytes) == message) }
    }
}
