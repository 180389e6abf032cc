import CanonicalBytes
import Consensus
import Credentials
import Foundation
import Ledger
import LedgerStore
import PeerTransport
import StateTree
import Synchronization
import Testing

@testable import Validator

@Suite("State from others", .serialized, .timeLimit(.minutes(10)))
struct SnapshotTests {
    /// Validators that make snapshots of many chunks often and soon forget blocks.
    private static func site() throws -> TestConsortium {
        try TestConsortium { configuration in
            configuration.limits.snapshotInterval = 10
            configuration.limits.snapshotChunkBytes = 300
            configuration.limits.blocksKept = 5
            configuration.limits.blockFileBytes = 4_096
            configuration.limits.snapshotPatience = 300
        }
    }

    /// Lets the validators forget the first blocks.
    private func prune(_ site: TestConsortium, _ numbers: [UInt16]) async throws {
        let client = try site.client()
        var round: UInt8 = 0
        while try numbers.contains(where: { try self.earliest(site, $0) < 12 }) {
            _ = try await site.commit(try client.transaction([1, round]), at: numbers)
            round += 1
            try #require(round < 200)
        }
    }

    /// The lowest block that a validator can read.
    private func earliest(_ site: TestConsortium, _ number: UInt16) throws -> Height {
        do throws(QueryFailure) { _ = try (try? site[number])?.block(at: 1, channel: .index) } catch {
            if case .pruned(let earliest) = error { return earliest }
        }
        return 1
    }

