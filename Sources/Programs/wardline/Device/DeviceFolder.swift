import Agent
import ArgumentParser
import DeviceProfiles
import Foundation
import ProfileWorkshop
import StrictYAML

/// A device folder that is written by a command: profile, README, and a test case for each sample.
struct DeviceFolder {
    /// One sample payload with the name of its test case.
    struct Sample {
        let name: String
        /// File name in the case folder, `payload.json`.
        let file: String
        let bytes: [UInt8]
        /// The topic; nil is the profile's first.
        let topic: String?
    }

    let path: String
    let profile: ProfileDraft
    let readMe: ReadMeDraft
    let samples: [Sample]

    /// What a sample gave.
    struct Outcome {
        let name: String
        let observations: Int
        let reasons: [String]
    }

    /// Writes the folder and runs the samples through the profile.
    ///
    /// - Parameter overwrites: replaces a profile that is there.
    /// - Returns: what each sample gives; its Observations are the case's expectation.
    /// - Throws: `YAMLProblem` when the profile does not compile: then nothing is written.
    func write(overwrites: Bool) throws -> [Outcome] {
        let file = "\(self.path)/profile.yaml"
        let compiled = try ProfileParser.parse(self.profile.text, file: file)
        if !overwrites, FileManager.default.fileExists(atPath: file) {
            throw ValidationError("\(file) is there already; give --force to replace it, or another --out")
        }
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
        try Self.write(self.profile.text, to: file)
        try Self.write(self.readMe.text, to: "\(self.path)/README.md")
        return try self.samples.map { try self.write($0, compiled) }
    }

    private func write(_ sample: Sample, _ profile: DeviceProfile) throws -> Outcome {
        let folder = "\(self.path)/testcases/\(sample.name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(sample.bytes).write(to: URL(filePath: "\(folder)/\(sample.file)"), options: .atomic)
        var dryRun = DryRun(profile: profile)
        let topic = sample.topic ?? dryRun.exampleTopic
        let result = dryRun.process(sample.bytes, topic: topic, receivedAt: try Self.receivedAt())
        var settings = sample.topic.map { "topic: \"\($0)\"\n" } ?? ""
        if let code = result.reasons.first?.split(separator: ":").first { settings += "dead_letter: \(code)\n" }
        if result.ignored != nil { settings += "ignored: true\n" }
        if !settings.isEmpty { try Self.write(settings, to: "\(folder)/case.yaml") }
        try Data(result.lines).write(to: URL(filePath: "\(folder)/expected.ndjson"), options: .atomic)
        return Outcome(name: sample.name, observations: result.observations, reasons: result.reasons)
    }

    /// When the gateway of a test case receives its payload, unless `case.yaml` says otherwise.
    private static func receivedAt() throws -> Int64 { try Moment.parse("2026-11-21T08:00:00.000Z") * 1_000_000 }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }
}
