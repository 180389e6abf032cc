import Agent
import ArgumentParser
import DeviceProfiles
import Expressions
import Foundation
import Records
import StrictYAML

struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Work with device profiles.",
        subcommands: [
            List.self, New.self, Import.self, Lint.self, Test.self, Cases.self, Watch.self, Replay.self, Clock.self,
            Concepts.self, Docs.self,
        ]
    )

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check profiles: mistakes with file, line and field, then warnings."
        )

        @Argument(help: "Profile files, device folders or profile names; all installed ones by default.")
        var profiles: [String] = []

        @OptionGroup var directories: DeviceDirectories

        @Flag(help: "Treat warnings as mistakes.")
        var strict = false

        func run() throws {
            try reportingFailure {
                var failed = false
                for (file, profile) in try self.loaded(&failed) {
                    for warning in profile.warnings { StandardError.write("\(file): warning: \(warning)\n") }
                    failed = failed || (self.strict && !profile.warnings.isEmpty)
                    try StandardOutput.write("\(profile.id) \(profile.version): ok\n")
                }
                if failed { throw ExitCode.failure }
            }
        }

        private func loaded(_ failed: inout Bool) throws -> [(String, DeviceProfile)] {
            if self.profiles.isEmpty {
                let (library, problems) = ProfileLibrary.load(directories: self.directories.paths)
                for problem in problems { StandardError.write("\(problem)\n") }
                failed = !problems.isEmpty
                return library.files.map { ($0.file, $0.profile) }
            }
            var loaded: [(String, DeviceProfile)] = []
            for name in self.profiles {
                let file = try self.directories.file(of: name)
                do throws(YAMLProblem) {
                    loaded.append((file, try ProfileParser.parse(ProfileLibrary.text(of: file), file: file)))
                } catch {
                    StandardError.write("\(error)\n")
                    failed = true
                }
            }
            return loaded
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the Observations that a payload gives.",
            discussion: """
                Observations go to standard output as NDJSON, reasons to standard error. The exit code is 0 only if \
                every reading decoded. Patients keep the numbers that the payload gives them: nothing is stored.
                """
        )

        @Argument(help: "A profile file, a device folder or a profile's name.")
        var profile: String

        @Argument(help: "The payload's file; - for standard input.", completion: .file())
        var payload: String

        @Option(help: "The topic it is published on; one that the profile reads by default.")
        var topic: String?

        @Option(help: "When the gateway receives it, RFC 3339; now by default.")
        var receivedAt: String?

        @Option(help: "A payload that came before, such as a Sparkplug birth; may be repeated.", completion: .file())
        var after: [String] = []

        @Option(help: "The topic of the earlier payloads; for Sparkplug data, that of the birth by default.")
        var afterTopic: String?

        @OptionGroup var directories: DeviceDirectories

        func run() throws {
            try reportingFailure {
                let file = try self.directories.file(of: self.profile)
                let profile = try ProfileParser.parse(ProfileLibrary.text(of: file), file: file)
                var dryRun = DryRun(profile: profile)
                let topic = self.topic ?? dryRun.exampleTopic
                let received = try self.received()
                for earlier in self.after {
                    let birthTopic = topic.replacing("/DDATA/", with: "/DBIRTH/").replacing("/NDATA/", with: "/NBIRTH/")
                    let result = dryRun.process(
                        try PayloadFile.bytes(earlier),
                        topic: self.afterTopic ?? birthTopic,
                        receivedAt: received
                    )
                    for reason in result.reasons { StandardError.write("\(earlier): \(reason)\n") }
                }
                let result = dryRun.process(try PayloadFile.bytes(self.payload), topic: topic, receivedAt: received)
                try StandardOutput.write(result.lines)
                try self.explain(result, topic: topic)
            }
        }

        private func received() throws -> Int64 {
            try Moment.parse(self.receivedAt) * 1_000_000
        }

        private func explain(_ result: DryRun.Result, topic: String) throws {
            for reason in result.reasons { StandardError.write("\(reason)\n") }
            if let ignored = result.ignored { StandardError.write("ignored: \(ignored)\n") }
            if result.reasons.contains(where: { $0.hasPrefix("no-profile:") }) {
                StandardError.write("the profile does not read the topic \(topic); give another with --topic\n")
            }
            if !result.reasons.isEmpty { throw ExitCode.failure }
        }
    }

    struct Cases: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the test cases that lie beside profiles."
        )

        @Argument(help: "Device folders or profile names; all installed ones by default.")
        var devices: [String] = []

        @OptionGroup var directories: DeviceDirectories

        @Flag(help: "Write what the profiles give now as the new expectation.")
        var update = false

        func run() throws {
            try reportingFailure {
                var passed = 0
                var failed = 0
                for file in try self.files() {
                    let profile = try ProfileParser.parse(ProfileLibrary.text(of: file), file: file)
                    let folder = URL(filePath: file).deletingLastPathComponent().path
                    for directory in ProfileCase.folders(of: folder) {
                        let testCase = try ProfileCase(directory: directory)
                        let differences = testCase.run(profile, update: self.update)
                        for difference in differences { StandardError.write("\(testCase.name): \(difference)\n") }
                        if differences.isEmpty { passed += 1 } else { failed += 1 }
                    }
                }
                try StandardOutput.write("\(passed) passed, \(failed) failed\n")
                if failed > 0 { throw ExitCode.failure }
            }
        }

        private func files() throws -> [String] {
            try self.devices.isEmpty
                ? ProfileLibrary.load(directories: self.directories.paths).library.files.map(\.file)
                : self.devices.map { try self.directories.file(of: $0) }
        }
    }

    struct Concepts: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the measurements that profiles can name, with their codes and units."
        )

        func run() throws {
            try reportingFailure {
                let catalogue = ConceptCatalogue.standard
                for name in catalogue.keys + catalogue.numbers {
                    guard let entry = catalogue.entry(name) else { continue }
                    let codes = entry.concept.codings.map(\.code).joined(separator: " ")
                    let unit = entry.concept.unit?.code ?? "-"
                    try StandardOutput.write("\(name)\t\(entry.refID ?? entry.concept.text)\t\(codes)\t\(unit)\n")
                }
            }
        }
    }
}

/// Where profiles are looked for.
struct DeviceDirectories: ParsableArguments {
    @Option(name: .customLong("devices"), help: "A directory of profiles; may be repeated.", completion: .directory)
    var given: [String] = []

    private static let installed = ["/usr/share/wardline/devices", "/etc/wardline/devices"]

    /// The given directories, else the installed ones, else the checkout's.
    var paths: [String] {
        if !self.given.isEmpty { return self.given }
        let installed = Self.installed.filter { FileManager.default.fileExists(atPath: $0) }
        return installed.isEmpty ? ["Devices"] : installed
    }

    /// The file of a profile that is named by file, folder or name.
    func file(of name: String) throws -> String {
        var candidates = [name, "\(name)/profile.yaml"]
        if !name.contains("/") {
            for path in self.paths { candidates += ["\(path)/\(name)/profile.yaml", "\(path)/\(name).yaml"] }
        }
        for candidate in candidates {
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory), !isDirectory.boolValue {
                return candidate
            }
        }
        throw ValidationError("no profile \(name): name a file, a device folder, or a profile in --devices DIR")
    }
}

/// A payload given on the command line.
enum PayloadFile {
    static func bytes(_ path: String) throws -> [UInt8] {
        if path == "-" { return try Array(FileHandle.standardInput.readToEnd() ?? Data()) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("cannot read \(path)")
        }
        return Array(data)
    }
}
