import Consensus
import Foundation
import Ledger
import LedgerStore
import PeerTransport
import Synchronization
import Testing

@testable import Validator

@Suite("Four validators", .serialized)
struct ChainTests {
    @Test(
        "Transactions of both channels are committed everywhere, with proofs that hold",
        arguments: CertificateKind.allCases
    )
    func commit(_ kind: CertificateKind) async throws {
        try await TestConsortium(kind).run { site in
            try site.startAll()
            let client = try site.client()
            var places: [Channel: Height] = [:]
            for round in UInt8(0)..<6 {
                for channel in Channel.allCases {
                    let transaction = try client.transaction([round], channel: channel)
                    let proof = try await site[UInt16(round % 4) + 1].submit(transaction.bytes)
                    try proof.verify(by: CommitteeView(genesis: site.genesis, channel: channel, scheme: kind.scheme))
                    #expect(proof.transaction == transaction && proof.receipt.code == 0)
                    places[channel] = proof.header.height
                }
            }
            for channel in Channel.allCases {
                let height = try #require(places[channel])
                for number in UInt16(1)...4 { try await site.wait(number, for: height, channel) }
                let tips = try (UInt16(1)...4).map { try site[$0].block(at: height, channel: channel)?.bytes }
                #expect(Set(tips).count == 1 && tips[0] != nil)
            }
        }
    }

    @Test("Both channels' replicas share one log and one network, and a synchronization serves both")
    func sharing() async throws {
        let disk = LogSynchronizations()
        try await TestConsortium().run { site in
            // The others decide without whom this is about: it always has something waiting for its slow disk.
            let leader = site.genesis.committee.leader(of: 0, height: 1)
            let slow = leader == ReplicaID(4) ? UInt16(3) : 4
            let others = (UInt16(1)...4).filter { $0 != slow }
            for number in others { try site.start(number) }
            try site.start(slow, calls: disk.calls)
            let heights = try await withThrowingTaskGroup(of: (Channel, Height).self) { group in
                for channel in Channel.allCases {
                    for number in UInt8(0)..<4 {
                        let client = try site.client("clinic-\(number):gateway:\(channel.name)")
                        group.addTask {
                            var height: Height = 0
                            for round in UInt8(0)..<8 {
                                let transaction = try client.transaction([number, round], channel: channel)
                                height = try await site.commit(transaction, at: others).height
                            }
                            return (channel, height)
                        }
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = max($0[$1.0] ?? 0, $1.1) }
            }
            for channel in Channel.allCases { try await site.wait(slow, for: heights[channel] ?? 0, channel) }
            await site.kill(slow)
            let directory = try StoreDirectory("\(site.folder(slow))/ledger")
            let log = try directory.openLog(channels: Channel.allCases.map(\.name))
            let batches = log.batches.map { batch in Set(log.entries[batch].map { $0.kind & 127 }) }
            #expect(batches.reduce([]) { $0.union($1) } == Set(Channel.allCases.map(\.rawValue)))
            // With a log of its own, each channel would have waited for the disk whenever it had something in a batch.
            let apart = batches.reduce(0) { $0 + $1.count }
            #expect(disk.count == batches.count)
            #expect(disk.count < apart, "\(batches.count) batches")
        }
    }

    @Test("A transaction that comes many times and everywhere takes effect once")
    func duplicates() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let transaction = try site.client().transaction([7])
            let places = try await withThrowingTaskGroup(of: TransactionPlace.self) { group in
                for number in UInt16(1)...4 {
                    for _ in 0..<3 {
                        group.addTask { try await site[number].commit(transaction.bytes).place }
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(places.count == 1)
            // Long after, too.
            let other = try site.client().transaction([8])
            _ = try await site[1].commit(other.bytes)
            #expect(try await site[2].commit(transaction.bytes).place == places.first)
            let proof = try await site[1].valueProof(TestLogic.key([7]), channel: .index)
            #expect(proof.value == [1])
            try proof.verify(by: CommitteeView(genesis: site.genesis, channel: .index, scheme: Ed25519Scheme()))
        }
    }

    @Test("What a contract refuses is committed with the code, and has no effect")
    func rejection() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let proof = try await site[3].submit(try site.client().transaction("refuse", [1]).bytes)
            #expect(proof.receipt.code == RejectionCode.notAllowed.number)
        }
    }

