import ArgumentParser
import DeviceProfiles
import Glibc
import StrictYAML
import Synchronization

/// `wardline-fuzz`: damaged payloads through everything that reads what others wrote.
@main
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-fuzz",
        abstract: "Feed damaged payloads to every decoder, profile and parser.",
        discussion: """
            Each payload must be read or refused with a typed reason: no crash, no payload that takes more than 2 \
            seconds of work, no memory that grows by more than 16 MiB after the first tenth. The same seed and the same \
            corpus give the same payloads; SEED:INDEX in a report is what --replay takes. Exit code 0 only when \
            nothing failed.
            """
    )

    @Option(help: "How many payloads.")
    var count = 1_000_000

    @Option(help: "Which sequence of payloads.")
    var seed: UInt64 = 1

    @Option(help: "Worker threads.")
    var threads = 2

    @Option(help: ArgumentHelp("Directories of example payloads (repeatable).", valueName: "dir"))
    var corpus: [String] = ["Tests/Fixtures", "Devices"]

    @Option(help: ArgumentHelp("Directory of device profiles.", valueName: "dir"))
    var devices = "Devices"

    @Option(help: ArgumentHelp("Run only these targets, such as json,hl7v2.", valueName: "targets"))
    var only: String?

    @Option(help: ArgumentHelp("Print one payload and run it.", valueName: "seed:index"))
    var replay: Replay?

    func validate() throws {
        guard count >= 1, (1...64).contains(threads) else {
            throw ValidationError("--count starts at 1, --threads is 1 to 64")
        }
    }

    func run() throws {
        MemoryTuning.apply()
        let plan = try makePlan()
        let slots = WorkerSlots(count: plan.threads)
        CrashReport.install(slots: slots, seed: plan.seed, targets: plan.table.targets.map(\.name))
        if let replay {
            let verdict = replay.run(plan, slots)
            Output.print("\(verdict)\n")
            if case .broken = verdict { throw ExitCode.failure }
            return
        }
        let workers = (0..<plan.threads).map { FuzzWorker(plan, number: $0, slots: slots) }
        let start = Watchdog.seconds()
        for worker in workers { worker.start() }
        let watchdog = watch(slots)
        try report(workers, plan, watchdog, seconds: Watchdog.seconds() - start)
    }

    private func makePlan() throws -> FuzzPlan {
        var seeds = Corpus()
        let builtIn = seeds.count
        let files = corpus.reduce(0) { $0 + seeds.add(directory: $1) }
        let (profiles, problems) = ProfileBench.Material.load(directory: devices, corpus: seeds)
        for problem in problems { Output.error("\(problem)\n") }
        Output.error("\(builtIn) seeds built in, \(files) from files, \(profiles.library.profiles.count) profiles\n")
        if !profiles.unread.isEmpty {
            Output.error("no seed is a message of: \(profiles.unread.joined(separator: ", "))\n")
        }
        let table = TargetTable()
        let names = only?.split(separator: ",").map(String.init)
        for name in names ?? [] where !table.targets.contains(where: { $0.name == name }) {
            throw ValidationError("no target \(name); there are \(table.targets.map(\.name).joined(separator: ", "))")
        }
        let chosen = table.targets.indices.filter { names?.contains(table.targets[$0].name) ?? true }
        return FuzzPlan(
            seed: replay?.seed ?? seed,
            count: count,
            threads: threads,
            table: table,
            chosen: Set(chosen),
            corpus: seeds,
            profiles: profiles
        )
    }

    /// Waits for the workers and shows each second how far they are.
    private func watch(_ slots: WorkerSlots) -> Watchdog {
        var watchdog = Watchdog(slots: slots, count: count)
        var shown = (seconds: Watchdog.seconds(), done: 0)
        while !slots.haveEnded {
            usleep(20_000)
            let now = Watchdog.seconds()
            watchdog.look(at: now)
            guard now - shown.seconds >= 1 else { continue }
            let done = slots.done
            let rate = Int(Double(done - shown.done) / (now - shown.seconds))
            let accepted = slots.accepted
            let (refused, broken) = (max(0, done - accepted - slots.broken), slots.broken)
            Output.error(
                "\(done) payloads, \(rate)/s, \(accepted) accepted, \(refused) refused, \(broken) failed, \(Watchdog.anonymousMemory()) KiB\n"
            )
            shown = (now, done)
        }
        return watchdog
    }

    private func report(_ workers: [FuzzWorker], _ plan: FuzzPlan, _ watchdog: Watchdog, seconds: Double) throws {
        var tally = Tally(targets: plan.table.targets.count)
        for worker in workers { tally.merge(worker.tally.withLock { $0 }) }
        Output.print(tally.table(names: plan.table.targets.map(\.name)))
        let failed = tally.rows.reduce(0) { $0 + $1.broken }
        let passed = tally.rows.reduce(0) { $0 + $1.count } - failed
        let rate = Int(Double(passed + failed) / seconds)
        Output.print("\(Int(seconds.rounded())) s, \(rate) payloads/s\n")
        let baseline = watchdog.baseline ?? 0
        Output.print(
            "anonymous memory \(baseline) KiB after the warm-up, later at most \(watchdog.highest) KiB "
                + "(single samples \(watchdog.peak)), last \(watchdog.last) KiB\n"
        )
        let hasGrown = watchdog.growth > Watchdog.growthMax
        if hasGrown { Output.print("memory grew by \(watchdog.growth) KiB: more than \(Watchdog.growthMax)\n") }
        Output.print("\(passed) passed, \(failed + (hasGrown ? 1 : 0)) failed\n")
        if failed > 0 || hasGrown { throw ExitCode.failure }
    }
}
