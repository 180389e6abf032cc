import ArgumentParser
import DeviceProfiles
import Foundation
import ProfileWorkshop

extension DeviceCommand {
    /// Makes a profile of somebody else's mapping templates.
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Make a profile of the mapping templates of microsoft/iomt-fhir.",
            discussion: """
                Reads device content templates (CollectionContent, JsonPathContent, CalculatedContent, IotJsonPathContent, \
                IotCentralJsonPathContent) and FHIR mappings (CollectionFhir, CodeValueFhir), in any order. Wrong codes and \
                units in them are corrected where display, unit and field names agree on what is meant, else left out; \
                standard error says which, with file, line and place. The exit code is 0 when every reading could be \
                written, with --strict only when nothing was wrong.
                """
        )

        @Argument(
            help: "Template files, or folders with devicecontent.json and fhirmapping.json.",
            completion: .file(extensions: ["json"])
        )
        var templates: [String]

        @Option(help: "The device folder to write; without it the profile goes to standard output.")
        var out: String?

        @Option(help: "The profile's id; made of the folder's or the first file's name by default.")
        var id: String?

        @Option(help: "Manufacturer and model, for people; the id by default.")
        var name: String?

        @Option(help: "The topic that the device publishes on; {device} names it when its messages do not.")
        var topic: [String] = []

        @Option(help: "A sample payload that becomes a test case; may be repeated.", completion: .file())
        var sample: [String] = []

        @Flag(help: "Replace a profile that is there.")
        var force = false

        @Flag(help: "Fail when anything in the templates is wrong.")
        var strict = false

        func validate() throws {
            if !self.sample.isEmpty, self.out == nil { throw ValidationError("--sample needs --out, where cases go") }
        }

        func run() throws {
            try reportingFailure {
                let files = try self.files()
                let id = self.id ?? Self.identifier(self.out ?? self.templates[0])
                let naming = TemplateImport.Naming(
                    id: id,
                    name: self.name ?? id,
                    source: "imported from \(files.map { ($0 as NSString).lastPathComponent }.joined(separator: ", "))",
                    topics: self.topic.isEmpty ? ["\(id)/{device}/telemetry"] : self.topic
                )
                let set = TemplateSet(try files.map { try Self.source($0) })
                let result = TemplateImport(set, naming: naming)
                for finding in result.findings { StandardError.write("\(finding)\n") }
                guard let draft = result.draft else {
                    StandardError.write("no template could be used: nothing is written\n")
                    throw ExitCode.failure
                }
                try self.deliver(draft)
                let errors = result.findings.filter { $0.weight == .error }
                let isIncomplete = errors.contains(where: \.leavesOut)
                StandardError.write(
                    "\(draft.readings.count) rules written; \(errors.count) errors, "
                        + "\(result.findings.filter { $0.weight == .warning }.count) warnings in the templates\n"
                )
                if isIncomplete || self.strict && !errors.isEmpty { throw ExitCode.failure }
            }
        }

        private func deliver(_ draft: ProfileDraft) throws {
            guard let out else {
                _ = try ProfileParser.parse(draft.text, file: "\(draft.id)/profile.yaml")
                return try StandardOutput.write(draft.text)
            }
            let samples = try self.sample.map { try Self.testCase($0) }
            let folder = DeviceFolder(
                path: out,
                profile: draft,
                readMe: ReadMeDraft(
                    title: draft.name,
                    kind: "bridge",
                    about: "Imported from mapping templates of microsoft/iomt-fhir: read it before you use it.",
                    source: draft.source,
                    topics: draft.topics,
                    cases: samples.map { ReadMeDraft.Case(name: $0.name, shows: "The sample \($0.name).") },
                    origin: "documented"
                ),
                samples: samples
            )
            for outcome in try folder.write(overwrites: self.force) {
                for reason in outcome.reasons { StandardError.write("\(outcome.name): \(reason)\n") }
                try StandardOutput.write("\(outcome.name)\t\(outcome.observations) observations\n")
            }
            try StandardOutput.write("\(out)/profile.yaml\n")
        }

        private static func testCase(_ path: String) throws -> DeviceFolder.Sample {
            let name = URL(filePath: path).deletingPathExtension().lastPathComponent
            return DeviceFolder.Sample(
                name: self.identifier(name),
                file: "payload.json",
                bytes: try PayloadFile.bytes(path),
                topic: nil
            )
        }

        private static func source(_ path: String) throws -> TemplateSet.Source {
            guard let text = String(validating: try PayloadFile.bytes(path), as: UTF8.self) else {
                throw ValidationError("\(path) is not UTF-8 text")
            }
            return TemplateSet.Source(name: path, text: text)
        }

        /// The files named, and the two usual ones of folders.
        private func files() throws -> [String] {
            try self.templates.flatMap { path in
                var isDirectory: ObjCBool = false
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                    throw ValidationError("cannot read \(path)")
                }
                guard isDirectory.boolValue else { return [path] }
                let files = ["devicecontent.json", "fhirmapping.json"].map { "\(path)/\($0)" }
                    .filter { FileManager.default.fileExists(atPath: $0) }
                guard !files.isEmpty else {
                    throw ValidationError("\(path) holds neither devicecontent.json nor fhirmapping.json")
                }
                return files
            }
        }

        /// Lower-case letters, digits and hyphens of a path's last part.
        static func identifier(_ path: String) -> String {
            let last = URL(filePath: path).deletingPathExtension().lastPathComponent.lowercased()
            let words = last.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
            return words.isEmpty ? "imported" : String(words.prefix(64))
        }
    }
}
