import Agent
import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Examine configurations.",
        subcommands: [Check.self]
    )

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a configuration, its files and its device profiles, without starting anything."
        )

        @OptionGroup var file: ConfigurationFile

        func run() throws {
            try reportingFailure {
                let problems = try AgentCheck.problems(of: self.file.load())
                for problem in problems { StandardError.write("\(problem)\n") }
                if !problems.isEmpty { throw ExitCode.failure }
                try StandardOutput.write("\(self.file.path): ok\n")
            }
        }
    }
}
