import ArgumentParser
import Foundation
import Payloads
import Synchronization

/// One payload of a run, named `seed:index`.
struct Replay: ExpressibleByArgument {
    let seed: UInt64
    let index: UInt64

    init?(argument: String) {
        let parts = argument.split(separator: ":")
        guard parts.count == 2, let seed = UInt64(parts[0]), let index = UInt64(parts[1]) else { return nil }
        self.seed = seed
        self.index = index
    }

    /// Makes the payload again, prints it and runs it; payloads are synthetic, so printing them discloses nothing.
    ///
    /// It runs on a thread like a worker's: what overflows that stack overflows it again.
    func run(_ plan: FuzzPlan, _ slots: WorkerSlots) -> Verdict {
        let result = Result()
        let index = self.index
        FuzzWorker.startThread { result.verdict.withLock { $0 = Self.run(index, plan, slots) } }
        while true {
            usleep(10_000)
            if let verdict = result.verdict.withLock({ $0 }) { return verdict }
        }
    }

    /// Carries the verdict from one thread to the other.
    private final class Result: Sendable {
        let verdict = Mutex<Verdict?>(nil)
    }

    private static func run(_ index: UInt64, _ plan: FuzzPlan, _ slots: WorkerSlots) -> Verdict {
        CrashReport.prepareThread()
        slots[0].pointee.thread.store(UInt(pthread_self()), ordering: .relaxed)
        slots[0].pointee.current.store(index + 1, ordering: .relaxed)
        let bench = plan.workbench()
        bench.trace = { Output.print($0 + "\n") }
        let result = plan.run(
            index,
            bench,
            announce: {
                slots[0].pointee.target.store($0, ordering: .relaxed)
                Output.print("target \(plan.table.targets[$0].name)\n")
            },
            show: { Output.print("payload \(Self.hex($0))\n") }
        )
        return result?.verdict ?? .refused("its target is not among the chosen")
    }

    /// Lower-case hexadecimal text.
    static func hex(_ bytes: [UInt8]) -> String {
        String(decoding: Enveloping.wrap(bytes, as: .hex), as: UTF8.self)
    }
}
