import CanonicalBytes
import ChainInterface
import Consensus
import Foundation
import Ledger
import Synchronization

/// A validator of one: transactions are executed by the real contracts and certified by four keys at once.
final class TestBackend: ChainBackend {
    private struct State {
        var ledgers: [Channel: TestLedger]
        var pool: [VerifiedTransaction] = []
        var isHolding = false
        var poolMax = 1_000
        var earliest: Height = 1
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
        var obstacle: String?
        var leader: UInt16 = 1
        var concealed: Set<[UInt8]> = []
    }

    let genesis: Genesis
    private let state: Mutex<State>

    init(_ genesis: Genesis, signers: [Ed25519Signer]) throws {
        self.genesis = genesis
        var ledgers: [Channel: TestLedger] = [:]
        for channel in Channel.allCases { ledgers[channel] = try TestLedger(channel, genesis, signers) }
        self.state = Mutex(State(ledgers: ledgers))
    }

    // MARK: - What tests do

    /// Lets transactions wait in the pool until ``commit()``.
    func hold(poolMax: Int = 1_000) {
        self.state.withLock { state in
            state.isHolding = true
            state.poolMax = poolMax
        }
    }

    func prune(below height: Height) { self.state.withLock { $0.earliest = height } }

    func stop(_ why: String?) { self.state.withLock { $0.obstacle = why } }

    func lead(_ number: UInt16) { self.state.withLock { $0.leader = number } }

    func ledger(_ channel: Channel) -> TestLedger? { self.state.withLock { $0.ledgers[channel] } }

    /// Makes a block of what waits.
    func commit() {
        let waiters = self.state.withLock { state in
            let pool = state.pool
            state.pool = []
            for channel in Channel.allCases {
                let own = pool.filter { $0.transaction.body.channel == channel }
                _ = try? state.ledgers[channel]?.commit(own, time: Self.now)
            }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    static var now: UInt64 { UInt64(Date().timeIntervalSince1970 * 1_000) }

    // MARK: - ChainBackend

    func submit(_ bytes: [UInt8], waitMilliseconds: UInt64) async throws(ChainRefusal) -> TransactionProof? {
        let transaction = try Self.parse(bytes)
        try self.take(transaction)
        let channel = transaction.body.channel
        if let proof = try await self.proof(of: transaction.id, on: channel) { return proof }
        let deadline = ContinuousClock.now + .milliseconds(waitMilliseconds)
        while ContinuousClock.now < deadline {
            let height = self.height(of: channel)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.waitForBlock(above: height, on: channel) }
                group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
                await group.next()
                group.cancelAll()
            }
            if let proof = try await self.proof(of: transaction.id, on: channel) { return proof }
        }
        return nil
    }

