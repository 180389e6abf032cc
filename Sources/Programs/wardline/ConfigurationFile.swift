import Agent
import ArgumentParser
import Foundation
import TraceContexts
import Uplink

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
///
/// Servers that are asked learn that the requests belong together: the operation is the one that `TRACEPARENT` names in
/// the environment (W3C Trace Context), or a new one.
///
/// - Parameters:
///   - isService: it runs until somebody ends it, and its operations are not one.
///   - work: of the command.
/// - Throws: ``ExitCode`` and ``ValidationError`` alone.
func reportingFailure(ofService isService: Bool = false, _ work: () async throws -> Void) async throws {
    let outer = ProcessInfo.processInfo.environment["TRACEPARENT"].flatMap { TraceContext(traceparent: $0) }
    let trace = outer?.child ?? TraceContext()
    do {
        if isService { try await work() } else { try await trace.perform { try await work() } }
    } catch let exit as ExitCode {
        throw exit
    } catch let problem as ValidationError {
        throw problem
    } catch {
        StandardError.write("wardline: \(error)\n")
        if case UplinkFailure.refused(500..., _, _, _) = error {
            StandardError.write("The server's log says more beside trace_id=\(trace.traceID).\n")
        }
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
