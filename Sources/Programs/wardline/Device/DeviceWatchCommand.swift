import Agent
import ArgumentParser
import Foundation
import Logging
import Synchronization
import UnixSignals

extension DeviceCommand {
    /// Follows topics beside the agent.
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "watch",
            abstract: "Show messages as they come, read by the profiles, without touching the agent's session.",
            discussion: """
                Connects with a client id of its own, QoS 0 and a session that ends with the connection, to the brokers of \
                the agent's configuration or to --broker. Shows topic, profile, values with units, and why a message would \
                become a dead letter. Record numbers of patients and texts of messages are shown only with \
                --show-patients. Ends on Ctrl-C.
                """
        )

        @Option(
            name: .customLong("config"),
            help: "The agent's configuration.",
            completion: .file(extensions: ["yaml"])
        )
        var configuration: String?

        @Option(help: "HOST[:PORT] of a broker instead of the configuration's.")
        var broker: String?

        @Option(help: "User name at --broker.")
        var username: String?

        @Option(help: "File with the password at --broker; readable by its owner only.", completion: .file())
        var passwordFile: String?

        @Option(help: "PEM file of the authorities that sign --broker's certificate: connects with TLS.")
        var caFile: String?

        @OptionGroup var directories: DeviceDirectories

        @Option(help: "A topic filter such as ward/3/#; may be repeated. Those of the profiles by default.")
        var filter: [String] = []

        @Flag(help: "One JSON object for each message.")
        var json = false

        @Flag(help: "Show record numbers of patients and texts of messages.")
        var showPatients = false

        @Option(help: "End after this many messages.")
        var count: Int?

        func validate() throws {
            if self.broker != nil, self.configuration != nil { throw ValidationError("give --config or --broker") }
        }

        func run() async throws {
            try await reportingFailure {
                let (brokers, directories) = try self.source()
                var request = TopicWatch.Request(directories: directories, nonce: .random(in: .min ... .max))
                request.filters = self.filter
                request.showsPatients = self.showPatients
                let printer = WatchPrinter(asJSON: self.json, limit: self.count)
                var logger = Logger(label: "watch") { StreamLogHandler.standardError(label: $0) }
                logger.logLevel = .warning
                let watch = try TopicWatch(brokers: brokers, request: request, logger: logger) { message in
                    printer.show(message)
                }
                for problem in watch.refused { StandardError.write("\(problem)\n") }
                printer.whenDone { watch.requestStop() }
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                            watch.requestStop()
                            return
                        }
                    }
                    await watch.run()
                    group.cancelAll()
                }
            }
        }

        private func source() throws -> ([AgentConfiguration.Broker], [String]) {
            guard let broker else {
                var file = ConfigurationFile()
                file.path = self.configuration ?? "/etc/wardline/agent.yaml"
                let configuration = try file.load()
                let given = self.directories.given
                return (configuration.brokers, given.isEmpty ? configuration.deviceDirectories : given)
            }
            return ([try self.given(broker)], self.directories.paths)
        }

        private func given(_ text: String) throws -> AgentConfiguration.Broker {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard let host = parts.first, parts.count == 1 || Int(parts[1]) != nil else {
                throw ValidationError("--broker is HOST or HOST:PORT")
            }
            return try AgentConfiguration.Broker(
                host: host,
                port: parts.count == 2 ? Int(parts[1]) : nil,
                username: self.username,
                passwordFile: self.passwordFile,
                caFile: self.caFile
            )
        }
    }
}

/// Prints messages one after the other, whatever threads they come from.
private final class WatchPrinter: Sendable {
    private struct State {
        var shown = 0
        var done: (@Sendable () -> Void)?
    }

    private let asJSON: Bool
    private let limit: Int?
    private let state = Mutex(State())

    init(asJSON: Bool, limit: Int?) {
        self.asJSON = asJSON
        self.limit = limit
    }

    func whenDone(_ action: @escaping @Sendable () -> Void) { self.state.withLock { $0.done = action } }

    func show(_ message: WatchedMessage) {
        let done = self.state.withLock { state -> (@Sendable () -> Void)? in
            if let limit, state.shown >= limit { return nil }
            state.shown += 1
            // Whoever reads our output may have gone: then there is nothing left to do.
            do {
                try StandardOutput.write(self.asJSON ? Self.json(message) : Self.text(message))
            } catch {
                return state.done
            }
            return state.shown == self.limit ? state.done : nil
        }
        done?()
    }

    private static func json(_ message: WatchedMessage) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(message) else { return "" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private static func text(_ message: WatchedMessage) -> String {
        let retained = message.retained ? " retained" : ""
        var out = "\(message.topic)  [\(message.profile ?? "no profile")]  \(message.bytes) bytes\(retained)"
        if let device = message.device { out += "  device \(device)" }
        if let bed = message.bed { out += "  bed \(bed)" }
        if message.namesPatient { out += "  patient \(message.patient ?? "(not shown)")" }
        out += "\n"
        for value in message.values {
            let unit = value.unit.map { " \($0)" } ?? ""
            let flags = value.flags.isEmpty ? "" : "  {\(value.flags.joined(separator: ", "))}"
            let channel = value.channel.map { " #\($0)" } ?? ""
            let time = value.time.map { "  at \($0)" } ?? ""
            out += "  \(value.concept)\(channel)  \(value.value)\(unit)\(flags)\(time)\n"
        }
        for problem in message.problems { out += "  dead letter: \(problem)\n" }
        if let ignored = message.ignored { out += "  ignored: \(ignored)\n" }
        return out
    }
}
