import ArgumentParser
import DeviceProfiles
import Foundation

extension DeviceCommand {
    /// Writes the list of devices.
    struct Docs: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the list of devices with their measurements and examples (docs/devices.md).",
            discussion: """
                The text comes from the profiles and READMEs alone and is the same each time. Folders under a directory \
                need a README.md with a line 'Kind: …' and a table of their test cases.
                """
        )

        @Option(help: "The file to write; standard output by default.", completion: .file(extensions: ["md"]))
        var out: String?

        @Flag(help: "Write nothing; fail when the file is not what would be written.")
        var check = false

        @Option(name: .customLong("devices"), help: "The directory of device folders.", completion: .directory)
        var directory = "Devices"

        func validate() throws {
            if self.check, self.out == nil { throw ValidationError("--check compares the file that --out names") }
        }

        func run() throws {
            try reportingFailure {
                let text = try DeviceDocument(directory: self.directory).text
                guard let out else { return try StandardOutput.write(text) }
                if self.check { return try self.compare(text, with: out) }
                try Data(text.utf8).write(to: URL(filePath: out), options: .atomic)
            }
        }

        private func compare(_ text: String, with path: String) throws {
            guard FileManager.default.contents(atPath: path) == Data(text.utf8) else {
                StandardError.write("\(path) is not current: run wardline device docs --out \(path)\n")
                throw ExitCode.failure
            }
        }
    }
}
