internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import StrictYAML

extension Agent {
    /// Watches the profile directories until the agent stops, and loads what has changed.
    ///
    /// A file is taken when two looks, two seconds apart, find it the same: editors and copies are not caught halfway.
    func watchProfiles() async {
        let directories = self.configuration.deviceDirectories
        await cancelWhenGracefulShutdown {
            var changes = ProfileChanges(loaded: self.foldersAtStart)
            var wasBlind = false
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(ProfileChanges.intervalSeconds))
                guard !Task.isCancelled else { return }
                if changes.look(ProfileFolders(directories)) { self.loadProfiles(cause: "files changed") }
                if changes.isBlind, !wasBlind {
                    self.logger.error("a profile directory cannot be read; the profiles in force stay")
                }
                wasBlind = changes.isBlind
            }
        }
    }

    /// Logs a refused file with its place, so that it can be found without reading a sentence.
    static func log(refused problem: YAMLProblem, to logger: Logger) {
        logger.error(
            "profile refused",
            metadata: [
                "why": "\(problem)", "file": "\(problem.file)", "line": "\(problem.line)", "field": "\(problem.field)",
            ]
        )
    }

    /// Says in the state directory which profiles are in force.
    func saveProfilesInForce(_ inForce: ProfilesInForce) {
        do {
            try inForce.save(stateDirectory: self.configuration.stateDirectory)
        } catch {
            self.logger.warning("cannot say which profiles are in force", metadata: ["why": "\(error)"])
        }
    }
}
