import AccessPolicies
import ArgumentParser

extension PolicyCommand {
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say in words what a policy asks for, and whether somebody's attributes satisfy it.",
            discussion: """
                With --attributes, a line that begins with + is used, = holds and is not needed, - does not hold. Exit \
                code 1 if the attributes do not satisfy the policy, 2 if it is no policy.
                """
        )

        @OptionGroup var input: PolicyInput

        @Option(help: "What somebody has: 'role:doctor age=42 trained-until=2027-03-31'.")
        var attributes: String?

        @Option(help: "A number that is a date, in policies that were written with numbers (repeatable).")
        var date: [String] = []

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let written = try self.reading(self.input.name) { try WrittenPolicy(self.input.text()) }
            let attributes = try self.attributes.map { text in
                try self.reading("attributes") { try WrittenAttributes(text) }
            }
            let satisfaction = attributes.map(written.satisfaction)
            let explanation = Explanation(written, dateNames: self.date, satisfaction)
            try self.json ? writeJSON(ExplainDocument(explanation)) : StandardOutput.write(explanation.text)
            if let satisfaction, !satisfaction.isSatisfied { throw ExitCode(1) }
        }

        /// Reports a mistake as the commands do, on standard error where the output is for people.
        private func reading<Read>(_ name: String, _ read: () throws -> Read) throws -> Read {
            do {
                return try read()
            } catch let remark as PolicyRemark {
                let document = RefusedPolicyDocument(error: RemarkDocument(remark))
                try self.json ? writeJSON(document) : StandardError.write(remark.text(in: name, "error"))
                throw PolicyCommand.refused
            }
        }
    }
}
