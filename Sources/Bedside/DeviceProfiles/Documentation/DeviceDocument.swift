internal import Expressions
internal import FoundationEssentials
internal import Payloads
package import StrictYAML

/// Writes `docs/devices.md`: every device of a directory, from its profile and its README, the same text each time.
package struct DeviceDocument: Sendable {
    /// One folder.
    package struct Entry: Sendable {
        package let profile: DeviceProfile
        package let readMe: DeviceReadMe
    }

    /// Sorted by id.
    package let entries: [Entry]

    /// Reads a directory of device folders.
    ///
    /// - Parameter directory: the folder that holds a folder for each device.
    /// - Throws: ``YAMLProblem`` of the first profile or README that is refused, and for a README whose table does not list
    ///   the test cases that are there.
    package init(directory: String) throws(YAMLProblem) {
        let (library, problems) = ProfileLibrary.load(directories: [directory])
        if let problem = problems.first { throw problem }
        var entries: [Entry] = []
        for (file, profile) in library.files {
            let folder = String(file.dropLast("/profile.yaml".count))
            let readMe = try DeviceReadMe(ProfileLibrary.text(of: "\(folder)/README.md"), file: "\(folder)/README.md")
            try Self.compare(readMe, folder: folder)
            entries.append(Entry(profile: profile, readMe: readMe))
        }
        self.entries = entries
    }

    private static func compare(_ readMe: DeviceReadMe, folder: String) throws(YAMLProblem) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/testcases")) ?? []
        let listed = readMe.examples.map(\.name).sorted()
        guard listed != names.sorted() else { return }
        let missing = names.filter { !listed.contains($0) }.sorted() + listed.filter { !names.contains($0) }
        throw YAMLProblem(
            file: "\(folder)/README.md",
            line: 1,
            field: "Test cases",
            reason: "table and folder differ: \(missing.joined(separator: ", "))"
        )
    }

    /// The document, Markdown.
    package var text: String {
        var text = """
            # Devices

            Written by `wardline device docs` from the profiles and READMEs under `Devices/`; a test compares it. How profiles
            are made: [profiles.md](profiles.md). All devices reach the agent over MQTT, on the topics given.


            """
        text += self.summary
        for kind in DeviceReadMe.Kind.allCases { text += self.section(kind) }
        return text
    }

    private var summary: String {
        var text = "| folders | | recorded | documented | constructed |\n|---|---:|---:|---:|---:|\n"
        for kind in DeviceReadMe.Kind.allCases {
            let entries = self.entries.filter { $0.readMe.kind == kind }
            let examples = entries.flatMap(\.readMe.examples)
            text += "| \(kind.title) | \(entries.count) |\(Self.counts(examples))\n"
        }
        let examples = self.entries.flatMap(\.readMe.examples)
        return text + "| all | \(self.entries.count) |\(Self.counts(examples))\n\n"
            + "Example payloads are *recorded* from a device or a published recording, *documented* by a public document "
            + "that the\nREADME names, or *constructed*.\n"
    }

    private static func counts(_ examples: [DeviceReadMe.Example]) -> String {
        DeviceReadMe.Origin.allCases
            .map { origin in " \(examples.filter { $0.origin == origin }.count) |" }
            .joined()
    }

    private func section(_ kind: DeviceReadMe.Kind) -> String {
        let entries = self.entries.filter { $0.readMe.kind == kind }
        guard !entries.isEmpty else { return "" }
        return "\n## \(kind.title)\n" + entries.map { Self.chapter($0) }.joined()
    }

    private static func chapter(_ entry: Entry) -> String {
        let profile = entry.profile
        let topics = profile.topics.map { "`\($0.description)`" }.joined(separator: ", ")
        var text = "\n### [\(profile.id)](../Devices/\(profile.id)/README.md): \(profile.name)\n\n"
        text += "Topics \(topics); format \(self.format(profile.payload)); profile \(profile.version); examples "
        text += "\(self.examples(entry.readMe)).\n\n"
        text += "| measurement | LOINC | MDC | UCUM |\n|---|---|---|---|\n"
        for measurement in DeviceMeasurement.all(of: profile) {
            let loinc = measurement.loinc.joined(separator: ", ")
            let mdc = measurement.mdc.joined(separator: ", ")
            let unit = measurement.unit.map { "`\($0)`" } ?? ""
            text += "| \(measurement.text) | \(loinc) | \(mdc) | \(unit) |\n"
        }
        return text
    }

    private static func format(_ source: PayloadSource) -> String {
        let steps = [source.step] + source.nested.map(\.step)
        var names: [String] = []
        for step in steps {
            let name = ([step.format.rawValue] + step.wrapping.reversed().map(\.rawValue)).joined(separator: " in ")
            if !names.contains(name) { names.append(name) }
        }
        return names.joined(separator: ", within it ")
    }

    private static func examples(_ readMe: DeviceReadMe) -> String {
        let parts = DeviceReadMe.Origin.allCases.compactMap { origin -> String? in
            let count = readMe.examples.filter { $0.origin == origin }.count
            return count == 0 ? nil : "\(count) \(origin.rawValue)"
        }
        return parts.joined(separator: ", ")
    }
}

extension DeviceReadMe.Kind {
    /// The heading of the kind's chapter.
    fileprivate var title: String {
        switch self {
        case .device: "Devices"
        case .bridge: "Bridges and gateways"
        case .recording: "Recordings"
        case .pattern: "Patterns"
        case .simulator: "Simulators"
        }
    }
}
