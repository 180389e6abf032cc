extension ConformanceRun {
    /// The run in words: a line for each file and failure, and last the sums.
    package var report: String {
        let files = self.files.map { "\($0.file): \(Self.sums($0.passed, $0.failed))\n" }
        let failures = self.failures.map { "\($0)\n" }
        return (files + failures).joined() + "\(Self.sums(self.passedCount, self.failedCount))\n"
    }

    private static func sums(_ passed: Int, _ failed: Int) -> String { "\(passed) passed, \(failed) failed" }
}

extension ConformanceRun.Failure: CustomStringConvertible {
    /// Characters of an expected or found output that are shown.
    private static let shownMax = 2_000

    package var description: String {
        let place = [self.file, self.name, self.operation].filter { !$0.isEmpty }.joined(separator: ": ")
        return "FAILED \(place): expected \(Self.shortened(self.expected)), got \(Self.shortened(self.got))"
    }

    private static func shortened(_ text: String) -> String {
        text.utf8.count <= self.shownMax ? text : "\(text.prefix(self.shownMax))… (\(text.utf8.count) bytes)"
    }
}

extension Verdict {
    /// How a list of cases calls it.
    package var word: String {
        switch self {
        case .passed: "passed"
        case .failed: "FAILED"
        }
    }
}
