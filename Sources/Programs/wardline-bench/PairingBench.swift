import ArgumentParser
import BLS12381
import FiniteFields
import Foundation

/// Times operations of the pairing layer, one to a process, so that a script can let a peer have the next turn.
struct PairingBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pairing",
        abstract: "Time one operation on BLS12-381 and print its microseconds.",
        discussion:
            "Processor time of the process, the best of five batches. Benchmarks/pairing/run makes a table of it."
    )

    @Argument(help: "The operation; without one, their names are printed.")
    var operation: String?

    @Option(help: "Microseconds that a batch takes about.")
    var batch = 20_000.0

    func run() throws {
        let operations = PairingOperation.all()
        guard let name = self.operation else {
            for operation in operations { print(operation.name) }
            return
        }
        guard let operation = operations.first(where: { $0.name == name }) else {
            throw ValidationError("no operation of that name")
        }
        let work = try operation.prepare()
        let single = Self.microseconds(1, work)
        let calls = max(1, Int(self.batch / max(single, 0.001)))
        let best = (0..<5).map { _ in Self.microseconds(calls, work) }.reduce(single, min)
        print(String(format: "%.4f", best / Double(operation.repeats)))
    }

    private static func microseconds(_ calls: Int, _ work: () -> Void) -> Double {
        let started = CPUTime.ofProcess
        for _ in 0..<calls { work() }
        return (CPUTime.ofProcess - started) / Double(calls)
    }
}