    private func wait(_ site: TestConsortium, _ number: UInt16, until height: Height) async throws {
        while try site[number].height(of: .index) < height {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// The state in the file is whole: every node, every entry, and the root of the block.
    private func check(_ site: TestConsortium, _ number: UInt16) throws {
        let store = try StateStore(path: "\(site.folder(number))/ledger/index/state.sqlite")
        let state = CommittedState(BufferedStateStore(store))
        var leaves: [StateLeaf] = []
        let census = try StateTree.check(state) { (leaf) throws(ProtocolFailure) in leaves.append(leaf) }
        let entries = try store.entries(prefix: [], limit: .max)
        let expected = entries.map { StateLeaf(key: $0.key, value: $0.value) }
        #expect(Set(leaves) == Set(expected) && leaves.count == entries.count && census.leaves > 20)
    }

    @Test("A new validator gets the state in proven chunks when the others have pruned, and votes on top of it")
    func newcomer() async throws {
        try await Self.site().run { site in
            for number in UInt16(1)...3 { try site.start(number) }
            try await self.prune(site, [1, 2, 3])
            let pruned = try self.earliest(site, 1)
            #expect(throws: QueryFailure.pruned(earliest: pruned)) { try site[1].block(at: 1, channel: .index) }
            try site.start(4)
            let client = try site.client()
            let place = try await site.commit(try client.transaction([7]), at: [1, 2, 3])
            try await self.wait(site, 4, until: place.height)
            #expect(try self.earliest(site, 4) > 10)
            let proof = try await site[4].valueProof(TestLogic.key([1, 0]), channel: .index)
            #expect(proof.value == [1])
            try proof.verify(by: CommitteeView(genesis: site.genesis, channel: .index, scheme: Ed25519Scheme()))
            // Its vote is needed now.
            await site.stop(2)
            let later = try await site.commit(try client.transaction([8]), at: [4])
            // And it finds all of it again.
            await site.stop(4)
            try self.check(site, 4)
            try site.start(4)
            #expect(try site[4].height(of: .index) >= later.height)
            _ = try await site.commit(try client.transaction([9]), at: [4])
        }
    }

    @Test("A wrong chunk is held against who served it, and another server is asked")
    func liar() async throws {
        try await Self.site().run { site in
            for number in UInt16(1)...3 { try site.start(number) }
            try await self.prune(site, [1, 2, 3])
            let hub = site.hub
            hub.bend { frame in
                guard frame.kind == FrameKind.snapshot, let message = try? SnapshotMessage(bytes: frame.bytes),
                    !message.isRequest
                else { return frame }
                guard frame.from == 1 else { return hub.offences(of: 1) > 0 ? frame : nil }
                guard case .chunk(let channel, let height, let index, var bytes) = message else { return frame }
                bytes[bytes.count - 1] ^= 1
                let bent = SnapshotMessage.chunk(channel, height: height, index: index, bytes)
                return PeerFrame(from: 1, kind: frame.kind, bytes: bent.bytes)
            }
            try site.start(4)
            let place = try await site.commit(try site.client().transaction([7]), at: [2, 3])
            try await self.wait(site, 4, until: place.height)
            #expect(hub.offences(of: 1) > 0 && hub.offences(of: 2) == 0 && hub.offences(of: 3) == 0)
            #expect(try site[4].status().channels.contains { $0.wrongSnapshots > 0 })
            await site.stop(4)
            try self.check(site, 4)
        }
    }

    @Test("A state that no certificate proves is refused at its manifest")
    func forgedManifest() async throws {
        try await Self.site().run { site in
            for number in UInt16(1)...3 { try site.start(number) }
            try await self.prune(site, [1, 2, 3])
            let hub = site.hub
            hub.bend { frame in
                guard frame.kind == FrameKind.snapshot,
                    case .manifest(let channel, var bytes)? = try? SnapshotMessage(
                        bytes: frame.bytes
                    )
                else { return frame }
                guard frame.from == 1 else { return hub.offences(of: 1) > 0 ? frame : nil }
                // A part's hash: the header and its certificate are the true ones.
                bytes[bytes.count - 1] ^= 1
                return PeerFrame(from: 1, kind: frame.kind, bytes: SnapshotMessage.manifest(channel, bytes).bytes)
            }
            try site.start(4)
            let place = try await site.commit(try site.client().transaction([7]), at: [2, 3])
            try await self.wait(site, 4, until: place.height)
            #expect(hub.offences(of: 1) > 0 && hub.offences(of: 2) == 0 && hub.offences(of: 3) == 0)
        }
    }

    @Test("A crash while the state is fetched leaves nothing behind, and the next start fetches it")
    func crashWhileFetching() async throws {
        try await Self.site().run { site in
            for number in UInt16(1)...3 { try site.start(number) }
            try await self.prune(site, [1, 2, 3])
            let chunks = Mutex(0)
            site.hub.bend { frame in
                guard frame.kind == FrameKind.snapshot, case .chunk? = try? SnapshotMessage(bytes: frame.bytes) else {
                    return frame
                }
                let isFirst = chunks.withLock { count in
                    count += 1
                    return count <= 2
                }
                return isFirst ? frame : nil
            }
            try site.start(4)
            while chunks.withLock({ $0 }) < 4 { await Task.yield() }
            await site.kill(4)
            site.hub.bend { $0 }
            try site.start(4)
            let place = try await site.commit(try site.client().transaction([7]), at: [1, 2, 3])
            try await self.wait(site, 4, until: place.height)
            await site.stop(4)
            try self.check(site, 4)
        }
    }

    /// How far the installation comes before the crash.
    enum Death: CaseIterable { case beside, base, replaced, committees }

    @Test("A crash at any step of the installation leaves the old state or the new one", arguments: Death.allCases)
    func crashWhileInstalling(death: Death) async throws {
        try await Self.site().run { site in
            try site.startAll()
            let client = try site.client()
            let first = try await site.commit(try client.transaction([0]), at: [1])
            try await self.wait(site, 4, until: first.height)
            await site.stop(4)
            try await self.prune(site, [1, 2, 3])
            let height = try self.beginInstalling(site, until: death)
            try site.start(4)
            let reached = try site[4].height(of: .index)
            #expect(death == .replaced || death == .committees ? reached >= height : reached >= first.height)
            let place = try await site.commit(try client.transaction([7]), at: [1, 2, 3])
            try await self.wait(site, 4, until: place.height)
            _ = try await site.commit(try client.transaction([8]), at: [4])
            await site.stop(4)
            try self.check(site, 4)
        }
    }

    private func beginInstalling(_ site: TestConsortium, until death: Death) throws -> Height {
        let shelf = try Snapshots(directory: "\(site.folder(1))/ledger/index/snapshots")
        let folder = StoreDirectory.Channel(path: "\(site.folder(4))/ledger/index")
        let height = try #require(try shelf.list().last)
        let manifest = try SnapshotManifest(bytes: try #require(try shelf.summary(height)).manifest)
        #expect(try SnapshotManifest(bytes: manifest.bytes) == manifest && manifest.depth > 0)
        let view = try manifest.verify(
            from: CommitteeView(genesis: site.genesis, channel: .index, scheme: Ed25519Scheme())
        )
        let assembly = try StateAssembly(manifest, view, path: folder.state)
        for index in manifest.wantedParts.reversed() {
            try assembly.put(try #require(try shelf.readChunk(height, index: index)), index: index)
        }
        try assembly.complete()
        if death == .beside { return height }
        try SnapshotBase(manifest).write(in: folder)
        if death == .base { return height }
        try assembly.builder.replace()
        if death == .replaced { return height }
        try PrivateFile.write(HandoverFile.bytes(manifest.handovers), to: "\(folder.path)/committees")
        return height
    }

    @Test("A lost state comes from the own snapshot when the blocks before it are gone")
    func lostState() async throws {
        try await Self.site().run { site in
            try site.startAll()
            try await self.prune(site, [1, 2, 3, 4])
            let height = try site[4].height(of: .index)
            await site.stop(4)
            self.removeState(site)
            try site.start(4)
            #expect(try site[4].height(of: .index) >= height)
            _ = try await site.commit(try site.client().transaction([7]), at: [4])
            await site.stop(4)
            try self.check(site, 4)
            // Without a whole snapshot the operator is told what helps.
            self.removeState(site)
            try FileManager.default.removeItem(atPath: "\(site.folder(4))/ledger/index/snapshots")
            #expect {
                try site.start(4)
            } throws: {
                "\($0)".contains("delete \(site.folder(4))/ledger/index and start it again")
            }
            try FileManager.default.removeItem(atPath: "\(site.folder(4))/ledger/index")
            try site.start(4)
            let place = try await site.commit(try site.client().transaction([8]), at: [1, 2, 3])
            try await self.wait(site, 4, until: place.height)
        }
    }

    private func removeState(_ site: TestConsortium) {
        for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
            try? FileManager.default.removeItem(atPath: "\(site.folder(4))/ledger/index/\(name)")
        }
    }

    @Test("What is not there is said to be gone", arguments: Channel.allCases)
    func gone(channel: Channel) throws {
        let path = "\(NSTemporaryDirectory())shelf-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let shelf = try SnapshotShelf(StoreDirectory.Channel(path: path))
        #expect(shelf.answer(to: .wanted(channel)) == .gone(channel, height: 0))
        let question = SnapshotMessage.chunkWanted(channel, height: 7, index: 3)
        #expect(shelf.answer(to: question) == .gone(channel, height: 7))
        #expect(shelf.answer(to: .gone(channel, height: 7)) == nil)
        #expect(try SnapshotMessage(bytes: question.bytes) == question)
        let answer = SnapshotMessage.gone(channel, height: 7)
        #expect(try SnapshotMessage(bytes: answer.bytes) == answer && !answer.isRequest && question.isRequest)
    }
}
