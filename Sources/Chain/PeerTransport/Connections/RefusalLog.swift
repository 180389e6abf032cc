internal import Certificates
internal import Logging

/// Says each reason once per peer, until that peer was connected again: a wrong configuration is tried every few
/// seconds, and must not fill the log.
struct RefusalLog {
    /// Strangers choose their addresses; beyond so many the table begins anew.
    private static let entriesMax = 1_024

    private let logger: Logger
    private var said: [String: Set<String>] = [:]
    private var count = 0

    init(logger: Logger) { self.logger = logger }

    /// Logs a refusal.
    ///
    /// - Parameters:
    ///   - message: what happened.
    ///   - subject: the peer's number or address.
    ///   - reason: what is said once.
    ///   - advice: what to do.
    mutating func say(_ message: Logger.Message, of subject: String, reason: String, advice: String) {
        if self.count >= Self.entriesMax {
            self.said = [:]
            self.count = 0
        }
        guard self.said[subject, default: []].insert(reason).inserted else { return }
        self.count += 1
        self.logger.warning(message, metadata: ["peer": "\(subject)", "reason": "\(reason)", "advice": "\(advice)"])
    }

    /// The peer is connected; if it is refused again, that is news.
    mutating func forget(_ subject: String) {
        self.count -= self.said.removeValue(forKey: subject)?.count ?? 0
    }
}
