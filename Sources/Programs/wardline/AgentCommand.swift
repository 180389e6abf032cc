import Agent
import ArgumentParser
import Logging

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Take in the monitors' MQTT messages and turn them into FHIR Observations.",
        discussion: """
            Runs until SIGTERM or SIGINT. SIGHUP reloads the device profiles; a file with a mistake is refused and its \
            running version stays in force.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Flag(help: "Store messages durably, but leave them for a later run to normalize.")
    var holdNormalization = false

    func run() async throws {
        try await reportingFailure(ofService: true) {
            let configuration = try self.file.load()
            let logger = LogSetup.start(level: configuration.logLevel, format: configuration.logFormat)
            MemoryTuning.apply()
            let agent = try Agent(
                configuration: configuration,
                holdsNormalization: self.holdNormalization,
                logger: logger
            )
            try await agent.run()
        }
    }
}
