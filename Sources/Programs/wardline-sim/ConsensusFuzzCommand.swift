import ArgumentParser
internal import ConsensusSimulation
internal import Glibc
internal import Synchronization

/// Runs many random seeds.
struct ConsensusFuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Run many random consortia of validators; exit 0 only if no invariant was broken."
    )

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "How many seeds.")
    var seeds: UInt64 = 200

    @Option(help: "Threads; all cores unless said otherwise.")
    var threads: Int = ParallelRun.cores

    @Option(help: "Seconds between two lines of progress on the standard error; 0 for none.")
    var progress: Int = 10

    @Option(help: "Stop starting new seeds after so many seconds; what ran is reported.")
    var secondsMax: Int?

    @Option(help: "Print seeds that settle later than so many milliseconds after the calm.")
    var slowerThan: UInt64?

    @Flag(help: "Sign with real Ed25519 in one run of a hundred.")
    var ed25519 = false

    func validate() throws {
        guard (1...256).contains(self.threads) else { throw ValidationError("--threads is 1 to 256.") }
        guard self.seeds > 0, self.from <= .max - self.seeds else {
            throw ValidationError("--seeds starts at 1, and the last seed must be a 64-bit number.")
        }
    }

    func run() throws {
        let clock = ContinuousClock()
        let start = clock.now
        let isEd25519 = self.ed25519
        let slow = self.slowerThan
        let deadline = self.secondsMax.map { start + .seconds($0) }
        let meter = ProgressMeter(total: self.seeds, every: self.progress, start: start)
        let summary = ParallelRun(numbers: self.from..<self.from + self.seeds, threads: self.threads).run { seed in
            if let deadline, ContinuousClock().now > deadline { return nil }
            return Fuzzing.run(seed: seed) { plan in
                if isEd25519 && seed % 100 == 0 { plan.signatures = .ed25519 }
            }
        } each: { seed, outcome in
            if let slow, outcome.settledAfter > slow * 1_000 {
                print(
                    "seed \(seed): settled after \(outcome.settledAfter / 1_000) ms, stall \(outcome.longestStall / 1_000) ms"
                )
            }
            guard let violation = outcome.violation else { return }
            // Not through the buffer of the standard output: a long run may be stopped.
            ProgressMeter.write(
                "seed \(seed): \(violation)\n  again: wardline-sim run --seed \(seed)\n",
                to: STDOUT_FILENO
            )
        } progress: {
            meter.show($0)
        }
        let seconds = (clock.now - start) / .seconds(1)
        summary.print(seconds: seconds)
        guard summary.failures.isEmpty, deadline != nil || summary.runs == Int(self.seeds) else {
            throw ExitCode.failure
        }
    }
}

/// Says from time to time how far a run is.
private final class ProgressMeter: Sendable {
    private let total: UInt64
    private let every: Int
    private let start: ContinuousClock.Instant
    private let shown: Mutex<Int>

    init(total: UInt64, every: Int, start: ContinuousClock.Instant) {
        self.total = total
        self.every = every
        self.start = start
        self.shown = Mutex(0)
    }

    func show(_ summary: Fuzzing.Summary) {
        let seconds = Int((ContinuousClock().now - self.start) / .seconds(1))
        let isDue = self.shown.withLock { shown in
            guard self.every > 0, seconds >= shown + self.every else { return false }
            shown = seconds
            return true
        }
        guard isDue else { return }
        let rate = summary.runs / max(1, seconds)
        let slowest = summary.slowest?.milliseconds ?? 0
        let line =
            "\(summary.runs) of \(self.total) seeds, \(summary.failures.count) failed, \(rate)/s, "
            + "slowest settling \(slowest) ms\n"
        Self.write(line, to: STDERR_FILENO)
    }

    static func write(_ text: String, to descriptor: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}

extension Fuzzing.Summary {
    /// The figures for a person.
    fileprivate func print(seconds: Double) {
        let rate = (Double(self.runs) / max(seconds, 0.001)).rounded()
        Swift.print(
            "\(self.runs) seeds, \(self.failures.count) failed; \(self.blocks) blocks, \(self.viewChanges) view changes, "
                + "\(self.steps) events, \(self.evidence) pieces of evidence, \(self.snapshots) snapshots installed, "
                + "\(self.refusals) damaged logs refused, \(self.losses) logs lost (\(self.silent) validators silent to the end); "
                + "\(Int(rate)) seeds/s"
        )
        let sizes = self.sizes.sorted { $0.key < $1.key }.map { "n = \($0.key): \($0.value)" }
        Swift.print("committees: \(sizes.joined(separator: ", "))")
        guard let slowest = self.slowest else { return }
        Swift.print("settled after the calm: \(Self.distribution(self.settleTimes)); slowest: seed \(slowest.seed)")
        Swift.print("longest time without a commit after the calm: \(Self.distribution(self.stallTimes))")
    }

    private static func distribution(_ times: [UInt32]) -> String {
        let quantiles = Self.quantiles(times, [500, 900, 990, 999, 1_000])
        return zip(["half", "90%", "99%", "99.9%", "all"], quantiles).map { "\($0) ≤ \($1) ms" }.joined(separator: ", ")
    }
}
