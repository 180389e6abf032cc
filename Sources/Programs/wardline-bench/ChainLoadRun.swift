import Foundation
import Synchronization

/// How many transactions when.
struct LoadPace: Sendable {
    /// A second; nil for as many as fit.
    let rate: Double?
    let probes: Double
    let seconds: Double
}

/// SIGTERM and SIGINT: no new transactions; those on their way are waited for.
final class LoadStop: Sendable {
    private let asked = Mutex(false)
    // Kept alive only.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init() {
        self.sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        for source in self.sources {
            source.setEventHandler { [weak self] in self?.asked.withLock { $0 = true } }
            source.resume()
        }
    }

    var isAsked: Bool { self.asked.withLock { $0 } }
}

/// Hands transactions in until the time is over, and then waits for those on their way.
struct LoadRun: Sendable {
    /// When the load began and ended, monotonic ns.
    struct Outcome: Sendable {
        let begin: UInt64
        let end: UInt64
    }

    /// Between two looks for what is due.
    ///
    /// The client shares the machine with the validators, and each look wakes three threads; without a rate, what is due
    /// comes back in the waves of blocks.
    private var pause: Duration { .milliseconds(self.pace.rate == nil ? 5 : 2) }
    private static let probeWait = 10_000
    /// New ones that may wait for a request at a rate without bound.
    private static let queueMax = 2_048

    let mill: LoadMill
    let book: LoadBook
    let targets: [LoadTarget]
    /// Validators that get a transaction which the first one did not bring into a block.
    let copies: Int
    let pace: LoadPace
    let batch: Int
    let drainSeconds: Double
    let stop: LoadStop

    /// Runs everything; the follower tells what is final.
    func run(follower: LoadFollower, producers: Int) async -> Outcome {
        await withTaskGroup(of: Void.self) { group in
            for producer in 0..<producers { group.addTask { await self.mill.work(from: producer, step: producers) } }
            await follower.findStart()
            group.addTask { await follower.follow { self.mill.landed(signer: $0.signer, nonce: $0.nonce) } }
            let outcome = await self.load()
            group.cancelAll()
            return outcome
        }
    }

    private func load() async -> Outcome {
        await withDiscardingTaskGroup { group in
            let begin = MonotonicTime.now
            var end = begin + UInt64(self.pace.seconds * 1e9)
            var (made, probed, turn) = (0, 0, 0)
            var nextWake = begin
            while MonotonicTime.now < end + UInt64(self.drainSeconds * 1e9) {
                let now = MonotonicTime.now
                if self.stop.isAsked { end = min(end, now) }
                if now < end {
                    let elapsed = Double(now - begin) / 1e9
                    self.makeDue(elapsed, &made)
                    while Double(probed) < self.pace.probes * elapsed {
                        probed += 1
                        guard let transaction = self.mill.take() else { break }
                        self.book.begin(transaction, isProbe: true)
                        let target = self.targets[probed % self.targets.count]
                        group.addTask { await self.probe(transaction, at: target) }
                    }
                } else if self.book.openCount == 0 {
                    break
                }
                if now >= nextWake {
                    self.book.wake()
                    nextWake = now + 50_000_000
                }
                for offset in self.targets.indices {
                    let target = self.targets[(turn + offset) % self.targets.count]
                    guard target.enter() else { continue }
                    let due = self.book.take(max: self.batch)
                    guard !due.isEmpty else {
                        target.leave(failed: false)
                        break
                    }
                    let others = self.others(than: target)
                    group.addTask { await self.handIn(due, at: target, again: others) }
                }
                turn += 1
                try? await Task.sleep(for: self.pause)
            }
            group.cancelAll()
            return Outcome(begin: begin, end: min(end, MonotonicTime.now))
        }
    }

    private func makeDue(_ elapsed: Double, _ made: inout Int) {
        if let rate = self.pace.rate {
            while Double(made) < rate * elapsed, let transaction = self.mill.take() {
                self.book.begin(transaction)
                made += 1
            }
        } else {
            var budget = Self.queueMax
            while budget > 0, let transaction = self.mill.take() {
                self.book.begin(transaction)
                budget -= 1
            }
        }
    }

    /// As many others as make one correct validator certain.
    private func others(than target: LoadTarget) -> [LoadTarget] {
        Array(self.targets.filter { $0 !== target }.shuffled().prefix(self.copies - 1))
    }

    private func handIn(
        _ due: [(id: [UInt8], bytes: [UInt8], sends: Int)],
        at target: LoadTarget,
        again others: [LoadTarget]
    ) async {
        let isTaken = await self.offer(due, at: target)
        target.leave(failed: !isTaken)
        if !isTaken { self.book.failed(due.map(\.id)) }
        let late = due.filter { $0.sends > 0 }
        guard !late.isEmpty else { return }
        for other in others where other.enter() { other.leave(failed: await !self.offer(late, at: other)) }
    }

    /// - Returns: whether the validator answered.
    private func offer(_ due: [(id: [UInt8], bytes: [UInt8], sends: Int)], at target: LoadTarget) async -> Bool {
        do throws(LoadTarget.Failure) {
            let codes = try await target.offer(due.map(\.bytes))
            for (transaction, code) in zip(due, codes) { self.take(transaction.id, code) }
            return true
        } catch { return false }
    }

    private func take(_ id: [UInt8], _ code: String) {
        guard let entry = self.book.answered(id, code: code) else { return }
        self.mill.landed(signer: entry.transaction.signer, nonce: entry.transaction.nonce)
    }

    private func probe(_ transaction: LoadTransaction, at target: LoadTarget) async {
        let begin = MonotonicTime.now
        do throws(LoadTarget.Failure) {
            guard try await target.submit(transaction.bytes, waitMilliseconds: Self.probeWait) else { return }
            self.book.probed(transaction.id, milliseconds: Double(MonotonicTime.now - begin) / 1e6)
        } catch {
            if let code = error.code { self.take(transaction.id, code) }
            self.book.failed([transaction.id])
        }
    }
}
