internal import Credentials
internal import DeviceProfiles
internal import Foundation
internal import MQTTIngest
internal import Spool
internal import StrictYAML

/// `wardline config check`: everything that can be found wrong without starting.
package enum AgentCheck {
    /// Sentences about what is wrong; empty when the agent would start.
    package static func problems(of configuration: AgentConfiguration) -> [String] {
        let (library, problems) = ProfileLibrary.load(directories: configuration.deviceDirectories)
        var sentences = problems.map(\.description)
        if library.profiles.isEmpty { sentences.append("devices: no profile is in force, so nothing would be read") }
        for broker in configuration.brokers {
            do {
                try broker.settings(
                    agentID: configuration.agentID,
                    profiles: library,
                    takesShareRequests: configuration.share != nil,
                    movementTopics: configuration.adt?.topics ?? []
                ).checkFiles()
            } catch {
                sentences.append("broker \(broker.host): \(error)")
            }
        }
        sentences += configuration.listenerProblems
        for sink in configuration.sinks {
            guard case .fhir(let server) = sink.destination, let problem = FHIRClient.problem(of: server) else {
                continue
            }
            sentences.append("sink \(sink.name): \(problem)")
        }
        for file in [configuration.storage.masterKeyFile] + (configuration.pseudonymKeyFile.map { [$0] } ?? []) {
            do { _ = try MasterKey(file: file) } catch { sentences.append("\(error)") }
        }
        if let uplink = configuration.uplink {
            do {
                let identity = try Identity.load(directory: uplink.identityDirectory)
                _ = try ParameterBook(files: uplink.identityParameterFiles, issuer: identity.issuer)
            } catch { sentences.append("uplink: \(error)") }
            sentences += configuration.chain?.problems ?? []
        }
        sentences += configuration.shareProblems
        sentences += configuration.dashboardProblems
        if !FileManager.default.isWritableFile(atPath: configuration.stateDirectory),
            FileManager.default.fileExists(atPath: configuration.stateDirectory)
        {
            sentences.append("state_directory: \(configuration.stateDirectory) cannot be written by this user")
        }
        return sentences
    }
}
