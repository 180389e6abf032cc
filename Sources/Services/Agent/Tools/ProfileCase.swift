package import DeviceProfiles
internal import Foundation
internal import Records
package import StrictYAML

/// One folder under a device's `testcases`: a payload, how it arrives, and the Observations it must give.
package struct ProfileCase: Sendable {
    /// What went wrong, in a sentence; empty when the case passes.
    package typealias Differences = [String]

    package let name: String
    private let directory: String
    private let payload: [UInt8]
    private let earlier: [[UInt8]]
    private let topic: String?
    private let earlierTopic: String?
    private let receivedAt: Int64
    private let expectsFailure: String?
    private let expectsIgnored: Bool

    /// Reads a case folder: `payload.*`, `expected.ndjson`, and optionally `case.yaml`.
    ///
    /// - Throws: ``YAMLProblem`` for what is missing or wrong.
    package init(directory: String) throws(YAMLProblem) {
        self.directory = directory
        self.name = directory.split(separator: "/").suffix(3).joined(separator: "/")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory))?.sorted() ?? []
        guard let payload = files.first(where: { $0.hasPrefix("payload.") }) else {
            throw YAMLProblem(file: directory, line: 0, field: "payload", reason: "no file payload.*")
        }
        self.payload = Self.bytes(of: "\(directory)/\(payload)")
        let settings = try files.contains("case.yaml") ? Self.settings("\(directory)/case.yaml") : nil
        self.topic = try settings?["topic"]?.word()
        self.earlierTopic = try settings?["earlier_topic"]?.word()
        self.earlier = files.filter { $0.hasPrefix("earlier") }.map { Self.bytes(of: "\(directory)/\($0)") }
        self.expectsFailure = try settings?["dead_letter"]?.word()
        self.expectsIgnored = try settings?["ignored"]?.bool() ?? false
        let received = try settings?["received_at"]?.word() ?? "2026-11-21T08:00:00.000Z"
        guard let time = DateTime(rfc3339: Array(received.utf8)) else {
            throw YAMLProblem(file: directory, line: 0, field: "received_at", reason: "must be RFC 3339")
        }
        self.receivedAt = time.nanosecondsSinceEpoch
    }

    private static func settings(_ path: String) throws(YAMLProblem) -> YAMLMapping {
        try YAMLField(parsing: ProfileLibrary.text(of: path), file: path)
            .mapping(["topic", "earlier_topic", "received_at", "dead_letter", "ignored"])
    }

    private static func bytes(of path: String) -> [UInt8] {
        FileManager.default.contents(atPath: path).map { Array($0) } ?? []
    }

    /// Runs the case.
    ///
    /// - Parameters:
    ///   - profile: the profile beside the case.
    ///   - update: writes the Observations as the new expectation instead of comparing them.
    /// - Returns: what went wrong.
    package func run(_ profile: DeviceProfile, update: Bool = false) -> Differences {
        var dryRun = DryRun(profile: profile)
        let topic = self.topic ?? dryRun.exampleTopic
        for earlier in self.earlier {
            _ = dryRun.process(earlier, topic: self.earlierTopic ?? topic, receivedAt: self.receivedAt)
        }
        let result = dryRun.process(self.payload, topic: topic, receivedAt: self.receivedAt)
        var differences = self.check(result)
        let expectation = "\(self.directory)/expected.ndjson"
        if update {
            if !FileManager.default.createFile(atPath: expectation, contents: Data(result.lines)) {
                differences.append("cannot write \(expectation)")
            }
        } else if Self.bytes(of: expectation) != result.lines {
            differences.append(
                "the Observations differ from expected.ndjson:\n" + String(decoding: result.lines, as: UTF8.self)
            )
        }
        return differences
    }

    private func check(_ result: DryRun.Result) -> Differences {
        var differences: Differences = []
        if self.expectsIgnored != (result.ignored != nil) {
            differences.append(self.expectsIgnored ? "the message is not ignored" : "the message is ignored")
        }
        switch (self.expectsFailure, result.reasons.first) {
        case (nil, let reason?): differences.append("unexpected dead letter: \(reason)")
        case (let code?, nil): differences.append("no dead letter, expected \(code)")
        case (let code?, let reason?) where !reason.hasPrefix("\(code):"):
            differences.append("dead letter \(reason), expected \(code)")
        default: break
        }
        return differences
    }

    /// The case folders of a device folder.
    package static func folders(of device: String) -> [String] {
        let root = "\(device)/testcases"
        return (try? FileManager.default.contentsOfDirectory(atPath: root))?.sorted().map { "\(root)/\($0)" } ?? []
    }
}
