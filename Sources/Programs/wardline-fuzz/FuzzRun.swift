import DeviceProfiles
import Foundation
import Payloads
import Synchronization

/// Everything that is fixed before the first payload; payload `i` is the same for every number of threads.
struct FuzzPlan: Sendable {
    let seed: UInt64
    let count: Int
    let threads: Int
    let table: TargetTable
    /// The targets that run; indices of others are passed over.
    let chosen: Set<Int>
    let corpus: Corpus
    let profiles: ProfileBench.Material

    func workbench() -> Workbench { Workbench(corpus: self.corpus, profiles: ProfileBench(self.profiles)) }

    /// Makes and runs one payload.
    ///
    /// - Returns: nil when its target is not among the chosen.
    func run(
        _ index: UInt64,
        _ bench: Workbench,
        announce: (Int) -> Void,
        show: ([UInt8]) -> Void = { _ in }
    ) -> (target: Int, verdict: Verdict)? {
        var random = Randomness(seed: self.seed, index: index)
        let number = self.table.draw(&random)
        guard self.chosen.contains(number) else { return nil }
        announce(number)
        let target = self.table.targets[number]
        var payload = self.corpus.pick(target.family, &random)
        Mutator.mutate(&payload, with: self.corpus.pick(target.family, &random), &random)
        show(payload)
        return (number, target.run(bench, payload, &random))
    }
}

/// One worker thread: every `threads`-th index, until its share is done.
final class FuzzWorker: Sendable {
    private static let reportsMax = 20

    private let plan: FuzzPlan
    private let number: Int
    private let slots: WorkerSlots
    let tally: Mutex<Tally>

    init(_ plan: FuzzPlan, number: Int, slots: WorkerSlots) {
        self.plan = plan
        self.number = number
        self.slots = slots
        self.tally = Mutex(Tally(targets: plan.table.targets.count))
    }

    func start() { Self.startThread { self.work() } }

    /// Starts a thread with as much stack as the agent's own threads have.
    static func startThread(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func work() {
        CrashReport.prepareThread()
        let slot = self.slots[self.number]
        slot.pointee.thread.store(UInt(pthread_self()), ordering: .relaxed)
        var clock = clockid_t()
        if pthread_getcpuclockid(pthread_self(), &clock) == 0 { slot.pointee.clock.store(clock, ordering: .relaxed) }
        let share = (self.plan.count + self.plan.threads - 1 - self.number) / self.plan.threads
        let bench = self.plan.workbench()
        var tally = Tally(targets: self.plan.table.targets.count)
        var index = UInt64(self.number)
        var done = 0
        var before = Watchdog.nanoseconds()
        while done < share {
            defer { index += UInt64(self.plan.threads) }
            let place = index
            let result = self.plan.run(place, bench) { target in
                slot.pointee.target.store(target, ordering: .relaxed)
                slot.pointee.current.store(place + 1, ordering: .relaxed)
            }
            guard let result else { continue }
            let now = Watchdog.nanoseconds()
            tally.add(result.verdict, target: result.target, index: place, nanoseconds: now - before)
            before = now
            done += 1
            slot.pointee.done.store(done, ordering: .relaxed)
            self.note(result.verdict, target: result.target, index: place)
        }
        self.tally.withLock { $0 = tally }
        slot.pointee.ended.store(true, ordering: .releasing)
    }

    private func note(_ verdict: Verdict, target: Int, index: UInt64) {
        let slot = self.slots[self.number]
        switch verdict {
        case .accepted: slot.pointee.accepted.add(1, ordering: .relaxed)
        case .refused: break
        case .broken(let fault):
            let count = slot.pointee.broken.add(1, ordering: .relaxed).newValue
            guard count <= Self.reportsMax else { return }
            Output.error("failed: \(self.plan.seed):\(index) \(self.plan.table.targets[target].name): \(fault)\n")
        }
    }
}
