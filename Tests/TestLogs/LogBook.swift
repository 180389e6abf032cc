package import Logging
internal import Synchronization
internal import TraceContexts

/// Keeps the lines of a log for a test, with the operations that they belong to.
package final class LogBook: Sendable {
    private let lines = Mutex<[String]>([])

    package init() {}

    /// Writes into the book, from the level `debug` on.
    package var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(book: self) }
        logger.logLevel = .debug
        return logger
    }

    /// Every line so far that contains all of some words.
    package func lines(with words: String...) -> [String] {
        self.lines.withLock { $0.filter { line in words.allSatisfy { line.contains($0) } } }
    }

    fileprivate func add(_ line: String) { self.lines.withLock { $0.append(line) } }
}

private struct Handler: LogHandler {
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider? = TraceContext.metadataProvider
    let book: LogBook

    init(book: LogBook) { self.book = book }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = [self.metadataProvider?.get() ?? [:], self.metadata, event.metadata ?? [:]]
        let fields = metadata.flatMap { $0.map { "\($0.key)=\($0.value)" } }.sorted()
        self.book.add("\(event.level) \(event.message) \(fields.joined(separator: " "))")
    }
}
