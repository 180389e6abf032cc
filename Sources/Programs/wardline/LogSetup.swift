import Agent
import Foundation
import Logging
import TraceContexts

/// Logs go to standard error: systemd's journal keeps them.
///
/// Each line names the operation that it belongs to, if any.
enum LogSetup {
    static func start(level: AgentConfiguration.LogLevel, format: AgentConfiguration.LogFormat) -> Logger {
        LoggingSystem.bootstrap(
            { label, provider in
                switch format {
                case .text: StreamLogHandler.standardError(label: label, metadataProvider: provider)
                case .json: JSONLogHandler(metadataProvider: provider)
                }
            },
            metadataProvider: TraceContext.metadataProvider
        )
        var logger = Logger(label: "wardline")
        logger.logLevel = Logger.Level(rawValue: level.rawValue) ?? .info
        return logger
    }
}

/// One JSON object a line.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [String: String] = [:]
        for metadata in [self.metadata, self.metadataProvider?.get() ?? [:], event.metadata ?? [:]] {
            for (key, value) in metadata { fields[key] = "\(value)" }
        }
        fields["time"] = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        fields["level"] = event.level.rawValue
        fields["message"] = "\(event.message)"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(fields) else { return }
        line.append(UInt8(ascii: "\n"))
        FileHandle.standardError.write(line)
    }
}