    func offer(_ transactions: [[UInt8]]) async -> [ChainRefusal?] {
        transactions.map { bytes in
            do throws(ChainRefusal) {
                try self.take(try Self.parse(bytes))
                return nil
            } catch { return error }
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(ChainRefusal) -> Transaction {
        do throws(ProtocolFailure) { return try Transaction(bytes: bytes) } catch { throw .malformed(error.detail) }
    }

    private func take(_ transaction: Transaction) throws(ChainRefusal) {
        let isHolding = try self.state.withLock { (state) throws(ChainRefusal) -> Bool in
            if let obstacle = state.obstacle { throw .notReady(obstacle) }
            let channel = transaction.body.channel
            guard let ledger = state.ledgers[channel] else { throw .notReady("no such channel") }
            if ledger.blocks.contains(where: { $0.block.transactions.contains { $0.id == transaction.id } }) {
                return true
            }
            let verified: VerifiedTransaction
            do throws(ProtocolFailure) { verified = try ledger.verify(transaction) } catch {
                throw .notVerified(code: "bad-signature", error.detail)
            }
            // Tried on a copy: what cannot stand in a block is refused at once.
            var trial = ledger
            let reasons = try? trial.commit([verified], time: Self.now)
            if let failure = reasons?[transaction.id] { throw .inadmissible(code: failure.code) }
            guard state.pool.count < state.poolMax else { throw .poolFull(code: "pool-full") }
            state.pool.append(verified)
            return state.isHolding
        }
        if !isHolding { self.commit() }
    }

    func proof(of id: [UInt8], on channel: Channel) async throws(ChainRefusal) -> TransactionProof? {
        for block in self.ledger(channel)?.blocks ?? [] {
            guard let place = block.block.transactions.firstIndex(where: { $0.id == id }) else { continue }
            return TransactionProof(
                place,
                of: block.block,
                receipts: block.receipts,
                certificate: block.certificate
            )
        }
        return nil
    }

    func isWaiting(_ id: [UInt8], on channel: Channel) async -> Bool {
        self.state.withLock { $0.pool.contains { $0.transaction.id == id } }
    }

    func valueProof(of key: [UInt8], on channel: Channel) async throws(ChainRefusal) -> ValueProof {
        let ledger = self.ledger(channel)
        do throws(ProtocolFailure) {
            if let proof = try ledger?.prove(key) { return proof }
        } catch { throw .damaged("\(error)") }
        throw .noBlock
    }

    func height(of channel: Channel) -> Height { UInt64(self.ledger(channel)?.blocks.count ?? 0) }

    func block(at height: Height, on channel: Channel) async throws(ChainRefusal) -> ServedBlock? {
        let (blocks, earliest) = self.state.withLock { ($0.ledgers[channel]?.blocks ?? [], $0.earliest) }
        guard height > 0, height <= UInt64(blocks.count) else { return nil }
        guard height >= earliest else { throw .pruned(earliest: earliest) }
        return blocks[Int(height) - 1]
    }

    /// Leaves a transaction's events out, as a validator does that lies.
    func conceal(_ transaction: [UInt8]) { self.state.withLock { _ = $0.concealed.insert(transaction) } }

    /// The first 32 bytes of an event's data are its subject.
    func events(
        of subject: [UInt8],
        after place: EventPlace?,
        limit: Int,
        on channel: Channel
    ) async throws(ChainRefusal) -> [SubjectEvent] {
        let (blocks, earliest, concealed) = self.state.withLock {
            ($0.ledgers[channel]?.blocks ?? [], $0.earliest, $0.concealed)
        }
        guard max(1, place?.height ?? 1) >= earliest else { throw .pruned(earliest: earliest) }
        let found = blocks.flatMap { Self.events(of: subject, in: $0) }.filter { event in
            place.map { $0 < event.place } ?? true && !concealed.contains(event.transaction)
        }
        return Array(found.prefix(limit))
    }

    private static func events(of subject: [UInt8], in block: ServedBlock) -> [SubjectEvent] {
        var index: UInt32 = 0
        var found: [SubjectEvent] = []
        for receipt in block.receipts {
            if receipt.code != 0 { index += 1 }
            for event in receipt.events {
                index += 1
                guard event.data.prefix(32).elementsEqual(subject) else { continue }
                let place = EventPlace(height: block.block.header.height, index: index)
                found.append(SubjectEvent(place: place, transaction: receipt.transaction, topic: event.topic))
            }
        }
        return found
    }

    func waitForBlock(above height: Height, on channel: Channel) async {
        let number = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = self.state.withLock { state in
                    let tip = UInt64(state.ledgers[channel]?.blocks.count ?? 0)
                    guard tip <= height, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }

    func handovers(after epoch: CommitteeEpoch, on channel: Channel) async throws(ChainRefusal) -> [Handover] {
        (self.ledger(channel)?.handovers ?? []).filter { $0.next.epoch > epoch }
    }

    func status() async -> ChainStatus {
        var status = ChainStatus(
            chain: self.genesis.chain,
            genesis: self.genesis.digest.hex,
            number: 1,
            name: "clinic:validator:v1"
        )
        status.failure = self.state.withLock { $0.obstacle }
        status.isRunning = status.failure == nil
        status.channels = Channel.allCases.map { channel in
            var entry = ChainStatus.ChannelStatus(channel: channel.name)
            entry.height = self.height(of: channel)
            entry.isMember = true
            entry.leader = self.state.withLock { $0.leader }
            (entry.members, entry.quorum, entry.reachable, entry.margin) = (4, 3, 4, 1)
            return entry
        }
        status.peers = [ChainStatus.PeerStatus(number: 2, name: "clinic:validator:v2", isConnected: true)]
        return status
    }
}
