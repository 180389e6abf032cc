internal import DeviceProfiles
internal import Foundation
internal import Records
internal import StrictYAML

/// Which profiles the agent uses, as it says in its state directory: for `wardline device list` and support.
package struct ProfilesInForce: Codable, Equatable, Sendable {
    /// One profile.
    package struct Profile: Codable, Equatable, Sendable {
        package let id: String
        package let version: String
        package let file: String
        /// SHA-256 of the profile's text, hexadecimal; of the text in force, whatever the file holds by now.
        package let digest: String
    }

    /// A file that was refused, with its reason.
    package struct Refusal: Codable, Equatable, Sendable {
        package let file: String
        package let line: Int
        package let field: String
        package let reason: String
    }

    /// RFC 3339.
    package let loadedAt: String
    /// How often profiles were loaded since the agent started; the first time counts.
    package let loads: Int
    package let profiles: [Profile]
    package let refused: [Refusal]

    private static let name = "profiles-in-force.json"

    /// Reads what an agent wrote; nil when it never ran with this state directory.
    package init?(stateDirectory: String) {
        guard let data = FileManager.default.contents(atPath: "\(stateDirectory)/\(Self.name)"),
            let value = try? JSONDecoder().decode(ProfilesInForce.self, from: data)
        else { return nil }
        self = value
    }

    /// Notes a load.
    ///
    /// - Parameters:
    ///   - library: in force from now on.
    ///   - problems: what was refused.
    ///   - running: what was in force before: a profile whose file was refused keeps its digest.
    ///   - loadedAt: RFC 3339.
    init(_ library: ProfileLibrary, problems: [YAMLProblem], running: ProfilesInForce?, loadedAt: String) {
        let refusedFiles = problems.map(\.file)
        self.profiles = library.files.map { file, profile in
            let before = running?.profiles.first { $0.file == file }
            let isKept = refusedFiles.contains(file) && before != nil
            return Profile(
                id: profile.id,
                version: profile.version,
                file: file,
                digest: isKept ? before?.digest ?? "" : Self.digest(of: file)
            )
        }
        self.refused = problems.map { Refusal(file: $0.file, line: $0.line, field: $0.field, reason: $0.reason) }
        self.loads = (running?.loads ?? 0) + 1
        self.loadedAt = loadedAt
    }

    /// The digest of a file's text; empty when it cannot be read.
    package static func digest(of file: String) -> String {
        guard let data = FileManager.default.contents(atPath: file) else { return "" }
        return data.withUnsafeBytes { Digest.sha256(of: $0).description }
    }

    /// Writes it whole or not at all.
    func save(stateDirectory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let url = URL(filePath: "\(stateDirectory)/\(Self.name)")
        try encoder.encode(self).write(to: url, options: .atomic)
    }
}
