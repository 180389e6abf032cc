import AccessPolicies
import ArgumentParser
import CanonicalBytes

extension PolicyCommand {
    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a policy; show its canonical form, its digest, its size and what is odd about it.",
            discussion: "Exit code 0 if nothing is odd, 1 with warnings, 2 if it is no policy."
        )

        @OptionGroup var input: PolicyInput

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            do {
                let written = try WrittenPolicy(self.input.text())
                let report = LintDocument(written)
                try self.json ? writeJSON(report) : self.print(report, written.warnings)
                if !report.warnings.isEmpty { throw ExitCode(1) }
            } catch let remark as PolicyRemark {
                let document = RefusedPolicyDocument(error: RemarkDocument(remark))
                try self.json
                    ? writeJSON(document) : StandardOutput.write(remark.text(in: self.input.name, "error"))
                throw PolicyCommand.refused
            }
        }

        private func print(_ report: LintDocument, _ warnings: [PolicyRemark]) throws {
            try StandardOutput.write(
                """
                canonical  \(report.canonical)
                digest     \(report.digest)
                leaves     \(report.leaves) of \(AccessTree.leavesMax)
                depth      \(report.depth) of \(AccessTree.depthMax)
                length     \(report.length) of \(AccessPolicy.textBytesMax)

                """
            )
            for date in report.dates { try StandardOutput.write("date       \(date.text): \(date.date)\n") }
            for warning in warnings { try StandardOutput.write(warning.text(in: self.input.name, "warning")) }
        }
    }
}

/// What a check found.
private struct LintDocument: Encodable {
    struct Date: Encodable {
        let text: String
        let date: String
    }

    let valid = true
    let canonical: String
    let digest: String
    let leaves: Int
    let depth: Int
    let length: Int
    let dates: [Date]
    let warnings: [RemarkDocument]

    init(_ written: WrittenPolicy) {
        self.canonical = written.policy.text
        self.digest = written.policy.digest.hex
        self.leaves = written.policy.tree.leaves.count
        self.depth = written.depth
        self.length = written.policy.text.utf8.count
        self.dates = written.conditions().compactMap { condition in
            condition.date.map { Date(text: condition.text, date: $0) }
        }
        self.warnings = written.warnings.map(RemarkDocument.init)
    }
}
