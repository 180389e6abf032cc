internal import Expressions
internal import FoundationEssentials
internal import Records
package import StrictYAML

/// All profiles that are in force, and the way from a topic to its profile.
///
/// A value: a reload builds a new library beside the running one and swaps it whole.
package struct ProfileLibrary: Sendable {
    /// A profile and the file it came from.
    private struct Source: Sendable {
        let file: String
        let profile: DeviceProfile
    }

    private let sources: [Source]
    private let router: TopicRouter

    package var profiles: [DeviceProfile] { self.sources.map(\.profile) }

    /// Every profile with its file, sorted by id.
    package var files: [(file: String, profile: DeviceProfile)] { self.sources.map { ($0.file, $0.profile) } }

    /// The MQTT topic filters that these profiles read.
    package var subscriptionFilters: [String] {
        Set(self.sources.flatMap { $0.profile.topics.map(\.subscriptionFilter) }).sorted()
    }

    /// The MQTT topic filters that the profiles of one lane read.
    package func subscriptionFilters(of lane: ProfileLane) -> [String] {
        Set(self.sources.filter { $0.profile.lane == lane }.flatMap { $0.profile.topics.map(\.subscriptionFilter) })
            .sorted()
    }

    /// Makes a library of profiles that are already compiled.
    package init(profiles: [DeviceProfile]) { self.init(sources: profiles.map { Source(file: "", profile: $0) }) }

    private init(sources: [Source]) {
        self.sources = sources.sorted { $0.profile.id < $1.profile.id }
        var templates: [(TopicTemplate, Int)] = []
        for (index, source) in self.sources.enumerated() {
            templates += source.profile.topics.map { ($0, index) }
        }
        self.router = TopicRouter(templates)
    }

    /// The profile for a topic; the most literal template wins.
    ///
    /// - Parameters:
    ///   - topic: the topic as UTF-8.
    ///   - captures: receives the ranges of the template's captures.
    /// - Returns: The profile, or nil when none reads the topic.
    package func profile(for topic: ArraySlice<UInt8>, captures: inout [Range<Int>]) -> DeviceProfile? {
        self.router.route(topic, into: &captures).map { self.sources[$0].profile }
    }

    /// The profile with an id.
    package func profile(id: String) -> DeviceProfile? { self.sources.first { $0.profile.id == id }?.profile }

    /// Loads every `*/profile.yaml` and `*.yaml` of the directories.
    ///
    /// A file that is refused leaves the version of it that is running; a profile in a later directory
    /// replaces one with the same id in an earlier one.
    ///
    /// - Parameters:
    ///   - directories: absolute or relative paths; one that does not exist is a problem.
    ///   - running: the library in force, if any.
    /// - Returns: the new library, and what was refused.
    package static func load(
        directories: [String],
        running: ProfileLibrary? = nil
    ) -> (library: ProfileLibrary, problems: [YAMLProblem]) {
        var problems: [YAMLProblem] = []
        var byID: [String: Source] = [:]
        for directory in directories {
            var here: [String: Source] = [:]
            for file in Self.profileFiles(in: directory, &problems) {
                guard let source = Self.source(file, running: running, &problems) else { continue }
                if let other = here[source.profile.id] {
                    problems.append(
                        YAMLProblem(
                            file: file,
                            line: 1,
                            field: "id",
                            reason: "'\(source.profile.id)' is already the id of \(other.file)"
                        )
                    )
                    continue
                }
                here[source.profile.id] = source
            }
            byID.merge(here) { _, later in later }
        }
        return (ProfileLibrary(sources: Array(byID.values)), problems)
    }

    private static func source(
        _ file: String,
        running: ProfileLibrary?,
        _ problems: inout [YAMLProblem]
    ) -> Source? {
        do throws(YAMLProblem) {
            return Source(file: file, profile: try ProfileParser.parse(Self.text(of: file), file: file))
        } catch {
            problems.append(error)
            return running?.sources.first { $0.file == file }
        }
    }

    /// Reads a profile file.
    package static func text(of file: String) throws(YAMLProblem) -> String {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw YAMLProblem(file: file, line: 0, field: "", reason: "the file cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw YAMLProblem(file: file, line: 0, field: "", reason: "the file is not UTF-8 text")
        }
        return text
    }

    private static func profileFiles(in directory: String, _ problems: inout [YAMLProblem]) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            problems.append(
                YAMLProblem(file: directory, line: 0, field: "devices", reason: "the directory cannot be read")
            )
            return []
        }
        return names.sorted().compactMap { name in
            let path = "\(directory)/\(name)"
            if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return path }
            let inner = "\(path)/profile.yaml"
            return FileManager.default.fileExists(atPath: inner) ? inner : nil
        }
    }
}
