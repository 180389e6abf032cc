import Agent
import ArgumentParser
import Foundation

/// `--config FILE`, shared by the commands that need the agent's configuration.
struct ConfigurationFile: ParsableArguments {
    @Option(name: .customLong("config"), help: "The agent's configuration.", completion: .file(extensions: ["yaml"]))
    var path = "/etc/wardline/agent.yaml"

    init() {}

    /// A file that another option named.
    init(path: String) { self.path = path }

    func load() throws -> AgentConfiguration {
        guard let data = FileManager.default.contents(atPath: self.path) else {
            throw ValidationError("cannot read \(self.path); name the configuration with --config FILE")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ValidationError("\(self.path) is not UTF-8 text")
        }
        return try AgentConfiguration(
            parsing: text,
            file: self.path,
            credentials: ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
        )
    }

    func store() throws -> AgentStore { try AgentStore(configuration: self.load()) }
}

/// Runs a command's work; what goes wrong is one sentence on standard error and exit code 1.
func reportingFailure(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let exit as ExitCode {
        throw exit
    } catch let problem as ValidationError {
        throw problem
    } catch {
        StandardError.write("wardline: \(error)\n")
        throw ExitCode.failure
    }
}

/// As above for commands without suspension.
func reportingFailure(_ work: () throws -> Void) throws {
    do {
        try work()
    } catch let exit as ExitCode {
        throw exit
    } catch let problem as ValidationError {
        throw problem
    } catch {
        StandardError.write("wardline: \(error)\n")
        throw ExitCode.failure
    }
}

/// Unbuffered writing to the standard streams.
enum StandardError {
    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

enum StandardOutput {
    static func write(_ bytes: [UInt8]) throws { try FileHandle.standardOutput.write(contentsOf: Data(bytes)) }
    static func write(_ text: String) throws { try self.write(Array(text.utf8)) }
}
