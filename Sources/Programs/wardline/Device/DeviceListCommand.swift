import Agent
import ArgumentParser
import DeviceProfiles
import Expressions

extension DeviceCommand {
    /// Lists profiles: those of directories, or those that an agent uses.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the profiles and the topics they read, or with --config those that an agent uses."
        )

        @OptionGroup var directories: DeviceDirectories

        @Option(
            name: .customLong("config"),
            help: "An agent's configuration: show which profiles are in force there.",
            completion: .file(extensions: ["yaml"])
        )
        var configuration: String?

        func run() throws {
            try reportingFailure {
                if let configuration { return try self.listInForce(configuration) }
                let (library, problems) = ProfileLibrary.load(directories: self.directories.paths)
                for (_, profile) in library.files {
                    let topics = profile.topics.map(\.description).joined(separator: " ")
                    try StandardOutput.write("\(profile.id)\t\(profile.version)\t\(profile.name)\t\(topics)\n")
                }
                for problem in problems { StandardError.write("\(problem)\n") }
                if !problems.isEmpty { throw ExitCode.failure }
            }
        }

        private func listInForce(_ path: String) throws {
            var file = ConfigurationFile()
            file.path = path
            let configuration = try file.load()
            guard let inForce = ProfilesInForce(stateDirectory: configuration.stateDirectory) else {
                throw ValidationError("no agent has run with \(configuration.stateDirectory) yet")
            }
            StandardError.write("loaded \(inForce.loadedAt), load \(inForce.loads) since the agent's start\n")
            for profile in inForce.profiles {
                let isCurrent = ProfilesInForce.digest(of: profile.file) == profile.digest
                let state = isCurrent ? "in force" : "in force: the version before its file changed"
                let digest = profile.digest.prefix(12)
                try StandardOutput.write("\(profile.id)\t\(profile.version)\t\(digest)\t\(state)\t\(profile.file)\n")
            }
            for refusal in inForce.refused {
                StandardError.write("refused: \(refusal.file):\(refusal.line): \(refusal.field): \(refusal.reason)\n")
            }
            if !inForce.refused.isEmpty { throw ExitCode.failure }
        }
    }
}
