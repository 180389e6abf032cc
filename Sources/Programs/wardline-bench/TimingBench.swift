import ArgumentParser
import Foundation

/// Asks whether the time of operations depends on their secrets.
struct TimingBench: ParsableCommand {
    /// |t| from which on a difference is no chance: one in 150,000 for one test of equal distributions.
    private static let threshold = 4.5

    static let configuration = CommandConfiguration(
        commandName: "timing",
        abstract:
            "Test whether the time of secret-scalar operations depends on the scalar (Welch's t, as dudect does).",
        discussion: """
            Scalars of six classes in random order: random ones; random ones again, as the control; 1; one with three \
            bits set; the group order less one; one random scalar that stays the same. Each class is compared with the \
            first, whole and cropped at thirty percentiles. Exit code 1 when |t| reaches 4.5 anywhere, or when a planted \
            leak is not found.
            """
    )

    @Option(help: "Timed calls of two classes together (default 1000000; 100000 of operations of 20 us and more).")
    var samples: Int?

    @Option(help: "Only operations with this text in their name.")
    var operation: String?

    @Flag(help: "Also time operations that leak on purpose, which must be found.")
    var plantedLeak = false

    func validate() throws {
        if let samples = self.samples, samples < 20_000 { throw ValidationError("--samples is at least 20000") }
    }

    func run() throws {
        let operations = try SecretOperation.all().filter { self.operation.map($0.name.contains) ?? true }
        if operations.isEmpty && !self.plantedLeak { throw ValidationError("no operation of that name") }
        print(Self.row("operation", "samples", "mean ns", "max |t|", "class", "control", "verdict"))
        var isGood = true
        for operation in operations {
            let run = try TimingRun(operation, samples: self.samples)
            let leaks = run.worst.t.magnitude >= Self.threshold
            let isDisturbed = run.control.magnitude >= Self.threshold
            self.show(run, leaks ? "LEAK" : isDisturbed ? "DISTURBED" : "constant")
            isGood = isGood && !leaks && !isDisturbed
        }
        for operation in self.plantedLeak ? SecretOperation.planted() : [] {
            let run = try TimingRun(operation, samples: min(self.samples ?? 100_000, 100_000))
            let isFound = run.worst.t.magnitude >= Self.threshold
            self.show(run, isFound ? "leak, as planted" : "MISSED")
            isGood = isGood && isFound
        }
        if !isGood { throw ExitCode(1) }
    }

    private func show(_ run: TimingRun, _ verdict: String) {
        print(
            Self.row(
                run.operation.name,
                "\(run.samples)",
                String(format: "%.1f", run.mean),
                String(format: "%.2f", run.worst.t.magnitude),
                run.worst.kind.name,
                String(format: "%.2f", run.control.magnitude),
                verdict
            )
        )
        fflush(nil)
    }

    private static func row(
        _ name: String,
        _ samples: String,
        _ mean: String,
        _ t: String,
        _ kind: String,
        _ control: String,
        _ verdict: String
    ) -> String {
        func left(_ text: String, _ width: Int) -> String { text + Self.padding(text, width) }
        func right(_ text: String, _ width: Int) -> String { Self.padding(text, width) + text }
        return left(name, 30) + right(samples, 9) + right(mean, 12) + right(t, 9) + "  " + left(kind, 8)
            + right(control, 8) + "  " + verdict
    }

    private static func padding(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count))
    }
}