    @Test("What cannot stand in a block is refused with its reason")
    func refusals() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            func refusal(_ bytes: [UInt8]) async throws -> String? {
                let validator = try site[1]
                do throws(SubmissionFailure) {
                    _ = try await validator.submit(bytes)
                    return nil
                } catch { return error.code }
            }
            let good = try client.transaction([1], nonce: 5)
            #expect(try await refusal(good.bytes) == nil)
            #expect(try await refusal(Array(good.bytes.dropLast())) == "malformed")
            var forged = good.bytes
            forged[forged.count - 1] ^= 1
            #expect(try await refusal(forged) == "bad-signature")
            #expect(try await refusal(try client.transaction([2], nonce: 5).bytes) == "nonce-used")
            let late = try client.transaction([3], validFor: 10_000_000)
            #expect(try await refusal(late.bytes) == "valid-until-too-far-ahead")
            let unsigned = TransactionBody(
                chain: Array("test-chain".utf8),
                channel: .index,
                signer: [UInt8](repeating: 0, count: 32),
                nonce: 0,
                validUntil: .max,
                contract: "evidence",
                method: "report",
                arguments: [1, 2, 3]
            )
            #expect(try await refusal(Transaction(unsigned, authorization: .none).bytes) == "proves-nothing")
        }
    }

    @Test("Of two transactions with one nonce one is committed, and whoever waits for the other one hears so at once")
    func rivals() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            _ = try await site[1].submit(try client.transaction([1], nonce: 1).bytes)
            // Both wait in some pool before either is in a block.
            let rivals = try (2...3).map { try client.transaction([UInt8($0)], nonce: 2).bytes }
            let codes = await withTaskGroup(of: String?.self) { group in
                for (place, bytes) in rivals.enumerated() {
                    group.addTask {
                        do {
                            _ = try await site[UInt16(place) + 2].submit(bytes)
                            return nil
                        } catch { return (error as? SubmissionFailure)?.code ?? "\(error)" }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(codes) == [nil, "nonce-used"])
        }
    }

    @Test("A stopped leader is replaced, and what waits is committed once")
    func leader() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            _ = try await site[2].commit(try client.transaction([1]).bytes)
            await site.kill(1)
            _ = try await site[2].commit(try client.transaction([2]).bytes)
            let status = try site[3].status()
            #expect(status.channels[1].view > 0 && status.channels[1].leader != ReplicaID(1))
            try site.start(1)
            let place = try await site[1].commit(try client.transaction([3]).bytes).place
            try await site.wait(1, for: place.height)
        }
    }

    @Test("A validator that was away gets the blocks from the others")
    func catchUp() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            _ = try await site[1].commit(try client.transaction([1]).bytes)
            await site.stop(4)
            var height: Height = 0
            for round in UInt8(2)..<30 {
                height = try await site[1].commit(try client.transaction([round]).bytes).place.height
            }
            try site.start(4)
            try await site.wait(4, for: height)
            #expect(
                try site[4].block(at: height, channel: .index)?.bytes
                    == site[1].block(at: height, channel: .index)?.bytes
            )
        }
    }

    @Test("A validator without connections has no part in what the others decide, and catches up")
    func isolation() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            _ = try await site[1].commit(try client.transaction([1]).bytes)
            site.hub.isolate(3)
            let place = try await site[2].commit(try client.transaction([2]).bytes).place
            let alone = try site[3].block(at: place.height, channel: .index)
            #expect(alone == nil)
            site.hub.heal()
            try await site.wait(3, for: place.height)
            let caughtUp = try #require(try site[3].block(at: place.height, channel: .index))
            let decided = try #require(try site[2].block(at: place.height, channel: .index))
            #expect(caughtUp.bytes == decided.bytes)
        }
    }

    @Test("Who votes twice is convicted on the chain")
    func evidence() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let last = try await site[1].commit(try site.client().transaction([1]).bytes).place.height
            try await site.wait(1, for: last)
            let chain = site.genesis.context(of: .index)
            let parent = try #require(try site[1].block(at: last, channel: .index)?.block.header.hash)
            for fill in UInt8(1)...2 {
                let slot = Slot(
                    epoch: 0,
                    view: 0,
                    height: last + 1,
                    block: try #require(BlockHash([UInt8](repeating: fill, count: 32))),
                    parent: parent
                )
                let vote = Prepare(signing: slot, as: ReplicaID(4), in: chain, with: site.signers[3])
                let bytes = PeerMessage.bytes(.prepare(vote), in: .index)
                site.hub.carry(.init(from: 4, kind: FrameKind.vote, bytes: bytes), to: 1)
            }
            for try await event in try site[2].events(channel: .index, from: .start) {
                guard case .contract(_, let event) = event.content, event.topic == "evidence.recorded" else { continue }
                #expect(Array(event.data.prefix(2)) == [0, 4])
                break
            }
        }
    }

    @Test("Garbage from a peer is dropped and held against it")
    func garbage() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            // The hub drops frames for a validator that has not joined it yet; who has committed has joined.
            _ = try await site[1].commit(try site.client().transaction([1]).bytes)
            for kind in UInt8(0)...6 {
                for bytes in [[], [9], [1, 200], [2, 2, 0, 0]] as [[UInt8]] {
                    site.hub.carry(.init(from: 4, kind: kind, bytes: bytes), to: 1)
                }
            }
            _ = try await site[1].commit(try site.client().transaction([2]).bytes)
            // The frames are read by threads of their own, which the commit did not wait for.
            for _ in 0..<500 where site.hub.offences(of: 4) < 20 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(site.hub.offences(of: 4) >= 20)
        }
    }

    @Test("A subscriber gets every event once, also after it came back")
    func events() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let clients = try (0..<4).map { try site.client("clinic-\($0):gateway:g") }
            var seen: [[UInt8]] = []
            var cursor = EventCursor.start
            var sent: [[UInt8]] = []
            for round in UInt8(0)..<5 {
                for (index, client) in clients.enumerated() {
                    sent.append([round, UInt8(index)])
                    _ = try await site[1].commit(try client.transaction([round, UInt8(index)]).bytes)
                }
                // Comes back at another validator.
                for try await event in try site[UInt16(round % 4) + 1].events(channel: .index, from: cursor) {
                    #expect(event.cursor > cursor)
                    cursor = event.cursor
                    if case .contract(_, let event) = event.content { seen.append(event.data) }
                    if seen.count == sent.count { break }
                }
            }
            #expect(seen == sent)
        }
    }

    @Test("A fifth validator is brought in, follows from the genesis and votes")
    func membership() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            _ = try await site[1].commit(try client.transaction([1]).bytes)
            try site.start(5)
            let proof = try await site[1].submit(try client.transaction("committee", []).bytes)
            #expect(proof.receipt.code == 0)
            try await site.wait(5, for: proof.header.height)
            let later = try await site[5].commit(try client.transaction([2]).bytes).place
            #expect(try site[5].block(at: later.height, channel: .index)?.block.header.epoch == 1)
            // Five tolerate one; a restart finds the committee again.
            await site.stop(2)
            try site.start(2)
            let last = try await site[2].commit(try client.transaction([3]).bytes).place
            try await site.wait(5, for: last.height)
            #expect(try site[2].status().channels[1].epoch == 1)
        }
    }
}

/// A slow disk, which counts how often a validator's log waits for it: meanwhile, votes of both channels come in.
final class LogSynchronizations: Sendable {
    private let counted = Atomic<Int>(0)

    var count: Int { self.counted.load(ordering: .relaxed) }

    var calls: DiskCalls {
        DiskCalls(
            write: DiskCalls.system.write,
            synchronize: { descriptor in
                let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
                if path?.hasSuffix(".wal") == true {
                    self.counted.add(1, ordering: .relaxed)
                    usleep(50_000)
                }
                return DiskCalls.system.synchronize(descriptor)
            },
            reserve: DiskCalls.system.reserve
        )
    }
}
